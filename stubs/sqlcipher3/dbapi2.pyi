from collections.abc import Callable, Sequence
from typing import Any

sqlite_version_info: tuple[int, int, int]
SQLITE_OK: int
SQLITE_DENY: int
SQLITE_ALTER_TABLE: int
SQLITE_ATTACH: int
SQLITE_CREATE_INDEX: int
SQLITE_CREATE_TABLE: int
SQLITE_CREATE_TRIGGER: int
SQLITE_CREATE_VIEW: int
SQLITE_CREATE_VTABLE: int
SQLITE_DELETE: int
SQLITE_DETACH: int
SQLITE_DROP_INDEX: int
SQLITE_DROP_TABLE: int
SQLITE_DROP_TRIGGER: int
SQLITE_DROP_VIEW: int
SQLITE_DROP_VTABLE: int
SQLITE_INSERT: int
SQLITE_PRAGMA: int
SQLITE_UPDATE: int

class Error(Exception): ...
class DatabaseError(Error): ...
class OperationalError(DatabaseError): ...
class IntegrityError(DatabaseError): ...

class Cursor:
    def execute(self, sql: str, parameters: Sequence[Any] = ...) -> Cursor: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def close(self) -> None: ...

class Connection:
    isolation_level: str | None
    def cursor(self) -> Cursor: ...
    def execute(self, sql: str, parameters: Sequence[Any] = ...) -> Cursor: ...
    def executescript(self, sql: str) -> Cursor: ...
    def commit(self) -> None: ...
    def close(self) -> None: ...
    def set_authorizer(
        self,
        callback: Callable[[int, str | None, str | None, str | None, str | None], int] | None,
    ) -> None: ...

def connect(
    database: str,
    timeout: float = ...,
    *,
    isolation_level: str | None = ...,
    check_same_thread: bool = ...,
    uri: bool = ...,
) -> Connection: ...
