"""The bytes of files, here and elsewhere: never waits on a pipe, never holds a giant."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.canonical import MAX_BYTES, RefusedTextError
from app.reading.remote import Remote

File = Path | Remote

MAX_LINE = 8 * MAX_BYTES
"""A JSON line may be this long in bytes: escapes take up to six bytes for one character."""


def content(path: Path, *, limit: int, unit: str = "") -> bytes:
    """Return a regular file's bytes.

    Raises:
        RefusedTextError: no regular file, unreadable, or `limit` bytes and more.
    """
    regular(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            data = file.read(limit)
    except OSError as error:
        raise RefusedTextError(f"cannot be read ({error.strerror}); check the file") from None
    if len(data) == limit:
        raise RefusedTextError(
            f"is too large ({size / 1e6:.1f} MB; the limit is {limit / 1e6:.0f} MB{unit}); "
            "split it into its notes"
        )
    return data


def regular(path: File) -> None:
    """Raise RefusedTextError unless a path leads to a regular file."""
    if isinstance(path, Remote):
        return
    try:
        if stat.S_ISREG(path.stat().st_mode):
            return
    except OSError as error:
        raise RefusedTextError(f"cannot be read ({error.strerror}); check the file") from None
    raise RefusedTextError("is no ordinary file; name a file that holds notes")


def digest(path: File) -> str:
    """Return the SHA-256 (hex) of a regular file here, "" where it cannot be read."""
    if isinstance(path, Remote):
        return ""
    try:
        regular(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (RefusedTextError, OSError):
        return ""


class Line(NamedTuple):
    """A line of a file: its number, its bytes without the newline, all of it or not, its place."""

    number: int
    data: bytes
    whole: bool
    offset: int


def opened(path: File) -> BinaryIO:
    """Open a file to be read in any order."""
    if isinstance(path, Remote):
        return path.open()
    # Opened without waiting, so that a pipe put in the place of a file cannot hold the reader.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    return open(handle, "rb")  # noqa: PTH123 - an open handle, for the caller to close


def exports_beside(path: File) -> Sequence[File]:
    """Return the NDJSON files in the folder of a file, itself among them."""
    if isinstance(path, Remote):
        return [each for each in path.beside() if each.suffix.casefold() == ".ndjson"]
    return sorted(path.parent.glob("*.ndjson"))


def lines(path: File, *, start: int = 0) -> Iterator[Line]:
    """Yield each line that is not blank; those from an offset on are counted from there."""
    with opened(path) as file:
        number, offset = 0, file.seek(start)
        while part := file.readline(MAX_LINE):
            number += 1
            rest, end = part, offset + len(part)
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(MAX_LINE)  # a giant line is passed over, never held
                end += len(rest)
            whole = part.endswith(b"\n") or len(part) < MAX_LINE
            line = part.removesuffix(b"\n").removesuffix(b"\r")
            if offset == 0:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                yield Line(number, line, whole, offset)
            offset = end
