"""Retrieve: from the words of a mention to at most ten codes, each with why it is there.

Three channels look independently: the dictionary (the same words in any order), lexical (BM25) and
dense (nearest neighbours of our own static embedding). Injury codes are searched without their 7th
character, which the context chooses afterwards. External-cause codes are found only by the
dictionary: near-matches of "fall" or "hit" would flood every list.

Public: `Retriever`, its `retrieve` for the stage and `lookup` for one phrase.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.model import Candidate, Channel, Encounter, Extraction, Progress, Report
from pipeline.retrieve.attributes import Side, seventh, side_of, title_side
from pipeline.retrieve.dense import DenseIndex, Embedder
from pipeline.retrieve.lexical import Lexical
from pipeline.retrieve.rank import Hit, Weights, features, is_external_cause
from pipeline.terms import LEARNED, LEXICON, Level, Terms
from pipeline.words import stems
from taxonomy import Taxonomy

__all__ = ["SHORTLIST", "Phrase", "Retriever", "Scored"]

SHORTLIST = 10
"""How many candidates go on: a verifier's precision falls with every distractor more."""

DenseRow = tuple[tuple[str, ...], tuple[str, ...]]
"""The stems of a text that has a vector, and the codes it stands for."""

_POOL = 60
_MOST_LEAVES = 40
_STRONG_LEXICAL = 0.6
_STRONG_DENSE = 0.7


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words of a mention and the sentence they stand in."""

    text: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """A base code with its features (`rank.FEATURES`) and score for one phrase."""

    hit: Hit
    features: tuple[float, ...]
    score: float


@dataclass(slots=True)
class Retriever:
    """The three channels over one set of terms; fixed after `load`."""

    taxonomy: Taxonomy
    terms: Terms
    lexical: Lexical
    embedder: Embedder
    dense: DenseIndex
    dense_codes: tuple[DenseRow, ...]
    weights: Weights
    _titles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _below: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def retrieve(
        self, encounter: Encounter, extraction: Extraction
    ) -> tuple[tuple[Candidate, ...], ...]:
        """Return the shortlist of each mention, in the order of the mentions."""
        phrases = [
            Phrase(encounter.quote(mention.span), encounter.quote(extraction.sentences[place].span))
            for mention, place in zip(extraction.mentions, extraction.places, strict=True)
        ]
        return tuple(self.candidates(phrases, SHORTLIST))

    def lookup(self, text: str, limit: int) -> tuple[Candidate, ...]:
        """Return the best codes for words without a chart around them."""
        return self.candidates([Phrase(text)], limit)[0]

    def candidates(self, phrases: Sequence[Phrase], limit: int) -> list[tuple[Candidate, ...]]:
        """Return the best codes of each phrase, best first, ties in tabular order."""
        return [
            tuple(self._candidate(scored, phrase) for scored in ranked[:limit])
            for phrase, ranked in zip(phrases, self.rank(phrases), strict=True)
        ]

    def rank(self, phrases: Sequence[Phrase]) -> list[list[Scored]]:
        """Return every code the channels found for each phrase, best first."""
        texts = list(dict.fromkeys(phrase.text for phrase in phrases))
        near = dict(zip(texts, self._near(texts), strict=True))
        return [self._rank(phrase, near[phrase.text]) for phrase in phrases]

    def _rank(self, phrase: Phrase, near: dict[str, Hit]) -> list[Scored]:
        mention = tuple(self.lexical.mend(word) for word in stems(phrase.text))
        side = side_of(phrase.text) or side_of(phrase.context)
        hits = self._to_leaves(near)
        for code in tuple(hits):
            self._add_siblings(hits, code, side)
        scored = []
        for hit in hits.values():
            found = self.taxonomy.get(hit.code)
            if found is None:
                continue
            values = features(
                hit,
                title=found.title,
                title_stems=self._title(hit.code, found.title),
                mention=mention,
                side=side,
                lexical=self.lexical,
                open_seventh=bool(self.taxonomy.seventh_characters(hit.code)),
            )
            scored.append(Scored(hit, values, round(self.weights.score(values), 4)))
        scored.sort(key=lambda s: (-s.score, self.taxonomy.order(s.hit.code)))
        return scored

    def _near(self, texts: Sequence[str]) -> Iterable[dict[str, Hit]]:
        """Yield what the channels found for each text, by base code."""
        if not texts:
            return
        ids, scores = self.dense.query(texts, _POOL)
        for text, near, cosines in zip(texts, ids.tolist(), scores.tolist(), strict=True):
            hits: dict[str, Hit] = {}
            self._from_dictionary(text, hits)
            self._from_words(text, hits)
            self._from_vectors(near, cosines, hits)
            yield hits

    def _from_dictionary(self, text: str, hits: dict[str, Hit]) -> None:
        for number in self.terms.lookup(text):
            entry = self.terms.entries[number]
            hit = hits.setdefault(entry.code, Hit(entry.code))
            if entry.source == LEARNED:
                hit.learned = max(hit.learned, entry.strength)
                hit.entry = hit.entry or self.terms.stems[number]
                continue
            if hit.level is None or entry.level < hit.level:
                hit.level, hit.entry = entry.level, self.terms.stems[number]
            hit.from_lexicon = hit.from_lexicon or entry.source == LEXICON

    def _from_words(self, text: str, hits: dict[str, Hit]) -> None:
        mended = tuple(self.lexical.mend(word) for word in stems(text))
        for number, score in self.lexical.search(mended, _POOL):
            code = self.terms.entries[number].code
            if is_external_cause(code) and code not in hits:
                continue
            hit = hits.setdefault(code, Hit(code))
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
            key, codes = self.dense_codes[number]
            for code in codes:
                if is_external_cause(code) and code not in hits:
                    continue
                hit = hits.setdefault(code, Hit(code, entry=key))
                hit.dense = max(hit.dense, round(cosine, 4))

    def _to_leaves(self, near: Mapping[str, Hit]) -> dict[str, Hit]:
        """Put the codes below a header in its place: a header is never reported (I.B.2)."""
        hits: dict[str, Hit] = {}
        for code, hit in near.items():
            for leaf in self._leaves(code):
                known = hits.get(leaf)
                if known is None or (hit.lexical, hit.dense) > (known.lexical, known.dense):
                    hits[leaf] = replace(hit, code=leaf)
        return hits

    def _leaves(self, code: str) -> tuple[str, ...]:
        """Return the nodes below a code that take no more than a 7th character, a few at most."""
        if code not in self._below:
            full = self.taxonomy.leaves(code) if code in self.taxonomy else ()
            self._below[code] = tuple(dict.fromkeys(map(self._base, full)))[:_MOST_LEAVES]
        return self._below[code]

    def _add_siblings(self, hits: dict[str, Hit], code: str, side: Side) -> None:
        """Let the sibling for the side the words name share what its sibling was found by."""
        found = self.taxonomy.get(code)
        if not side or found is None or found.parent is None:
            return
        if title_side(found.title) in {"", side.value}:
            return
        origin = hits[code]
        for name in self._sided(found.parent, side.value):
            sibling = hits.setdefault(name, Hit(name))
            if sibling.level is None or (origin.level is not None and origin.level < sibling.level):
                sibling.level, sibling.entry = origin.level, origin.entry
            sibling.learned = max(sibling.learned, origin.learned)
            sibling.from_lexicon = sibling.from_lexicon or origin.from_lexicon
            sibling.lexical = max(sibling.lexical, origin.lexical)
            sibling.dense = max(sibling.dense, origin.dense)

    def _sided(self, parent: str, side: str) -> tuple[str, ...]:
        """Return the children of a code whose titles name a side, 7th characters left off."""
        children = dict.fromkeys(self._base(child) for child in self.taxonomy.children(parent))
        return tuple(
            child
            for child in children
            if (found := self.taxonomy.get(child)) is not None and title_side(found.title) == side
        )

    def _base(self, code: str) -> str:
        found = self.taxonomy.get(code)
        return found.base if found else code

    def _title(self, code: str, title: str) -> tuple[str, ...]:
        if code not in self._titles:
            self._titles[code] = stems(title)
        return self._titles[code]

    def _candidate(self, scored: Scored, phrase: Phrase) -> Candidate:
        hit = scored.hit
        channels = tuple(
            channel
            for channel, there in (
                (Channel.DICTIONARY, hit.level is not None or bool(hit.learned)),
                (Channel.LEXICAL, hit.lexical >= _STRONG_LEXICAL),
                (Channel.DENSE, hit.dense >= _STRONG_DENSE),
            )
            if there
        ) or ((Channel.LEXICAL,) if hit.lexical else (Channel.DENSE,))
        reasons = []
        if hit.level is not None:
            reasons.append(f"term-{Level(hit.level).name.lower()}")
        if hit.learned:
            reasons.append(f"learned={hit.learned:.2f}")
        if hit.lexical:
            reasons.append(f"lexical={hit.lexical:.2f}")
        if hit.dense:
            reasons.append(f"dense={hit.dense:.2f}")
        code = self.complete(hit.code, phrase.context or phrase.text)
        return Candidate(code=code, score=scored.score, channels=channels, reasons=tuple(reasons))

    def complete(self, code: str, context: str) -> str:
        """Return the code with the 7th character its context supports, where it needs one."""
        characters = self.taxonomy.seventh_characters(code)
        found = self.taxonomy.get(code)
        if not characters or (found is not None and found.billable):
            return code
        return self.taxonomy.with_seventh(code, seventh(characters, context)) or code

    @classmethod
    def load(
        cls,
        taxonomy: Taxonomy,
        terms: Terms,
        *,
        models: Path,
        cache: Path,
        weights: Weights | None = None,
        report: Report | None = None,
    ) -> "Retriever":
        """Load the learned files from `models`, and build or load the vector index in `cache`.

        `weights` are those of the package unless others are given, as when they are fitted.

        Raises `PipelineError` where a learned file is missing or is not what its manifest says.
        """

        def step(stage: str, done: int, total: int) -> None:
            if report is not None:
                report(Progress(stage=stage, done=done, total=total))

        rows = _dense_rows(terms)
        embedder = Embedder.load(models / "embedding")
        return cls(
            taxonomy=taxonomy,
            terms=terms,
            lexical=Lexical.build(terms.stems),
            embedder=embedder,
            dense=DenseIndex.open(list(rows), embedder, cache / "dense.hnsw", report=step),
            dense_codes=tuple(rows.values()),
            weights=weights or Weights.read(),
        )

    def over(self, taxonomy: Taxonomy, terms: Terms) -> "Retriever":
        """Return the channels over another release, which share the vectors of this one.

        Nearly all texts of two releases are the same: only those this one lacks get vectors, and
        those the other lacks lead to no code.
        """
        here, there = _dense_rows(self.terms), _dense_rows(terms)
        new = [text for text in there if text not in here]
        gone: DenseRow = ((), ())
        return replace(
            self,
            taxonomy=taxonomy,
            terms=terms,
            lexical=Lexical.build(terms.stems),
            dense=self.dense.extended(new, first=len(here)),
            dense_codes=tuple(there.get(text, gone) for text in (*here, *new)),
            _titles={},
            _below={},
        )


def _dense_rows(terms: Terms) -> dict[str, DenseRow]:
    """Return the texts that have a vector, in the order of their rows."""
    codes: dict[str, dict[str, None]] = {}
    keys: dict[str, tuple[str, ...]] = {}
    for entry, key in zip(terms.entries, terms.stems, strict=True):
        if entry.level is not Level.DEFAULT and entry.source != LEARNED:
            codes.setdefault(entry.text, {})[entry.code] = None
            keys[entry.text] = key
    return {text: (keys[text], tuple(found)) for text, found in codes.items()}
