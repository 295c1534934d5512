"""From a coded note to broken ones: which statements carry a code, and how each probe breaks them.

A code is carried by every sentence that holds its gold evidence, a mention our result gave it, or a
mention read as a code of the same category: all of them are broken, else the code may rightly stay.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.gold import GoldDocument
from app.probes.details import SWAPS, Siblings, exchanged, mirrored, sides
from app.probes.edits import Edit, apply
from app.probes.sentences import IN_PLACE, MOVED, Kind, fill, phrase
from pipeline.extract.document import sentences
from pipeline.extract.sections import Headings
from pipeline.model import CodingResult, Encounter, EvidenceSpan, Scope
from resources import read_json
from taxonomy import Taxonomy

_MARK = re.compile(r"\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+")
_MOVED_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One question: an encounter broken on purpose and what must become of a code.

    `written` are the ranges of the new words; `expected` is empty where the code must vanish, else
    holds the codes of which one must take its place.
    """

    kind: Kind
    code: str
    document: str
    encounter: Encounter
    written: tuple[EvidenceSpan, ...]
    words: str
    expected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Carrier:
    """A sentence that carries a code, its heading and bullet left out; `phrase` may be absent.

    `of_another` says that it holds no evidence of the code itself, only of one of its category.
    """

    span: EvidenceSpan
    phrase: str | None
    of_another: bool


