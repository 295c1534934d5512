"""Retrieve: from the words of a mention to at most ten codes, each with why it is there.

Three channels look independently (`channels`): the dictionary (the same words in any order),
lexical (BM25) and dense (nearest neighbours of our own static embedding). What they find are nodes
of the classification; they are put in order (`rank`) before each is completed to a code that can be
reported: a header gives way to its default code, a code that needs one gets the 7th character its
context supports.

Public: `Retriever`, its `retrieve` for the stage and `lookup` for one phrase.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.model import (
    Candidate,
    Channel,
    Encounter,
    Extraction,
    Finder,
    Progress,
    Report,
    Scope,
)
from pipeline.retrieve.attributes import Side, seventh, side_of, told_side
from pipeline.retrieve.channels import Channels, dense_rows, lexical_of
from pipeline.retrieve.dense import DenseIndex, Embedder
from pipeline.retrieve.nodes import Facts, Hit
from pipeline.retrieve.rank import (
    WORTH,
    Matrix,
    Row,
    Weights,
    features,
    in_context,
    rest_of_titles,
    worth,
)
from pipeline.terms import LEARNED, Level, Terms
from pipeline.words import stems
from taxonomy import Taxonomy

__all__ = ["SHORTLIST", "Phrase", "Retriever", "Scored"]

SHORTLIST = 10
"""How many candidates go on: a verifier's precision falls with every distractor more."""

_STRONG_LEXICAL = 0.6
_STRONG_DENSE = 0.7
_LAST = -30.0
_WEIGHED = 12
_REMEMBERED = 3_000


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words of a mention, the sentence they stand in, and how they were found there.

    Words are `meant` where a person searches for them, and where another stage decides whether they
    are coded at all: then the score says how well a code matches, not whether it would be coded.
    Without a `side` it is what the words, or else the sentence, name.
    """

    text: str
    context: str = ""
    finders: Finder = Finder.RECOGNISED
    meant: bool = True
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A node for one phrase: what orders it (`rank.FEATURES`), its worth and its score.

    Far down the list worth is not weighed; the score there is that of the last one that was.
    """

    hit: Hit
    features: Row
    worth: tuple[float, ...]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """The candidates of some words on one side of the body, whatever sentence they stand in."""

    hits: tuple[Hit, ...]
    facts: tuple[Facts, ...]
    rest: list[tuple[str, ...]]
    rows: Matrix
    words: int


