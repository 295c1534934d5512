"""Learn phrases from coded notes: `python -m pipeline.train.dictionary --data ../shared/data`.

Every mention of CodiEsp train (CC BY 4.0) gives its words a code. A phrase keeps its most frequent
codes, each with the share of its uses less one imagined use of another code, so that a phrase seen
once is worth half of one that never meant anything else. Left out are words that only stand near a
condition ("count", "back": pieces of mentions), phrases that share no word with any term of their
code's category unless they were seen again, and phrases for which the release or our lexicon has a
code of its own: CodiEsp was coded with the codes of 2018. Writes `resources/models/mentions.tsv`.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from platformdirs import user_cache_path

import taxonomy as icd
from pipeline.extract.mentions import Lexis
from pipeline.terms import LEARNED, Entry, Level, Terms, build, lexicon
from pipeline.train.codiesp import Mention, mentions
from pipeline.words import stems
from taxonomy import Taxonomy

_MAX_WORDS = 8
_SEEN_AGAIN = 2
_CODES_PER_PHRASE = 3
_HEADER = "phrase\tcode\tstrength"


def learn(found: Iterable[Mention], known: Terms, taxonomy: Taxonomy) -> tuple[Entry, ...]:
    """Return the learned entries in order of their phrases; the same mentions, the same entries.

    `known` are the terms without anything learned. A header stands for its default code.
    """
    lexis = Lexis.read()
    family = _families(known)
    uses: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    written: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for words, given in found:
        key, code = stems(words), taxonomy.default_leaf(given)
        if code is not None and 0 < len(key) <= _MAX_WORDS and any(map(lexis.is_head, key)):
            uses[key][code] += 1
            written[key][" ".join(words.lower().split())] += 1
    entries = []
    for key, codes in uses.items():
        phrase = min(written[key], key=lambda text: (-written[key][text], text))
        if any(known.entries[n].level is not Level.DEFAULT for n in known.lookup(phrase)):
            continue
        total = codes.total() + 1
        for code in sorted(codes, key=lambda code: (-codes[code], code))[:_CODES_PER_PHRASE]:
            if codes[code] >= _SEEN_AGAIN or family[code[:3]].intersection(key):
                strength = round(codes[code] / total, 3)
                entries.append(Entry(phrase, code, Level.DEFAULT, LEARNED, strength=strength))
    return tuple(sorted(entries, key=lambda entry: (entry.text, -entry.strength, entry.code)))


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
    known = build(taxonomy, lexicon())
    entries = learn(mentions(options.data, "train", taxonomy), known, taxonomy)
    rows = [f"{entry.text}\t{entry.code}\t{entry.strength}" for entry in entries]
    options.out.write_text("\n".join([_HEADER, *rows]) + "\n", encoding="utf-8")
    print(f"{len(entries)} entries, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
