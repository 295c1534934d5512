"""Take the code that holds all an encounter says of a condition, not the one of its name alone.

Guidelines I.B.2 and IV.F.3 ask for the highest specificity documented, wherever the encounter says
it: the assessment names a fracture of the finger, the results the bone. Two ways: a table of what
words mean for a code (`resources/rules/refine.json`), and the titles of the classification, where
the words that a sibling's title has beside an "unspecified" one all stand in what the encounter
says of the condition. The vaguer code stays in the traces, with the reason.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pipeline.model import (
    Encounter,
    Extraction,
    MentionTrace,
    Support,
    Verdict,
)
from pipeline.verify.problems import Problems
from pipeline.verify.told import Reading, Told, trace
from pipeline.words import stems, words
from resources import read_json
from taxonomy import Taxonomy
from taxonomy.words import stem

_STORY = frozenset({"assessed", "account", "unheaded"})
_EVERYWHERE = frozenset({"assessed", "account", "finding", "checklist", "unheaded"})
_MALE = re.compile(r"\b(?:male|man|gentleman|boy|mr|he|his|him)\b", re.IGNORECASE)
_FEMALE = re.compile(r"\b(?:female|woman|lady|girl|mrs|ms|she|her)\b", re.IGNORECASE)
_BY_TITLE = ("H", "L", "M", "S", "G5", "N")
_MOST_STEPS = 3
_DEFAULT = frozenset({stem("displaced")})
"""A fracture not said to be either is coded as displaced (I.C.19.c)."""
_BOTH_SIDES = re.compile(
    r"\b(?:bilateral(?:ly)?|both|right and left|left and right)\b", re.IGNORECASE
)
_VAGUE = re.compile(r"\b(?:without|other)\b", re.IGNORECASE)
_OTHER = re.compile(r"\bother(?: specified)?(?: (?:fractures))?\b", re.IGNORECASE)
_NEUTRAL_WORDS = (
    "unspecified other specified and or with without in to of the for due a an by as on at from "
    "site side part type encounter initial not elsewhere classified condition disease disorder "
    "primary unilateral closed nontraumatic"
)
_NEUTRAL = frozenset(map(stem, _NEUTRAL_WORDS.split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; see `resources/rules/refine.json`."""

    old: re.Pattern[str]
    words: re.Pattern[str]
    unless: re.Pattern[str] | None
    gives: str
    where: str
    sex: str
    denied: bool


@dataclass(slots=True)
class Condition:
    """A supported code, its traces and the sentences that speak of it."""

    code: str
    traces: list[MentionTrace]
    own: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Refiner:
    """The table, ready to be asked."""

    rows: tuple[Row, ...]

    @classmethod
    def read(cls) -> "Refiner":
        """Read the table from `resources`."""
        return cls(
            tuple(
                Row(
                    old=re.compile(row["from"]),
                    words=re.compile(rf"(?<!\w)(?:{row['words']})", re.IGNORECASE),
                    unless=re.compile(row["unless"], re.IGNORECASE) if "unless" in row else None,
                    gives=row["gives"],
                    where=row["where"],
                    sex=row.get("sex", ""),
                    denied=row.get("denied", False),
                )
                for row in read_json("rules/refine.json")["rows"]
            )
        )

    def refine(
        self,
        encounter: Encounter,
        reading: Reading,
        outline: Problems,
        traces: Sequence[MentionTrace],
        taxonomy: Taxonomy,
    ) -> list[MentionTrace]:
        """Return the traces, vaguer codes turned down, and after them those of finer codes."""
        found = list(traces)
        for condition in _conditions(reading.extraction, outline, traces):
            told: list[tuple[Told, str]] = []
            code = condition.code
            for _ in range(_MOST_STEPS):
                step = self._by_table(encounter, reading, condition, code, taxonomy)
                if step is None:
                    break
                told.append(step)
                code = step[1]
            code = _not_other(encounter, condition, code, taxonomy) or code
            code = _by_title(reading, condition, code, taxonomy) or code
            finer = _both_sides(reading, condition, code, taxonomy) or (code,)
            if finer == (condition.code,):
                continue
            verdict = Verdict(
                support=Support.INSUFFICIENT, reasons=(f"less-specific-than={finer[0]}",)
            )
            for number, each in enumerate(traces):
                if any(each is ours for ours in condition.traces):
                    found[number] = replace(each, verdict=verdict)
                    found += [_finer(each, new) for new in finer]
            found += [trace(reading, words, new, "says-more") for words, _ in told for new in finer]
        return found

    def _by_table(
        self,
        encounter: Encounter,
        reading: Reading,
        condition: Condition,
        code: str,
        taxonomy: Taxonomy,
    ) -> tuple[Told, str] | None:
        for row in self.rows:
            match = row.old.fullmatch(code)
            if match is None or (row.sex and row.sex != sex_of(encounter)):
                continue
            finer = match.expand(row.gives)
            if finer not in taxonomy:
                continue
            places = _places(reading, condition, row.where)
            if row.unless and any(row.unless.search(reading.texts[at]) for at in places):
                continue
            hit = next(reading.hits(row.words, places, turned=row.denied), None)
            if hit is not None:
                return hit, finer
        return None


def sex_of(encounter: Encounter) -> str:
    """Return `male` or `female` as the encounter has it, or as its notes speak of the patient."""
    given = encounter.sex.strip().lower()
    if given:
        return {"m": "male", "f": "female"}.get(given[0], "")
    text = "\n".join(note.text for note in encounter.notes)
    men, women = len(_MALE.findall(text)), len(_FEMALE.findall(text))
    if men == women:
        return ""
    return "male" if men > women else "female"