@dataclass(slots=True)
class Retriever:
    """The channels and the order over one set of terms; fixed after `load`."""

    taxonomy: Taxonomy
    channels: Channels
    weights: Weights
    seen: Mapping[str, float]
    scope: Scope = Scope.REPORTABLE
    _facts: dict[str, Facts] = field(default_factory=dict)
    _leaf: dict[str, str | None] = field(default_factory=dict)
    _needed: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _remembered: OrderedDict[tuple[str, Side], _Field] = field(default_factory=OrderedDict)

    @property
    def dense(self) -> DenseIndex:
        """The vector index, whose digest is part of the provenance."""
        return self.channels.dense

    def retrieve(
        self, encounter: Encounter, extraction: Extraction
    ) -> tuple[tuple[Candidate, ...], ...]:
        """Return the shortlist of each mention, in the order of the mentions."""
        return tuple(self.candidates(self.phrases(encounter, extraction), SHORTLIST))

    def phrases(self, encounter: Encounter, extraction: Extraction) -> list[Phrase]:
        """Return what is looked up for each mention."""
        return [
            Phrase(
                words or encounter.quote(mention.span),
                encounter.quote(extraction.sentences[place].span),
                finders,
                meant=self.scope is Scope.REPORTABLE,
                side=told_side(mention.attributes),
            )
            for mention, place, finders, words in zip(
                extraction.mentions,
                extraction.places,
                extraction.finders,
                extraction.phrases,
                strict=True,
            )
        ]

    def lookup(self, text: str, limit: int) -> tuple[Candidate, ...]:
        """Return the best nodes for words without a chart around them, headers among them."""
        phrase = Phrase(text)
        return tuple(
            _candidate(one, self.seventh(one.hit.code, text))
            for one in self.rank([phrase])[0][:limit]
        )

    def candidates(self, phrases: Sequence[Phrase], limit: int) -> list[tuple[Candidate, ...]]:
        """Return the best codes of each phrase, best first, ties in tabular order."""
        shortlists = []
        for phrase, ranked in zip(phrases, self.rank(phrases), strict=True):
            found: dict[str, Candidate] = {}
            for one in ranked:
                code = self.complete(one.hit.code, phrase.context or phrase.text)
                if code is not None and code not in found:
                    found[code] = (
                        _candidate(one, code) if found else _first(one, code, phrase.finders)
                    )
                if len(found) == limit:
                    break
            shortlists.append(tuple(found.values()))
        return shortlists

    def rank(self, phrases: Sequence[Phrase]) -> list[list[Scored]]:
        """Return the nodes the channels found for each phrase, best first."""
        keys = [(one.text, _side(one)) for one in phrases]
        fields = self._fields(keys)
        contexts = {text: frozenset(stems(text)) for text in {one.context for one in phrases}}
        return [
            self._rank(phrase, fields[key], contexts[phrase.context])
            for phrase, key in zip(phrases, keys, strict=True)
        ]

    def _fields(self, keys: Sequence[tuple[str, Side]]) -> dict[tuple[str, Side], _Field]:
        """Return the field of each text and side; the last few thousand are remembered.

        The same words come again from note to note, and their field is always the same.
        """
        fields: dict[tuple[str, Side], _Field] = {}
        for key in keys:
            if key in self._remembered:
                self._remembered.move_to_end(key)
                fields[key] = self._remembered[key]
        fresh = [key for key in dict.fromkeys(keys) if key not in fields]
        texts = list(dict.fromkeys(text for text, _ in fresh))
        near = dict(zip(texts, self.channels.near(texts), strict=True))
        for text, side in fresh:
            field_ = self._field(text, side, near[text])
            fields[text, side] = self._remembered[text, side] = field_
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return fields

    def _field(self, text: str, side: Side, near: dict[str, Hit]) -> _Field:
        mention = tuple(self.channels.lexical.mend(word) for word in stems(text))
        hits, facts = [], []
        for hit in self.channels.widen(near, side):
            fact = self._facts_of(hit.code)
            if fact is not None:
                hits.append(hit)
                facts.append(fact)
        lexical = self.channels.lexical
        return _Field(
            hits=tuple(hits),
            facts=tuple(facts),
            rest=rest_of_titles(facts, mention),
            rows=features(hits, facts, mention=mention, side=side, lexical=lexical),
            words=len(mention),
        )

    def _rank(self, phrase: Phrase, found: _Field, context: frozenset[str]) -> list[Scored]:
        hits, facts = found.hits, found.facts
        rows = in_context(found.rows, found.rest, context, self.channels.lexical)
        places = self.weights.places(rows).round(4).tolist()
        ranked = sorted(range(len(hits)), key=lambda n: (-places[n], facts[n].place))
        best = [*(places[n] for n in ranked[:2]), _LAST, _LAST]
        scored: list[Scored] = []
        for number in ranked:
            value: tuple[float, ...] = ()
            score = scored[-1].score if scored else 1.0
            if len(scored) < _WEIGHED:
                value = worth(
                    hits[number],
                    facts[number],
                    order=places[number],
                    lead=places[number] - best[0 if scored else 1],
                    words=found.words,
                    finders=phrase.finders,
                )
                score = min(score, round(self.weights.score(value, meant=phrase.meant), 4))
            scored.append(Scored(hits[number], rows[number], value, score))
        return scored

    def _facts_of(self, code: str) -> Facts | None:
        known = self._facts.get(code)
        if known is None:
            found = self.taxonomy.get(code)
            if found is None:
                return None
            needs_seventh = bool(self.taxonomy.seventh_characters(code))
            known = Facts.of(
                found.title,
                stems(found.title),
                needs_seventh=needs_seventh,
                header=not found.billable and not needs_seventh,
                seen=self.seen.get(code, 0.0),
                place=self.taxonomy.order(code),
            )
            self._facts[code] = known
        return known

    def complete(self, code: str, context: str) -> str | None:
        """Return the code to report for a node: its default leaf, with the 7th character needed.

        None where a header has no default code: nothing can be reported for it (I.B.2).
        """
        if code not in self._leaf:
            self._leaf[code] = self._reported(code)
        leaf = self._leaf[code]
        return None if leaf is None else self.seventh(leaf, context)

    def _reported(self, code: str) -> str | None:
        """Return the code to report for a node, its 7th character left off."""
        found = self.taxonomy.get(code)
        if found is not None and not found.billable and not self.taxonomy.seventh_characters(code):
            leaf = self.taxonomy.default_leaf(code)
            found = self.taxonomy.get(leaf) if leaf else None
            code = found.base if found else code
        return None if found is None else code

    def seventh(self, code: str, context: str) -> str:
        """Return the code with the 7th character its context supports, where it needs one."""
        characters = self._needed.get(code)
        if characters is None:
            found = self.taxonomy.get(code)
            billable = found is not None and found.billable
            characters = {} if billable else dict(self.taxonomy.seventh_characters(code))
            self._needed[code] = characters
        if not characters:
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
        scope: Scope = Scope.REPORTABLE,
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

        rows = dense_rows(terms)
        embedder = Embedder.load(models / "embedding")
        channels = Channels(
            taxonomy=taxonomy,
            terms=terms,
            lexical=lexical_of(terms),
            dense=DenseIndex.open(list(rows), embedder, cache / "dense.hnsw", report=step),
            rows=tuple(rows.values()),
        )
        return cls(taxonomy, channels, weights or Weights.read(), _seen(terms), scope)

    def over(self, taxonomy: Taxonomy, terms: Terms) -> "Retriever":
        """Return the channels over another release, which share the vectors of this one."""
        channels = self.channels.over(taxonomy, terms)
        return Retriever(taxonomy, channels, self.weights, _seen(terms), self.scope)


