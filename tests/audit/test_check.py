"""The tamper matrix: what each attack on a store is called, and that a good one is called good."""

import json
import os
import random
import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from audit import Accept, AuditError, Places, Standing, Store, log, verify
from audit.head import Head, HeadFile
from audit.place import FILE, store_key
from tests.audit.builders import CODER, encounter, places, result
from tests.audit.conftest import SOAK, ticking

Raw = dbapi2.Connection


def fill(store: Store, count: int = 4, *, start: int = 0) -> None:
    for number in range(start, start + count):
        case_id = store.record(encounter(f"e-{number}"), result(f"e-{number}")).case_id
        store.decide(case_id, Accept(code="I10"))


@pytest.fixture
def filled(tmp_path: Path, where: Places) -> Path:
    """A closed store of 33 events; nothing of it is in a write-ahead log."""
    folder = tmp_path / "store"
    with Store.create_or_open(folder, places=where, actor=CODER, clock=ticking()) as store:
        fill(store)
        assert len(store.events()) == 33
    assert [path.name for path in folder.iterdir()] == [FILE]
    return folder


def unlocked(folder: Path, where: Places) -> Raw:
    """Open a store as someone with its key and every intention would."""
    _, key = store_key(folder, where)
    raw = dbapi2.connect(str(folder / FILE), isolation_level=None)
    raw.execute(f"pragma key = \"x'{key.value.hex()}'\"")
    return raw


def without_guards(raw: Raw) -> list[str]:
    rows = raw.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
    for name, _ in rows:
        raw.execute(f"drop trigger {name}")
    return [sql for _, sql in rows]


def tamper(folder: Path, where: Places, change: Callable[[Raw], None]) -> None:
    """Change rows behind the guards and put the guards back, so that only content differs."""
    raw = unlocked(folder, where)
    guards = without_guards(raw)
    change(raw)
    for sql in guards:
        raw.execute(sql)
    raw.close()


def edited(raw: Raw, seq: int, path: str, value: str) -> None:
    raw.execute(
        "update audit_event set body = json_set(body, ?, ?) where seq = ?", (path, value, seq)
    )


def renumbered(raw: Raw, after: int, by: int) -> None:
    order = "desc" if by > 0 else "asc"
    rows = raw.execute(
        f"select seq from audit_event where seq > ? order by seq {order}", (after,)
    ).fetchall()
    for (seq,) in rows:
        raw.execute(
            "update audit_event set seq = ?, body = json_set(body, '$.seq', ?) where seq = ?",
            (seq + by, seq + by, seq),
        )


def rehashed(raw: Raw, start: int = 1) -> None:
    """Make the chain anew from the bodies, as someone who knows the formulas can."""
    rows = raw.execute("select seq, body from audit_event order by seq").fetchall()
    prev = bytes(32)
    for seq, body in rows:
        digest = log.chain_hash(prev, log.leaf_hash(body.encode()))
        if seq >= start:
            # Two steps, because hashes are unique and a later row may still hold this one.
            raw.execute(
                "update audit_event set prev = ?, hash = ? where seq = ?", (prev, digest, seq)
            )
        prev = digest


def swapped(raw: Raw) -> None:
    one, two = (
        raw.execute("select body from audit_event where seq = ?", (seq,)).fetchone()[0]
        for seq in (10, 17)
    )
    raw.execute("update audit_event set body = ? where seq = 10", (two,))
    raw.execute("update audit_event set body = ? where seq = 17", (one,))


def inserted(raw: Raw) -> None:
    renumbered(raw, 20, 1)
    body, prev = raw.execute("select body, hash from audit_event where seq = 20").fetchone()
    fields = json.loads(body) | {"seq": 21, "event_id": "f" * 32}
    forged = log.canonical(fields)
    raw.execute(
        "insert into audit_event(seq, body, prev, hash) values (21, ?, randomblob(32), ?)",
        (forged, log.chain_hash(prev, log.leaf_hash(forged.encode()))),
    )


def removed_and_renumbered(raw: Raw) -> None:
    raw.execute("delete from audit_event where seq = 12")
    renumbered(raw, 12, -1)


def rewritten(raw: Raw) -> None:
    edited(raw, 12, "$.data.code", "I11.9")
    rehashed(raw, 12)


def cut_worklist(raw: Raw) -> None:
    raw.execute("delete from case_row where encounter_id = 'e-2'")


