"""The part of the BM25 peer that is ours: which stretch of a note is asked, and which answer wins.

BM25 ranks terms for a query, but a note is no query. So every run of up to `longest` words within
a clause is one; the best term for it must reach `floor` of the score it gives itself; of runs that
overlap, the one with the higher score stays.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

_CLAUSE = re.compile(r"[.;:,()\n]+(?:\s|$)|\n")
_WORD = re.compile(r"\w+")
_STOPWORDS = re.compile(
    r"an?|the|of|and|or|in|on|at|to|for|with|by|from|is|are|was|were|be|been|as|that|this|which|"
    r"his|her|he|she|its?|patient"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A run of words from `first` to `last` (included) of a clause, with the number of its term."""

    first: int
    last: int
    term: int
    score: float


def tokens(text: str, caps: frozenset[str], stem: Callable[[str], str]) -> list[str]:
    """Return the words of a text, stemmed, without stop words; those in `caps` as they are."""
    found = []
    for word in _WORD.findall(text):
        lower = word.lower()
        if word in caps:
            found.append(word)
        elif not _STOPWORDS.fullmatch(lower):
            found.append(stem(lower))
    return found


def clauses(text: str) -> Iterator[str]:
    """Yield the stretches between marks that end a clause."""
    return (part for part in _CLAUSE.split(text) if part.strip())


def best(scores: Scores, own: Scores, ranks: NDArray[np.int64], floor: float) -> int | None:
    """Return the number of the winning term, None where none reaches its floor.

    `own` is the score a term gives itself. Ties go to the term covered best, then to the smallest
    rank: never to the order in which an index happens to hold them.
    """
    eligible = np.flatnonzero((scores > 0) & (scores >= floor * own))
    if not eligible.size:
        return None
    top = eligible[scores[eligible] >= scores[eligible].max() * (1 - 1e-6)]
    cover = np.round(scores[top] / own[top], 4)
    return int(top[np.lexsort((ranks[top], -cover))[0]])


def places(
    words: Sequence[str],
    longest: int,
    ask: Callable[[tuple[str, ...]], tuple[int, float] | None],
) -> list[Place]:
    """Return the winning runs of a clause, none overlapping another, in text order.

    Runs are asked in text order; of equal scores the shorter run wins, then the earlier.
    """
    found = []
    for first in range(len(words)):
        for last in range(first, min(first + longest, len(words))):
            answer = ask(tuple(words[first : last + 1]))
            if answer is not None:
                found.append(Place(first=first, last=last, term=answer[0], score=answer[1]))
    kept: list[Place] = []
    for place in sorted(found, key=lambda p: (-round(p.score, 4), p.last - p.first, p.first)):
        if all(place.last < other.first or other.last < place.first for other in kept):
            kept.append(place)
    return sorted(kept, key=lambda place: place.first)
