"""Ask a chat model what a section names, where the rules found nothing in it.

Asked is about a section that holds the author's judgement and in which no mention was found. The
model copies words; where they stand, and what the words around them say of it, the rules decide, as
for every other mention. Words that are no quote are dropped, and the reason is told.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.chat import Answer, Question, Talk, Task
from pipeline.model import (
    ASSESSED_SECTIONS,
    Encounter,
    EvidenceSpan,
    Extraction,
    Finder,
    Mention,
)

MOST = 20
"""Mentions that one section may gain."""

_LONGEST_SECTION = 6000
_LEAST_LETTERS = 12
"""A section of fewer letters ("None.", "As above.") names nothing."""

Judge = Callable[[int, EvidenceSpan], Mention]
"""The sentence by its index, and a span in it → the mention with its assertion."""


@dataclass(frozen=True, slots=True)
class _Bare:
    """A run of sentences of one assessed section without a mention, by index: first, past last."""

    first: int
    last: int


def supplement(
    encounter: Encounter, extraction: Extraction, talk: Talk, judge: Judge
) -> tuple[Extraction, tuple[str, ...]]:
    """Return the extraction with what a model added, and why words it gave were dropped."""
    bare = [each for each in _bare(extraction) if _worth(encounter, extraction, each)]
    if not bare or not talk.asks(Task.EXTRACT):
        return extraction, ()
    passages = [_passage(encounter, extraction, each) for each in bare]
    answers = talk.ask([Question(task=Task.EXTRACT, passage=text) for text, _ in passages])
    added: dict[EvidenceSpan, tuple[int, Mention]] = {}
    dropped: list[str] = []
    for each, (_, start), answer in zip(bare, passages, answers, strict=True):
        for quote in _quotes(answer):
            place = answer.passage.locate(quote)
            if place is None:
                dropped.append("quote-not-in-note")
                continue
            note = extraction.sentences[each.first].span.note_id
            span = EvidenceSpan(note_id=note, start=start + place.start, end=start + place.end)
            at = _sentence_of(extraction, each, span)
            if at is None:
                dropped.append("quote-across-sentences")
            elif not any(map(span.meets, added)):
                added[span] = (at, judge(at, span))
    return _joined(extraction, list(added.values())), tuple(dict.fromkeys(dropped))


def _bare(extraction: Extraction) -> Iterator[_Bare]:
    """Yield each assessed section of a note in which nothing was found."""
    named = set(extraction.places)
    first = 0
    sentences = extraction.sentences
    for at in range(1, len(sentences) + 1):
        if at < len(sentences) and _same_section(extraction, first, at):
            continue
        if sentences[first].section in ASSESSED_SECTIONS and named.isdisjoint(range(first, at)):
            yield _Bare(first, at)
        first = at


def _same_section(extraction: Extraction, first: int, at: int) -> bool:
    one, other = extraction.sentences[first], extraction.sentences[at]
    return (one.section, one.span.note_id) == (other.section, other.span.note_id)


def _worth(encounter: Encounter, extraction: Extraction, bare: _Bare) -> bool:
    text, _ = _passage(encounter, extraction, bare)
    return sum(letter.isalpha() for letter in text) >= _LEAST_LETTERS


def _passage(encounter: Encounter, extraction: Extraction, bare: _Bare) -> tuple[str, int]:
    """Return the words of a section, not more than fit, and where they begin in their note."""
    first = extraction.sentences[bare.first].span
    end = extraction.sentences[bare.last - 1].span.end
    text = encounter.note(first.note_id).text[first.start : end]
    return text[:_LONGEST_SECTION], first.start


def _quotes(answer: Answer) -> Iterator[str]:
    """Yield the quotes of an answer; there are none where there was a fault."""
    conditions = answer.fields.get("conditions", ())
    if isinstance(conditions, Sequence):
        for each in conditions[:MOST]:
            yield str(each["quote"])


def _sentence_of(extraction: Extraction, bare: _Bare, span: EvidenceSpan) -> int | None:
    for at in range(bare.first, bare.last):
        sentence = extraction.sentences[at].span
        if sentence.start <= span.start and span.end <= sentence.end:
            return at
    return None


def _joined(extraction: Extraction, added: Sequence[tuple[int, Mention]]) -> Extraction:
    """Return the extraction with more mentions, still in the order of notes and of text."""
    if not added:
        return extraction
    known = zip(
        extraction.places,
        extraction.mentions,
        extraction.finders,
        extraction.phrases,
        strict=True,
    )
    rows = [*known, *((at, mention, Finder.ASKED, "") for at, mention in added)]
    rows.sort(key=lambda row: (row[0], row[1].span.start, row[1].span.end))
    return Extraction(
        mentions=tuple(row[1] for row in rows),
        sentences=extraction.sentences,
        places=tuple(row[0] for row in rows),
        finders=tuple(row[2] for row in rows),
        phrases=tuple(row[3] for row in rows),
    )
