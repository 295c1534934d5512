"""Words that lead to a code without naming a condition: how they are looked for and read.

A hit counts where the patient is spoken of, and where nothing before it in its clause denies it,
puts it under a condition or gives it to somebody else.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.model import (
    Candidate,
    Channel,
    Encounter,
    EvidenceSpan,
    Extraction,
    Mention,
    MentionTrace,
    Sentence,
    Support,
    Verdict,
)

SURE = 0.9
"""The score of a code that a rule gives, beside those of retrieval."""

_TURNED = re.compile(
    r"\b(?:no|not|never|denies|denied|without|negative for|nor|neither|rule out|ruled out|r/o|"
    r"if|unless|risk of|avoid|prevent|screen(?:ing)? for|family|mother|father|brother|sister|"
    r"mom|dad|aunt|uncle|grand\w+|son|daughter|wife|husband)\b[^.;:]*$",
    re.IGNORECASE,
)
_CLAUSE = 60


@dataclass(frozen=True, slots=True)
class Told:
    """A hit: the sentence's index and the range of the words."""

    at: int
    span: EvidenceSpan


def hits(
    encounter: Encounter,
    extraction: Extraction,
    pattern: re.Pattern[str],
    roles: frozenset[str],
) -> Iterator[Told]:
    """Yield what a pattern finds in the sentences of these roles, unless turned around there."""
    places = (at for at, sentence in enumerate(extraction.sentences) if sentence.role in roles)
    return hits_in(encounter, extraction, pattern, places)


def hits_in(
    encounter: Encounter,
    extraction: Extraction,
    pattern: re.Pattern[str],
    places: Iterable[int],
    *,
    turned: bool = False,
) -> Iterator[Told]:
    """Yield what a pattern finds in these sentences; `turned` lets denials and the like count."""
    for at in places:
        sentence = extraction.sentences[at]
        if sentence.section == "family-history":
            continue
        text = encounter.quote(sentence.span)
        for hit in pattern.finditer(text):
            if hit.group() and (turned or not is_turned(text, hit.start())):
                yield Told(at, _span(sentence, hit.start(), hit.end()))


def is_turned(text: str, place: int) -> bool:
    """Tell whether the clause before a place denies what follows or gives it to somebody else."""
    return _TURNED.search(text[max(0, place - _CLAUSE) : place]) is not None


def _span(sentence: Sentence, start: int, end: int) -> EvidenceSpan:
    base = sentence.span.start
    return EvidenceSpan(note_id=sentence.span.note_id, start=base + start, end=base + end)


def trace(
    extraction: Extraction, told: Told, code: str, reason: str, score: float = SURE
) -> MentionTrace:
    """Return a supported trace for a code that a rule reads from words."""
    section = extraction.sentences[told.at].section
    return MentionTrace(
        mention=Mention(span=told.span, section=section),
        candidates=(
            Candidate(code=code, score=score, channels=(Channel.DICTIONARY,), reasons=(reason,)),
        ),
        code=code,
        verdict=Verdict(support=Support.SUPPORTED, reasons=(reason,)),
    )
