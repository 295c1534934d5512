"""Files in, encounters out: `.txt` notes, folders of them and `.jsonl` with one note a line.

Nothing is dropped in silence: what cannot be coded comes back as a `Problem` with a sentence that
names the file or line and what to do, the rest is still coded, and what was only doubtful is a
warning. A note's id is its path below the argument, or the `note_id` of its line; notes with one
`encounter_id` are one encounter, and without it each note is its own.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from app import UsageError
from app.assembly import Assembly, Intake, Problem
from app.canonical import (
    MAX_BYTES,
    RefusedTextError,
    canonical,
    checked,
    decode,
    printable,
)
from app.records import RefusedRowError, Row, read_row, read_setting
from app.roster import Entry, Roster, read_roster
from pipeline.model import Note, Setting

MAX_LINE = 8 * MAX_BYTES
"""A JSON line may be this long in bytes: escapes take up to six bytes for one character."""


def read(
    paths: Sequence[Path], *, setting: Setting | None = None, encounters: Path | None = None
) -> Intake:
    """Return the encounters under some paths, with what was refused and what was doubtful.

    Args:
        paths: `.txt` files, folders of them (searched in depth, in sorted order; hidden names
            are passed over) and `.jsonl` files.
        setting: applies where a note names none.
        encounters: CSV with the column `path` and encounter fields for files.

    Raises:
        UsageError: none of the paths exists, or the CSV cannot be read at all.
    """
    missing = [path for path in paths if not os.path.lexists(path)]
    if paths and len(missing) == len(paths):
        raise UsageError(
            " ".join(f"{_name(path)} does not exist; check the path." for path in missing)
        )
    assembly = Assembly(default_setting=setting)
    roster = read_roster(encounters) if encounters else Roster()
    for sentence in roster.warnings:
        assembly.warn(sentence)
    for path in paths:
        if path in missing:
            assembly.refuse(
                Problem(source=_name(path), sentence=f"{_name(path)} does not exist; check it.")
            )
        elif path.suffix.casefold() == ".jsonl" and path.is_file():
            _read_jsonl(path, assembly)
        else:
            _read_files(path, assembly, roster)
    for problem in roster.unused():
        assembly.refuse(problem)
    return assembly.intake()


def _read_files(argument: Path, assembly: Assembly, roster: Roster) -> None:
    name = _name(argument)
    files = unlisted = 0
    for path, note_id in _walk(argument, assembly):
        files += 1
        entry = roster.take(path, note_id)
        unlisted += entry is None
        source = f"{name.rstrip('/')}/{note_id}" if argument.is_dir() else name
        try:
            _read_file(path, note_id, source, assembly, entry)
        except (RefusedTextError, RefusedRowError) as error:
            problem = Problem(
                source=source,
                note_id=note_id,
                encounter_id=entry.row.encounter_id if entry else "",
                sha256=_digest(path),
                sentence=f"{source} {error}.",
            )
            assembly.refuse(problem)
    if not files:
        sentence = f"{name} holds no .txt file; name the folder that does."
        assembly.refuse(Problem(source=name, sentence=sentence))
    elif roster and unlisted:
        assembly.warn(
            f"{unlisted} of the {files} files under {name} stand in no row of {roster.name}; each "
            "is its own encounter."
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
            if path.suffix.casefold() == ".txt":
                yield path, note_id
            else:
                skipped.append(note_id)
    if skipped:
        shown = ", ".join(skipped[:5]) + (f" and {len(skipped) - 5} more" if skipped[5:] else "")
        assembly.warn(
            f"{len(skipped)} files under {_name(argument)} are no .txt and were passed over: "
            f"{shown}. Name a .jsonl file itself to code it."
        )


def _read_file(
    path: Path, note_id: str, source: str, assembly: Assembly, entry: Entry | None
) -> None:
    if entry and entry.refusal:
        raise RefusedRowError(entry.refusal)
    if path.suffix.casefold() != ".txt":
        raise RefusedTextError("is neither a .txt nor a .jsonl file; export the note as plain text")
    data = _bytes(path)
    decoded = decode(data)
    if decoded.guessed:
        assembly.warn(f"{source} is not UTF-8 and was read as Windows-1252; check its letters.")
    row = entry.row if entry else Row()
    note = _note(row, note_id=note_id, text=decoded.text, data=data, source=source)
    setting = entry.setting if entry else None
    assembly.add(note, row, setting=setting, rank=entry.line if entry else None)


def _bytes(path: Path) -> bytes:
    """Return a regular file's bytes; never waits on a pipe or reads a giant into memory."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise RefusedTextError("is no ordinary file; name a .txt file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)
    except OSError as error:
        raise RefusedTextError(f"cannot be read ({error.strerror}); check the file") from None
    if len(data) == MAX_BYTES:
        raise RefusedTextError(
            f"is too large ({status.st_size / 1e6:.1f} MB; the limit is {MAX_BYTES / 1e6:.0f} MB a "
            "note); split it into its notes"
        )
    return data


