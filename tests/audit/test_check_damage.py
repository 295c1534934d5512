"""What loss and damage of the files of a store are called: head, write-ahead log, pages."""

import os
import random
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from audit import AuditError, Places, Store, verify
from audit.head import Head, HeadFile
from audit.place import FILE, store_key
from tests.audit.builders import CODER, encounter, places, result
from tests.audit.conftest import fill
from tests.soak import times

Raw = dbapi2.Connection


def head_path(folder: Path, where: Places) -> Path:
    return where.head(store_key(folder, where)[0])


def test_a_missing_or_damaged_head_is_no_pass(filled: Path, where: Places) -> None:
    head = head_path(filled, where)
    good = head.read_bytes()
    for content in (None, b"", b"nonsense\n", good[:40], good + b"12 xyz\n"):
        head.unlink()
        if content is not None:
            head.write_bytes(content)
        report = verify(filled, places=where)
        assert report.exit_code == 3, content
        with (
            Store.open(filled, places=where, actor=CODER) as store,
            pytest.raises(AuditError, match="Nothing more can be recorded"),
        ):
            store.record(encounter("new"), result("new"))
        head.write_bytes(good)
    head.write_bytes(good + good)
    assert verify(filled, places=where).exit_code == 3
    head.write_bytes(good)
    assert verify(filled, places=where).exit_code == 0


def test_an_older_head_is_found(filled: Path, where: Places) -> None:
    head = head_path(filled, where)
    lines = head.read_bytes().splitlines(keepends=True)
    head.write_bytes(b"".join(lines[:-2]))
    report = verify(filled, places=where)
    assert report.exit_code == 1
    assert "head file noted event 25 as the newest" in report.problems[0]


def test_one_line_not_yet_noted_is_no_alarm_and_is_noted_at_the_next_opening(
    filled: Path, where: Places
) -> None:
    head = head_path(filled, where)
    good = head.read_bytes()
    lines = good.splitlines(keepends=True)
    for rest in (b"", lines[-1][:20]):  # killed before the line, or in the middle of it
        head.write_bytes(b"".join(lines[:-1]) + rest)
        assert verify(filled, places=where).exit_code == 0
        with Store.open(filled, places=where, actor=CODER) as store:
            assert store.notice is not None
            assert "recorded" not in store.notice
        assert head.read_bytes() == good


def test_a_newer_head_is_found(filled: Path, where: Places) -> None:
    HeadFile(head_path(filled, where)).append(Head(40, bytes(32)))
    report = verify(filled, places=where)
    assert report.exit_code == 3
    assert "newest 7 events are missing" in report.problems[0]


def test_an_older_backup_in_its_place_is_found(filled: Path, where: Places, tmp_path: Path) -> None:
    shutil.copytree(filled, tmp_path / "backup")
    with Store.open(filled, places=where, actor=CODER) as store:
        store.record(encounter("later"), result("later"))
    shutil.rmtree(filled)
    shutil.copytree(tmp_path / "backup", filled)
    report = verify(filled, places=where)
    assert report.exit_code == 3
    assert "The newest 7 events are missing" in report.problems[0]


def test_a_copied_folder_verifies_on_the_same_machine_and_names_what_another_lacks(
    filled: Path, where: Places, tmp_path: Path
) -> None:
    shutil.copytree(filled, tmp_path / "copy")
    assert verify(tmp_path / "copy", places=where).exit_code == 0
    elsewhere = places(tmp_path / "elsewhere")
    assert verify(tmp_path / "copy", places=elsewhere).exit_code == 2
    store_id, key = store_key(filled, where)
    elsewhere.key(store_id).parent.mkdir(parents=True)
    elsewhere.key(store_id).write_text(key.value.hex())
    report = verify(tmp_path / "copy", places=elsewhere)
    assert report.exit_code == 3
    assert "head file" in report.problems[0]


def live_copy(folder: Path, where: Places, to: Path) -> bytes:
    """Copy database and write-ahead log of a store in use, as after a power cut."""
    with Store.open(folder, places=where, actor=CODER) as store:
        fill(store, 8, start=4)
        store.record(encounter("last"), result("last"))
        to.mkdir()
        shutil.copyfile(folder / FILE, to / FILE)
        shutil.copyfile(folder / f"{FILE}-wal", to / f"{FILE}-wal")
    return (to / f"{FILE}-wal").read_bytes()


@pytest.mark.soak
def test_a_cut_write_ahead_log_is_found_though_the_database_says_ok(
    filled: Path, where: Places, tmp_path: Path
) -> None:
    crashed = tmp_path / "crashed"
    wal = live_copy(filled, where, crashed)
    assert verify(crashed, places=where).exit_code == 0
    assert sorted(path.name for path in crashed.iterdir()) == [FILE, f"{FILE}-wal"]
    chance = random.Random(7)
    for _ in range(times(12, 120)):
        (crashed / f"{FILE}-wal").write_bytes(wal[: chance.randrange(len(wal) - 24)])
        report = verify(crashed, places=where)
        assert report.exit_code == 3, report
        assert "events are missing" in report.problems[0]
    (crashed / f"{FILE}-wal").unlink()
    assert verify(crashed, places=where).exit_code == 3


