"""What the words around a mention say of it, in the ConText manner.

After Harkema, Dowling, Thornblade and Chapman, "ConText: an algorithm for determining negation,
experiencer, and temporal status from clinical reports" (J Biomed Inform 2009): trigger phrases
reach forward or backward inside their sentence until a terminator or a trigger of the same kind
ends their scope; pseudo triggers use up the words of a trigger they contain. Ours differs in this:
where several scopes cover a mention, the order of `_PRECEDENCE` decides and not the distance,
because a denied family history is first of all denied; a verb ends no scope whose trigger is its
subject or its auxiliary ("mother had", "never diagnosed with"); and words that take up what was
said before ("but this was ruled out") carry a backward scope over the clause they stand in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.extract.document import Run, Tokens
from pipeline.extract.triggers import (
    PREDICATE,
    TERMINATOR,
    Trigger,
    Triggers,
    answers_back,
    gaps,
    question,
    within,
)
from pipeline.model import Assertion

_PRECEDENCE = (
    Assertion.NEGATED,
    Assertion.FAMILY,
    Assertion.HYPOTHETICAL,
    Assertion.POSSIBLE,
    Assertion.HISTORICAL,
)
_SCOPE_STOPS = frozenset({";", "\u2022"})
_HISTORICAL_REACH = 12
_CONTRAST = frozenset({"vs", "versus"})
"""Words that doubt what stands on either side of them."""
_LISTING = frozenset({"and", "or", "nor"})
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
_GLUE = frozenset(
    [
        "been",
        "be",
        "any",
        "ever",
        "also",
        "both",
        "all",
        "recently",
        "previously",
        "he",
        "she",
        "they",
        "it",
        "you",
        "patient",
        "pt",
        "the",
        "his",
        "her",
        "was",
        "were",
        "is",
        "are",
        "has",
        "have",
        "had",
        "having",
        "to",
        "who",
        "whom",
        "newly",
        "again",
        "actually",
        "clinically",
        "(",
        ")",
        "age",
        "aged",
        "then",
        "himself",
        "herself",
        "does",
        "did",
    ]
)
"""Words between a trigger and the verb that goes with it."""
_TAKES_UP = frozenset(
    [
        "which",
        "that",
        "this",
        "it",
        "these",
        "those",
        "they",
        "both",
        "all",
        "now",
        "since",
        "later",
    ]
)
_CONNECTS = _TAKES_UP | frozenset(
    [
        "but",
        "however",
        "although",
        "has",
        "have",
        "had",
        "was",
        "were",
        "is",
        "are",
        "initially",
        "subsequently",
        "then",
        "fully",
        "completely",
        "finally",
        "ultimately",
        "eventually",
        "later",
        "on",
    ]
)


class Scope(NamedTuple):
    """The code-point range a trigger speaks for, and the trigger's own range."""

    assertion: Assertion
    start: int
    end: int
    trigger: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Context:
    """The triggers, and what they reach."""

    known: Triggers

    @classmethod
    def read(cls, nlp: Language) -> "Context":
        """Read the triggers from the rules."""
        return cls(Triggers.read(nlp, _PRECEDENCE))

    def triggers(self, doc: Doc, tokens: Tokens) -> list[Trigger]:
        """Return every trigger of a note, in order, overlaps included."""
        return self.known.of(doc, tokens)

    def scopes(self, sentence: Run, triggers: Sequence[Trigger]) -> list[Scope]:
        """Return what each trigger of a sentence reaches; `triggers` are those of its note."""
        triggers = within(triggers, sentence)
        found: list[Scope] = []
        if triggers:
            stops = [n for n, text in enumerate(sentence.texts) if text in _SCOPE_STOPS]
            columns = gaps(sentence)
            both_ways = {(t.start, t.end) for t in triggers if t.name.endswith("/forward")}
            backward = {(t.start, t.end) for t in triggers if t.name.endswith("/backward")}
        for trigger in triggers:
            kind, _, direction = trigger.name.partition("/")
            place = (trigger.start, trigger.end)
            either = place in both_ways and place in backward
            contrast = sentence.lowered[trigger.start] in _CONTRAST
            back = either and answers_back(trigger, sentence)
            if direction == "forward":
                if back and not contrast and not _opens(trigger, sentence):
                    continue
                low, high = trigger.end, _forward(trigger, triggers, stops, sentence)
            elif direction == "backward" and (back or contrast or not either):
                low = _backward(trigger, triggers, sorted([*stops, *columns]), sentence)
                high = trigger.start
            else:
                continue
            if low < high:
                found.append(
                    Scope(Assertion(kind), *sentence.place(low, high), sentence.place(*place))
                )
        if asked := question(sentence):
            assertion, low, high, words_at = asked
            found.append(Scope(assertion, *sentence.place(low, high), words_at))
        return found


