"""How sure a code is: a logistic function of what its mentions, and those around them, say.

Fitted on coded notes (`pipeline.train.confidence`). A retrieval score orders the readings of a few
words; whether a coder assigns the code is another question, and depends on the rest of the note as
well: other readings of the same words, other codes of the family, how often it is named and where.
Each scope has weights of its own, for codes are assigned for other reasons there; a weight that is
not in the file is nought. `wording` and `category` stand for many small weights, one for each word
of a mention and each category of codes; they are told as one part each, so that no word of a note
leaves it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.model import (
    ASSESSED_SECTIONS,
    Assertion,
    Channel,
    Encounter,
    MentionTrace,
    Proposal,
    Scope,
)
from pipeline.words import stems
from resources import read_json

FEATURES = (
    "score",
    "together",
    "margin",
    "places",
    "overlap",
    "outdone",
    "inside",
    "family",
    "finer",
    "length",
    "crowd",
    "position",
    "order",
    "lead",
    "known",
    "learned",
    "coded",
    "often",
    "exact",
    "without_detail",
    "default",
    "lexicon",
    "dense",
    "phrase",
    "recognised",
    "touched",
    "window",
    "split",
    "recognised_known",
    "recognised_coded",
    "one_word",
    "many_words",
    "common",
    "header",
    "dictionary",
    "agreement",
    "mentions",
    "assessed",
    "possible",
    "historical",
    "symptom",
    "status",
    "injury",
    "external",
    "by_rule",
)
"""What a confidence is made of, in the order of the weights (`rows` says what each is)."""

WORDING, CATEGORY = "wording", "category"

_MANY_MENTIONS = 4
_MANY_SEEN = 30
_LONG_NOTE = 2_000
_MANY_CODES = 20
_MANY_WORDS = 4
_PARTS = 4
"""Parts of a confidence that are told; more would not be read."""

_FELT = 0.1
"""Log-odds below which a feature moves a confidence by less than it is shown with."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one proposal: `FEATURES`, the stems of its best words, its category."""

    values: tuple[float, ...]
    words: frozenset[str]
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """The weights of one scope, and what each part is on average over the rows they come from."""

    constant: float
    weights: Mapping[str, float]
    words: Mapping[str, float] = field(default_factory=dict)
    categories: Mapping[str, float] = field(default_factory=dict)
    means: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope) -> "Confidence":
        """Read the fitted weights of a scope from `resources/models/confidence.json`."""
        data = read_json("models/confidence.json")["scopes"][scope]
        return cls(
            constant=data["constant"],
            weights=data["weights"],
            words=data.get("words", {}),
            categories=data.get("categories", {}),
            means=data.get("means", {}),
        )

    def chance(self, row: Row) -> float:
        """Return the confidence in 0..1 that a coder would assign this code, to 4 places."""
        return round(1 / (1 + math.exp(-max(-30.0, min(30.0, self.log_odds(row))))), 4)

    def log_odds(self, row: Row) -> float:
        """Return the log-odds of the confidence."""
        return self.constant + sum(value for _, value in self._terms(row))

    def contributions(self, row: Row) -> tuple[tuple[str, float], ...]:
        """Return (part, contribution) pairs, the strongest first.

        A contribution is in log-odds against the average proposal the weights were fitted on; where
        no averages were kept, against zero. They sum to the log-odds of the confidence less those
        of that average.
        """
        found = [(name, value - self.means.get(name, 0.0)) for name, value in self._terms(row)]
        return tuple(sorted(found, key=lambda pair: (-abs(pair[1]), pair[0])))

    def parts(self, row: Row) -> tuple[str, ...]:
        """Return the few features that moved a confidence most, as ids (`raises=score:0.8`)."""
        return tuple(
            f"{'raises' if value > 0 else 'lowers'}={name}:{abs(value):.1f}"
            for name, value in self.contributions(row)[:_PARTS]
            if abs(value) >= _FELT
        )

    def _terms(self, row: Row) -> list[tuple[str, float]]:
        """Return what each part adds to the log-odds."""
        terms = [
            (name, self.weights.get(name, 0.0) * value)
            for name, value in zip(FEATURES, row.values, strict=True)
        ]
        terms.append((WORDING, sum(self.words.get(word, 0.0) for word in sorted(row.words))))
        terms.append((CATEGORY, self.categories.get(row.category, 0.0)))
        return terms


