"""A drop folder: what lies in it once nothing of it changes any more."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.reading import SUFFIXES

Signature = dict[Path, tuple[int, int]]


def drops(
    paths: Sequence[Path],
    *,
    every: float,
    stop: Callable[[], bool],
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[frozenset[Path]]:
    """Yield the files each time that new or changed ones have settled; ends when `stop` says so.

    A file has settled when two looks, `every` seconds apart, saw the same size and time of it, so
    that a file that is still being copied is left until the next look.
    """
    before: Signature = {}
    told: Signature = {}
    while not stop():
        now = look(paths)
        settled = {path: mark for path, mark in now.items() if before.get(path) == mark}
        if settled and any(told.get(path) != mark for path, mark in settled.items()):
            told = settled
            yield frozenset(settled)
        before = now
        wait(every)


def look(paths: Sequence[Path]) -> Signature:
    """Return size and time of every file of a known format under some paths."""
    found: Signature = {}
    for argument in paths:
        files = argument.rglob("*") if argument.is_dir() else [argument]
        for path in files:
            hidden = any(part.startswith(".") for part in path.relative_to(argument).parts)
            if hidden or path.suffix.casefold() not in SUFFIXES:
                continue
            try:
                status = path.stat()
            except OSError:
                continue  # gone since the folder was listed
            if path.is_file():
                found[path] = (status.st_size, status.st_mtime_ns)
    return found
