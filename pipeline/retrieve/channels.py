"""The three channels: what the dictionary, BM25 and the nearest vectors say of one phrase.

Injury codes are searched without their 7th character, which the context chooses afterwards.
External-cause codes are found only by the dictionary: near-matches of "fall" or "hit" would flood
every list. A header found is kept, and every code below it shares what it was found by.
"""

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.retrieve.attributes import Side, title_side
from pipeline.retrieve.dense import DenseIndex
from pipeline.retrieve.lexical import Lexical
from pipeline.retrieve.nodes import Hit, is_external_cause
from pipeline.terms import LEARNED, LEXICON, Level, Terms
from pipeline.words import stems
from taxonomy import Taxonomy

POOL = 24
"""How many entries each channel looks at.

With 40 entries, 32 nodes and 40 candidates a mention took twice the time, and its code was no more
often the first or among the first ten on CodiEsp dev.
"""

_MOST_LEAVES = 40
_MOST_FOUND = 16
_MOST_HITS = 28
_VOTE = 0.07

Row = tuple[tuple[str, ...], tuple[str, ...]]
"""The stems of a text that has a vector, and the codes it stands for."""


@dataclass(slots=True)
class Channels:
    """Look-ups over one set of terms; fixed after they are made, but for what they remember."""

    taxonomy: Taxonomy
    terms: Terms
    lexical: Lexical
    dense: DenseIndex
    rows: tuple[Row, ...]
    _below: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _siblings: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def over(self, taxonomy: Taxonomy, terms: Terms) -> "Channels":
        """Return the channels over another release, which share the vectors of this one.

        Nearly all texts of two releases are the same: only those this one lacks get vectors, and
        those the other lacks lead to no code.
        """
        here, there = dense_rows(self.terms), dense_rows(terms)
        new = [text for text in there if text not in here]
        gone: Row = ((), ())
        return Channels(
            taxonomy=taxonomy,
            terms=terms,
            lexical=lexical_of(terms),
            dense=self.dense.extended(new, first=len(here)),
            rows=tuple(there.get(text, gone) for text in (*here, *new)),
        )

    def near(self, texts: Sequence[str]) -> Iterator[dict[str, Hit]]:
        """Yield what the channels found for each text, by base code."""
        if not texts:
            return
        ids, scores = self.dense.query(texts, POOL)
        for text, near, cosines in zip(texts, ids.tolist(), scores.tolist(), strict=True):
            hits: dict[str, Hit] = {}
            self._from_dictionary(text, hits)
            self._from_words(text, hits)
            self._from_vectors(near, cosines, hits)
            yield hits

    def widen(self, near: Mapping[str, Hit], side: Side) -> list[Hit]:
        """Return the most promising nodes: those found, those below them, siblings of the side."""
        hits: dict[str, Hit] = {}
        best = heapq.nlargest(_MOST_FOUND, near.values(), key=Hit.promise)
        for hit in best:
            for leaf in (hit.code, *self._leaves(hit.code)):
                # The first is the most promising, and a node found by itself is worth its own.
                if leaf not in hits:
                    # Copies: the next phrase of the same words may name another side.
                    hits[leaf] = near.get(leaf, hit).under(leaf)
        if side:
            for code in tuple(hits):
                self._add_siblings(hits, code, side)
        return heapq.nlargest(_MOST_HITS, hits.values(), key=Hit.promise)

    def _from_dictionary(self, text: str, hits: dict[str, Hit]) -> None:
        for number in self.terms.lookup(text):
            entry = self.terms.entries[number]
            hit = hits.setdefault(entry.code, Hit(entry.code))
            if entry.source == LEARNED:
                hit.learned = max(hit.learned, entry.strength)
                hit.rate = max(hit.rate, entry.rate)
                hit.seen = max(hit.seen, entry.seen)
                hit.entry = hit.entry or self.terms.stems[number]
                continue
            if hit.level is None or entry.level < hit.level:
                hit.level, hit.entry = entry.level, self.terms.stems[number]
            hit.from_lexicon = hit.from_lexicon or entry.source == LEXICON
            if entry.caps:  # not in the other channels, where it would be as near as can be
                hit.lexical = hit.dense = hit.vote = 1.0

    def _from_words(self, text: str, hits: dict[str, Hit]) -> None:
        mended = tuple(self.lexical.mend(word) for word in stems(text))
        for number, score in self.lexical.search(mended, POOL):
            code = self.terms.entries[number].code
            hit = hits.get(code)
            if hit is None:
                if is_external_cause(code):
                    continue
                hit = hits[code] = Hit(code)
            if score > hit.lexical:
                hit.lexical = round(score, 4)
                if hit.level is None:
                    hit.entry = self.terms.stems[number]

    def _from_vectors(
        self, near: Sequence[int], cosines: Sequence[float], hits: dict[str, Hit]
    ) -> None:
        for number, cosine in zip(near, cosines, strict=True):
            if number < 0:  # a phrase of unknown words only has no vector
                continue
            key, codes = self.rows[number]
            dense, vote = round(cosine, 4), math.exp((cosine - 1) / _VOTE)
            for code in codes:
                hit = hits.get(code)
                if hit is None:
                    if is_external_cause(code):
                        continue
                    hit = hits[code] = Hit(code, entry=key)
                hit.dense = max(hit.dense, dense)
                hit.vote = round(hit.vote + vote, 6)

    def _leaves(self, code: str) -> tuple[str, ...]:
        """Return the nodes below a code that take no more than a 7th character, a few at most."""
        if code not in self._below:
            full = self.taxonomy.leaves(code) if code in self.taxonomy else ()
            leaves = dict.fromkeys(map(self._base, full))
            leaves.pop(code, None)
            self._below[code] = tuple(leaves)[:_MOST_LEAVES]
        return self._below[code]

    def _add_siblings(self, hits: dict[str, Hit], code: str, side: Side) -> None:
        """Let the sibling for the side the words name share what its sibling was found by."""
        names = self._sided(code, side.value)
        if not names:
            return
        origin = hits[code]
        for name in names:
            sibling = hits.setdefault(name, Hit(name))
            if sibling.level is None or (origin.level is not None and origin.level < sibling.level):
                sibling.level, sibling.entry = origin.level, origin.entry
            sibling.from_lexicon = sibling.from_lexicon or origin.from_lexicon
            for channel in ("learned", "rate", "seen", "lexical", "dense", "vote"):
                best = max(getattr(sibling, channel), getattr(origin, channel))
                setattr(sibling, channel, best)

    def _sided(self, code: str, side: str) -> tuple[str, ...]:
        """Return the siblings of a code of another side whose titles name this one.

        7th characters are left off; nothing where the title of the code has no side.
        """
        known = self._siblings.get((code, side))
        if known is None:
            known = ()
            found = self.taxonomy.get(code)
            if found and found.parent and title_side(found.title) not in {"", side}:
                children = map(self._base, self.taxonomy.children(found.parent))
                known = tuple(
                    child
                    for child in dict.fromkeys(children)
                    if (one := self.taxonomy.get(child)) and title_side(one.title) == side
                )
            self._siblings[code, side] = known
        return known

    def _base(self, code: str) -> str:
        found = self.taxonomy.get(code)
        return found.base if found else code


def dense_rows(terms: Terms) -> dict[str, Row]:
    """Return the texts that have a vector, in the order of their rows.

    A phrase shortened to its default is left to the dictionary, and so is what counts only as it is
    written.
    """
    codes: dict[str, dict[str, None]] = {}
    keys: dict[str, tuple[str, ...]] = {}
    for entry, key in zip(terms.entries, terms.stems, strict=True):
        if not entry.caps and (entry.level is not Level.DEFAULT or entry.source == LEARNED):
            codes.setdefault(entry.text, {})[entry.code] = None
            keys[entry.text] = key
    return {text: (keys[text], tuple(found)) for text, found in codes.items()}


def lexical_of(terms: Terms) -> Lexical:
    """Index the words of all entries but those that count only as they are written."""
    return Lexical.build(
        [() if e.caps else key for e, key in zip(terms.entries, terms.stems, strict=True)]
    )
