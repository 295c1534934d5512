"""Coded case reports for fitting: CodiEsp in English (CC BY 4.0), read from the shared data folder.

Codes there are of 2018; those that a release does not have are left out.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One document: its text and, per gold code, the half-open ranges of its evidence."""

    doc_id: str
    text: str
    codes: dict[str, tuple[tuple[int, int], ...]]


def documents(data: Path, part: str) -> Iterator[Labelled]:
    """Yield the documents of `train` or `dev`, in file order."""
    path = data / "codiesp_en" / f"codiesp_en_{part}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Labelled(
                doc_id=row["doc_id"],
                text=row["text"],
                codes={
                    a["code"].upper(): tuple((start, end) for start, end, _ in a["evidence"])
                    for a in row["annotations"]
                },
            )


def mentions(data: Path, part: str, taxonomy: Taxonomy) -> Iterator[tuple[str, str, str]]:
    """Yield (mention, its line, base code) for each piece of evidence whose code still exists."""
    for document in documents(data, part):
        for code, ranges in document.codes.items():
            found = taxonomy.get(code)
            if found is None:
                continue
            for start, end in ranges:
                low = document.text.rfind("\n", 0, start) + 1
                high = document.text.find("\n", end)
                line = document.text[low : high if high >= 0 else len(document.text)]
                yield document.text[start:end], line, found.base
