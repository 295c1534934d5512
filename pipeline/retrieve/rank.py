"""Order the codes that the channels found, by a few readable features.

A candidate's score is a logistic function of its features, so it lies in 0..1; it orders candidates
of one mention and is no probability. The weights are in `resources/models/ranker.json`, made by
`python -m pipeline.train.ranker`; the taxonomy priors among them (the billable leaf, "unspecified"
unless the text says more, title words that the text does not have) are what moves R@1 most.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.retrieve.attributes import Side, title_side
from pipeline.retrieve.lexical import Lexical
from pipeline.terms import Level
from resources import read_json

FEATURES = (
    "exact",
    "exact_unspecified",
    "exact_default",
    "lexicon",
    "learned",
    "lexical",
    "dense",
    "entry_covered",
    "mention_covered",
    "title_covered",
    "title_length",
    "unspecified",
    "other",
    "side_agrees",
    "side_conflicts",
    "side_unspecified",
    "needs_seventh",
    "symptom",
)
"""The features of a candidate, in the order of the weights."""

_EXTERNAL = frozenset({"V", "W", "X", "Y"})


@dataclass(slots=True)
class Hit:
    """What the channels said of one base code; the best of its entries counts per channel."""

    code: str
    level: Level | None = None
    from_lexicon: bool = False
    learned: float = 0.0
    lexical: float = 0.0
    dense: float = 0.0
    entry: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each feature and the constant, as learned; `digest` names the file."""

    constant: float
    by_feature: Mapping[str, float]

    @classmethod
    def read(cls) -> "Weights":
        """Read the learned weights."""
        data = read_json("models/ranker.json")
        return cls(data["constant"], {name: data["weights"][name] for name in FEATURES})

    def score(self, features: Sequence[float]) -> float:
        """Return the logistic of the weighted sum."""
        total = self.constant + sum(
            self.by_feature[name] * value for name, value in zip(FEATURES, features, strict=True)
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def features(
    hit: Hit,
    *,
    title: str,
    title_stems: Sequence[str],
    mention: Sequence[str],
    side: Side,
    lexical: Lexical,
    open_seventh: bool,
) -> tuple[float, ...]:
    """Return the features of a candidate for a mention, in the order of `FEATURES`."""
    lowered = title.lower()
    has = frozenset(mention)
    its_side = title_side(title)
    wanted = side.value
    sided = its_side in {"right", "left", "bilateral"}
    return (
        float(hit.level is Level.EXACT),
        float(hit.level is Level.UNSPECIFIED),
        float(hit.level is Level.DEFAULT),
        float(hit.from_lexicon),
        hit.learned,
        hit.lexical,
        hit.dense,
        _covered(hit.entry, has, lexical),
        _covered(mention, frozenset(hit.entry), lexical),
        _covered([word for word in title_stems if word not in _NO_CONTENT], has, lexical),
        min(len(title_stems), 15) / 15,
        float("unspecified" in lowered or " nos" in lowered),
        float(lowered.startswith("other ") or "other specified" in lowered),
        float(bool(wanted) and its_side == wanted),
        float(sided and its_side != wanted),
        float(bool(wanted) and its_side == "unspecified"),
        float(open_seventh),
        float(hit.code[0] == "R"),
    )


_NO_CONTENT = frozenset(
    {
        "unspecified",
        "other",
        "specified",
        "right",
        "left",
        "bilateral",
        "and",
        "or",
        "with",
        "in",
        "to",
    }
)


def _covered(needed: Sequence[str], has: frozenset[str], lexical: Lexical) -> float:
    """Return the share of the needed words, by how telling they are, that are there."""
    total = sum(lexical.weight(word) for word in needed)
    if not total:
        return 0.0
    return sum(lexical.weight(word) for word in needed if word in has) / total


def is_external_cause(code: str) -> bool:
    """Tell whether a code says how an injury came about (chapter 20)."""
    return code[0] in _EXTERNAL
