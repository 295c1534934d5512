"""An inverted index over the words of terms, for queries typed word by word.

Words are folded and stemmed; those of one beginning lie together, so that a cut word is one
slice of the postings. All arrays are flat and read-only after building.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxonomy.words import fold, stem

_IGNORED = frozenset({
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with",
})  # fmt: skip
"""Words that a query may leave out or bring along without a difference."""
_SILENT = _IGNORED | {"nos", "organism", "site", "type", "unspecified"}
"""Words that do not make a term longer: a term with them says no more than one without."""
_NONESSENTIAL = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_PREFIX_LEAST = 2
_PREFIX_WEIGHT = 0.55
_PREFIX_GAIN = 0.4
_TERM_SHARE = 0.35
_PARTIAL_LEAST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A term by its number, with a score in 0..1."""

    term: int
    score: float


class TermIndex:
    """Find terms by words in any order, whole or cut."""

    def __init__(self, texts: Sequence[str]) -> None:
        stems: dict[str, str] = {}
        postings: dict[str, array[int]] = {}
        lengths = array("f")
        for number, text in enumerate(texts):
            words = _stems(fold(text), stems)
            for word in words:
                if word in postings:
                    postings[word].append(number)
                else:
                    postings[word] = array("i", (number,))
            essential = words
            if "(" in text or "[" in text:
                essential = _stems(fold(_NONESSENTIAL.sub(" ", text)), stems) or words
            lengths.append(max(1, len(essential - _SILENT)))
        self._words = sorted(postings)
        counts = [len(postings[word]) for word in self._words]
        self._counts = np.array(counts, dtype=np.int64)
        self._starts = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(self._counts)))
        joined = array("i")
        for word in self._words:
            joined.extend(postings[word])
        self._terms: NDArray[np.int32] = np.array(joined, dtype=np.int32)
        self._word_lengths = np.array([len(word) for word in self._words], dtype=np.float32)
        self._term_lengths = np.array(lengths, dtype=np.float32)

    def find(self, text: str, *, limit: int) -> list[Found]:
        """Return the best terms for a query, best first, equal ones in the order given.

        Terms that match every word that any term has; where there is none, those that match at
        least half of these by weight. A word weighs the more the fewer terms it matches (inverse
        document frequency); a term scores the more the less it says beyond the query.
        """
        words = _query_words(text)
        size = len(self._term_lengths)
        if not words or not size:
            return []
        total = np.zeros(size, dtype=np.float32)
        matched = np.zeros(size, dtype=np.float32)
        known, known_weight, all_weight = 0, 0.0, 0.0
        for word in words:
            column = self._column(word)
            hits = column > 0
            count = int(np.count_nonzero(hits))
            weight = float(np.log1p(size / max(1, count)))
            total += weight * column
            matched += hits
            all_weight += weight
            if count:
                known += 1
                known_weight += weight
        if not known:
            return []
        wanted = matched == known
        if not wanted.any():
            wanted = total >= _PARTIAL_LEAST * known_weight
        numbers = np.flatnonzero(wanted)
        named = np.minimum(1.0, matched[numbers] / self._term_lengths[numbers])
        scores = total[numbers] / all_weight * (1 - _TERM_SHARE + _TERM_SHARE * named)
        best = np.argsort(-scores, kind="stable")[:limit]
        return [Found(term=int(numbers[at]), score=float(scores[at])) for at in best]

    def _column(self, word: str) -> NDArray[np.float32]:
        """Return how well each term matches one word of a query, 0..1."""
        column = np.zeros(len(self._term_lengths), dtype=np.float32)
        if len(word) >= _PREFIX_LEAST and not word.isdecimal():
            low = bisect_left(self._words, word)
            high = bisect_left(self._words, word + "\U0010ffff")
            weights = _PREFIX_WEIGHT + _PREFIX_GAIN * len(word) / self._word_lengths[low:high]
            column[self._slice(low, high)] = np.repeat(weights, self._counts[low:high])
        for exact in {word, stem(word)}:
            at = bisect_left(self._words, exact)
            if at < len(self._words) and self._words[at] == exact:
                column[self._slice(at, at + 1)] = 1.0
        return column

    def _slice(self, low: int, high: int) -> NDArray[np.int32]:
        return self._terms[self._starts[low] : self._starts[high]]


def _query_words(text: str) -> list[str]:
    words = list(dict.fromkeys(fold(text).split()))
    return [word for word in words if word not in _IGNORED] or words


def _stems(folded: str, known: dict[str, str]) -> set[str]:
    words = set()
    for word in folded.split():
        short = known.get(word)
        if short is None:
            short = known[word] = stem(word)
        words.add(short)
    return words
