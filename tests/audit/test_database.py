"""The settings of a connection are the ones asked for, and each failure has its sentence."""

from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from audit import (
    AuditError,
    Places,
    Store,
    StoreBusyError,
    StoreReadOnlyError,
    StoreUnreadableError,
)
from audit.database import FIXED_SQLITE, Database, explain
from audit.place import FILE, store_key
from tests.audit.builders import CODER


def test_the_settings_stand(store: Store) -> None:
    database: Any = store.door._database
    raw = database._connection.connection.dbapi_connection
    raw.set_authorizer(None)
    assert {
        name: raw.execute(f"pragma {name}").fetchone()[0]
        for name in [
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "recursive_triggers",
            "secure_delete",
            "trusted_schema",
            "cell_size_check",
            "mmap_size",
            "temp_store",
        ]
    } == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "mmap_size": 0,
        "temp_store": 2,
    }
    assert database._engine.hide_parameters
    assert dbapi2.sqlite_version_info >= FIXED_SQLITE


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("SQLITE_NOTADB", StoreUnreadableError, "key"),
        ("SQLITE_CORRUPT_VTAB", StoreUnreadableError, "damaged"),
        ("SQLITE_BUSY_SNAPSHOT", StoreBusyError, "another process"),
        ("SQLITE_READONLY_DBMOVED", StoreReadOnlyError, "read-only"),
        ("SQLITE_CANTOPEN", StoreReadOnlyError, "cannot be written"),
        ("SQLITE_FULL", StoreReadOnlyError, "full"),
        ("SQLITE_IOERR_FSYNC", StoreReadOnlyError, "SQLITE_IOERR_FSYNC"),
        ("SQLITE_MISUSE", AuditError, "SQLITE_MISUSE"),
    ],
)
def test_each_failure_of_the_database_has_its_sentence(
    name: str, kind: type[AuditError], words: str
) -> None:
    error = dbapi2.OperationalError("CANARY")
    error.sqlite_errorname = name  # type: ignore[attr-defined]
    said = explain(error, Path("/stores/mine"))
    assert type(said) is kind
    assert words in str(said)
    assert "/stores/mine" in str(said)
    assert "CANARY" not in str(said)


def test_a_connection_for_reading_cannot_write(store: Store, folder: Path, where: Places) -> None:
    _, key = store_key(folder, where)
    for mode in ("read", "frozen"):
        if mode == "frozen":
            store.close()
        database = Database(folder / FILE, key=key.value, mode=mode, guarded=False)
        with pytest.raises(Exception, match="readonly"), database.read() as connection:
            connection.exec_driver_sql("delete from blob")
        database.close()


def test_a_path_with_odd_letters_is_a_path(tmp_path: Path, where: Places) -> None:
    folder = tmp_path / "a store? with 100% #odd ünïcode&mode=memory"
    with Store.create_or_open(folder, places=where, actor=CODER) as store:
        assert store.events()
    assert (folder / FILE).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [folder.name, "state", "config"]
    )
