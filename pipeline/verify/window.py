"""The words around a mention that a question shows: its sentence, and one on either side."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model import Encounter, EvidenceSpan, Sentence

_MOST = 1500
"""Code points of a window; a sentence that is longer is cut around the mention."""


@dataclass(frozen=True, slots=True)
class Window:
    """Words of a note from `start` on, and the range of the mention within them."""

    note_id: str
    start: int
    text: str
    marked: tuple[int, int]

    def span(self, start: int, end: int) -> EvidenceSpan:
        """Return the place in the note of a range of the window."""
        return EvidenceSpan(note_id=self.note_id, start=self.start + start, end=self.start + end)


def around(
    encounter: Encounter, sentences: Sequence[Sentence], place: int, span: EvidenceSpan
) -> Window:
    """Return the window of a mention in sentence `place`."""
    own = sentences[place].span
    low, high = own.start, own.end
    if place > 0 and sentences[place - 1].span.note_id == own.note_id:
        low = max(sentences[place - 1].span.start, span.start - _MOST // 2)
    if place + 1 < len(sentences) and sentences[place + 1].span.note_id == own.note_id:
        high = min(sentences[place + 1].span.end, span.end + _MOST // 2)
    if high - low > _MOST:
        low = max(low, span.start - _MOST // 2)
        high = min(high, max(span.end, low + _MOST))
    text = encounter.note(own.note_id).text
    return Window(own.note_id, low, text[low:high], (span.start - low, span.end - low))


def place_of(sentences: Sequence[Sentence], span: EvidenceSpan) -> int:
    """Return the index of the sentence that holds the beginning of a span."""
    for at, sentence in enumerate(sentences):
        same = sentence.span.note_id == span.note_id
        if same and sentence.span.start <= span.start < sentence.span.end:
            return at
    raise KeyError(span)
