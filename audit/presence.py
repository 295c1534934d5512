"""Which processes have a store open: each holds a lock of its own for as long as it does.

A restore must not take the database away from under another process, and has to say whose it is.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from audit.head import private_folder
from audit.model import Places


class Presence:
    """One process at one store; nothing where the folder of locks cannot be written."""

    def __init__(self, places: Places, store_id: str) -> None:
        self._lock: FileLock | None = None
        folder = _folder(places, store_id)
        path = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        with suppress(OSError):
            private_folder(folder)
            lock = _lock(path)
            lock.acquire(timeout=0)
            self._lock = lock

    def leave(self) -> None:
        """Say that the store is closed."""
        if self._lock is not None:
            path = Path(self._lock.lock_file)
            with suppress(OSError):
                path.unlink(missing_ok=True)
            self._lock.release()
            self._lock = None


def others(places: Places, store_id: str) -> tuple[int, ...]:
    """Return the numbers of the processes that have the store open; clears away the dead."""
    folder = _folder(places, store_id)
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        lock = _lock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            found.append(int(path.name.partition("-")[0]))
            continue
        with suppress(OSError):
            path.unlink(missing_ok=True)
        lock.release()
    return tuple(found)


def _folder(places: Places, store_id: str) -> Path:
    return places.state / "locks" / f"{store_id}.open"


def _lock(path: Path) -> FileLock:
    return FileLock(
        path, fallback_to_soft=False, preserve_lock_file=True, thread_local=False, mode=0o600
    )