def rows(encounter: Encounter, proposals: Sequence[Proposal]) -> list[Row]:
    """Return what is known of each proposal of an encounter.

    `score` and `together` are log-odds, of the most telling mention and of all mentions as if each
    were a chance of its own. `overlap` is the best score of another code on the same words,
    `outdone` by how much that is better, `inside` the score of a longer reading around them;
    `family` and `finer` say the same of other codes of the category anywhere. `coded` is the share
    of places where such words were coded in notes with codes, `often` how many those were. `length`
    and `crowd` are of the note and of its codes, `position` is in 0..1. What retrieval measured of
    the best mention is as in `retrieve.rank`; `by_rule` marks a code that a rule read from words.
    """
    all_traces = [(p.code, t, t.candidates[0].score) for p in proposals for t in p.traces]
    return [_row(encounter, one, all_traces, len(proposals)) for one in proposals]


def _row(
    encounter: Encounter,
    proposal: Proposal,
    traces: Sequence[tuple[str, MentionTrace, float]],
    crowd: int,
) -> Row:
    best = proposal.traces[0]
    first, span = best.candidates[0], best.mention.span
    text = encounter.note(span.note_id).text
    words = stems(encounter.quote(span))
    others = [(code, trace, score) for code, trace, score in traces if code != proposal.code]
    mine = [trace.mention.span for trace in proposal.traces]
    overlap = max((s for _, t, s in others if any(map(t.mention.span.meets, mine))), default=0.0)
    inside = max((s for _, t, s in others if _within(best, t)), default=0.0)
    family = max((s for code, _, s in others if code[:3] == proposal.code[:3]), default=0.0)
    missed = math.prod(1 - trace.candidates[0].score for trace in proposal.traces)
    second = best.candidates[1].score if len(best.candidates) > 1 else 0.0
    found = dict(map(_measure, first.reasons))
    finders = found.get("found", "").split("+")
    known = float("seen" in found)
    coded = _number(found, "coded")
    recognised = float("recognised" in finders)
    assertions = {trace.mention.assertion for trace in proposal.traces}
    values = {
        "score": _log_odds(first.score),
        "together": _log_odds(1 - missed),
        "margin": first.score - second,
        "places": math.log(len({trace.mention.span for trace in proposal.traces})),
        "overlap": overlap,
        "outdone": max(overlap - first.score, 0.0),
        "inside": inside,
        "family": family,
        "finer": max(family - first.score, 0.0),
        "length": len(text) / _LONG_NOTE,
        "crowd": crowd / _MANY_CODES,
        "position": span.start / max(len(text), 1),
        "order": _number(found, "order"),
        "lead": _number(found, "lead"),
        "known": known,
        "learned": _number(found, "learned"),
        "coded": coded,
        "often": min(math.log1p(_number(found, "seen")) / math.log1p(_MANY_SEEN), 1.0),
        "exact": "term-exact" in found,
        "without_detail": "term-unspecified" in found,
        "default": "term-default" in found,
        "lexicon": "lexicon" in found,
        "dense": _number(found, "dense"),
        "phrase": "dictionary" in finders,
        "recognised": recognised,
        "touched": "touched" in finders,
        "window": finders == ["window"],
        "split": "split" in finders,
        "recognised_known": recognised * known,
        "recognised_coded": recognised * coded,
        "one_word": len(words) == 1,
        "many_words": len(words) >= _MANY_WORDS,
        "common": _number(found, "common"),
        "header": "header" in found,
        "dictionary": Channel.DICTIONARY in first.channels,
        "agreement": len(first.channels) == len(Channel),
        "mentions": min(len(proposal.traces), _MANY_MENTIONS) / _MANY_MENTIONS,
        "assessed": any(t.mention.section in ASSESSED_SECTIONS for t in proposal.traces),
        "possible": assertions == {Assertion.POSSIBLE},
        "historical": assertions == {Assertion.HISTORICAL},
        "symptom": proposal.code[0] == "R",
        "status": proposal.code[0] == "Z",
        "injury": proposal.code[0] in "ST",
        "external": proposal.code[0] in "VWXY",
        "by_rule": len(best.candidates) == 1 and not found.keys() & {"dense", "lexical"},
    }
    return Row(tuple(float(values[name]) for name in FEATURES), frozenset(words), proposal.code[:3])


def _within(inner: MentionTrace, outer: MentionTrace) -> bool:
    """Tell whether a mention holds another one and more."""
    a, b = inner.mention.span, outer.mention.span
    return a.note_id == b.note_id and b.start <= a.start and a.end <= b.end and a != b


def _log_odds(chance: float) -> float:
    """Return the log-odds of a chance kept within 1 and 99 %."""
    kept = min(max(chance, 0.01), 0.99)
    return math.log(kept / (1 - kept))


def _measure(reason: str) -> tuple[str, str]:
    """Return the id of a candidate's reason and what stands after its `=`."""
    name, _, value = reason.partition("=")
    return name, value


def _number(found: Mapping[str, str], name: str) -> float:
    """Return a measure of a candidate; 0 where it has none such."""
    return float(found.get(name, 0.0))
