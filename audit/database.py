"""One encrypted SQLite file, opened with settings that are read back and not believed.

The SQLite comes with `sqlcipher3` (3.51.3 or newer: older ones may corrupt a database when its
write-ahead log is reset). A page that was changed outside fails its authentication when read.
"""

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

import sqlalchemy
from sqlalchemy import Connection, StaticPool, event, text
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from audit.model import AuditError
from audit.tables import GUARDS, SCHEMA_VERSION, guards_of

FIXED_SQLITE = (3, 51, 3)  # first release without the WAL-reset corruption
SALT_BYTES = 16

Mode = Literal["write", "read", "frozen"]

_PRAGMAS: tuple[tuple[str, str, object], ...] = (
    ("busy_timeout", "30000", 30000),
    ("foreign_keys", "ON", 1),
    ("recursive_triggers", "ON", 1),
    ("secure_delete", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("mmap_size", "0", 0),
    ("temp_store", "MEMORY", 2),
)
_WRITE_PRAGMAS: tuple[tuple[str, str, object], ...] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("wal_autocheckpoint", "4000", 4000),  # 16 MB; each fold-in flushes the database as well
    *(
        (("fullfsync", "ON", 1), ("checkpoint_fullfsync", "ON", 1))
        if sys.platform == "darwin"
        else ()
    ),
)
_READ_PRAGMAS: tuple[tuple[str, str, object], ...] = (("query_only", "ON", 1),)


class StoreUnreadableError(AuditError):
    """The database file is absent, damaged, or does not open with its key."""


class StoreBusyError(AuditError):
    """Another process holds the store for longer than we wait."""


class StoreReadOnlyError(AuditError):
    """The store's folder, file or disk does not accept writes."""


_SENTENCES: tuple[tuple[str, type[AuditError], str], ...] = (
    (
        "NOTADB",
        StoreUnreadableError,
        (
            "The store {folder} cannot be read with the key kept for it: either the key "
            "belongs to another store or the first page of store.db is damaged. Bring the "
            "right key, or restore the store from a backup."
        ),
    ),
    (
        "CORRUPT",
        StoreUnreadableError,
        (
            "The store {folder} is damaged: a page of store.db does not authenticate or does "
            "not make sense. Run `chartproof audit verify`, then restore the store from a "
            "backup."
        ),
    ),
    (
        "BUSY LOCKED",
        StoreBusyError,
        (
            "The store {folder} is held by another process. Nothing was changed; try again "
            "when that process has finished."
        ),
    ),
    (
        "READONLY CANTOPEN PERM",
        StoreReadOnlyError,
        (
            "The store {folder} cannot be written: the folder or store.db is read-only or not"
            " yours. Nothing was changed; make it writable, or copy the store elsewhere."
        ),
    ),
    (
        "FULL",
        StoreReadOnlyError,
        (
            "The disk of the store {folder} is full. Nothing was changed; free some space and"
            " try again."
        ),
    ),
    (
        "IOERR",
        StoreReadOnlyError,
        (
            "The disk of the store {folder} reports an error ({name}). Nothing was changed; "
            "check the disk, then run `chartproof audit verify`."
        ),
    ),
)


def explain(error: DBAPIError | dbapi2.Error, folder: Path) -> AuditError:
    """Turn an error of the database into a sentence that names the store and what to do."""
    origin: object = error.orig if isinstance(error, DBAPIError) else error
    name = str(getattr(origin, "sqlite_errorname", "")) or type(origin).__name__
    for names, kind, sentence in _SENTENCES:
        if any(name.startswith(f"SQLITE_{primary}") for primary in names.split()):
            return kind(sentence.format(folder=folder, name=name))
    return AuditError(
        f"The database of the store {folder} refused the work ({name}). Nothing was changed; run "
        "`chartproof audit verify`."
    )


def altered_guards(name: str, lost: Collection[str]) -> AuditError:
    """Return why a store whose guards are missing or altered is not brought up to date."""
    return AuditError(
        f"The store {name} is not brought up to date, because its guards are not those it was "
        f"made with ({', '.join(sorted(lost))}). Run `chartproof audit verify`, and find out "
        "who altered them. Nothing was changed."
    )


def cause(error: DBAPIError) -> str:
    """Return in a few words why something could not be read."""
    name = str(getattr(error.orig, "sqlite_errorname", "") or getattr(error.orig, "sqlstate", ""))
    return "a page does not authenticate" if name.startswith("SQLITE_CORRUPT") else name


def make(path: Path, *, key: bytes, salt: bytes, script: Callable[[Connection], None]) -> None:
    """Make a new encrypted database at `path` (mode 0600), whose first 16 bytes are `salt`."""
    path.touch(mode=0o600, exist_ok=False)  # SQLite gives -wal and -shm the mode of the file
    database = Database(path, key=key, mode="write", salt=salt, guarded=False)
    try:
        with database.write() as connection:
            script(connection)
    finally:
        database.close()


