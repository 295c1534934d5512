"""Words that were copied forward from an earlier note of the encounter.

A run of `RUN` words that stands in an earlier note is a copy, whatever its line breaks and case. A
copied condition was not looked at again only because it stands there again, so evidence names the
first occurrence first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.model import Encounter, EvidenceSpan, Note

RUN = 8
"""Words in a row that are no accident."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """The copied ranges of each note, half-open, in order, and how many words they hold."""

    ranges: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    words: int = 0

    def holds(self, span: EvidenceSpan) -> bool:
        """Tell whether a span lies in copied words."""
        return any(
            low <= span.start and span.end <= high
            for low, high in self.ranges.get(span.note_id, ())
        )


def copies(encounter: Encounter) -> Copies:
    """Return what later notes of an encounter repeat of earlier ones.

    Notes are taken by their time where all have one, else in the order they were given.
    """
    if len(encounter.notes) == 1:
        return Copies()
    notes: Sequence[Note] = encounter.notes
    if all(note.time for note in notes):
        notes = sorted(notes, key=lambda note: note.time)
    seen: set[tuple[str, ...]] = set()
    ranges: dict[str, tuple[tuple[int, int], ...]] = {}
    count = 0
    for note in notes:
        marks = [match.span() for match in _WORD.finditer(note.text)]
        words = [note.text[low:high].casefold() for low, high in marks]
        runs = list(zip(*(words[shift:] for shift in range(RUN)), strict=False))
        copied = _stretches([at for at, run in enumerate(runs) if run in seen])
        if copied:
            ranges[note.note_id] = tuple((marks[a][0], marks[b - 1][1]) for a, b in copied)
            count += sum(b - a for a, b in copied)
        seen.update(runs)
    return Copies(ranges=ranges, words=count)


def _stretches(starts: Sequence[int]) -> list[tuple[int, int]]:
    """Return the ranges of words that runs beginning at these words cover together."""
    found: list[tuple[int, int]] = []
    for start in starts:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], start + RUN)
        else:
            found.append((start, start + RUN))
    return found
