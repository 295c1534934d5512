"""The list of texts that were destroyed, kept beside the head and outside the store.

An older backup holds texts that were destroyed after it was made. This list, which no backup of the
store can take back, tells a restore which of them must not come in again. One commitment a line.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from audit.head import write_private
from audit.model import AuditError

_LINE = re.compile(rb"[0-9a-f]{64}\n")


class DisposedFile:
    """The commitments of the destroyed texts of one store, in the order they were destroyed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def refs(self) -> tuple[str, ...]:
        """Return what is in the list, nothing where there is none.

        A line that a killed process left unfinished counts as absent: the head file is behind the
        log then as well, and the next writer repeats it. AuditError where the list is damaged.
        """
        content = self._read()
        whole = content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
        if not all(map(_LINE.fullmatch, whole)):
            raise AuditError(
                f"The list of destroyed texts {self._path} is damaged: a line in it is no "
                "commitment. Bring it back from a backup of that folder."
            )
        return tuple(line.decode().rstrip() for line in whole)

    def append(self, refs: Iterable[str]) -> None:
        """Add commitments that are not in the list yet, and flush them to the disk."""
        known = set(self.refs())
        lines = "".join(f"{ref}\n" for ref in refs if ref not in known).encode()
        if not lines:
            return
        if not self._path.exists():
            write_private(self._path, lines)
            return
        with self._path.open("r+b") as stream:
            content = stream.read()
            stream.seek(content.rfind(b"\n") + 1)
            stream.truncate()
            stream.write(lines)
            stream.flush()
            os.fsync(stream.fileno())

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
