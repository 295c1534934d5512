"""Every phrase that names a code: terms of the release and our own lexicon, ready for look-up.

Two stages use it: extraction looks for these phrases in a note, retrieval looks codes up by them. A
title is a classification's phrase, not a clinician's, so each also enters in the shorter forms a
clinician would write: without "(primary)", without ", unspecified", without "without
complications". The further a form is from the printed one, the higher its `level`, and the less it
counts.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from importlib.resources import files

from pipeline.words import stems, words
from taxonomy import Taxonomy

LEXICON = "lexicon"
"""The source of entries that are ours and not the classification's."""

LEARNED = "learned"
"""The source of entries that were learned from coded notes."""

LEAST_RATE = 1 / 6
"""A learned phrase coded in a smaller share of its places is not looked for in notes."""

_LEXICON_FILE = "rules/lexicon.csv"
_LEARNED_FILE = "models/mentions.tsv"

_PARENTHESES = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_RESIDUAL = re.compile(
    r"^(other|unspecified complications?|certain|personal|encounter)\b", re.IGNORECASE
)
_UNSPECIFIED = re.compile(
    r",?\s*\b(unspecified( (site|type|organism|side|severity))?|"
    r"not otherwise specified|not elsewhere classified|NOS|NEC)\b",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r",?\s*(without [^,]*|not intractable|not set as [^,]*|uncomplicated|single episode)\b",
    re.IGNORECASE,
)
_MIN_PHRASE_LETTERS = 4


class Level(IntEnum):
    """How far a form is from a phrase that means exactly this code."""

    EXACT = 0
    UNSPECIFIED = 1
    DEFAULT = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase for one code; `code` is a base code without its 7th character.

    Of a learned phrase, `strength` in 0..1 says how surely it meant this code (the share of its
    uses, less for few of them), `rate` in 0..1 how often it was coded at all where it stood in a
    note, `apart` the same where its words stood in one sentence but not together, and `seen` how
    often it was. All are 0 for entries that were not learned.
    """

    text: str
    code: str
    level: Level
    source: str
    caps: bool = False
    strength: float = 0.0
    rate: float = 0.0
    apart: float = 0.0
    seen: int = 0


ByFirst = Mapping[str, tuple[tuple[int, frozenset[tuple[str, ...]]], ...]]
"""Stems of phrases by the first of them, then by their number, the longest first."""


@dataclass(frozen=True, slots=True)
class Terms:
    """All entries, with the look-ups built from them.

    `bags` finds entries by their stems in any order, `caps` by their letters as they are, which
    begin with a word of `caps_begin`; `phrases` holds the stems of phrases for finding them in
    running text, and `apart` those whose words may stand apart, by the rarest of them.
    """

    entries: tuple[Entry, ...]
    stems: tuple[tuple[str, ...], ...]
    bags: Mapping[tuple[str, ...], tuple[int, ...]]
    phrases: ByFirst
    caps: Mapping[str, tuple[int, ...]]
    caps_begin: frozenset[str]
    apart: Mapping[str, tuple[tuple[str, ...], ...]]

    def lookup(self, text: str) -> tuple[int, ...]:
        """Return the entries whose stems are those of the text, in any order; capitals count."""
        found = list(self.caps.get(text.strip(), ()))
        found.extend(self.bags.get(tuple(sorted(set(stems(text)))), ()))
        return tuple(dict.fromkeys(found))


def forms(title: str) -> Iterable[tuple[str, Level]]:
    """Yield a title in the forms a clinician would write, nearest first, without repeats."""
    seen: set[str] = set()

    def new(text: str) -> bool:
        text = text.strip(" ,")
        fresh = len(text) >= _MIN_PHRASE_LETTERS and text.lower() not in seen
        seen.add(text.lower())
        return fresh

    plain = _PARENTHESES.sub("", title).strip(" ,")
    for text in (title, plain):
        if new(text):
            yield text.strip(" ,"), Level.EXACT
    if _RESIDUAL.match(plain):
        return
    bare = _UNSPECIFIED.sub("", plain).strip(" ,")
    if new(bare):
        yield bare, Level.UNSPECIFIED
    short = _WITHOUT.sub("", bare).strip(" ,")
    if new(short):
        yield short, Level.DEFAULT


def lexicon() -> tuple[Entry, ...]:
    """Read our own lexicon of abbreviations, lay words and clinicians' phrasings."""
    raw = files("resources").joinpath(_LEXICON_FILE).read_bytes()
    entries: list[Entry] = []
    for row in csv.DictReader(io.StringIO(raw.decode("utf-8"))):
        caps = row["context"] == "caps"
        entries.append(Entry(row["term"], row["code"], Level.EXACT, LEXICON, caps))
        if row["expansion"]:
            entries.append(Entry(row["expansion"], row["code"], Level.EXACT, LEXICON))
    return tuple(entries)


