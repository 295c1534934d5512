"""Order the codes that the channels found, and say how much the best of them is worth.

Two steps with readable weights, both in `resources/models/ranker.json`, made by
`python -m pipeline.train.ranker`. The *order* of the candidates of one mention is a weighted sum of
what the channels and the titles say; the taxonomy priors among it (the billable leaf, "unspecified"
unless the text says more, title words that the text does not have) are what moves R@1 most. The
*score* in 0..1 comes of two logistic functions. *Worth* is the chance that a coder who codes every
mention gave these words this code, from the order, its lead over the next code, how the mention
was found, and how such words were coded before. *Match* is the chance that the code is right if
the words are meant to be coded at all, from order and lead alone. In scope `documented` the score
is the worth; where a person searches, and in scope `reportable`, where verification decides what
is dealt with, it lies halfway between the two. Scores are compared between mentions; the
confidence of a code is another matter (`pipeline.route`).
"""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter, mul

import numpy as np
from numpy.typing import NDArray

from pipeline.model import Finder
from pipeline.retrieve.attributes import Side
from pipeline.retrieve.lexical import Lexical
from pipeline.retrieve.nodes import Facts, Hit
from pipeline.terms import Level
from resources import read_json

_OWN = (
    "exact",
    "exact_unspecified",
    "exact_default",
    "lexicon",
    "learned",
    "lexical",
    "dense",
    "vote",
    "entry_covered",
    "mention_covered",
    "title_covered",
    "title_in_context",
    "title_length",
    "unspecified",
    "other",
    "side_agrees",
    "side_conflicts",
    "side_unspecified",
    "needs_seventh",
    "header",
    "symptom",
    "common",
)
_RELATIVE = (
    "dense_first",
    "dense_gap",
    "lexical_gap",
    "learned_first",
    "exact_but_learned",
    "dense_but_learned",
    "dense_but_exact",
    "common_but_learned",
)
FEATURES = _OWN + _RELATIVE
"""What orders the candidates of a mention, in the order of the weights: what is said of one code by
itself, then how it compares with the others. `…_but_learned` counts only where the dictionary
learned these very words."""

WORTH = (
    "order",
    "lead",
    "known",
    "strength",
    "rate",
    "seen",
    "exact",
    "exact_unspecified",
    "exact_default",
    "lexicon",
    "dense",
    "dictionary",
    "recognised",
    "touched",
    "window",
    "split",
    "recognised_known",
    "recognised_rate",
    "one_word",
    "many_words",
    "common",
    "symptom",
    "status",
    "injury",
    "header",
)
"""What makes a candidate worth a look, in the order of the weights."""

MATCH = ("order", "lead", "exact")
"""Those of `WORTH` that say how well a candidate matches."""

Matrix = NDArray[np.float64]
Row = NDArray[np.float64]

_AT = {name: number for number, name in enumerate(FEATURES)}
matching = itemgetter(*map(WORTH.index, MATCH))
"""Returns the features of a match, in the order of `MATCH`, out of those of a worth."""