def _side(phrase: Phrase) -> Side:
    """Return the side that decides between the codes of a phrase."""
    if phrase.side is not None:
        return phrase.side
    return side_of(phrase.text) or side_of(phrase.context)


def _seen(terms: Terms) -> dict[str, float]:
    """Return how many mentions of coded notes had each code."""
    seen: dict[str, float] = defaultdict(float)
    for entry in terms.entries:
        if entry.source == LEARNED:
            seen[entry.code] += entry.strength * (entry.seen + 1)
    return dict(seen)


def _candidate(scored: Scored, code: str) -> Candidate:
    """Return a candidate with the channels that found it and their measures as reasons."""
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
    if hit.from_lexicon:
        reasons.append("lexicon")
    if hit.learned:
        reasons.append(f"learned={hit.learned:.2f}")
        reasons.append(f"coded={hit.rate:.2f}")
        reasons.append(f"seen={hit.seen}")
    if hit.lexical:
        reasons.append(f"lexical={hit.lexical:.2f}")
    if hit.dense:
        reasons.append(f"dense={hit.dense:.2f}")
    return Candidate(code=code, score=scored.score, channels=channels, reasons=tuple(reasons))


def _first(scored: Scored, code: str, finders: Finder) -> Candidate:
    """Return the best candidate of a mention, with what its confidence asks besides."""
    found = _candidate(scored, code)
    if not scored.worth:
        return found
    told = dict(zip(WORTH, scored.worth, strict=True))
    names = "+".join(one.name.lower() for one in finders if one.name)
    reasons = [f"{name}={told[name]:.2f}" for name in ("order", "lead", "common")]
    reasons += [f"found={names}"] if names else []
    reasons += ["header"] if told["header"] else []
    return replace(found, reasons=(*found.reasons, *reasons))
