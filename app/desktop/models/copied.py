"""Which words of a case's notes are in a text that was copied somewhere in the window.

A text from a history, a query or a field has no place in a note of its own; it is looked up word
for word. Three words in a row that stand so in a note count as taken from it, and two where they
are all there is, or a quote of the evidence: fewer would call every `no fever` and every number a
copy.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from audit import Case
from audit.handling import quotes
from pipeline.model import Encounter, EvidenceSpan

RUN = 3
"""Words in a row that count as taken from a note."""
_WORD = re.compile(r"\w+")


class Word(NamedTuple):
    """A word without its capitals, and where it stands."""

    text: str
    start: int
    end: int


class Taken(NamedTuple):
    """Words of the notes in their wording `revision`, by place."""

    revision: int
    spans: tuple[EvidenceSpan, ...]


def taken(text: str, case: Case) -> Taken:
    """Return which words of the notes are in a text; none where one quote has all of them."""
    wanted = _words(text)
    for revision in range(len(case.encounters), 0, -1):
        encounter = case.encounters[revision - 1]
        quoted = {span: _bare(_words(encounter.quote(span))) for span in quotes(case, revision)}
        pairs = {words: span for span, words in quoted.items() if len(words) == RUN - 1}
        found = tuple(_runs(wanted, encounter, pairs))
        if found:
            within = any(_holds(words, _bare(wanted)) for words in quoted.values())
            return Taken(revision, () if within else found)
    return Taken(len(case.encounters), ())


def _runs(
    wanted: Sequence[Word], encounter: Encounter, pairs: Mapping[tuple[str, ...], EvidenceSpan]
) -> Iterator[EvidenceSpan]:
    """Yield the longest runs of words that stand in a note as they do in the text, and `pairs`."""
    least = RUN if len(wanted) != RUN - 1 else RUN - 1
    notes = [_words(note.text) for note in encounter.notes]
    places: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for number, words in enumerate(notes):
        for at in range(len(words) - least + 1):
            key = _bare(words[at : at + least])
            places.setdefault(key, []).append((number, at))
    here = 0
    while here < len(wanted):
        key = _bare(wanted[here : here + least])
        runs = [(_length(wanted, here, notes[n], at), n, at) for n, at in places.get(key, ())]
        if not runs:
            pair = pairs.get(_bare(wanted[here : here + RUN - 1]))
            if pair is not None:
                yield pair
            here += 1 if pair is None else RUN - 1
            continue
        length, number, at = max(runs, key=lambda run: run[0])
        yield EvidenceSpan(
            note_id=encounter.notes[number].note_id,
            start=notes[number][at].start,
            end=notes[number][at + length - 1].end,
        )
        here += length


def _length(wanted: Sequence[Word], here: int, words: Sequence[Word], at: int) -> int:
    length = 0
    for first, second in zip(wanted[here:], words[at:], strict=False):
        if first.text != second.text:
            break
        length += 1
    return length


def _holds(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    size = len(part)
    return any(whole[at : at + size] == part for at in range(len(whole) - size + 1))


def _bare(words: Sequence[Word]) -> tuple[str, ...]:
    return tuple(word.text for word in words)


def _words(text: str) -> list[Word]:
    return [Word(m[0].casefold(), m.start(), m.end()) for m in _WORD.finditer(text)]
