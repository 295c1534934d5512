"""A store opened for checking: one moment of it, without a byte written to it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.database import Database, StoreBusyError

FILE = "store.db"
_TRIES = 5
Marks = tuple[tuple[int, int, int] | None, ...]


def marks(folder: Path) -> Marks:
    """Return what tells whether the database or its write-ahead log was written meanwhile."""
    found: list[tuple[int, int, int] | None] = []
    for name in (FILE, f"{FILE}-wal"):
        try:
            state = (folder / name).stat()
        except OSError:
            found.append(None)
        else:
            found.append((state.st_ino, state.st_size, state.st_mtime_ns))
    return tuple(found)


@contextmanager
def snapshot(folder: Path, *, key: bytes) -> Iterator[tuple[Database, bool]]:
    """Open a store for reading only; the flag says whether it must not change while it is read.

    Three cases, because SQLite would otherwise create files beside a database in WAL mode:
    nobody has it open, and it is read as a file that does not change (the caller compares
    `marks` afterwards); somebody has, and their shared index is used, which pins one moment; a
    write-ahead log without index was left behind or copied, and a private copy of the encrypted
    files is read.

    Reading with others marks the reader in their index (`-shm`), which holds no data; and should
    the last of them close in the very moment between our look and our opening, SQLite may leave
    an empty log and index beside the database.
    """
    log, index = (folder / f"{FILE}{suffix}" for suffix in ("-wal", "-shm"))
    pending = log.exists() and log.stat().st_size > 0
    if pending and not index.exists():
        with tempfile.TemporaryDirectory(prefix="chartproof-check-") as name:
            copy = Path(name)
            _copy(folder, copy)
            yield from _opened(copy, key, live=True, fixed=False)
        return
    yield from _opened(folder, key, live=log.exists() and index.exists(), fixed=True)


def _opened(
    folder: Path, key: bytes, *, live: bool, fixed: bool
) -> Iterator[tuple[Database, bool]]:
    database = Database(folder / FILE, key=key, mode="read" if live else "frozen", guarded=False)
    try:
        yield database, fixed and not live
    finally:
        database.close()


def _copy(folder: Path, copy: Path) -> None:
    for _ in range(_TRIES):
        before = marks(folder)
        for name in (FILE, f"{FILE}-wal"):
            if (folder / name).exists():
                shutil.copyfile(folder / name, copy / name)
        if marks(folder) == before:
            return
    raise StoreBusyError(
        f"The store {folder} changes faster than it can be copied for the check. Try again when "
        "the other program has finished."
    )
