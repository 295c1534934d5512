"""Coded case reports for fitting: CodiEsp in English (CC BY 4.0), read from the shared data folder.

Codes there are of 2018; those that a release does not have are left out.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from taxonomy import Taxonomy

Place = tuple[int, int]
"""A half-open range of code points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One document: its text and, per gold code, the half-open ranges of its evidence.

    `mentions` gives for each code its mentions, each as its pieces in text order.
    """

    doc_id: str
    text: str
    codes: dict[str, tuple[Place, ...]]
    mentions: dict[str, tuple[tuple[Place, ...], ...]]


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
            mentions={
                a["code"].upper(): tuple(
                    tuple(sorted((start, end) for start, end, _ in mention["segments"]))
                    for mention in a["mentions"]
                    if mention["segments"]
                )
                for a in row["annotations"]
            },
        )


Mention = tuple[str, str]
"""The words of a mention and its base code, without 7th character."""


def mentions(data: Path, part: str, taxonomy: Taxonomy) -> list[Mention]:
    """Return all mentions whose code still exists, repeats included."""
    return [one for each in mentions_by_document(data, part, taxonomy) for one in each]


def mentions_by_document(data: Path, part: str, taxonomy: Taxonomy) -> list[list[Mention]]:
    """Return the mentions of each document whose code still exists, repeats included.

    A mention in several pieces ("fractures … 3rd and 4th ribs") is its pieces in text order.
    """
    documents_ = []
    for row in _rows(data, part):
        found = []
        for annotation in row["annotations"]:
            code = base_code(annotation["code"], taxonomy)
            if code is None:
                continue
            for mention in annotation["mentions"]:
                pieces = sorted(tuple(piece) for piece in mention["segments"])
                if pieces:
                    found.append((" ".join(words for _, _, words in pieces), code))
        documents_.append(found)
    return documents_


T = TypeVar("T")


def base_code(given: str, taxonomy: Taxonomy) -> str | None:
    """Return a given code without its 7th character; None where there is none such today.

    Annotators left the 7th character of an injury off, but kept the placeholder before it.
    """
    code = taxonomy.get(given) or taxonomy.get(f"{given}A")
    return None if code is None else code.base


def left_out(items: Sequence[T], fold: str) -> list[T]:
    """Return the items without every N-th one from the K-th on; all of them where fold is empty.

    `fold` is written `K/N`, with K from 0 to N - 1.
    """
    if not fold:
        return list(items)
    k, n = map(int, fold.split("/"))
    return [item for number, item in enumerate(items) if number % n != k]


def _rows(data: Path, part: str) -> Iterator[dict[str, Any]]:
    path = data / "codiesp_en" / f"codiesp_en_{part}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
