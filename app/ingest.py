"""Files in, encounters out, whatever the format: see `app.reading` for the readers.

Nothing is dropped in silence: what cannot be coded comes back as a `Problem` with a sentence that
names the file or line and what to do, the rest is still coded, and what was only doubtful is a
warning. A file's note id is its path below the argument, other formats bring their own; notes with
one `encounter_id` are one encounter, and without it each note is its own.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from app import UsageError
from app.assembly import Assembly, Intake, Problem
from app.canonical import MAX_BYTES, RefusedTextError, decode, printable
from app.reading import (
    CSV,
    HL7,
    JSON,
    KNOWN,
    LINES,
    MAX_FILE,
    OFFICE,
    PARQUET,
    SUFFIXES,
    TEXT,
    XML,
    Document,
    Item,
    NoNotesError,
    Withdrawal,
    ccda,
    fhir,
    hl7v2,
    office,
    remote,
    rows,
)
from app.reading.apart import Apart
from app.reading.files import File, content, digest, regular
from app.records import RefusedRowError, Row
from app.roster import Entry, Roster, read_roster
from app.spill import Spill
from pipeline.model import Note, Setting

_RECORDS = frozenset({LINES, CSV, PARQUET, HL7, JSON, XML})


def read(
    paths: Sequence[Path | str],
    *,
    setting: Setting | None = None,
    encounters: Path | None = None,
    only: frozenset[Path] | None = None,
    spill: Path | None = None,
) -> Intake:
    """Return the encounters under some paths, with what was refused and what was doubtful.

    Args:
        paths: files of the formats of `app.reading.SUFFIXES`, and folders of them (searched in
            depth, in sorted order; hidden names are passed over). A string is an address
            (`app.reading.remote`).
        setting: applies where a note names none.
        encounters: CSV with the column `path` and encounter fields for files.
        only: where given, other files are left alone.
        spill: the folder that takes what does not fit in memory; else that for temporary files.

    Raises:
        UsageError: none of the paths exists, or the CSV cannot be read at all.
        RemoteError: what lies at an address cannot be read, or no longer.
        AppError: the folder for what does not fit in memory is full.
    """
    missing = [each for each in paths if isinstance(each, Path) and not os.path.lexists(each)]
    if paths and len(missing) == len(paths):
        raise UsageError(
            " ".join(f"{_name(path)} does not exist; check the path." for path in missing)
        )
    aside = Spill(spill)
    assembly = Assembly(default_setting=setting, spill=aside)
    roster = read_roster(encounters) if encounters else Roster()
    for sentence in roster.warnings:
        assembly.warn(sentence)
    with Apart() as apart:
        intake = _Reading(assembly, roster, apart, aside)
        for path in paths:
            if isinstance(path, str):
                intake.address(path)
            elif path in missing:
                sentence = f"{_name(path)} does not exist; check it."
                assembly.refuse(Problem(source=_name(path), sentence=sentence))
            else:
                intake.argument(path, skip=encounters, only=only)
    for problem in roster.unused():
        assembly.refuse(problem)
    return assembly.intake()


class _Reading:
    """One pass over all arguments: the readers with what they share."""

    def __init__(self, assembly: Assembly, roster: Roster, apart: Apart, spill: Spill) -> None:
        self._assembly = assembly
        self._roster = roster
        self._apart = apart
        self._exports = fhir.Exports(apart, spill)
        self._anywhere: dict[str, Callable[[File, str], Iterator[Item]]] = {
            LINES: self._lines,
            PARQUET: rows.read_parquet,
        }
        self._readers: dict[str, Callable[[Path, str], Iterator[Item]]] = {
            **self._anywhere,
            CSV: rows.read_csv,
            HL7: lambda path, name: hl7v2.read(path, name, apart),
            JSON: lambda path, name: self._exports.read_bundle(content(path, limit=MAX_FILE), name),
            XML: ccda.read,
        }

    def argument(self, argument: Path, *, skip: Path | None, only: frozenset[Path] | None) -> None:
        """Read a file, or all files under a folder but the list of encounters."""
        name = _name(argument).rstrip("/")
        files = unlisted = 0
        for path, note_id in _walk(argument, self._assembly):
            kind = SUFFIXES.get(path.suffix.casefold(), "")
            if skip is not None and path.resolve() == skip.resolve():
                continue
            if only is not None and path not in only:
                continue
            files += 1
            source = f"{name}/{note_id}" if path != argument else name
            if kind in _RECORDS:
                self._records(path, source, self._readers[kind], inside=path != argument)
            else:
                unlisted += not self._file(path, note_id, source, kind)
        if not files:
            sentence = f"{name} holds no file of notes ({KNOWN}); name the folder that does."
            self._assembly.refuse(Problem(source=name, sentence=sentence))
        elif self._roster and unlisted:
            self._assembly.warn(
                f"{unlisted} of the {files} files under {name} stand in no row of "
                f"{self._roster.name}; each is its own encounter."
            )

    def address(self, address: str) -> None:
        """Read what lies at an address: a file, or all files below a folder."""
        files, passed = remote.find(address)
        name, known = remote.plain_name(address), ", ".join(remote.ENDINGS)
        if not files:
            sentence = (
                f"{name} holds no file that can be read there ({known}); correct the address."
            )
            self._assembly.refuse(Problem(source=name, sentence=sentence))
        elif passed:
            self._assembly.warn(
                f"{passed} files at {name} are of no format that can be read there ({known}) and "
                "were passed over."
            )
        for file in files:
            read = self._anywhere[SUFFIXES[file.suffix.casefold()]]
            self._records(file, file.name, read, inside=file.name != name)

    def _records(
        self, path: File, source: str, read: Callable[[Any, str], Iterator[Item]], *, inside: bool
    ) -> None:
        try:
            regular(path)
            for item in read(path, source):
                self._take(item)
        except (RefusedTextError, OSError) as error:
            reason = str(error)
            if inside and isinstance(error, NoNotesError):
                self._assembly.warn(f"{source} {reason}; it was passed over.")
                return
            if isinstance(error, OSError):
                reason = f"cannot be read ({error.strerror}); check the file"
            self._assembly.refuse(
                Problem(source=source, sha256=digest(path), sentence=f"{source} {reason}.")
            )

    def _take(self, item: Item) -> None:
        if isinstance(item, str):
            self._assembly.warn(item)
        elif isinstance(item, Problem):
            self._assembly.refuse(item)
        elif isinstance(item, Withdrawal):
            self._assembly.withdraw(item.note_id, item.encounter_id, source=item.source)
        else:
            self._add(item)

    def _add(self, document: Document) -> None:
        try:
            self._keep(document)
        except RefusedRowError as error:
            self._assembly.refuse(
                Problem(
                    source=document.source,
                    note_id=document.row.note_id,
                    encounter_id=document.row.encounter_id,
                    sha256=document.sha256,
                    sentence=f"{document.source} {error}.",
                )
            )

    def _keep(self, document: Document) -> None:
        self._assembly.add(
            _note(document),
            document.row,
            setting=document.setting,
            rank=document.rank,
            replaces=document.replaces,
        )

    def _lines(self, path: File, name: str) -> Iterator[Item]:
        if fhir.is_export(path):
            return self._exports.read_ndjson(path, name)
        return rows.read_lines(path, name)

    def _file(self, path: Path, note_id: str, source: str, kind: str) -> bool:
        """Read a file that is one note; tell whether the list of encounters names it."""
        entry = self._roster.take(path, note_id)
        try:
            self._keep(self._document(path, note_id, source, kind, entry))
        except (RefusedTextError, RefusedRowError) as error:
            self._assembly.refuse(
                Problem(
                    source=source,
                    note_id=note_id,
                    encounter_id=entry.row.encounter_id if entry else "",
                    sha256=digest(path),
                    sentence=f"{source} {error}.",
                )
            )
        return entry is not None

    def _document(
        self, path: Path, note_id: str, source: str, kind: str, entry: Entry | None
    ) -> Document:
        if entry and entry.refusal:
            raise RefusedRowError(entry.refusal)
        if kind == OFFICE:
            data = content(path, limit=MAX_FILE)
            text = self._apart.text_of(path.suffix.casefold().removeprefix("."), data)
            for page in office.blank_pages(text):
                self._assembly.warn(f"{source}: page {page} is a picture without text; check it.")
        elif kind == TEXT:
            data = content(path, limit=MAX_BYTES, unit=" a note")
            decoded = decode(data)
            text = decoded.text
            if decoded.guessed:
                self._assembly.warn(
                    f"{source} is not UTF-8 and was read as Windows-1252; check its letters."
                )
        else:
            raise RefusedTextError(
                f"is of no format that can be read ({KNOWN}); export the note in one of them"
            )
        row = entry.row if entry else Row()
        return Document(
            row=row.model_copy(update={"note_id": note_id}),
            text=text,
            sha256=hashlib.sha256(data).hexdigest(),
            source=source,
            setting=entry.setting if entry else None,
            rank=entry.line if entry else None,
        )


def _walk(argument: Path, assembly: Assembly) -> Iterator[tuple[Path, str]]:
    if not argument.is_dir():
        yield argument, _name(Path(argument.name))
        return
    skipped: list[str] = []

    def unreadable(error: OSError) -> None:
        where = _name(Path(error.filename or argument))
        assembly.refuse(
            Problem(
                source=where,
                sentence=f"{where} cannot be opened ({error.strerror}); check its permissions.",
            )
        )

    for folder, names, files in os.walk(argument, onerror=unreadable):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder) / name
            note_id = printable(path.relative_to(argument).as_posix())
            if name.startswith("."):
                continue
            if path.suffix.casefold() in SUFFIXES:
                yield path, note_id
            else:
                skipped.append(note_id)
    if skipped:
        shown = ", ".join(skipped[:5]) + (f" and {len(skipped) - 5} more" if skipped[5:] else "")
        assembly.warn(
            f"{len(skipped)} files under {_name(argument)} are of no format that can be read and "
            f"were passed over: {shown}."
        )


def _note(document: Document) -> Note:
    row = document.row
    return Note(
        note_id=row.note_id,
        text=document.text,
        sha256=document.sha256,
        source=document.source,
        kind=row.kind,
        author=row.author,
        author_role=row.author_role,
        time=row.time,
        status=row.status,
    )


def _name(path: Path) -> str:
    return printable(path.as_posix())
