"""Files that leave a store: made whole or not at all, and for their owner alone."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from audit.head import private_folder, sync_folder
from audit.model import AuditError


class ExportError(AuditError):
    """Something cannot be written where it was asked for."""


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Give a folder (mode 0700) that gets its name `out` when all in it is written.

    ExportError where something of that name is there, or the disk does not take it.
    """
    out = out.expanduser().absolute()
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise ExportError(f"{out} is there already. Choose another name; nothing was written.")
    growing = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        private_folder(out.parent)
        growing.mkdir(mode=0o700)
        yield growing
        sync_folder(growing)
        if out.exists():
            out.rmdir()
        growing.rename(out)
        sync_folder(out.parent)
    except OSError as error:
        raise ExportError(
            f"The export cannot be written to {out}: {error.strerror}. Nothing was written; free "
            "space or choose another place."
        ) from None
    finally:
        shutil.rmtree(growing, ignore_errors=True)


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file of mode 0600 for writing; it is on the disk when it is closed."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
