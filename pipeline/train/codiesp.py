"""Coded case reports for fitting: CodiEsp in English (CC BY 4.0), read from the shared data folder.

Codes there are of 2018; those that a release does not have are left out.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One document: its text and, per gold code, the half-open ranges of its evidence."""

    doc_id: str
    text: str
    codes: dict[str, tuple[tuple[int, int], ...]]


def documents(data: Path, part: str) -> Iterator[Labelled]:
    """Yield the documents of `train` or `dev`, in file order."""
    for row in _rows(data, part):
        yield Labelled(
            doc_id=row["doc_id"],
            text=row["text"],
            codes={
                a["code"].upper(): tuple((start, end) for start, end, _ in a["evidence"])
                for a in row["annotations"]
            },
        )


def mentions(data: Path, part: str, taxonomy: Taxonomy) -> list[tuple[str, str]]:
    """Return the (words, base code) of all mentions whose code still exists, repeats included.

    A mention in several pieces ("fractures … 3rd and 4th ribs") is its pieces in text order.
    """
    found = []
    for row in _rows(data, part):
        for annotation in row["annotations"]:
            code = taxonomy.get(annotation["code"])
            if code is None:
                continue
            for mention in annotation["mentions"]:
                pieces = sorted(tuple(piece) for piece in mention["segments"])
                if pieces:
                    found.append((" ".join(words for _, _, words in pieces), code.base))
    return found


def _rows(data: Path, part: str) -> Iterator[dict[str, Any]]:
    path = data / "codiesp_en" / f"codiesp_en_{part}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
