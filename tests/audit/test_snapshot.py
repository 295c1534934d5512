"""A store is read for its check without a file of it, or beside it, being made or changed."""

import shutil
from pathlib import Path

import pytest

from audit import AuditError, Places, Store, log, verify
from audit.place import FILE, store_key
from audit.snapshot import marks, snapshot
from tests.audit.builders import CODER, encounter, result


def seen(folder: Path, where: Places) -> int:
    _, key = store_key(folder, where)
    with snapshot(folder, key=key.value) as (database, _), database.read() as connection:
        return log.tail(connection).seq


def test_closed_open_and_crashed_stores_show_all_that_was_committed(
    store: Store, folder: Path, where: Places, tmp_path: Path
) -> None:
    store.record(encounter(), result())
    assert seen(folder, where) == 8
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in (FILE, f"{FILE}-wal"):
        shutil.copyfile(folder / name, crashed / name)
    before = {path.name: path.read_bytes() for path in crashed.iterdir()}
    assert seen(crashed, where) == 8
    assert {path.name: path.read_bytes() for path in crashed.iterdir()} == before
    store.close()
    assert [path.name for path in folder.iterdir()] == [FILE]
    assert seen(folder, where) == 8
    assert [path.name for path in folder.iterdir()] == [FILE]


def test_what_is_written_meanwhile_is_not_seen_and_no_alarm(
    store: Store, folder: Path, where: Places
) -> None:
    _, key = store_key(folder, where)
    with snapshot(folder, key=key.value) as (database, still), database.read() as connection:
        assert not still
        assert log.tail(connection).seq == 1
        store.record(encounter(), result())
        assert log.tail(connection).seq == 1
    assert seen(folder, where) == 8


def test_a_store_opened_while_it_is_read_as_a_still_file_is_read_again(
    store: Store, folder: Path, where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    before = marks(folder)
    writers: list[Store] = []

    def meddle(path: Path) -> object:
        if not writers:
            writers.append(Store.open(folder, places=where, actor=CODER))
            writers[0].record(encounter(), result())
            assert marks(path) != before
        return marks(path)

    # The second look of the check is where a writer came in between.
    looks = iter([marks, meddle])

    def look(path: Path) -> object:
        return next(looks, marks)(path)

    monkeypatch.setattr("audit.place.marks", look)
    report = verify(folder, places=where)
    assert (report.exit_code, report.events) == (0, 8)
    writers[0].close()


def test_a_copy_of_files_that_never_rest_is_given_up_with_a_sentence(
    store: Store, folder: Path, where: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record(encounter(), result())
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in (FILE, f"{FILE}-wal"):
        shutil.copyfile(folder / name, crashed / name)
    restless = iter(range(100))
    monkeypatch.setattr("audit.snapshot.marks", lambda _: ((next(restless), 0, 0),))
    _, key = store_key(crashed, where)
    with (
        pytest.raises(AuditError, match="changes faster than it can be copied"),
        snapshot(crashed, key=key.value),
    ):
        pass