class Breaker:
    """Breaks coded notes; the same seed breaks the same notes in the same way."""

    def __init__(self, taxonomy: Taxonomy, *, scope: Scope, seed: int) -> None:
        """Prepare what all notes share."""
        self._taxonomy = taxonomy
        self._scope = scope
        self._seed = seed
        self._headings = Headings.read()
        self._siblings = Siblings(taxonomy)
        self._lasting: tuple[str, ...] = tuple(read_json("rules/management.json")["lasting"])

    def of(self, document: GoldDocument, result: CodingResult) -> Iterator[Broken]:
        """Yield every probe of the gold codes that the unbroken note was given."""
        suggested = {suggestion.code for suggestion in result.suggestions}
        for code in sorted(suggested & set(document.codes)):
            carriers = self._carriers(document, result, code)
            if not carriers:
                continue
            for kind in Kind:
                name = f"{document.encounter.encounter_id}#{code}-{kind}"
                draw = random.Random(f"{self._seed}:{name}")
                question = self._break(document, code, carriers, kind, draw, suggested)
                if question is None:
                    continue
                edits, expected = question
                broken, written = apply(document.encounter, edits, name=name)
                yield Broken(
                    kind=kind,
                    code=code,
                    document=document.encounter.encounter_id,
                    encounter=broken,
                    written=written,
                    words=" / ".join(e.words.strip() for e in edits if e.words.strip()),
                    expected=expected,
                )

    def _carriers(
        self, document: GoldDocument, result: CodingResult, code: str
    ) -> tuple[Carrier, ...]:
        """Return the sentences that carry a code, with words of our evidence where they fit."""
        ours = [m.span for s in result.suggestions if s.code == code for m in s.evidence]
        alike = [t.mention.span for t in result.traces if t.code[:3] == code[:3]]
        own = {*ours, *document.codes[code]}
        spans = [*ours, *document.codes[code], *alike]
        found = []
        for note in document.encounter.notes:
            bodies = [section.body for section in self._headings.split(note.text)]
            for low, high in sentences(note.text):
                inside = [
                    s for s in spans if s.note_id == note.note_id and s.start < high and low < s.end
                ]
                if not inside:
                    continue
                begin = max([low, *(body for body in bodies if low < body <= high)])
                if mark := _MARK.match(note.text, begin, high):
                    begin = mark.end()
                while begin < high and note.text[begin].isspace():
                    begin += 1
                quotes = (document.encounter.quote(s) for s in inside if s.start >= begin)
                words = next(filter(None, map(phrase, quotes)), None)
                span = EvidenceSpan(note_id=note.note_id, start=begin, end=high)
                found.append(Carrier(span, words, not own.intersection(inside)))
        return tuple(found)

    def _break(
        self,
        document: GoldDocument,
        code: str,
        carriers: Sequence[Carrier],
        kind: Kind,
        draw: random.Random,
        suggested: set[str],
    ) -> tuple[list[Edit], frozenset[str]] | None:
        """Return the edits of one probe and the codes to expect; None where it makes no sense."""
        if kind is Kind.SIDE:
            return self._swap_sides(document.encounter, code, suggested)
        if kind is Kind.DETAIL:
            return self._swap_detail(document.encounter, code, carriers, draw, suggested)
        if kind is Kind.DELETED:
            return [_rewritten(carrier, "") for carrier in carriers], frozenset()
        # Documented, what is over is coded as well; what lasts is never over.
        kept = self._scope is Scope.DOCUMENTED or code.startswith(self._lasting)
        if (kind is Kind.HISTORY and kept) or not any(carrier.phrase for carrier in carriers):
            return None
        if kind in MOVED and draw.random() < _MOVED_SHARE:
            edits = _moved(document.encounter, carriers, MOVED[kind], draw)
        else:
            edits = [_said(carrier, IN_PLACE[kind], draw) for carrier in carriers]
        return edits, frozenset()

    def _swap_sides(
        self, encounter: Encounter, code: str, suggested: set[str]
    ) -> tuple[list[Edit], frozenset[str]] | None:
        titles = mirrored(self._taxonomy.title(code))
        expected = frozenset().union(*map(self._siblings.with_title, titles))
        edits = [
            Edit(note_id=note.note_id, start=low, end=high, words=word)
            for note in encounter.notes
            for low, high, word in sides(note.text)
        ]
        if not expected or not edits or expected & suggested:
            return None
        return edits, expected

    def _swap_detail(
        self,
        encounter: Encounter,
        code: str,
        carriers: Sequence[Carrier],
        draw: random.Random,
        suggested: set[str],
    ) -> tuple[list[Edit], frozenset[str]] | None:
        possible = []
        for swap in SWAPS:
            title = exchanged(self._taxonomy.title(code), swap)
            expected = self._siblings.with_title(title) if title else frozenset()
            if not expected or expected & suggested:
                continue
            if not all(
                carrier.of_another or swap.note.search(encounter.quote(carrier.span))
                for carrier in carriers
            ):
                continue  # a sentence without the word may rightly carry the code
            edits = [
                Edit(
                    note_id=carrier.span.note_id,
                    start=carrier.span.start + match.start(),
                    end=carrier.span.start + match.end(),
                    words=_like(match.group(), swap.note_to),
                )
                for carrier in carriers
                for match in swap.note.finditer(encounter.quote(carrier.span))
            ]
            if edits:
                possible.append((edits, expected))
        return draw.choice(possible) if possible else None


def _said(carrier: Carrier, templates: Sequence[str], draw: random.Random) -> Edit:
    """Return the carrier replaced by a template's sentence, or deleted where no words fit."""
    template = draw.choice(templates)
    return _rewritten(carrier, fill(template, carrier.phrase) if carrier.phrase else "")


def _rewritten(carrier: Carrier, words: str) -> Edit:
    span = carrier.span
    return Edit(note_id=span.note_id, start=span.start, end=span.end, words=words)


def _moved(
    encounter: Encounter, carriers: Sequence[Carrier], templates: Sequence[str], draw: random.Random
) -> list[Edit]:
    """Delete the carriers and put a section with the words at the end of the note."""
    first = next(carrier for carrier in carriers if carrier.phrase)
    end = len(encounter.note(first.span.note_id).text)
    words = fill(draw.choice(templates), first.phrase or "")
    return [
        *(_rewritten(carrier, "") for carrier in carriers),
        Edit(note_id=first.span.note_id, start=end, end=end, words=words),
    ]


def _like(old: str, new: str) -> str:
    return new[0].upper() + new[1:] if old[0].isupper() else new
