"""Phrase → code pairs to learn an embedding from: the index, the tables, terms and our lexicon.

The official Alphabetic Index, the Neoplasm Table and the Table of Drugs (FY2025; works of the US
government) say in a coder's words which code a condition leads to. They are read from the shared
data folder and only learned from; none of their lines is kept. A code ending in a dash, or any
other header, stands for the code a coder takes when the text says no more.
"""

import csv
import gzip
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from pipeline.terms import Terms
from taxonomy import Taxonomy

INDEX = "icd10cm/fy2025/icd10cm-index-2025-flattened.csv.gz"
NEOPLASMS = "icd10cm/fy2025/icd-10-cm-neoplasm-2025.xml.gz"
DRUGS = "icd10cm/fy2025/icd-10-cm-drug-2025.xml.gz"

Pair = tuple[str, str]
"""Words and the base code (without 7th character) they lead to."""

Resolve = Callable[[str], str | None]
"""Gives the base code for a code as an index prints it; None where the release has none such."""

_ABBREVIATED = re.compile(r"\b(NEC|NOS)\b")
_PARENTHESES = re.compile(r"\([^)]*\)")
_BLANKS = re.compile(r"[\s,]+")

_NEOPLASM_PHRASES = {
    "2": ("malignant neoplasm of {}", "cancer of {}", "{} carcinoma", "{} cancer"),
    "3": ("secondary malignant neoplasm of {}", "metastasis to {}", "{} metastases"),
    "4": ("carcinoma in situ of {}",),
    "5": ("benign neoplasm of {}", "benign {} tumor"),
    "6": ("neoplasm of uncertain behavior of {}",),
    "7": ("neoplasm of unspecified behavior of {}", "{} mass", "{} tumor"),
}
_DRUG_PHRASES = {
    "2": ("poisoning by {}", "{} overdose"),
    "6": ("adverse effect of {}", "{} side effect"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All to train on: `names` gives the phrases of each code, `pairs` what leads to it."""

    names: dict[str, tuple[str, ...]]
    pairs: tuple[Pair, ...]


def collect(
    data: Path,
    taxonomy: Taxonomy,
    terms: Terms,
    lexicon: Iterable[Pair],
    taught: Iterable[Pair] = (),
) -> Corpus:
    """Collect the pairs of all sources whose code has a name among the terms.

    `taught` are mentions of coded notes; they are few and real, so each counts four times.
    """
    names: dict[str, dict[str, None]] = {}
    for entry in terms.entries:
        names.setdefault(entry.code, {})[entry.text] = None
    resolve = resolver(taxonomy)
    own = [(text, code) for code, texts in names.items() for text in texts]
    listed = [
        *index_pairs(index_rows(data / INDEX), resolve),
        *table_pairs(_root(data / NEOPLASMS), _NEOPLASM_PHRASES, resolve, skip_first=True),
        *table_pairs(_root(data / DRUGS), _DRUG_PHRASES, resolve, skip_first=False),
    ]
    # The lexicon is small and says what clinicians write, so each of its pairs counts thrice.
    lay = [(text, resolve(code) or code) for text, code in lexicon] * 3
    noted = [(text, resolve(code) or code) for text, code in taught] * 4
    return Corpus(
        names={code: tuple(texts) for code, texts in names.items()},
        pairs=tuple(pair for pair in (*listed, *own, *lay, *noted) if pair[1] in names),
    )


def resolver(taxonomy: Taxonomy) -> Resolve:
    """Return the look-up from a printed code to the base code its words stand for."""

    def resolve(printed: str) -> str | None:
        found = taxonomy.get(printed.strip().rstrip("-").rstrip(".").upper())
        if found is None:
            return None
        return taxonomy.default_leaf(found.base) or found.base

    return resolve


def index_pairs(rows: Iterable[dict[str, str]], resolve: Resolve) -> Iterator[Pair]:
    """Yield a pair for each index path with a code, and for each `see` that leads to one.

    A row has `Level`, `Term`, `See`, `NonEssModif` and `Code`. A path is the terms from the main
    term down; with nonessential modifiers it is given both without and with them.
    """
    path: list[str] = []
    codes: dict[tuple[str, ...], str] = {}
    references: list[tuple[str, str]] = []
    for row in rows:
        path = [*path[: int(row["Level"])], row["Term"]]
        phrase = tidy(" ".join(path))
        if code := resolve(row["Code"]) if row["Code"] else None:
            codes[tuple(term.lower() for term in path)] = code
            yield phrase, code
            if row["NonEssModif"]:
                yield (
                    tidy(f"{phrase} {row['NonEssModif'].replace('(', ' ').replace(')', ' ')}"),
                    code,
                )
        elif row["See"]:
            references.append((phrase, row["See"]))
    for phrase, see in references:
        if target := codes.get(tuple(term.strip().lower() for term in see.split(","))):
            yield phrase, target


def table_pairs(
    root: Element, phrases: Mapping[str, tuple[str, ...]], resolve: Resolve, *, skip_first: bool
) -> Iterator[Pair]:
    """Yield the pairs of a table: for each cell of a column in `phrases`, its row in those words.

    `skip_first` leaves out the main term, where it is the name of the table ("Neoplasm").
    """

    def walk(node: Element, above: tuple[str, ...]) -> Iterator[Pair]:
        title = "".join(words for each in node.findall("title") for words in each.itertext())
        path = (*above, _PARENTHESES.sub(" ", title))
        name = tidy(" ".join(path[1:] if skip_first else path))
        for cell in node.findall("cell"):
            if name and (code := resolve(cell.text or "")):
                for phrase in phrases.get(cell.get("col", ""), ()):
                    yield phrase.format(name), code
        for below in node.findall("term"):
            yield from walk(below, path)

    for main in root.iter("mainTerm"):
        yield from walk(main, ())


def tidy(text: str) -> str:
    """Return index words as a phrase: no NEC and NOS, commas and repeated blanks to one blank."""
    return _BLANKS.sub(" ", _ABBREVIATED.sub(" ", text)).strip()


def index_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the flattened Alphabetic Index, in file order."""
    with gzip.open(path, "rb") as raw:
        yield from csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))


def _root(path: Path) -> Element:
    return ElementTree.fromstring(gzip.decompress(path.read_bytes()))