def _conditions(
    extraction: Extraction, outline: Problems, traces: Sequence[MentionTrace]
) -> Iterator[Condition]:
    """Yield the supported conditions with the sentences of their mentions and of their blocks."""
    by_code: dict[str, Condition] = {}
    places: dict[str, dict[int, None]] = defaultdict(dict)
    for each, at in zip(traces, extraction.places, strict=False):
        if each.verdict.support is not Support.SUPPORTED:
            continue
        by_code.setdefault(each.code, Condition(each.code, [])).traces.append(each)
        places[each.code][at] = None
        if outline.names(each.mention, at):
            places[each.code].update(dict.fromkeys(outline.below(at)))
    for code, condition in by_code.items():
        condition.own = sorted(places[code])
        yield condition


def _places(reading: Reading, condition: Condition, where: str) -> list[int]:
    if where != "block":
        return reading.places(_STORY if where == "told" else _EVERYWHERE)
    sentences = reading.extraction.sentences
    assessed = [at for at in condition.own if sentences[at].role == "assessed"]
    return assessed or condition.own


def _finer(each: MentionTrace, code: str) -> MentionTrace:
    """Return a mention's trace with a finer code in front of its candidates."""
    first = each.candidates[0]
    ours = replace(first, code=code, reasons=(*first.reasons, f"finer-than={each.code}"))
    others = tuple(c for c in each.candidates if c.code != code)
    verdict = Verdict(support=Support.SUPPORTED, reasons=each.verdict.reasons)
    return replace(each, code=code, candidates=(ours, *others)[:10], verdict=verdict)


def _by_title(
    reading: Reading,
    condition: Condition,
    code: str,
    taxonomy: Taxonomy,
) -> str | None:
    """Return the sibling whose title has more of what is said, and nothing that is not said."""
    found = taxonomy.get(code)
    if found is None or "unspecified" not in found.title.lower() or not code.startswith(_BY_TITLE):
        return None
    base = taxonomy.get(found.base)
    mine = _content(base.title if base else found.title)
    said = _said(reading, condition, mine)
    best: str | None = None
    most = 0
    for leaf in taxonomy.leaves(code[:3]):
        sibling = taxonomy.get(leaf) if leaf[7:] == code[7:] else None
        if sibling is None or _VAGUE.search(sibling.title):
            continue
        title = sibling if sibling.base == leaf else taxonomy.get(sibling.base)
        theirs = _content(title.title if title else sibling.title)
        more = theirs - mine - _DEFAULT
        if more and mine <= theirs and more <= said and len(more) >= most:
            # Two that are said alike, such as both sides in turn, are no answer.
            best, most = (None if len(more) == most else leaf), len(more)
    return best


def _not_other(
    encounter: Encounter, condition: Condition, code: str, taxonomy: Taxonomy
) -> str | None:
    """Return the "unspecified" neighbour of an "other" code where no detail is documented.

    "Other" is for detail that has no code of its own (I.A.9.a); words that its title has anyway are
    no such detail.
    """
    found = taxonomy.get(code)
    if found is None or not _OTHER.search(found.title):
        return None
    known = _content(found.title) | _NEUTRAL
    if any(set(stems(encounter.quote(t.mention.span))) - known for t in condition.traces):
        return None
    wanted = {_OTHER.sub("unspecified", found.title.lower(), count=1)}
    wanted.add(next(iter(wanted)).replace("unspecified ", "", 1) + ", unspecified")
    for near in taxonomy.leaves(code[:3]):
        if near[7:] == code[7:] and taxonomy.title(near).lower() in wanted:
            return near
    return None


def _both_sides(
    reading: Reading,
    condition: Condition,
    code: str,
    taxonomy: Taxonomy,
) -> tuple[str, str] | None:
    """Return the codes for right and left where both are said and no code holds both (I.B.13)."""
    found = taxonomy.get(code)
    if found is None or found.parent is None or "unspecified" not in found.title.lower():
        return None
    names = (
        reading.texts[at]
        for at in condition.own
        if any(_within(reading.extraction, at, each) for each in condition.traces)
    )
    if not any(_BOTH_SIDES.search(name) for name in names):
        return None
    titles = {taxonomy.title(near).lower(): near for near in taxonomy.children(found.parent)}
    if any("bilateral" in title for title in titles):
        return None
    start, _, end = found.title.lower().rpartition("unspecified")
    right, left = titles.get(f"{start}right{end}"), titles.get(f"{start}left{end}")
    return (right, left) if right and left else None


def _within(extraction: Extraction, at: int, each: MentionTrace) -> bool:
    span, sentence = each.mention.span, extraction.sentences[at].span
    return (
        span.note_id == sentence.note_id
        and sentence.start <= span.start
        and span.end <= sentence.end
    )


@lru_cache(maxsize=4096)
def _content(title: str) -> frozenset[str]:
    """Return the telling stems of a title."""
    return frozenset(stems(title)) - _NEUTRAL


def _said(reading: Reading, condition: Condition, main: Iterable[str]) -> frozenset[str]:
    """Return the stems of all sentences on a condition: its own, and those with its main word."""
    leading = set(main)
    found: set[str] = set()
    for at in {*reading.places(_EVERYWHERE), *condition.own}:
        here = {word.stem for word in words(reading.texts[at])}
        if at in condition.own or (leading and leading <= here):
            found |= here
    return frozenset(found)