class Database:
    """One connection to a store's file; `mode` is write, read, or frozen (nobody writes it now)."""

    def __init__(
        self, path: Path, *, key: bytes, mode: Mode, salt: bytes = b"", guarded: bool = True
    ) -> None:
        if dbapi2.sqlite_version_info < FIXED_SQLITE:
            raise AuditError(
                "The installed sqlcipher3 carries an SQLite older than 3.51.3, which may corrupt "
                "a store. Install sqlcipher3 0.6.4 or newer."
            )
        self._path = path
        self._key = key + salt
        self._mode = mode
        self._guarded = guarded
        self._engine = sqlalchemy.create_engine(
            "sqlite://",
            module=dbapi2,
            creator=self._connect,
            poolclass=StaticPool,
            hide_parameters=True,
        )
        # The dialect's own pysqlite transactions start at the first write, which is too late:
        # two processes would both read the head and then both try to write after it.
        event.listen(self._engine, "begin", _begin)
        try:
            self._connection = self._engine.connect()
            if guarded:
                raw: Any = self._connection.connection.dbapi_connection
                raw.set_authorizer(_authorize)
        except BaseException:
            self._engine.dispose()
            raise

    def _connect(self) -> dbapi2.Connection:
        query = {"write": "mode=rw", "read": "mode=ro", "frozen": "immutable=1"}[self._mode]
        connection = dbapi2.connect(
            f"file:{quote(self._path.absolute().as_posix())}?{query}",
            isolation_level=None,
            check_same_thread=False,
            uri=True,
        )
        try:
            connection.execute("pragma cipher_log_level = NONE").fetchall()  # it goes to stderr
            connection.execute(f"pragma key = \"x'{self._key.hex()}'\"").fetchall()
            extra = _WRITE_PRAGMAS if self._mode == "write" else _READ_PRAGMAS
            for name, value, expected in (*_PRAGMAS, *extra):
                self._insist(connection, name, value, expected)
        except BaseException:
            connection.close()
            raise
        return connection

    def _insist(
        self, connection: dbapi2.Connection, name: str, value: str, expected: object
    ) -> None:
        connection.execute(f"pragma {name} = {value}").fetchall()
        row = connection.execute(f"pragma {name}").fetchone()
        if row is None or row[0] != expected:
            raise AuditError(
                f"The store {self._path.parent} cannot be opened safely: the database did not "
                f"accept the setting {name} = {value}."
            )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open BEGIN IMMEDIATE; commit at the end, roll back on any error."""
        self._connection.execution_options(immediate=True)
        with self._connection.begin():
            yield self._connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open one consistent view of the database for reading."""
        self._connection.execution_options(immediate=False)
        transaction = self._connection.begin()
        try:
            yield self._connection
        finally:
            transaction.rollback()  # a commit would fail where a page could not be read

    def again(self) -> Self:
        """Open a second connection like this one, as one that met a damaged page reads no more."""
        return type(self)(self._path, key=self._key, mode=self._mode, guarded=self._guarded)

    def lost_guards(self, connection: Connection) -> frozenset[str]:
        """Return the names of the triggers that are missing or altered, by the store's layout."""
        layout = connection.execute(text("select schema_version from store")).scalar_one()
        rows = connection.execute(text("select name, sql from sqlite_master where type='trigger'"))
        standing = {
            str(name): str(sql).replace("CREATE TRIGGER", "create trigger", 1) for name, sql in rows
        }  # SQLite keeps the text as it was given, but for those two words
        wanted = guards_of(layout)
        return frozenset(name for name in wanted if standing.get(name) != wanted[name])

    def insist_on_upgrade(self, connection: Connection) -> None:
        """Make sure that the guards are whole; whoever may write a file may change its tables.

        AuditError else: what somebody altered is not to be painted over.
        """
        lost = self.lost_guards(connection)
        if lost:
            raise altered_guards(str(self._path.parent), lost)

    def renew_guards(self, connection: Connection) -> None:
        """Make the triggers anew; another version may have had others by the same names."""
        for name in guards_of(SCHEMA_VERSION):
            connection.exec_driver_sql(f"drop trigger if exists {name}")
        for guard in GUARDS:
            connection.exec_driver_sql(guard)

    def damage(self, *, still: bool) -> frozenset[str]:
        """Read every page, those of no event as well, so that each is authenticated.

        The pages of the file alone say something only where no write-ahead log belongs to them:
        with one, a page of the file may be old or not there yet, and its place is in the log.
        """
        check = "cipher_integrity_check" if still else "quick_check"
        database = self.again()
        try:
            with database.read() as connection:
                found = {str(row[0]) for row in connection.exec_driver_sql(f"pragma {check}")}
        except DBAPIError as error:
            found = {cause(error)}
        finally:
            database.close()
        return frozenset(found - {"ok"})

    def close(self) -> None:
        """Close the connection; the last one of a store folds the write-ahead log in."""
        self._connection.close()
        self._engine.dispose()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


_DENIED = frozenset(
    {
        dbapi2.SQLITE_ALTER_TABLE,
        dbapi2.SQLITE_ATTACH,
        dbapi2.SQLITE_CREATE_INDEX,
        dbapi2.SQLITE_CREATE_TABLE,
        dbapi2.SQLITE_CREATE_TRIGGER,
        dbapi2.SQLITE_CREATE_VIEW,
        dbapi2.SQLITE_CREATE_VTABLE,
        dbapi2.SQLITE_DETACH,
        dbapi2.SQLITE_DROP_INDEX,
        dbapi2.SQLITE_DROP_TABLE,
        dbapi2.SQLITE_DROP_TRIGGER,
        dbapi2.SQLITE_DROP_VIEW,
        dbapi2.SQLITE_DROP_VTABLE,
        dbapi2.SQLITE_PRAGMA,
    }
)
_CHANGES = frozenset({dbapi2.SQLITE_UPDATE, dbapi2.SQLITE_DELETE})


def _authorize(
    action: int, first: str | None, _second: str | None, _base: str | None, _trigger: str | None
) -> int:
    """Refuse what a running program never needs: other tables, other triggers, edited events."""
    if action in _DENIED or (action in _CHANGES and first == "audit_event"):
        return dbapi2.SQLITE_DENY
    return dbapi2.SQLITE_OK