def learned() -> tuple[Entry, ...]:
    """Read the phrases learned from coded notes (`python -m pipeline.train.dictionary`)."""
    text = files("resources").joinpath(_LEARNED_FILE).read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return tuple(
        Entry(
            phrase,
            code,
            Level.DEFAULT,
            LEARNED,
            strength=float(strength),
            rate=float(rate),
            apart=float(apart),
            seen=int(seen),
        )
        for phrase, code, strength, rate, apart, seen in rows
    )


def _fitted(extra: Sequence[Entry], taxonomy: Taxonomy) -> Iterable[Entry]:
    """Yield our own entries as they hold in this release.

    They were written for the release before where a code was billable then and is a header now.
    Such a phrase stands for what a coder takes when the text says no more, or for the code below
    that says all the header says; where the list has the phrase itself, it is the list's to say
    (plantar fasciitis left M72.2).
    """
    changed = {e.code: was for e in extra if (was := taxonomy.superseded(e.code)) is not None}
    own = {stems(term.text) for term in taxonomy.terms()} if changed else set()
    for entry in extra:
        was = changed.get(entry.code)
        if was is None or not was.successors:
            yield entry
        elif stems(entry.text) not in own:
            said = set(stems(taxonomy.title(was.code)))
            fitting = (c for c in was.successors if said <= set(stems(taxonomy.title(c))))
            code = taxonomy.default_leaf(was.code) or next(fitting, was.code)
            yield replace(entry, code=code)


def build(taxonomy: Taxonomy, extra: Sequence[Entry] = ()) -> Terms:
    """Collect the phrases of a release and of the lexicon.

    A phrase of a header enters for the code a coder takes when the text says no more
    (`default_leaf` of the taxonomy), at level DEFAULT; where there is none such, for the header
    itself, so that it still leads to the family.
    """
    entries = [*_fitted(extra, taxonomy)]
    leaves: dict[str, str] = {}
    for term in taxonomy.terms():
        if term.code not in leaves:
            leaves[term.code] = taxonomy.default_leaf(term.code) or term.code
        code = leaves[term.code]
        floor = Level.EXACT if code == term.code else Level.UNSPECIFIED
        entries.extend(
            Entry(text, code, max(floor, level), term.kind, caps=is_acronym(text))
            for text, level in forms(term.text)
        )
    entries = list(dict.fromkeys(entries))
    keys = tuple(stems(entry.text) for entry in entries)
    bags: dict[tuple[str, ...], list[int]] = defaultdict(list)
    phrases: set[tuple[str, ...]] = set()
    caps: dict[str, list[int]] = defaultdict(list)
    apart: set[tuple[str, ...]] = set()
    for number, (entry, key) in enumerate(zip(entries, keys, strict=True)):
        if entry.caps:
            caps[entry.text].append(number)
        elif key:
            bags[tuple(sorted(set(key)))].append(number)
            if entry.source == LEARNED:
                if entry.rate >= LEAST_RATE:
                    phrases.add(key)
                if entry.apart >= LEAST_RATE and len(key) > 1:
                    apart.add(key)
            elif entry.source == LEXICON or len("".join(key)) >= _MIN_PHRASE_LETTERS:
                phrases.add(key)
    return Terms(
        entries=tuple(entries),
        stems=keys,
        bags={
            key: tuple(sorted(numbers, key=lambda n: (entries[n].level, n)))
            for key, numbers in bags.items()
        },
        phrases=by_first(phrases),
        caps={text: tuple(numbers) for text, numbers in caps.items()},
        caps_begin=frozenset(
            text[word.start : word.end] for text in caps for word in words(text)[:1]
        ),
        apart=by_rarest(apart),
    )


def by_first(keys: Iterable[tuple[str, ...]]) -> ByFirst:
    """Return stems of phrases in the order they are looked for in running text."""
    found: dict[str, dict[int, set[tuple[str, ...]]]] = defaultdict(lambda: defaultdict(set))
    for key in keys:
        found[key[0]][len(key)].add(key)
    return {
        first: tuple((length, frozenset(ours)) for length, ours in sorted(by_length.items())[::-1])
        for first, by_length in found.items()
    }


def is_acronym(text: str) -> bool:
    """Tell whether words are letters that count only as they are ("AIDS", not "aids")."""
    return text.isalpha() and text.isupper()


def by_rarest(keys: Iterable[tuple[str, ...]]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return stems of phrases by the one that the fewest of them have, longest first."""
    ordered = sorted(set(keys), key=lambda key: (-len(key), key))
    common = Counter(word for key in ordered for word in set(key))
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in ordered:
        found[min(key, key=lambda word: (common[word], word))].append(key)
    return {word: tuple(ours) for word, ours in found.items()}
