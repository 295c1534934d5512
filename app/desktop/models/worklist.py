"""Rows of the worklist and of the documents as values, with what a list says of each."""

from dataclasses import dataclass

from app.desktop.models.cards import CardRow, document_name
from app.wording import say
from app.workspace import OpenCase, Worklist
from audit import CaseRow
from pipeline.model import Note, NoteStatus, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow:
    """A case in the worklist: which, why it is here, how far it is."""

    case_id: str
    name: str
    why: str
    lane: Route
    state: str
    progress: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A note of the open case: what it is, and how many spans of evidence it holds."""

    note_id: str
    name: str
    detail: str
    spans: int


def worklist_rows(worklist: Worklist) -> tuple[WorklistRow, ...]:
    """Return the rows of a worklist, each with the reason it stands in its lane."""
    return tuple(_row(row) for row in worklist.rows)


def _row(row: CaseRow) -> WorklistRow:
    return WorklistRow(
        case_id=row.case_id,
        name=row.encounter_id,
        why=why_here(row.lane, tuple(row.lane_reasons), str(row.state)),
        lane=row.lane,
        state=str(row.state),
        progress=f"{row.decided_count} / {row.suggestion_count}",
    )


def why_here(lane: Route, reasons: tuple[str, ...], state: str) -> str:
    """Return one line on why a case waits where it waits."""
    if state == "failed":
        return say("states", "failed")
    if not reasons:
        return say("lane_defaults", str(lane))
    return "; ".join(say("reasons", reason) for reason in reasons)


def document_rows(opened: OpenCase, cards: tuple[CardRow, ...]) -> tuple[DocumentRow, ...]:
    """Return the notes of a case in their order, each with its count of evidence."""
    spans = {(card.key, span) for card in cards for span in card.evidence}
    return tuple(
        DocumentRow(
            note_id=note.note_id,
            name=document_name(note),
            detail=document_detail(note),
            spans=sum(1 for _, span in spans if span.note_id == note.note_id),
        )
        for note in opened.case.encounter.notes
    )


def document_detail(note: Note) -> str:
    """Return time, author and status of a note, as far as they are known."""
    parts = [note.time.replace("T", " "), note.author, note.author_role]
    if note.status is not NoteStatus.UNKNOWN:
        parts.append(say("note_status", str(note.status)))
    known = [part for part in parts if part]
    return " · ".join(known) if known else note.note_id