@pytest.mark.soak
def test_a_flipped_bit_in_the_write_ahead_log_never_passes_with_records_lost(
    filled: Path, where: Places, tmp_path: Path
) -> None:
    crashed = tmp_path / "crashed"
    wal = live_copy(filled, where, crashed)
    whole = verify(crashed, places=where).events
    chance = random.Random(8)
    caught = 0
    for _ in range(times(12, 120)):
        damaged = bytearray(wal)
        damaged[chance.randrange(len(wal))] ^= 1 << chance.randrange(8)
        (crashed / f"{FILE}-wal").write_bytes(damaged)
        report = verify(crashed, places=where)
        assert report.exit_code != 0 or report.events == whole
        caught += report.exit_code != 0
    assert caught


@pytest.mark.soak
def test_every_flipped_bit_in_the_database_is_found(filled: Path, where: Places) -> None:
    good = (filled / FILE).read_bytes()
    chance = random.Random(9)
    for _ in range(times(60, 2000)):
        damaged = bytearray(good)
        damaged[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        (filled / FILE).write_bytes(damaged)
        assert verify(filled, places=where).exit_code == 2
        (filled / FILE).write_bytes(good)
    assert verify(filled, places=where).exit_code == 0


def test_a_damaged_page_of_the_log_names_the_events_that_cannot_be_read(
    tmp_path: Path, where: Places
) -> None:
    folder = tmp_path / "store"
    with Store.create_or_open(folder, places=where, actor=CODER) as store:
        fill(store, 10)
    good = (folder / FILE).read_bytes()
    named = []
    for page in range(2, len(good) // 4096):
        damaged = bytearray(good)
        damaged[(page - 1) * 4096 + 2000] ^= 1
        (folder / FILE).write_bytes(damaged)
        report = verify(folder, places=where)
        assert report.exit_code == 2
        assert f"HMAC verification failed for page {page}." in report.problems[-1]
        if match := re.match(r"Events (\d+) to (\d+) cannot be read", report.problems[0]):
            named.append((int(match[1]), int(match[2])))
    # A row may reach over two pages, so neighbours share one event; together they are all.
    named.sort()
    assert named[0][0] == 1
    assert len(named) > 5
    assert all(after[0] <= before[1] + 1 for before, after in pairwise(named))


def test_a_damaged_page_is_found_while_a_write_ahead_log_is_in_use(
    tmp_path: Path, where: Places
) -> None:
    """Pages of the file that the log replaces may be anything; all others are read."""
    folder = tmp_path / "store"
    with Store.create_or_open(folder, places=where, actor=CODER) as store:
        fill(store, 10)
    crashed = tmp_path / "crashed"
    with Store.open(folder, places=where, actor=CODER) as store:
        store.record(encounter("last"), result("last"))
        crashed.mkdir()
        for name in (FILE, f"{FILE}-wal"):
            shutil.copyfile(folder / name, crashed / name)
    good = (crashed / FILE).read_bytes()
    assert verify(crashed, places=where).exit_code == 0
    found = 0
    for page in range(2, len(good) // 4096):
        damaged = bytearray(good)
        damaged[(page - 1) * 4096 + 2000] ^= 1
        (crashed / FILE).write_bytes(damaged)
        report = verify(crashed, places=where)
        assert report.exit_code in {0, 2}
        assert report.exit_code == 2 or report.events == 88
        found += report.exit_code == 2
    assert found > len(good) // 4096 // 2


@pytest.mark.soak
def test_truncated_files_are_reports_and_not_errors(filled: Path, where: Places) -> None:
    good = (filled / FILE).read_bytes()
    chance = random.Random(10)
    for size in (
        0,
        10,
        16,
        100,
        4096,
        *(chance.randrange(len(good)) for _ in range(times(10, 100))),
    ):
        (filled / FILE).write_bytes(good[:size])
        report = verify(filled, places=where)
        assert report.exit_code in {1, 2, 3}
        assert report.problems


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_folder_that_cannot_be_written_is_checked_all_the_same(
    filled: Path, where: Places
) -> None:
    """As another account where the tests run as root, whom no permission stops."""
    paths = [filled, *filled.iterdir(), *where.state.rglob("*"), *where.config.rglob("*")]
    paths += [where.state, where.config, filled.parent]
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, 65534, 65534)
        for parent in filled.parents:
            if not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o001)
    filled.chmod(0o500)
    (filled / FILE).chmod(0o400)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 9
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            assert not os.access(filled, os.W_OK)
            report = verify(filled, places=where)
            try:
                Store.open(filled, places=where, actor=CODER).record(encounter("x"), result("x"))
                said = "wrote"
            except AuditError as error:
                said = str(error)
            os.write(writing, f"{report.status} {report.events} {said}".encode())
            status = report.exit_code
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    filled.chmod(0o700)
    os.close(writing)
    said = os.read(reading, 4000).decode()
    os.close(reading)
    assert os.waitstatus_to_exitcode(ended) == 0, said
    assert said.startswith("intact 33 The store")
    assert "read-only" in said
