"""The documents of a case, and the sections of the one that is read, as rows of one list."""

from dataclasses import dataclass

from app.desktop.models.cards import CardRow, document_name
from app.desktop.models.note import headings
from app.wording import say
from app.workspace import OpenCase
from pipeline.model import EvidenceSpan, Note, NoteStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document, or a section of it where `start` is its code point; `spans` counts evidence."""

    note_id: str
    name: str
    detail: str = ""
    spans: int = 0
    start: int = -1

    @property
    def key(self) -> str:
        """Return what tells the row from all others."""
        return self.note_id if self.start < 0 else f"{self.note_id}\n{self.start}"


def document_rows(
    opened: OpenCase, cards: tuple[CardRow, ...], reading: str = ""
) -> tuple[DocumentRow, ...]:
    """Return the notes of a case in their order, under the one that is read its sections."""
    spans = {(card.key, span) for card in cards for span in card.evidence}
    marks = [span for _, span in spans]
    rows: list[DocumentRow] = []
    for note in opened.case.encounter.notes:
        rows.append(
            DocumentRow(
                note_id=note.note_id,
                name=document_name(note),
                detail=document_detail(note),
                spans=sum(1 for span in marks if span.note_id == note.note_id),
            )
        )
        if note.note_id == reading:
            rows += section_rows(note, marks)
    return tuple(rows)


def section_rows(note: Note, marks: list[EvidenceSpan]) -> tuple[DocumentRow, ...]:
    """Return what looks like headings in a note, each with the evidence up to the next one."""
    starts = [*headings(note.text), (len(note.text), len(note.text))]
    here = [span.start for span in marks if span.note_id == note.note_id]
    return tuple(
        DocumentRow(
            note_id=note.note_id,
            name=_heading(note.text[start:end]),
            spans=sum(1 for at in here if start <= at < starts[number + 1][0]),
            start=start,
        )
        for number, (start, end) in enumerate(starts[:-1])
    )


def _heading(words: str) -> str:
    """Return a heading without its colon, and not in capitals, which are hard to read small."""
    plain = " ".join(words.split()).rstrip(":").strip()
    return plain.capitalize() if plain.isupper() and len(plain) > len("HPI") else plain


def document_detail(note: Note) -> str:
    """Return time, author and status of a note, as far as they are known."""
    parts = [note.time.replace("T", " "), note.author, note.author_role]
    if note.status is not NoteStatus.UNKNOWN:
        parts.append(say("note_status", str(note.status)))
    known = [part for part in parts if part]
    return " · ".join(known) if known else note.note_id
