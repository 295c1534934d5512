"""One note a row: JSON lines, CSV and Parquet, with the same field names in each."""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

from app.assembly import Problem
from app.canonical import MAX_BYTES, RefusedTextError, canonical, checked
from app.reading import Document, Item, NoNotesError
from app.reading.files import File, lines, opened
from app.records import RefusedRowError, Row, read_row, read_setting
from pipeline.model import NoteStatus

BATCH = 256
"""Rows of a Parquet file that are held at once."""

_PIECE = 1 << 20
"""Bytes of a column that are read at once: a file is not held, however large its row groups are."""

_MAX_GROUP = 2_000_000_000
_TEXTS = ("text", "note_text")
_FIELDS = (
    *_TEXTS,
    "doc_id",
    "setting",
    *Row.model_fields,
)


def read_lines(path: File, name: str) -> Iterator[Item]:
    """Yield the notes of a file with one JSON object a line."""
    found = False
    for number, line, whole, _ in lines(path):
        found = True
        yield from _line(line, f"{name}:{number}", whole=whole)
    if not found:
        sentence = f"{name} holds no line; it should hold one JSON object a line."
        yield Problem(source=name, sentence=sentence)


def read_csv(path: Path, name: str) -> Iterator[Item]:
    """Yield the notes of a CSV whose first line names the columns.

    Raises:
        RefusedTextError: no column `text`, not UTF-8, or no CSV from some line on.
    """
    line = 0
    csv.field_size_limit(MAX_BYTES)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            columns = [cell.strip().casefold() for cell in next(reader, [])]
            if not set(_TEXTS) & set(columns):
                raise NoNotesError(
                    'has no column "text"; the first line of a CSV of notes names its columns'
                )
            for cells in reader:
                line = reader.line_num
                if any(cell.strip() for cell in cells):
                    raw = dict(zip(columns, cells, strict=False))
                    yield from _row(raw, f"{name}:{line}", data=json.dumps(cells).encode())
    except UnicodeDecodeError:
        raise RefusedTextError(
            f"is not UTF-8 after line {line}; save it as UTF-8 and read it again"
        ) from None
    except csv.Error:
        raise RefusedTextError(
            f"is no CSV after line {line} (a quote that does not end, or a note of more than "
            f"{MAX_BYTES / 1e6:.0f} MB); what stands before it is read"
        ) from None


def read_parquet(path: File, name: str) -> Iterator[Item]:
    """Yield the notes of a Parquet file, a few hundred rows at a time.

    Raises:
        RefusedTextError: damaged, without a column `text`, or pyarrow is not installed.
    """
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 - an extra
    except ImportError:
        raise RefusedTextError(
            "is a Parquet file, for which pyarrow is missing; install chartproof[parquet]"
        ) from None
    number = 0
    try:
        with (
            opened(path) as source,
            parquet.ParquetFile(
                source, page_checksum_verification=True, pre_buffer=False, buffer_size=_PIECE
            ) as file,
        ):
            columns = [column for column in file.schema_arrow.names if column in _FIELDS]
            if not set(_TEXTS) & set(columns):
                raise NoNotesError('has no column "text" for the words of its notes')
            groups = (file.metadata.row_group(n) for n in range(file.num_row_groups))
            if any(group.total_byte_size > _MAX_GROUP for group in groups):
                raise RefusedTextError(
                    "declares a row group of more than 2 GB; write it in smaller row groups"
                )
            for batch in file.iter_batches(batch_size=BATCH, columns=columns):
                for raw in batch.to_pylist():
                    number += 1
                    plain = {key: _plain(value) for key, value in raw.items()}
                    data = json.dumps(plain, default=str).encode("utf-8", "replace")
                    yield from _row(plain, f"{name}:{number}", data=data)
    except (ArrowException, OSError, ValueError, MemoryError):
        raise RefusedTextError(
            f"is damaged or no Parquet file (after row {number}); export it again"
        ) from None


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _line(line: bytes, source: str, *, whole: bool) -> Iterator[Item]:
    if not whole:
        sentence = f"{source} is too long for one note; split it into its notes."
        yield Problem(source=source, sentence=sentence)
        return
    try:
        raw = parse_object(line)
    except RefusedTextError as error:
        yield _problem(source, line, Row(), error)
        return
    yield from _row(raw, source, data=line)


def _row(raw: Mapping[str, object], source: str, *, data: bytes) -> Iterator[Item]:
    row = Row()
    doubts: list[str] = []
    try:
        row = read_row(raw, warn=lambda clause: doubts.append(f"{source}: {clause}."))
        _require_id(row)
        setting = read_setting(raw.get("setting"))
        document = Document(
            row=row,
            text=text_of(raw),
            sha256=hashlib.sha256(data).hexdigest(),
            source=source,
            setting=setting,
            replaces=row.note_id if row.status is NoteStatus.AMENDED else "",
        )
    except (RefusedTextError, RefusedRowError) as error:
        yield from doubts
        yield _problem(source, data, row, error)
        return
    yield from doubts
    yield document


def _require_id(row: Row) -> None:
    if not row.note_id:
        raise RefusedRowError('has no "note_id" (or "doc_id"); give each note an id')


def _problem(source: str, data: bytes, row: Row, error: Exception) -> Problem:
    return Problem(
        source=source,
        note_id=row.note_id,
        encounter_id=row.encounter_id,
        sha256=hashlib.sha256(data).hexdigest(),
        sentence=f"{source} {error}.",
    )


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


def text_of(raw: Mapping[str, object]) -> str:
    """Return the canonical note text of a row.

    Raises:
        RefusedTextError: absent, no text, or nothing that could be a note.
    """
    text = raw.get("text", raw.get("note_text"))
    if not isinstance(text, str):
        raise RefusedTextError('has no "text"; give the note\'s text under that key')
    if not text:
        raise RefusedTextError('has an empty "text"; remove the line or export the note again')
    return checked(canonical(text))
