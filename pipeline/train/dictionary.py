"""Learn phrases from coded notes: `python -m pipeline.train.dictionary --data ../shared/data`.

Every mention of CodiEsp train (CC BY 4.0) gives its words a code. A phrase keeps its most frequent
codes, each with the share of its uses less one imagined use of another code, so that a phrase seen
once is worth half of one that never meant anything else. `rate` is the share of the places where
the phrase stands that were coded: "groin" is half of many mentions and almost never one by itself.
Left out are phrases that only name a place of the body, phrases that share no word with any
term of their code's category unless they were seen again, and phrases for which the release or our
lexicon has a code that nobody used in the notes: CodiEsp was coded with the codes of 2018, and
"depression" has had its own since. Writes `resources/models/mentions.tsv`.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from platformdirs import user_cache_path

import taxonomy as icd
from pipeline.extract.document import sentences
from pipeline.extract.mentions import Lexis, phrases, split
from pipeline.terms import (
    LEARNED,
    LEXICON,
    Entry,
    Level,
    Terms,
    build,
    by_first,
    by_rarest,
    lexicon,
)
from pipeline.train.codiesp import Labelled, base_code, documents
from pipeline.words import stems, words
from taxonomy import Taxonomy

_MAX_WORDS = 8
_SEEN_AGAIN = 2
_CODES_PER_PHRASE = 3
_HEADER = "phrase\tcode\tstrength\trate\tapart\tseen"

Key = tuple[str, ...]
_Coded = list[tuple[str | None, int, int]]


def learn(reports: Sequence[Labelled], known: Terms, taxonomy: Taxonomy) -> tuple[Entry, ...]:
    """Return the learned entries in order of their phrases; the same reports, the same entries.

    `known` are the terms without anything learned. A header stays: annotators used some as codes.
    """
    lexis = Lexis.read()
    family = _families(known)
    in_use = {code for report in reports for code in report.codes}
    uses: dict[Key, Counter[str]] = defaultdict(Counter)
    written: dict[Key, Counter[str]] = defaultdict(Counter)
    for text, given in _mentions(reports):
        key, code = stems(text), base_code(given, taxonomy)
        if code is not None and 0 < len(key) <= _MAX_WORDS:
            uses[key][code] += 1
            written[key][" ".join(text.lower().split())] += 1
    whole, apart = _places(reports, uses, taxonomy)
    entries: list[Entry] = []
    for key, codes in uses.items():
        phrase = min(written[key], key=lambda text: (-written[key][text], text))
        if lexis.sites.issuperset(key) or _superseded(phrase, known, codes, in_use):
            continue
        total = codes.total() + 1
        entries.extend(
            Entry(
                phrase,
                code,
                Level.DEFAULT,
                LEARNED,
                strength=round(codes[code] / total, 3),
                rate=whole.of(key),
                apart=apart.of(key),
                seen=codes.total(),
            )
            for code in sorted(codes, key=lambda code: (-codes[code], code))[:_CODES_PER_PHRASE]
            if codes[code] >= _SEEN_AGAIN or family[code[:3]].intersection(key)
        )
    return tuple(sorted(entries, key=lambda entry: (entry.text, -entry.strength, entry.code)))


def _mentions(reports: Iterable[Labelled]) -> Iterable[tuple[str, str]]:
    """Yield the words of each mention, its pieces joined, and the code it was given."""
    for report in reports:
        for code, found in report.mentions.items():
            for pieces in found:
                yield " ".join(report.text[low:high] for low, high in pieces), code


class _Rates:
    """How often a phrase stood somewhere, and how often words there were coded as it is."""

    def __init__(self) -> None:
        self.places: Counter[Key] = Counter()
        self.coded: Counter[Key] = Counter()

    def add(self, key: Key, *, coded: bool) -> None:
        """Count one place."""
        self.places[key] += 1
        self.coded[key] += coded

    def of(self, key: Key) -> float:
        """Return the share that was coded, drawn to a half where there is little to go by."""
        if not self.places[key]:
            return 0.0
        return round((self.coded[key] + 0.25) / (self.places[key] + 0.5), 3)


def _places(
    reports: Sequence[Labelled], uses: dict[Key, Counter[str]], taxonomy: Taxonomy
) -> tuple[_Rates, _Rates]:
    """Return the rates of phrases as the longest one in their place, and with words apart."""
    whole_phrases = by_first(uses)
    rarest = by_rarest(key for key in uses if len(key) > 1)
    whole, apart = _Rates(), _Rates()
    for report in reports:
        coded = [
            (base_code(given, taxonomy), low, high)
            for given, places in report.codes.items()
            for low, high in places
        ]

        def is_coded(key: Key, low: int, high: int, coded: _Coded = coded) -> bool:
            return any(c in uses[key] and low < end and start < high for c, start, end in coded)

        for start, end in sentences(report.text):
            text = report.text[start:end]
            found = words(text)
            for low, high, key in phrases(text, found, whole_phrases):
                whole.add(key, coded=is_coded(key, start + low, start + high))
            for key, ours in split(found, rarest):
                low, high = start + found[ours[0]].start, start + found[ours[-1]].end
                apart.add(key, coded=is_coded(key, low, high))
    return whole, apart


def _superseded(phrase: str, known: Terms, codes: Counter[str], in_use: set[str]) -> bool:
    """Tell whether a term means a code that annotators did not have, or that our lexicon chose."""
    for number in known.lookup(phrase):
        entry = known.entries[number]
        if entry.code in codes or entry.level is Level.DEFAULT:
            continue
        if entry.source == LEXICON or entry.code not in in_use:
            return True
    return False


def _families(known: Terms) -> dict[str, set[str]]:
    """Return the stems of all terms of each category."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry, key in zip(known.entries, known.stems, strict=True):
        found[entry.code[:3]].update(key)
    return found


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=user_cache_path("chartproof"))
    parser.add_argument("--out", type=Path, default=Path("resources/models/mentions.tsv"))
    options = parser.parse_args()
    taxonomy = icd.load(options.cache)
    reports = list(documents(options.data, "train"))
    entries = learn(reports, build(taxonomy, lexicon()), taxonomy)
    rows = [
        f"{one.text}\t{one.code}\t{one.strength}\t{one.rate}\t{one.apart}\t{one.seen}"
        for one in entries
    ]
    options.out.write_text("\n".join([_HEADER, *rows]) + "\n", encoding="utf-8")
    print(f"{len(entries)} entries, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
