"""How well words find their code: R@k and MRR over mentions, for vectors and for BM25.

A code's rank is its place among the distinct codes in the order of their best entries. Codes are
compared without their 7th character. Vectors are compared exactly, so the figures are those of
the model and not of a graph.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.retrieve.embedder import Embedder
from pipeline.retrieve.lexical import Lexical
from pipeline.train.pairs import Pair
from pipeline.words import stems

_DEPTH = 200
_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Shares of the mentions whose code is among the first 1, 10 and 50; mean reciprocal rank."""

    r_at_1: float
    r_at_10: float
    r_at_50: float
    mrr: float

    def row(self, name: str) -> str:
        """Return a row of a Markdown table."""
        return f"| {name} | " + " | ".join(f"{value:.3f}" for value in asdict(self).values()) + " |"


def score_vectors(embedder: Embedder, entries: Sequence[Pair], mentions: Sequence[Pair]) -> Scores:
    """Score nearest neighbours by cosine, the nearest 200 entries deep."""
    codes = _codes(entries)
    table = embedder.encode(list(codes))
    owners = list(codes.values())
    asked = list(dict.fromkeys(text for text, _ in mentions))
    ranked: dict[str, list[str]] = {}
    for start in range(0, len(asked), _BATCH):
        batch = asked[start : start + _BATCH]
        cosines = embedder.encode(batch) @ table.T
        for text, row in zip(batch, cosines, strict=True):
            ranked[text] = _distinct(_best(row), owners)
    return _scores(ranked, mentions)


def score_words(entries: Sequence[Pair], mentions: Sequence[Pair]) -> Scores:
    """Score BM25 over the stems of the same entries, 200 entries deep."""
    codes = _codes(entries)
    owners = list(codes.values())
    lexical = Lexical.build([stems(text) for text in codes])
    ranked = {
        text: _distinct([number for number, _ in lexical.search(stems(text), _DEPTH)], owners)
        for text in dict.fromkeys(text for text, _ in mentions)
    }
    return _scores(ranked, mentions)


def _codes(entries: Sequence[Pair]) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {}
    for text, code in entries:
        codes.setdefault(text, []).append(code)
    return codes


def _best(cosines: NDArray[np.float32]) -> list[int]:
    depth = min(_DEPTH, len(cosines))
    near = np.argpartition(-cosines, depth - 1)[:depth]
    return near[np.lexsort((near, -cosines[near]))].tolist()  # type: ignore[no-any-return]


def _distinct(numbers: Sequence[int], owners: Sequence[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(code for number in numbers for code in owners[number]))


def _scores(ranked: dict[str, list[str]], mentions: Sequence[Pair]) -> Scores:
    ranks = np.array(
        [
            ranked[text].index(code) + 1 if code in ranked[text] else np.inf
            for text, code in mentions
        ]
    )
    return Scores(
        r_at_1=float(np.mean(ranks <= 1)),
        r_at_10=float(np.mean(ranks <= 10)),
        r_at_50=float(np.mean(ranks <= 50)),
        mrr=float(np.mean(1 / ranks)),
    )