def _digest(path: Path) -> str:
    """Return the digest of a file that can be a note, else ""."""
    try:
        return hashlib.sha256(_bytes(path)).hexdigest()
    except RefusedTextError:
        return ""


def _read_jsonl(path: Path, assembly: Assembly) -> None:
    name = _name(path)
    found = False
    try:
        for number, line, whole in _lines(path):
            found = True
            source = f"{name}:{number}"
            if whole:
                _read_line(line, source, assembly)
            else:
                sentence = f"{source} is too long for one note; split it into its notes."
                assembly.refuse(Problem(source=source, sentence=sentence))
    except OSError as error:
        sentence = f"{name} cannot be read ({error.strerror}); check the file."
        assembly.refuse(Problem(source=name, sentence=sentence))
        return
    if not found:
        sentence = f"{name} holds no line; it should hold one JSON object a line."
        assembly.refuse(Problem(source=name, sentence=sentence))


def _lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Yield number, bytes without the newline and wholeness of each line that is not blank."""
    with path.open("rb") as file:
        number = 0
        while part := file.readline(MAX_LINE):
            number += 1
            rest = part
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(MAX_LINE)  # a giant line is passed over, never held
            whole = part.endswith(b"\n") or len(part) < MAX_LINE
            line = part.removesuffix(b"\n").removesuffix(b"\r")
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                yield number, line, whole


def _read_line(line: bytes, source: str, assembly: Assembly) -> None:
    row = Row()
    try:
        raw = parse_object(line)
        row = read_row(raw, warn=lambda clause: assembly.warn(f"{source}: {clause}."))
        note_id = _required_id(row)
        setting = read_setting(raw.get("setting"))
        note = _note(row, note_id=note_id, text=text_of(raw), data=line, source=source)
        assembly.add(note, row, setting=setting)
    except (RefusedTextError, RefusedRowError) as error:
        problem = Problem(
            source=source,
            note_id=row.note_id,
            encounter_id=row.encounter_id,
            sha256=hashlib.sha256(line).hexdigest(),
            sentence=f"{source} {error}.",
        )
        assembly.refuse(problem)


def parse_object(line: bytes) -> dict[str, object]:
    """Return the JSON object on a line.

    Raises:
        RefusedTextError: not UTF-8, no JSON, or no object.
    """
    try:
        raw = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise RefusedTextError("is not UTF-8; save the file as UTF-8") from None
    except (ValueError, RecursionError):
        raise RefusedTextError("is no JSON; write one object a line") from None
    if not isinstance(raw, dict):
        raise RefusedTextError("is no JSON object; write one object a line")
    return raw


def text_of(raw: dict[str, object]) -> str:
    """Return the canonical note text of a line.

    Raises:
        RefusedTextError: absent, no text, or nothing that could be a note.
    """
    text = raw.get("text")
    if not isinstance(text, str):
        raise RefusedTextError('has no "text"; give the note\'s text under that key')
    if not text:
        raise RefusedTextError('has an empty "text"; remove the line or export the note again')
    return checked(canonical(text))


def _required_id(row: Row) -> str:
    if not row.note_id:
        raise RefusedRowError('has no "note_id" (or "doc_id"); give each note an id')
    return row.note_id


def _note(row: Row, *, note_id: str, text: str, data: bytes, source: str) -> Note:
    return Note(
        note_id=note_id,
        text=text,
        sha256=hashlib.sha256(data).hexdigest(),
        source=source,
        kind=row.kind,
        author_role=row.author_role,
        status=row.status,
    )


def _name(path: Path) -> str:
    return printable(path.as_posix())
