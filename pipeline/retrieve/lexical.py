"""Words in common: BM25 over all phrases, with words misspelt in a note mended first.

Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) with k1 = 1.2 and
b = 0.5. A score is given as a share of what the phrase itself would reach if it were an entry, so
it lies in 0..1 whatever the length of the phrase. Words of a note that no entry holds are replaced
by the nearest word that one does hold (rapidfuzz, the same first letter, at most one edit in eight
letters).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

_K1 = 1.2
_B = 0.5
_MIN_FUZZY = 6
_LETTERS_PER_EDIT = 8


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a word occurs: entry numbers and the weight it has there."""

    entries: NDArray[np.int32]
    weights: NDArray[np.float32]


@dataclass(slots=True)
class Lexical:
    """The inverted index over the stems of all entries; fixed after `build`."""

    postings: dict[str, Postings]
    idf: dict[str, float]
    vocabulary: Mapping[str, tuple[str, ...]]
    rarest: float
    _mended: dict[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, stems: Sequence[tuple[str, ...]]) -> "Lexical":
        """Index the stems of the entries, entry by entry."""
        lengths = np.array([max(len(key), 1) for key in stems], dtype=np.float32)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        where: dict[str, list[int]] = defaultdict(list)
        for number, key in enumerate(stems):
            for word in set(key):
                where[word].append(number)
        norm = _K1 * (1 - _B + _B * lengths / mean)
        postings: dict[str, Postings] = {}
        idf: dict[str, float] = {}
        for word, numbers in where.items():
            ids = np.array(numbers, dtype=np.int32)
            rarity = float(np.log(1 + (len(stems) - len(ids) + 0.5) / (len(ids) + 0.5)))
            idf[word] = rarity
            weights = rarity * (_K1 + 1) / (1 + norm[ids])
            postings[word] = Postings(ids, weights.astype(np.float32))
        return cls(
            postings,
            idf,
            {
                first: tuple(sorted(w for w in where if w[0] == first and len(w) >= _MIN_FUZZY))
                for first in {w[0] for w in where}
            },
            rarest=float(np.log(1 + (len(stems) + 0.5) / 0.5)),
        )

    def mend(self, word: str) -> str:
        """Return the word, or the one that entries hold and that it most likely misspells."""
        if word in self.postings or len(word) < _MIN_FUZZY or word.isdigit():
            return word
        if word not in self._mended:
            best = process.extractOne(
                word,
                self.vocabulary.get(word[0], ()),
                scorer=DamerauLevenshtein.distance,
                score_cutoff=max(1, len(word) // _LETTERS_PER_EDIT),
            )
            self._mended[word] = best[0] if best else word
        return self._mended[word]

    def weight(self, word: str) -> float:
        """Return how telling a word is; a word of no entry is as telling as the rarest."""
        return self.idf.get(word, self.rarest)

    def search(self, stems: Sequence[str], limit: int) -> list[tuple[int, float]]:
        """Return the best entries with their score in 0..1, best first, ties by entry number."""
        found = [self.postings[word] for word in dict.fromkeys(stems) if word in self.postings]
        ideal = sum(self.weight(word) for word in set(stems))
        if not found or not ideal:
            return []
        hits, scores = _sums(found)
        if len(hits) > limit:
            threshold = np.partition(scores, len(hits) - limit)[len(hits) - limit]
            best = scores >= threshold
            hits, scores = hits[best], scores[best]
        order = np.lexsort((hits, -scores))[:limit]
        ranked = zip(hits[order].tolist(), scores[order].tolist(), strict=True)
        return [(number, min(1.0, score / ideal)) for number, score in ranked]


def _sums(found: Sequence[Postings]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the entries of some words in order, and what their weights add up to."""
    if len(found) == 1:
        return found[0].entries, found[0].weights.astype(np.float64)
    entries = np.concatenate([one.entries for one in found])
    weights = np.concatenate([one.weights for one in found])
    order = np.argsort(entries, kind="stable")  # the weights of an entry stay in the order of words
    entries = entries[order]
    fresh = np.concatenate(([True], entries[1:] != entries[:-1]))
    sums: NDArray[np.float64] = np.bincount(np.cumsum(fresh) - 1, weights[order]).astype(np.float64)
    return entries[fresh], sums