ATTACKS: dict[str, tuple[Callable[[Raw], object], int, str]] = {
    "edit a payload": (lambda raw: edited(raw, 9, "$.data.code", "I11.9"), 1, "Event 9 was alter"),
    "edit a time": (
        lambda raw: edited(raw, 9, "$.ts_utc", "2020-01-01T00:00:00.000000Z"),
        1,
        "Event 9 was altered",
    ),
    "edit an actor": (lambda raw: edited(raw, 9, "$.actor.id", "eve"), 1, "Event 9 was altered"),
    "edit a hash": (
        lambda raw: raw.execute("update audit_event set hash = zeroblob(32) where seq = 9"),
        1,
        "Event 9 was altered",
    ),
    "delete an event": (
        lambda raw: raw.execute("delete from audit_event where seq = 12"),
        1,
        "Event 12 is missing",
    ),
    "delete several events": (
        lambda raw: raw.execute("delete from audit_event where seq between 12 and 14"),
        1,
        "Events 12 to 14 are missing",
    ),
    "delete the first event": (
        lambda raw: raw.execute("delete from audit_event where seq = 1"),
        1,
        "Event 1 is missing",
    ),
    "delete and renumber": (removed_and_renumbered, 1, "Event 12 does not follow on event 11"),
    "swap two events": (swapped, 1, "Event 10 was altered"),
    "insert a forged event": (inserted, 1, "Event 21 does not follow on event 20"),
    "rewrite the whole chain": (rewritten, 1, "not the one that the head file noted"),
    "cut the last events": (
        lambda raw: raw.execute("delete from audit_event where seq > 25"),
        3,
        "The newest 8 events are missing",
    ),
    "cut inside a group": (
        lambda raw: raw.execute("delete from audit_event where seq > 22"),
        1,
        "Events 23 to 24 are missing",
    ),
    "empty the log": (lambda raw: raw.execute("delete from audit_event"), 1, "The log is empty"),
    "edit a note": (
        lambda raw: raw.execute("update blob set body = x'78' where rowid = 2"),
        1,
        "A text of event 2 was altered",
    ),
    "delete a note": (
        lambda raw: raw.execute("delete from blob where rowid = 2"),
        1,
        "A text of event 2 is missing",
    ),
    "add a text": (
        lambda raw: raw.execute("insert into blob values('ab', zeroblob(32), x'78')"),
        1,
        "no event names it",
    ),
    "drop a case from the worklist": (cut_worklist, 1, "worklist does not agree"),
    "put a case back in time": (
        lambda raw: raw.execute("update case_row set version = version - 1"),
        1,
        "worklist does not agree",
    ),
    "exchange the secret": (
        lambda raw: raw.execute("update store set secret = zeroblob(32)"),
        1,
        "Event 1 did not begin this store",
    ),
    "drop the event table": (lambda raw: raw.execute("drop table audit_event"), 2, "SQLITE_ERROR"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_by_someone_with_the_key_is_found_and_named(
    filled: Path, where: Places, attack: str
) -> None:
    change, exit_code, words = ATTACKS[attack]
    if attack == "drop the event table":
        raw = unlocked(filled, where)
        change(raw)
        raw.close()
    else:
        tamper(filled, where, lambda raw: void(change(raw)))
    report = verify(filled, places=where)
    assert report.exit_code == exit_code, report
    assert words in "\n".join(report.problems)


def void(_: object) -> None:
    """Forget what a statement returned."""


@pytest.mark.parametrize("attack", ["cut the last events", "rewrite the whole chain"])
def test_the_program_writes_nothing_more_after_such_an_attack(
    filled: Path, where: Places, attack: str
) -> None:
    tamper(filled, where, lambda raw: void(ATTACKS[attack][0](raw)))
    before = (filled / FILE).read_bytes()
    with Store.open(filled, places=where, actor=CODER) as store:
        assert store.notice is not None
        assert "Nothing more can be recorded" in store.notice
        with pytest.raises(AuditError, match="Nothing more can be recorded"):
            store.record(encounter("new"), result("new"))
        assert store.cases()
    assert (filled / FILE).read_bytes() == before


def test_dropped_guards_are_found(filled: Path, where: Places) -> None:
    raw = unlocked(filled, where)
    without_guards(raw)
    raw.close()
    report = verify(filled, places=where)
    assert report.exit_code == 1
    assert "audit_no_delete, audit_no_update, audit_order" in report.problems[0]


def test_a_good_store_is_intact_open_or_closed_and_stays_as_it_is(
    filled: Path, where: Places
) -> None:
    before = {path.name: path.read_bytes() for path in filled.iterdir()}
    report = verify(filled, places=where)
    assert (report.status, report.exit_code, report.events) == (Standing.INTACT, 0, 33)
    assert report.problems == ()
    assert {path.name: path.read_bytes() for path in filled.iterdir()} == before
    with Store.open(filled, places=where, actor=CODER) as store:
        fill(store, 6, start=4)
        assert verify(filled, places=where).status is Standing.INTACT
        newest = store.events()[-1]
        report = verify(filled, places=where)
        assert report.head == Head(newest.seq, bytes.fromhex(newest.hash))
        store.record_check(status=report.status, events=report.events, problems=0)
        assert store.events()[-1].kind == "audit.verified"


def test_an_absent_store_and_an_empty_folder_are_failures_and_stay_absent(
    tmp_path: Path, where: Places
) -> None:
    for name in ("absent", "empty"):
        folder = tmp_path / name
        if name == "empty":
            folder.mkdir()
        report = verify(folder, places=where)
        assert report.exit_code == 2
        assert str(folder) in report.problems[0]
        with pytest.raises(AuditError, match="There is no store"):
            Store.open(folder, places=where, actor=CODER)
    assert not (tmp_path / "absent").exists()
    assert list((tmp_path / "empty").iterdir()) == []
    assert not where.state.exists()


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 5000])
def test_a_file_that_is_no_store_is_unreadable(
    tmp_path: Path, where: Places, content: bytes
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / FILE).write_bytes(content)
    assert verify(folder, places=where).exit_code == 2
    with pytest.raises(AuditError, match="odd"):
        Store.create_or_open(folder, places=where, actor=CODER)


