"""Changes to the text of an encounter, and where they come to stand."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.model import Encounter, EvidenceSpan, Note


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Edit:
    """New words for a half-open range of a note; an empty range puts them in before `start`."""

    note_id: str
    start: int
    end: int
    words: str


def apply(
    encounter: Encounter, edits: Iterable[Edit], *, name: str
) -> tuple[Encounter, tuple[EvidenceSpan, ...]]:
    """Return the encounter called `name` with the edits made, and the ranges of the new words.

    Edits may come in any order. Notes without an edit are the same objects as before.

    Raises:
        ValueError: two edits overlap.
    """
    ordered = sorted(edits)
    written: list[EvidenceSpan] = []
    notes = []
    for note in encounter.notes:
        ours = [edit for edit in ordered if edit.note_id == note.note_id]
        text, spans = _rewrite(note, ours)
        written.extend(spans)
        notes.append(_with_text(note, text) if ours else note)
    return replace(encounter, encounter_id=name, notes=tuple(notes)), tuple(written)


def _rewrite(note: Note, edits: Sequence[Edit]) -> tuple[str, list[EvidenceSpan]]:
    pieces: list[str] = []
    spans: list[EvidenceSpan] = []
    done = length = 0
    for edit in edits:
        if edit.start < done:
            raise ValueError(f"two edits of {note.note_id} overlap at {edit.start}")
        kept = note.text[done : edit.start]
        start = length + len(kept)
        spans.append(EvidenceSpan(note_id=note.note_id, start=start, end=start + len(edit.words)))
        pieces += [kept, edit.words]
        length = start + len(edit.words)
        done = edit.end
    pieces.append(note.text[done:])
    return "".join(pieces), spans


def _with_text(note: Note, text: str) -> Note:
    return replace(note, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