_SIDES = frozenset({"right", "left", "bilateral"})
_MANY_SEEN = 20
_MANY_WORDS = 4
_LONG_TITLE = 15
_FAR = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The learned weights of both steps, by feature; each score has a constant of its own."""

    order: Mapping[str, float]
    worth: Mapping[str, float]
    worth_constant: float = 0.0
    match: Mapping[str, float]
    match_constant: float = 0.0
    _order: Row = field(init=False, repr=False, compare=False)
    _worth: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _match: tuple[float, ...] = field(init=False, repr=False, compare=False)

    @classmethod
    def read(cls) -> "Weights":
        """Read the learned weights."""
        data = read_json("models/ranker.json")
        return cls(
            order={name: data["order"][name] for name in FEATURES},
            worth={name: data["worth"][name] for name in WORTH},
            worth_constant=data["worth_constant"],
            match={name: data["match"][name] for name in MATCH},
            match_constant=data["match_constant"],
        )

    def __post_init__(self) -> None:
        """Line the weights up once, in the order in which they are asked."""
        lined = np.array([self.order[name] for name in FEATURES])
        object.__setattr__(self, "_order", lined)
        object.__setattr__(self, "_worth", tuple(self.worth[name] for name in WORTH))
        object.__setattr__(self, "_match", tuple(self.match[name] for name in MATCH))

    def places(self, rows: Matrix) -> Row:
        """Return the sum that orders the candidates, [n], from their features, [n, FEATURES]."""
        sums: Row = rows @ self._order
        return sums

    def score(self, worth: Sequence[float], *, meant: bool) -> float:
        """Return what a candidate is worth; where words are meant, halfway to how well it matches.

        Halfway is the geometric mean: what hardly matches, or is hardly ever coded, stays low.
        """
        coded = _logistic(self.worth_constant + sum(map(mul, self._worth, worth)))
        if not meant:
            return coded
        matches = _logistic(self.match_constant + sum(map(mul, self._match, matching(worth))))
        return math.sqrt(coded * matches)


def _logistic(total: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def features(
    hits: Sequence[Hit],
    facts: Sequence[Facts],
    *,
    mention: Sequence[str],
    side: Side,
    lexical: Lexical,
) -> Matrix:
    """Return what orders the candidates of a mention, [hits, FEATURES], its sentence left aside.

    `mention` are the stems of its words.
    """
    has = frozenset(mention)
    named = side.value
    covered = {
        entry: (_share(entry, has, lexical), _share(mention, entry, lexical))
        for entry in {hit.entry for hit in hits}
    }
    own = []
    for hit, fact in zip(hits, facts, strict=True):
        sided = fact.side in _SIDES
        own.append(
            (
                hit.level is Level.EXACT,
                hit.level is Level.UNSPECIFIED,
                hit.level is Level.DEFAULT,
                hit.from_lexicon,
                hit.learned,
                hit.lexical,
                hit.dense,
                hit.vote,
                *covered[hit.entry],
                _share(fact.content, has, lexical),
                0.0,
                min(len(fact.stems), _LONG_TITLE) / _LONG_TITLE,
                fact.unspecified,
                fact.other,
                bool(named) and fact.side == named,
                sided and fact.side != named,
                bool(named) and fact.side == "unspecified",
                fact.needs_seventh,
                fact.header,
                hit.code[0] == "R",
                fact.common,
            )
        )
    rows = np.zeros((len(hits), len(FEATURES)))
    if own:
        rows[:, : len(_OWN)] = own
        _compare(rows)
    return rows


def rest_of_titles(facts: Sequence[Facts], mention: Sequence[str]) -> list[tuple[str, ...]]:
    """Return for each candidate the words its title has beyond the mention."""
    has = frozenset(mention)
    return [tuple(word for word in fact.content if word not in has) for fact in facts]


def in_context(
    rows: Matrix, rest: Sequence[tuple[str, ...]], context: frozenset[str], lexical: Lexical
) -> Matrix:
    """Return the rows with how much of the rest of each title the sentence has; `rows` stay."""
    rows = rows.copy()
    rows[:, _AT["title_in_context"]] = [
        0.0 if context.isdisjoint(words) else _share(words, context, lexical) for words in rest
    ]
    return rows


def _share(needed: Sequence[str], there: Container[str], lexical: Lexical) -> float:
    """Return the share of the needed words, by how telling they are, that are there."""
    weight, rarest = lexical.idf.get, lexical.rarest
    total = found = 0.0
    for word in needed:
        telling = weight(word, rarest)
        total += telling
        if word in there:
            found += telling
    return found / total if total else 0.0


def _compare(rows: Matrix) -> None:
    """Fill the columns that say how a candidate compares with the others."""

    def column(name: str) -> Matrix:
        return rows[:, _AT[name]]

    dense, lexical, learned = column("dense"), column("lexical"), column("learned")
    exact, common = column("exact"), column("common")
    column("vote")[:] /= max(float(column("vote").sum()), 1e-9)
    column("dense_first")[:] = 1 / (1 + (dense[None, :] > dense[:, None]).sum(axis=1))
    column("dense_gap")[:] = dense - dense.max()
    column("lexical_gap")[:] = lexical - lexical.max()
    known = float(learned.max() > 0)
    column("learned_first")[:] = known * (learned >= learned.max())
    column("exact_but_learned")[:] = known * exact
    column("dense_but_learned")[:] = known * dense
    column("dense_but_exact")[:] = float(exact.max() > 0) * dense
    column("common_but_learned")[:] = known * common


def worth(
    hit: Hit, fact: Facts, *, order: float, lead: float, words: int, finders: Finder
) -> tuple[float, ...]:
    """Return what makes a candidate worth a look, in the order of `WORTH`.

    `order` is its weighted sum, `lead` how far that is above the best of the other candidates,
    `words` the number of words of the mention.
    """
    known = float(bool(hit.seen))
    dictionary, recognised, touched, window, split = _how(finders)
    return (
        order,
        max(-_FAR, min(_FAR, lead)),
        known,
        hit.learned,
        hit.rate,
        min(math.log1p(hit.seen) / math.log1p(_MANY_SEEN), 1.0),
        float(hit.level is Level.EXACT),
        float(hit.level is Level.UNSPECIFIED),
        float(hit.level is Level.DEFAULT),
        float(hit.from_lexicon),
        hit.dense,
        dictionary,
        recognised,
        touched,
        window,
        split,
        recognised * known,
        recognised * hit.rate,
        float(words == 1),
        float(words >= _MANY_WORDS),
        fact.common,
        float(hit.code[0] == "R"),
        float(hit.code[0] == "Z"),
        float(hit.code[0] in "ST"),
        float(fact.header),
    )


@lru_cache(maxsize=64)
def _how(finders: Finder) -> tuple[float, float, float, float, float]:
    """Return what `WORTH` says of how a mention was found, from `dictionary` to `split`."""
    return (
        float(Finder.DICTIONARY in finders),
        float(Finder.RECOGNISED in finders),
        float(Finder.TOUCHED in finders),
        float(finders is Finder.WINDOW),
        float(Finder.SPLIT in finders),
    )
