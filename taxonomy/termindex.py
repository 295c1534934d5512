"""An inverted index over the words of terms, for queries typed word by word.

Words are folded and stemmed; those of one beginning lie together, so that a cut word is one
slice of the postings. A word that no term has is read as a slip of the finger, or as an
abbreviation written together ("cdiff"). All arrays are flat and read-only after building.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxonomy.spelling import near
from taxonomy.words import fold, stem

_IGNORED = frozenset({
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with",
})  # fmt: skip
"""Words that a query may leave out or bring along without a difference."""
_SILENT = _IGNORED | {"nos", "organism", "site", "type", "unspecified"}
"""Words that do not make a term longer: a term with them says no more than one without."""
_NONESSENTIAL = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_PREFIX_LEAST = 2
_PREFIX_WEIGHT = 0.55
_PREFIX_GAIN = 0.4
_SLIP_SHARE = 0.8
"""A word read as a slip counts less than one typed right."""
_ASIDE_SHARE = 0.7
_JOINED_LEAST = 3
_TERM_SHARE = 0.35
_PARTIAL_LEAST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A term by its number, with a score in 0..1."""

    term: int
    score: float


class TermIndex:
    """Find terms by words in any order, whole or cut.

    `asides` are words that a term is found by too, but less, and that make it no longer: the
    non-essential modifiers of an index. One for each text, or none at all.
    """

    def __init__(self, texts: Sequence[str], asides: Sequence[str] = ()) -> None:
        stems: dict[str, str] = {}
        postings: dict[str, array[int]] = {}
        lengths = array("f")
        for number, text in enumerate(texts):
            folded = fold(text)
            words = _stems(folded, stems)
            # "arteries" is kept beside "artery", which a cut of it does not begin.
            cut = {word for word in folded.split() if not word.startswith(stems[word])}
            for word in words | cut:
                if word in postings:
                    postings[word].append(number)
                else:
                    postings[word] = array("i", (number,))
            essential = words
            if "(" in text or "[" in text:
                essential = _stems(fold(_NONESSENTIAL.sub(" ", text)), stems) or words
            lengths.append(max(1, len(essential - _SILENT)))
            if asides and asides[number]:
                for word in _stems(fold(asides[number]), stems) - words:
                    # The complement marks a word that stands aside.
                    postings.setdefault(word, array("i")).append(~number)
        self._words = sorted(postings)
        counts = [len(postings[word]) for word in self._words]
        self._counts = np.array(counts, dtype=np.int64)
        self._starts = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(self._counts)))
        joined = array("i")
        for word in self._words:
            joined.extend(postings[word])
        marked: NDArray[np.int32] = np.array(joined, dtype=np.int32)
        self._terms = np.where(marked < 0, ~marked, marked)
        self._shares = np.where(marked < 0, _ASIDE_SHARE, 1.0).astype(np.float32)
        self._word_lengths = np.array([len(word) for word in self._words], dtype=np.float32)
        self._term_lengths = np.array(lengths, dtype=np.float32)

    def find(self, text: str, *, limit: int) -> list[Found]:
        """Return the best terms for a query, best first, equal ones in the order given.

        Terms that match every word that any term has; where there is none, those that match at
        least half of these by weight. A word weighs the more the fewer terms it matches (inverse
        document frequency); a term scores the more the less it says beyond the query.
        """
        words = self._query_words(text)
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
        kept = np.arange(len(scores))
        if len(scores) > limit:  # sorting tens of thousands would cost more than finding them
            kept = np.flatnonzero(scores >= np.partition(scores, -limit)[-limit])
        best = kept[np.argsort(-scores[kept], kind="stable")[:limit]]
        return [Found(term=int(numbers[at]), score=float(scores[at])) for at in best]

    def _column(self, word: str) -> NDArray[np.float32]:
        """Return how well each term matches one word of a query, 0..1."""
        column = np.zeros(len(self._term_lengths), dtype=np.float32)
        if len(word) >= _PREFIX_LEAST and not word.isdecimal():
            self._mark(column, *self._range(word), self._begun(word, *self._range(word)))
        for exact in {word, stem(word)}:
            at = self._at(exact)
            if at >= 0:
                self._mark(column, at, at + 1, np.ones(1, dtype=np.float32))
        if not column.any():
            slices, whole = near(word, self._words)
            for low, high in slices:
                said = np.ones(high - low) if whole else self._begun(word, low, high)
                self._mark(column, low, high, _SLIP_SHARE * said)
        return column

    def _begun(self, word: str, low: int, high: int) -> NDArray[np.floating]:
        """Return how much a cut word says of each of the words it begins."""
        said = np.minimum(1.0, len(word) / self._word_lengths[low:high])
        weights: NDArray[np.floating] = _PREFIX_WEIGHT + _PREFIX_GAIN * said
        return weights

    def _mark(
        self, column: NDArray[np.float32], low: int, high: int, weights: NDArray[np.floating]
    ) -> None:
        """Give the terms of some words the weights of these words."""
        where = slice(int(self._starts[low]), int(self._starts[high]))
        column[self._terms[where]] = (
            np.repeat(weights, self._counts[low:high]) * self._shares[where]
        )

    def _range(self, word: str) -> tuple[int, int]:
        return bisect_left(self._words, word), bisect_left(self._words, word + "\U0010ffff")

    def _at(self, word: str) -> int:
        at = bisect_left(self._words, word)
        return at if at < len(self._words) and self._words[at] == word else -1

    def _query_words(self, text: str) -> list[str]:
        plain = _DOTTED.sub(lambda dotted: dotted.group().replace(".", "") + " ", text)
        parts = [part for word in fold(plain).split() for part in self._parts(word)]
        words = list(dict.fromkeys(parts))
        return [word for word in words if word not in _IGNORED] or words

    def _parts(self, word: str) -> tuple[str, ...]:
        """Return a word, or both of "cdiff" and "ecoli", which the terms write apart."""
        letter, rest = word[:1], word[1:]
        low, high = self._range(word)
        apart = (
            low == high
            and len(rest) >= _JOINED_LEAST
            and self._at(letter) >= 0
            and self._at(rest) >= 0
            and self._at(stem(word)) < 0
        )
        return (letter, rest) if apart else (word,)


def _stems(folded: str, known: dict[str, str]) -> set[str]:
    words = set()
    for word in folded.split():
        short = known.get(word)
        if short is None:
            short = known[word] = stem(word)
        words.add(short)
    return words
