"""The head file: the last place of the chain, kept outside the database it watches.

A cut or damaged write-ahead log makes SQLite lose committed rows without an error, and no check
inside the database can see it. So after each commit, and before the caller is told that its work
is stored, one line `seq hash` is appended here and flushed to the disk.
"""

import errno
import os
import re
import secrets
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from audit.model import AuditError

_LINE = re.compile(rb"([1-9][0-9]{0,15}) ([0-9a-f]{64})\n")
_LIMIT = 256 * 1024  # bytes at which the file is cut to its newest lines
_KEEP = 64 * 1024
_TAIL = 512  # more than one line, less than a page


class HeadError(AuditError):
    """The head file is missing or damaged, or does not agree with the log."""


@dataclass(frozen=True, slots=True)
class Head:
    """A place in the chain: the number of an event and its chain hash (32 bytes)."""

    seq: int
    hash: bytes


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, where the system can (Windows cannot)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def private_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, for this user only (mode 0700)."""
    for each in (*reversed(folder.parents), folder):
        each.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 in one step: it is there whole or not at all, and on the disk."""
    private_folder(path.parent)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


class HeadFile:
    """The newest places of one store's chain, oldest first."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, head: Head) -> None:
        """Start the file with one line and flush file and folder."""
        write_private(self.path, _line(head))

    def append(self, head: Head) -> None:
        """Append one line and flush it; call only while holding the store's lock.

        A line that a killed process left unfinished is cut off first. A file over 256 KiB is
        replaced by its newest 64 KiB.
        """
        with self.path.open("r+b", buffering=0) as stream:
            end = stream.seek(0, os.SEEK_END)
            start = max(0, end - (_KEEP if end > _LIMIT else _TAIL))
            stream.seek(start)
            recent = stream.readall()
            whole = recent.rfind(b"\n") + 1
            if end <= _LIMIT:
                if start + whole < end:
                    stream.truncate(start + whole)
                    stream.seek(start + whole)
                line = _line(head)
                if stream.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(stream.fileno())
                return
        write_private(self.path, recent[recent.find(b"\n") + 1 : whole] + _line(head))

    def rewrite(self) -> None:
        """Write the lines anew into a fresh file, where flushing the old one failed."""
        write_private(self.path, b"".join(map(_line, self.lines())))

    def last(self) -> Head:
        """Return the newest line; HeadError where the file is missing, empty or damaged."""
        return self._parse(_TAIL, skip_first=True)[-1]

    def lines(self) -> tuple[Head, ...]:
        """Return every line kept; HeadError where the file is missing, empty or damaged."""
        return self._parse(None, skip_first=False)

    def _parse(self, tail: int | None, *, skip_first: bool) -> tuple[Head, ...]:
        try:
            with self.path.open("rb", buffering=0) as stream:
                end = stream.seek(0, os.SEEK_END)
                start = 0 if tail is None else max(0, end - tail)
                stream.seek(start)
                content = stream.readall()
        except FileNotFoundError:
            raise HeadError(
                f"The head file {self.path} is missing, so it cannot be told whether the newest "
                "records are all there. If it was moved or is in a copy of that folder, put it "
                "back."
            ) from None
        except OSError as error:
            raise HeadError(
                f"The head file {self.path} cannot be read: {error.strerror}."
            ) from None
        if skip_first and start:
            content = content[content.find(b"\n") + 1 :]
        heads = []
        for line in content[: content.rfind(b"\n") + 1].splitlines(keepends=True):
            match = _LINE.fullmatch(line)
            if match is None:
                raise HeadError(f"The head file {self.path} is damaged: a line in it is no head.")
            heads.append(Head(int(match[1]), bytes.fromhex(match[2].decode())))
        if not heads:
            raise HeadError(f"The head file {self.path} is empty.")
        if any(after.seq <= before.seq for before, after in pairwise(heads)):
            raise HeadError(f"The head file {self.path} is damaged: its lines are out of order.")
        return tuple(heads)


def _line(head: Head) -> bytes:
    return f"{head.seq} {head.hash.hex()}\n".encode()
