"""What the words around a mention say of it, in the ConText manner.

After Harkema, Dowling, Thornblade and Chapman, "ConText: an algorithm for determining negation,
experiencer, and temporal status from clinical reports" (J Biomed Inform 2009): trigger phrases
reach forward or backward inside their sentence until a terminator or a trigger of the same kind
ends their scope; pseudo triggers use up the words of a trigger they contain. Ours differs in one
way: where several scopes cover a mention, the order of `_PRECEDENCE` decides and not the distance,
because a denied family history is first of all denied.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

from pipeline.model import Assertion
from resources import read_json

_PRECEDENCE = (
    Assertion.NEGATED,
    Assertion.FAMILY,
    Assertion.HYPOTHETICAL,
    Assertion.POSSIBLE,
    Assertion.HISTORICAL,
)
_SCOPE_STOPS = frozenset({";", "\u2022"})
_HISTORICAL_REACH = 12
_LISTING = frozenset({"and", "or", "nor"})
_SMALL_LETTERS_ONLY = frozenset({"VS"})  # "vs" is a guess, "VS" are vital signs
_ALSO_ENDS = {
    # as in: no embolism, likely pneumonia; no angina, return if chest pain
    "negated/forward": ("possible/forward", "hypothetical/forward"),
    # as in: father with CAD, no angina
    "family/forward": ("negated/forward", "hypothetical/forward"),
    # as in: possible osteomyelitis, history of abscess
    "possible/forward": ("historical/forward",),
}
"""Which triggers of another kind end a scope too."""
_SUBJECT_SECTION = "family-history"


class Scope(NamedTuple):
    """The code-point range a trigger speaks for, and the trigger's own range."""

    assertion: Assertion
    start: int
    end: int
    trigger: tuple[int, int]


class Trigger(NamedTuple):
    """A trigger phrase, `kind/direction` or `terminator`, and its half-open range of tokens."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Context:
    """The trigger phrases, ready to match."""

    matcher: PhraseMatcher

    @classmethod
    def read(cls, nlp: Language) -> "Context":
        """Read the triggers from the rules."""
        data = read_json("rules/assertion.json")
        matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        for assertion in _PRECEDENCE:
            for direction, phrases in data[assertion.value].items():
                matcher.add(f"{assertion.value}/{direction}", [nlp.make_doc(p) for p in phrases])
        matcher.add("terminator", [nlp.make_doc(phrase) for phrase in data["terminators"]])
        return cls(matcher)

    def triggers(self, doc: Doc) -> list[Trigger]:
        """Return every trigger phrase of a note, in order, overlaps included."""
        found = [
            Trigger(doc.vocab.strings[key], start, end)
            for key, start, end in self.matcher(doc)
            if doc[start:end].text not in _SMALL_LETTERS_ONLY
        ]
        return sorted(found, key=lambda trigger: (trigger.start, trigger.end, trigger.name))

    def scopes(self, sentence: Span, triggers: Sequence[Trigger]) -> list[Scope]:
        """Return what each trigger of a sentence reaches; `triggers` are those of its note."""
        first = bisect_left(triggers, sentence.start, key=lambda trigger: trigger.start)
        last = bisect_left(triggers, sentence.end, key=lambda trigger: trigger.start)
        triggers = _longest(
            Trigger(name, start - sentence.start, end - sentence.start)
            for name, start, end in triggers[first:last]
            if end <= sentence.end
        )
        stops = [n for n, token in enumerate(sentence) if token.text in _SCOPE_STOPS]
        both_ways = {(t.start, t.end) for t in triggers if t.name.endswith("/forward")}
        found: list[Scope] = []
        for trigger in triggers:
            if trigger.name == "terminator" or trigger.name.endswith("/pseudo"):
                continue
            if trigger.name.endswith("/forward"):
                low, high = trigger.end, _forward(trigger, triggers, stops, len(sentence))
            elif (trigger.start, trigger.end) in both_ways and not _closes(trigger, sentence):
                continue
            else:
                low, high = _backward(trigger, triggers, stops, sentence), trigger.start
            if low < high:
                reach, words = sentence[low:high], sentence[trigger.start : trigger.end]
                found.append(
                    Scope(
                        Assertion(trigger.name.partition("/")[0]),
                        reach.start_char,
                        reach.end_char,
                        (words.start_char, words.end_char),
                    )
                )
        return found


def _forward(
    trigger: Trigger, triggers: Sequence[Trigger], stops: Sequence[int], length: int
) -> int:
    """Return the token before which a forward scope ends.

    A terminator ends it, a trigger of its kind does, and so do those of `_ALSO_ENDS`. History
    reaches a few words only.
    """
    enders = {"terminator", trigger.name, *_ALSO_ENDS.get(trigger.name, ())}
    ends = [stop for stop in stops if stop >= trigger.end]
    ends += [t.start for t in triggers if t.start >= trigger.end and t.name in enders]
    if trigger.name == "historical/forward":
        ends.append(trigger.end + _HISTORICAL_REACH)
    return min([*ends, length])


def _backward(
    trigger: Trigger, triggers: Sequence[Trigger], stops: Sequence[int], sentence: Span
) -> int:
    """Return the token at which a backward scope begins.

    A comma begins it too, unless it is one of a list: "pneumonia, organism not identified" denies
    the organism only, "infarction, dissection, and embolism ruled out" all three.
    """
    enders = {"terminator", trigger.name}
    ends = [stop + 1 for stop in stops if stop < trigger.start]
    ends += [t.end for t in triggers if t.end <= trigger.start and t.name in enders]
    for place in range(trigger.start - 2, -1, -1):
        if sentence[place].text == ",":
            if sentence[place + 1].lower_ not in _LISTING:
                ends.append(place + 1)
            break
    return max([*ends, 0])


def _closes(trigger: Trigger, sentence: Span) -> bool:
    """Tell whether a clause ends right after a trigger; one that reaches both ways reaches back."""
    return trigger.end >= len(sentence) or sentence[trigger.end].is_punct


def _longest(matches: Iterable[Trigger]) -> list[Trigger]:
    """Keep the longest of overlapping phrases; at equal length a pseudo trigger wins.

    The same words may reach both ways ("ruled out"): equal ranges of different direction stay.
    """
    ordered = sorted(
        matches,
        key=lambda t: (t.start - t.end, not t.name.endswith("/pseudo"), t.start, t.name),
    )
    kept: list[Trigger] = []
    for trigger in ordered:
        clash = [k for k in kept if k.start < trigger.end and trigger.start < k.end]
        if all(
            (k.start, k.end) == (trigger.start, trigger.end) and not k.name.endswith("/pseudo")
            for k in clash
        ):
            kept.append(trigger)
    return sorted(kept, key=lambda t: (t.start, t.end, t.name))


def judge(
    scopes: Sequence[Scope], start: int, end: int, section: str
) -> tuple[Assertion, tuple[int, int] | None]:
    """Return what a mention's sentence and section say of it, and the words that decided.

    A family-history section is about relatives whatever its sentences say; its decision has no
    trigger words.
    """
    covering = [s for s in scopes if s.start <= start and end <= s.end]
    for assertion in _PRECEDENCE:
        ours = [s for s in covering if s.assertion is assertion]
        if ours:
            nearest = min(
                ours,
                key=lambda s: (min(abs(start - s.trigger[1]), abs(s.trigger[0] - end)), s.trigger),
            )
            return assertion, nearest.trigger
    if section == _SUBJECT_SECTION:
        return Assertion.FAMILY, None
    return Assertion.PRESENT, None
