"""The gate: what must hold of an answer before it counts.

A code is one of those that were shown, found for this note and billable in this release; the quotes
stand in the words that were sent; the one that supports stands by the mention and on nothing that
the note denies. An instruction hidden in a note can at worst choose a code that was found for these
words, with real words of the note, for a person to see.
"""

from dataclasses import dataclass

from pipeline.chat import Answer, Question
from pipeline.model import Assertion, Candidate, EvidenceSpan, Extraction
from pipeline.verify.window import Window

_NOT_ASSERTED = frozenset({Assertion.NEGATED, Assertion.FAMILY, Assertion.HYPOTHETICAL})
_LETTERS = "ABCDEFGHIJ"
_NONE = "none"
_MUST_HOLD = ("documented", "current", "patient")
_SHOULD_HOLD = ("specific", "laterality")


class Dropped(Exception):  # noqa: N818 - an answer that does not count is no error
    """An answer does not count; `reason` is its id in the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about mention `number`, and what its answer is checked against.

    `shown` are the candidates behind the titles, in the order of the question.
    """

    number: int
    window: Window
    shown: tuple[Candidate, ...]
    question: Question


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says: the candidate it chose, or None where it takes the code away."""

    chosen: Candidate | None
    reasons: tuple[str, ...]


def check(asked: Asked, answer: Answer, extraction: Extraction) -> Said:
    """Return what an answer says; Dropped where it cannot be checked."""
    against = str(answer.fields["contradicts"])
    if against and answer.passage.locate(against) is None:
        raise Dropped("quote-not-in-note")
    letter = str(answer.fields["choice"])
    if letter == _NONE:
        return Said(None, ("model-none-of-these",))
    at = _LETTERS.index(letter)
    if at >= len(asked.shown):
        raise Dropped("outside-the-list")
    chosen = asked.shown[at]
    place = answer.passage.locate(str(answer.fields["supports"]))
    if place is None:
        raise Dropped("quote-not-in-note")
    quote = asked.window.span(place.start, place.end)
    _stands(quote, asked.number, extraction)
    mention = extraction.mentions[asked.number]
    past = mention.assertion is Assertion.HISTORICAL or chosen.code.startswith("Z")
    for name in _MUST_HOLD:
        if not answer.fields[name] and not (name == "current" and past):
            return Said(None, (f"model-says-not={name}",))
    reasons = ["model-chose", f"model-quote={quote.start}:{quote.end}"]
    reasons += ["model-quote-repaired"] if place.repaired else []
    reasons += [f"model-doubts={name}" for name in _SHOULD_HOLD if not answer.fields[name]]
    reasons += ["model-contradicted"] if against else []
    return Said(chosen, tuple(reasons))


def _stands(quote: EvidenceSpan, number: int, extraction: Extraction) -> None:
    """Make sure that a quote proves something of the mention it was given for.

    It must stand in the mention's sentence, and not on words that the note denies, or says of
    others, instead of on the mention.
    """
    asked = extraction.mentions[number].span
    sentence = extraction.sentences[extraction.places[number]].span
    if quote.meets(asked):
        return
    if not (sentence.start <= quote.start and quote.end <= sentence.end):
        raise Dropped("quote-elsewhere")
    beside = (m for m in extraction.mentions if quote.meets(m.span))
    if any(mention.assertion in _NOT_ASSERTED for mention in beside):
        raise Dropped("quote-not-asserted")
