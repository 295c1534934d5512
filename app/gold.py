"""Coded notes and mention → code pairs, read for `chartproof evaluate`.

A document is a line ``{"doc_id", "text", "annotations": [{"code", "evidence": [[start, end,
"words"], …]}]}``, its offsets code points of `text` as it stands in the file; other fields of a
note line are honoured. A pair is a line ``{"mention", "code"}``. Both may be gzipped (`.gz`).
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app import AppError, UsageError
from app.assembly import Assembly
from app.canonical import RefusedTextError, canonical, printable
from app.reading.rows import parse_object, text_of
from app.records import RefusedRowError, read_row, read_setting
from pipeline.model import Encounter, EvidenceSpan, Note, Setting


class RefusedGoldError(AppError):
    """A line is no gold; the text completes a sentence whose subject is the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldDocument:
    """A note as an encounter of its own, with its codes and where their evidence stands.

    Codes are upper case with the dot; a code may have no evidence. Spans count in the canonical
    text.
    """

    encounter: Encounter
    codes: Mapping[str, tuple[EvidenceSpan, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Words that name a condition, and the code they should be given."""

    mention: str
    code: str


def read_documents(
    path: Path, *, setting: Setting | None
) -> tuple[tuple[GoldDocument, ...], tuple[str, ...]]:
    """Return the documents of a file, and sentences about lines that could not be used.

    Raises:
        UsageError: the file cannot be read, or holds no document at all.
    """
    documents: list[GoldDocument] = []
    problems: list[str] = []
    seen: set[str] = set()
    for source, line in _lines(path):
        try:
            document, doubts = _document(line, source=source, setting=setting)
            if document.encounter.encounter_id in seen:
                raise RefusedGoldError("repeats a doc_id; give each document its own")  # noqa: TRY301
        except (RefusedTextError, RefusedRowError, RefusedGoldError) as error:
            problems.append(f"{source} {error}.")
            continue
        seen.add(document.encounter.encounter_id)
        documents.append(document)
        problems.extend(f"{source} {doubt}." for doubt in doubts)
    _refuse_nothing(path, documents, problems, what="document")
    return tuple(documents), tuple(problems)


def read_pairs(path: Path) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """Return the mention → code pairs of a file, and sentences about unusable lines.

    Raises:
        UsageError: the file cannot be read, or holds no pair at all.
    """
    pairs: list[Pair] = []
    problems: list[str] = []
    for source, line in _lines(path):
        try:
            raw = parse_object(line)
            mention = raw.get("mention")
            if not isinstance(mention, str) or not mention.strip():
                raise RefusedGoldError('has no "mention"')  # noqa: TRY301
            pairs.append(Pair(mention=mention, code=_code(raw.get("code"))))
        except (RefusedTextError, RefusedGoldError) as error:
            problems.append(f"{source} {error}.")
    _refuse_nothing(path, pairs, problems, what="pair")
    return tuple(pairs), tuple(problems)


def _document(
    line: bytes, *, source: str, setting: Setting | None
) -> tuple[GoldDocument, list[str]]:
    doubts: list[str] = []
    raw = parse_object(line)
    row = read_row(raw, warn=doubts.append)
    text = text_of(raw)
    if not row.note_id:
        raise RefusedRowError('has no "doc_id" (or "note_id"); give each document an id')
    assembly = Assembly(default_setting=setting)
    digest = hashlib.sha256(line).hexdigest()
    note = Note(note_id=row.note_id, text=text, sha256=digest, source=source)
    alone = row.model_copy(update={"encounter_id": ""})
    assembly.add(note, alone, setting=read_setting(raw.get("setting")))
    annotations = raw.get("annotations")
    if not isinstance(annotations, list):
        raise RefusedGoldError('has no list of "annotations"; use an empty list for no code')
    codes: dict[str, tuple[EvidenceSpan, ...]] = {}
    misplaced = 0
    for annotation in annotations:
        if not isinstance(annotation, dict):
            raise RefusedGoldError("has an annotation that is no object")
        code = _code(annotation.get("code"))
        spans, lost = _spans(annotation.get("evidence"), raw=str(raw["text"]), note=note)
        misplaced += lost
        codes[code] = tuple(sorted({*codes.get(code, ()), *spans}))
    if misplaced:
        doubts.append(f"has {misplaced} pieces of evidence that do not stand at their offsets")
    return GoldDocument(encounter=assembly.intake().encounters[0], codes=codes), doubts


def _spans(evidence: object, *, raw: str, note: Note) -> tuple[list[EvidenceSpan], int]:
    """Return spans in canonical offsets, and how many were dropped as misplaced.

    Canonical text loses a leading mark and the CR of each CRLF: an offset moves by what the text
    before it lost.
    """
    spans: list[EvidenceSpan] = []
    lost = 0
    for piece in evidence if isinstance(evidence, list) else ():
        match piece:
            case [int(start), int(end), *words] if 0 <= start < end <= len(raw):
                if words and words[0] != raw[start:end]:
                    lost += 1
                    continue
                if len(raw) != len(note.text):
                    start, end = (len(canonical(raw[:offset])) for offset in (start, end))
                spans.append(EvidenceSpan(note_id=note.note_id, start=start, end=end))
            case _:
                lost += 1
    return spans, lost


def _code(value: object) -> str:
    code = value.strip().upper().replace(".", "") if isinstance(value, str) else ""
    if not 3 <= len(code) <= 7 or not code.isalnum() or not code.isascii():  # noqa: PLR2004
        raise RefusedGoldError('has no usable "code"; write it such as E11.9')
    return code if len(code) == 3 else f"{code[:3]}.{code[3:]}"  # noqa: PLR2004


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    name = printable(path.as_posix())
    opened = gzip.open if path.suffix.casefold() == ".gz" else open
    try:
        with opened(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield f"{name}:{number}", line.removesuffix(b"\n").removesuffix(b"\r")
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "damaged"
        raise UsageError(f"{name} cannot be read ({reason}); check the file.") from None


def _refuse_nothing(
    path: Path, items: list[GoldDocument] | list[Pair], problems: list[str], *, what: str
) -> None:
    if not items:
        first = f" {problems[0]}" if problems else ""
        raise UsageError(f"{printable(path.as_posix())} holds no {what}.{first}")