def test_a_wrong_key_and_a_missing_key_are_told_apart(filled: Path, where: Places) -> None:
    store_id, key = store_key(filled, where)
    where.key(store_id).write_text("00" * 32)
    report = verify(filled, places=where)
    assert report.exit_code == 2
    assert "cannot be read with the key" in report.problems[0]
    where.key(store_id).write_text("no key")
    assert "64 hexadecimal digits" in verify(filled, places=where).problems[0]
    where.key(store_id).unlink()
    report = verify(filled, places=where)
    assert report.exit_code == 2
    assert "key is not in" in report.problems[0]
    where.key(store_id).write_text(key.value.hex())
    assert verify(filled, places=where).exit_code == 0


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


def test_a_cut_write_ahead_log_is_found_though_the_database_says_ok(
    filled: Path, where: Places, tmp_path: Path
) -> None:
    crashed = tmp_path / "crashed"
    wal = live_copy(filled, where, crashed)
    assert verify(crashed, places=where).exit_code == 0
    assert sorted(path.name for path in crashed.iterdir()) == [FILE, f"{FILE}-wal"]
    chance = random.Random(7)
    for _ in range(12 * SOAK):
        (crashed / f"{FILE}-wal").write_bytes(wal[: chance.randrange(len(wal) - 24)])
        report = verify(crashed, places=where)
        assert report.exit_code == 3, report
        assert "events are missing" in report.problems[0]
    (crashed / f"{FILE}-wal").unlink()
    assert verify(crashed, places=where).exit_code == 3


def test_a_flipped_bit_in_the_write_ahead_log_never_passes_with_records_lost(
    filled: Path, where: Places, tmp_path: Path
) -> None:
    crashed = tmp_path / "crashed"
    wal = live_copy(filled, where, crashed)
    whole = verify(crashed, places=where).events
    chance = random.Random(8)
    caught = 0
    for _ in range(12 * SOAK):
        damaged = bytearray(wal)
        damaged[chance.randrange(len(wal))] ^= 1 << chance.randrange(8)
        (crashed / f"{FILE}-wal").write_bytes(damaged)
        report = verify(crashed, places=where)
        assert report.exit_code != 0 or report.events == whole
        caught += report.exit_code != 0
    assert caught


def test_every_flipped_bit_in_the_database_is_found(filled: Path, where: Places) -> None:
    good = (filled / FILE).read_bytes()
    chance = random.Random(9)
    for _ in range(60 * SOAK):
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


def test_truncated_files_are_reports_and_not_errors(filled: Path, where: Places) -> None:
    good = (filled / FILE).read_bytes()
    chance = random.Random(10)
    for size in (0, 10, 16, 100, 4096, *(chance.randrange(len(good)) for _ in range(10 * SOAK))):
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