def _opens(trigger: Trigger, sentence: Run) -> bool:
    """Tell whether a trigger is a label of what follows it ("Denies: fever, chills")."""
    return trigger.end < len(sentence) and sentence.texts[trigger.end] == ":"


def _forward(
    trigger: Trigger, triggers: Sequence[Trigger], stops: Sequence[int], sentence: Run
) -> int:
    """Return the token before which a forward scope ends.

    A terminator ends it, a verb that is not the trigger's own does, a trigger of its kind does, and
    so do those of `_ALSO_ENDS`. History reaches a few words only.
    """
    begin = _after_predicate(trigger, triggers, sentence)
    enders = {TERMINATOR, trigger.name, *_ALSO_ENDS.get(trigger.name, ())}
    ends = [stop for stop in stops if stop >= trigger.end]
    ends += [t.start for t in triggers if t.start >= trigger.end and t.name in enders]
    ends += [t.start for t in triggers if t.start >= begin and t.name == PREDICATE]
    if trigger.name == "historical/forward":
        ends.append(begin + _HISTORICAL_REACH)
    return min([*ends, len(sentence)])


def _after_predicate(trigger: Trigger, triggers: Sequence[Trigger], sentence: Run) -> int:
    """Return the token after the verbs that go with a trigger: "mother, who was diagnosed with"."""
    verbs = {t.start: t.end for t in triggers if t.name == PREDICATE}
    at = trigger.end
    lowered = sentence.lowered
    while at < len(lowered):
        if at in verbs:
            at = verbs[at]
        elif lowered[at] in _GLUE or lowered[at].isdigit():
            at += 1
        elif lowered[at] == "," and lowered[at + 1 : at + 2] == ["who"]:
            at += 2
        else:
            break
    return at


def _backward(
    trigger: Trigger, triggers: Sequence[Trigger], stops: Sequence[int], sentence: Run
) -> int:
    """Return the token at which a backward scope begins.

    A comma begins it too, unless it is one of a list: "pneumonia, organism not identified" denies
    the organism only, "infarction, dissection, and embolism ruled out" all three.
    """
    clause = _clause(trigger, sentence)
    enders = {TERMINATOR, PREDICATE, trigger.name}
    ends = [stop + 1 for stop in stops if stop < clause]
    ends += [t.end for t in triggers if t.end <= clause and t.name in enders]
    for place in range(clause - 2, -1, -1):
        if sentence.texts[place] == ",":
            if sentence.lowered[place + 1] not in _LISTING:
                ends.append(place + 1)
            break
    return max([*ends, 0])


def _clause(trigger: Trigger, sentence: Run) -> int:
    """Return where the words before a backward trigger begin that only take up what was said."""
    at = trigger.start
    taken_up = False
    lowered = sentence.lowered
    while at > 0 and lowered[at - 1] in _CONNECTS:
        at -= 1
        taken_up = taken_up or lowered[at] in _TAKES_UP
    if not taken_up or at == 0:
        return trigger.start
    return at - 1 if sentence.texts[at - 1] in ",-–—" else at


def judge(
    scopes: Sequence[Scope], start: int, end: int, section: str, *, named: bool = True
) -> tuple[Assertion, tuple[int, int] | None]:
    """Return what a mention's sentence and section say of it, and the words that decided.

    A family-history section is about relatives whatever its sentences say; its decision has no
    trigger words. Words that are `named` as a whole mean what they say ("absence of kidney"); of
    others a doubt or denial at their beginning counts ("doubt pneumonia" found as one mention).
    """
    covering = [
        scope
        for scope in scopes
        if _covers(scope, start, end) or (not named and _begins(scope, start, end))
    ]
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


def _covers(scope: Scope, start: int, end: int) -> bool:
    """Tell whether a scope reaches a mention.

    It has to hold the end of the mention that is next to the trigger: a terminator inside a mention
    ("no sepsis secondary to pneumonia") ends no scope for it. Words that mention and trigger share
    count as reached: "no acute" shares one with "acute cholecystitis".
    """
    before, after = scope.trigger
    if after <= scope.start:
        return start < scope.end and (scope.start <= start or before < start < after < end)
    return scope.start < end and (end <= scope.end or start < before < end < after)


def _begins(scope: Scope, start: int, end: int) -> bool:
    """Tell whether a mention begins with words that doubt or deny the rest of it."""
    before, after = scope.trigger
    doubts = scope.assertion in {Assertion.NEGATED, Assertion.POSSIBLE}
    return doubts and before == start and after <= scope.start < end
