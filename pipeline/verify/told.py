"""Words that lead to a code without naming a condition: how they are looked for and read.

A hit counts where the patient is spoken of, and where nothing before it in its clause denies it,
puts it under a condition or gives it to somebody else.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pipeline.model import (
    Candidate,
    Channel,
    Encounter,
    EvidenceSpan,
    Extraction,
    Mention,
    MentionTrace,
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


@dataclass(frozen=True, slots=True)
class Reading:
    """An extraction with the words of its sentences, cut out once."""

    extraction: Extraction
    texts: tuple[str, ...]

    @classmethod
    def of(cls, encounter: Encounter, extraction: Extraction) -> "Reading":
        """Cut the sentences of an encounter."""
        return cls(extraction, tuple(encounter.quote(s.span) for s in extraction.sentences))

    def places(self, roles: AbstractSet[str]) -> list[int]:
        """Return the sentences in sections of these roles, those on relatives left out."""
        return [
            at
            for at, sentence in enumerate(self.extraction.sentences)
            if sentence.role in roles and sentence.section != "family-history"
        ]

    def hits(
        self, pattern: re.Pattern[str], places: Iterable[int], *, turned: bool = False
    ) -> Iterator[Told]:
        """Yield what a pattern finds in these sentences, unless turned around there.

        `turned` lets denials and the like count.
        """
        for at in places:
            text = self.texts[at]
            for hit in pattern.finditer(text):
                if hit.group() and (turned or not is_turned(text, hit.start())):
                    yield Told(at, self.span(at, hit.start(), hit.end()))

    def span(self, at: int, start: int, end: int) -> EvidenceSpan:
        """Return a range of a sentence's words as one of its note."""
        whole = self.extraction.sentences[at].span
        return EvidenceSpan(note_id=whole.note_id, start=whole.start + start, end=whole.start + end)


def is_turned(text: str, place: int) -> bool:
    """Tell whether the clause before a place denies what follows or gives it to somebody else."""
    return _TURNED.search(text[max(0, place - _CLAUSE) : place]) is not None


def trace(
    reading: Reading, told: Told, code: str, reason: str, score: float = SURE
) -> MentionTrace:
    """Return a supported trace for a code that a rule reads from words."""
    section = reading.extraction.sentences[told.at].section
    return MentionTrace(
        mention=Mention(span=told.span, section=section),
        candidates=(
            Candidate(code=code, score=score, channels=(Channel.DICTIONARY,), reasons=(reason,)),
        ),
        code=code,
        verdict=Verdict(support=Support.SUPPORTED, reasons=(reason,)),
    )
