"""Where a store is made, and what is not taken for one."""

from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from audit import AuditError, Places, Store, verify
from audit.place import FILE, store_key
from tests.audit.builders import CODER, encounter, result


def test_the_store_id_is_the_salt_that_begins_the_file(store: Store, folder: Path) -> None:
    store.close()
    assert (folder / FILE).read_bytes()[:16].hex() == store.store_id


def test_an_existing_store_is_opened_and_not_made_anew(folder: Path, where: Places) -> None:
    ids = set()
    for number in range(3):
        with Store.create_or_open(folder, places=where, actor=CODER) as store:
            ids.add(store.store_id)
            store.record(encounter(f"{number}"), result(f"{number}"))
    assert len(ids) == 1
    with Store.open(folder, places=where, actor=CODER) as store:
        assert len(store.cases()) == 3


def test_a_store_is_not_made_among_other_files_or_beside_a_lost_one(
    tmp_path: Path, where: Places
) -> None:
    for name in ("note.txt", f"{FILE}-wal"):
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        (folder / name).write_text("x")
        with pytest.raises(AuditError, match="other files lie there"):
            Store.create_or_open(folder, places=where, actor=CODER)
        assert [path.name for path in folder.iterdir()] == [name]


def test_what_a_killed_creation_left_behind_is_no_hindrance(folder: Path, where: Places) -> None:
    folder.mkdir()
    (folder / ".new-0000").write_bytes(b"half")
    with Store.create_or_open(folder, places=where, actor=CODER) as store:
        store.record(encounter(), result())
    assert verify(folder, places=where).exit_code == 0


def test_a_file_in_the_place_of_the_folder_is_a_sentence(tmp_path: Path, where: Places) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(AuditError, match="A store cannot be made in"):
        Store.create_or_open(tmp_path / "file", places=where, actor=CODER)
    with pytest.raises(AuditError, match="There is no store in"):
        Store.open(tmp_path / "file", places=where, actor=CODER)


def test_a_store_of_a_newer_version_is_refused_and_left_alone(
    store: Store, folder: Path, where: Places
) -> None:
    store.close()
    _, key = store_key(folder, where)
    raw = dbapi2.connect(str(folder / FILE), isolation_level=None)
    raw.execute(f"pragma key = \"x'{key.value.hex()}'\"")
    raw.execute("update store set schema_version = schema_version + 1")
    raw.execute("alter table store add column more text")
    raw.close()
    before = (folder / FILE).read_bytes()
    for open_it in (Store.open, Store.create_or_open):
        with pytest.raises(AuditError, match="made by a newer version of Chartproof"):
            open_it(folder, places=where, actor=CODER)
    report = verify(folder, places=where)
    assert report.exit_code == 2
    assert "newer version" in report.problems[0]
    assert (folder / FILE).read_bytes() == before


def test_a_database_with_the_key_and_other_tables_is_no_store(
    store: Store, folder: Path, where: Places
) -> None:
    store.close()
    _, key = store_key(folder, where)
    raw = dbapi2.connect(str(folder / FILE), isolation_level=None)
    raw.execute(f"pragma key = \"x'{key.value.hex()}'\"")
    raw.execute("drop table store")
    raw.close()
    with pytest.raises(AuditError, match="does not say what layout"):
        Store.open(folder, places=where, actor=CODER)
