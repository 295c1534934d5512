"""Retrieve: from the words of a mention to at most ten codes, each with why it is there.

Three channels look independently (`channels`): the dictionary (the same words in any order),
lexical (BM25) and dense (nearest neighbours of our own static embedding). What they find are nodes
of the classification; they are put in order (`rank`) before each is completed to a code that can be
reported: a header gives way to its default code, a code that needs one gets the 7th character its
context supports.

Public: `Retriever`, its `retrieve` for the stage and `lookup` for one phrase.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.model import (
    Candidate,
    Encounter,
    Extraction,
    Finder,
    Progress,
    Report,
    Scope,
)
from pipeline.retrieve.attributes import Side, seventh, side_of, told_side
from pipeline.retrieve.candidates import Scored, candidate, first
from pipeline.retrieve.channels import Channels, dense_rows, lexical_of
from pipeline.retrieve.dense import DenseIndex, Embedder
from pipeline.retrieve.nodes import Facts, Hit
from pipeline.retrieve.rank import (
    Matrix,
    Weights,
    features,
    in_context,
    rest_of_titles,
    worth,
)
from pipeline.terms import LEARNED, Terms
from pipeline.words import stems
from taxonomy import Taxonomy

__all__ = ["SHORTLIST", "Phrase", "Retriever", "Scored"]

SHORTLIST = 10
"""How many candidates go on: a verifier's precision falls with every distractor more."""

_LAST = -30.0
_WEIGHED = 12
_REMEMBERED = 3_000
_SHORTLISTS = 8


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """The candidates of some words on one side of the body, whatever sentence they stand in.

    All that a sentence adds is which of the words in `telling`, the `rest` of all titles, it has,
    and which of each kind of 7th characters in `sevenths` it supports. `shortlists` are remembered
    by that and by how the words were found.
    """

    hits: tuple[Hit, ...]
    facts: tuple[Facts, ...]
    rest: list[tuple[str, ...]]
    rows: Matrix
    words: int
    telling: frozenset[str]
    sevenths: tuple[Mapping[str, str], ...]
    shortlists: dict[Hashable, tuple[Candidate, ...]] = field(default_factory=dict)


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
            candidate(one, self.seventh(one.hit.code, text))
            for one in self.rank([phrase])[0][:limit]
        )

    def candidates(self, phrases: Sequence[Phrase], limit: int) -> list[tuple[Candidate, ...]]:
        """Return the best codes of each phrase, best first, ties in tabular order."""
        return [self._shortlist(*one, limit) for one in self._found(phrases)]

    def rank(self, phrases: Sequence[Phrase]) -> list[list[Scored]]:
        """Return the nodes the channels found for each phrase, best first."""
        return [list(self._rank(*one)) for one in self._found(phrases)]

    def _found(self, phrases: Sequence[Phrase]) -> list[tuple[Phrase, _Field, frozenset[str]]]:
        """Return each phrase with the candidates of its words and the stems of its sentence."""
        keys = [(one.text, _side(one)) for one in phrases]
        fields = self._fields(keys)
        contexts = {text: frozenset(stems(text)) for text in {one.context for one in phrases}}
        return [
            (phrase, fields[key], contexts[phrase.context])
            for phrase, key in zip(phrases, keys, strict=True)
        ]

    def _shortlist(
        self, phrase: Phrase, found: _Field, context: frozenset[str], limit: int
    ) -> tuple[Candidate, ...]:
        """Return the best codes of a phrase; the last few of a field are remembered."""
        words = phrase.context or phrase.text
        chosen = tuple(seventh(characters, words) for characters in found.sevenths)
        key = (limit, phrase.finders, phrase.meant, found.telling & context, chosen)
        known = found.shortlists.get(key)
        if known is None:
            shortlist: dict[str, Candidate] = {}
            for one in self._rank(phrase, found, context):
                code = self.complete(one.hit.code, words)
                if code is not None and code not in shortlist:
                    shortlist[code] = (
                        candidate(one, code) if shortlist else first(one, code, phrase.finders)
                    )
                if len(shortlist) == limit:
                    break
            known = tuple(shortlist.values())
            if len(found.shortlists) == _SHORTLISTS:
                found.shortlists.clear()
            found.shortlists[key] = known
        return known

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
        rest = rest_of_titles(facts, mention)
        return _Field(
            hits=tuple(hits),
            facts=tuple(facts),
            rest=rest,
            rows=features(hits, facts, mention=mention, side=side, lexical=lexical),
            words=len(mention),
            telling=frozenset().union(*rest),
            sevenths=self._sevenths(hits, facts),
        )

    def _sevenths(
        self, hits: Sequence[Hit], facts: Sequence[Facts]
    ) -> tuple[Mapping[str, str], ...]:
        """Return the different sets of 7th characters that the codes to report may take."""
        found: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
        for hit, fact in zip(hits, facts, strict=True):
            if fact.header or fact.needs_seventh:
                leaf = self._leaf_of(hit.code)
                characters = {} if leaf is None else self._characters(leaf)
                if characters:
                    found[tuple(characters.items())] = characters
        return tuple(found.values())

    def _rank(self, phrase: Phrase, found: _Field, context: frozenset[str]) -> Iterator[Scored]:
        hits, facts = found.hits, found.facts
        rows = in_context(found.rows, found.rest, context, self.channels.lexical)
        places = self.weights.places(rows).round(4).tolist()
        ranked = sorted(range(len(hits)), key=lambda n: (-places[n], facts[n].place))
        best = [*(places[n] for n in ranked[:2]), _LAST, _LAST]
        score = 1.0
        for rank, number in enumerate(ranked):
            value: tuple[float, ...] = ()
            if rank < _WEIGHED:
                value = worth(
                    hits[number],
                    facts[number],
                    order=places[number],
                    lead=places[number] - best[0 if rank else 1],
                    words=found.words,
                    finders=phrase.finders,
                )
                score = min(score, round(self.weights.score(value, meant=phrase.meant), 4))
            yield Scored(hits[number], rows[number], value, score)

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
        leaf = self._leaf_of(code)
        return None if leaf is None else self.seventh(leaf, context)

    def _leaf_of(self, code: str) -> str | None:
        if code not in self._leaf:
            self._leaf[code] = self._reported(code)
        return self._leaf[code]

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
        characters = self._characters(code)
        if not characters:
            return code
        return self.taxonomy.with_seventh(code, seventh(characters, context)) or code

    def _characters(self, code: str) -> Mapping[str, str]:
        """Return the 7th characters of which a code needs one, with their meanings."""
        characters = self._needed.get(code)
        if characters is None:
            found = self.taxonomy.get(code)
            billable = found is not None and found.billable
            characters = {} if billable else dict(self.taxonomy.seventh_characters(code))
            self._needed[code] = characters
        return characters

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
