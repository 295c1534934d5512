"""The list of encounters (`--encounters`): a CSV that says to which encounter a file belongs."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app import UsageError
from app.assembly import Problem
from app.canonical import RefusedTextError, decode, printable
from app.records import RefusedRowError, Row, read_row, read_setting
from pipeline.model import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row: the path it names, its fields, and why its file is refused if it is."""

    line: int
    path: str
    row: Row
    setting: Setting | None = None
    refusal: str = ""


class Roster:
    """The rows of a list of encounters; an empty one knows no file and is false."""

    def __init__(
        self, *, name: str = "", folder: Path = Path(), entries: tuple[Entry, ...] = ()
    ) -> None:
        """Index rows by the path as written, and by the file it names from here or `folder`."""
        self.name = name
        self.warnings: list[str] = []
        self._entries = entries
        self._used: set[int] = set()
        self._by_text: dict[str, Entry] = {}
        self._by_file: dict[Path, Entry] = {}
        for entry in entries:
            if entry.path in self._by_text:
                self.warnings.append(
                    f"{name}:{entry.line} repeats the path {entry.path!r}; the first row stays."
                )
                self._used.add(entry.line)
                continue
            self._by_text[entry.path] = entry
            for base in (Path.cwd(), folder):
                self._by_file.setdefault((base / entry.path).resolve(), entry)

    def __bool__(self) -> bool:
        return bool(self.name)

    def take(self, path: Path, note_id: str) -> Entry | None:
        """Return the row of a file, by its note id or by its place, and mark it as used."""
        entry = self._by_text.get(note_id) or self._by_file.get(path.resolve())
        if entry is not None:
            self._used.add(entry.line)
        return entry

    def unused(self) -> Iterator[Problem]:
        """Yield a refusal for each row whose path was not among the files."""
        for entry in self._entries:
            if entry.line not in self._used:
                source = f"{self.name}:{entry.line}"
                yield Problem(
                    source=source,
                    encounter_id=entry.row.encounter_id,
                    sentence=f"{source} names {entry.path!r}, which is not among the files given; "
                    "correct the path or remove the row.",
                )


def read_roster(path: Path) -> Roster:
    """Return the rows of a CSV with the column `path` and any encounter fields.

    Raises:
        UsageError: the file cannot be read, is no CSV, or has no column `path`.
    """
    name = printable(path.as_posix())
    try:
        text = decode(path.read_bytes()).text
    except OSError as error:
        raise UsageError(f"{name} cannot be read ({error.strerror}); check the path.") from None
    except RefusedTextError as error:
        raise UsageError(f"{name} {error}.") from None
    reader = csv.reader(io.StringIO(text), strict=True)
    warnings: list[str] = []
    entries: list[Entry] = []
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = [cell.strip().casefold() for cell in cells]
                if "path" not in columns:
                    raise UsageError(f'{name} has no column "path"; add it as the first column.')
                continue
            raw = dict(zip(columns, cells, strict=False))
            entry = _entry(raw, line=reader.line_num, name=name, warnings=warnings)
            if entry:
                entries.append(entry)
    except csv.Error:
        raise UsageError(
            f"{name}:{reader.line_num} is no CSV; check the quotes on that line."
        ) from None
    roster = Roster(name=name, folder=path.resolve().parent, entries=tuple(entries))
    roster.warnings[:0] = warnings
    return roster


def _entry(raw: dict[str, str], *, line: int, name: str, warnings: list[str]) -> Entry | None:
    path = printable(raw.pop("path", "").strip())
    if not path:
        warnings.append(f"{name}:{line} has no path and was passed over.")
        return None
    raw.pop("note_id", None)  # the id of a file is its path below the argument
    raw.pop("doc_id", None)
    row = read_row(raw, warn=lambda clause: warnings.append(f"{name}:{line}: {clause}."))
    try:
        return Entry(line=line, path=path, row=row, setting=read_setting(raw.get("setting")))
    except RefusedRowError as error:
        refusal = f"is listed in {name}:{line}, which {error}"
        return Entry(line=line, path=path, row=row, refusal=refusal)
