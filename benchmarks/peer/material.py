"""What peers are given and measured on: our terms, coded notes, notes to learn from."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from benchmarks.peer.exchange import Lesson, Term
from pipeline.terms import LEARNED, build, learned, lexicon
from pipeline.train.codiesp import documents
from taxonomy import Taxonomy

VISITS = Path(__file__).parents[2] / "tests" / "golden" / "visits"
TUNED_ON = 150
"""The last notes of CodiEsp train, on which settings are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Notes by id, and the codes they should be given."""

    texts: Mapping[str, str]
    gold: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that is read from the data folder and from our tree.

    `taught` are the `plain` terms and the phrases learned from CodiEsp train. `lessons` are the
    notes of CodiEsp train, the last of which are `train`. `sets` go by scope.
    """

    headings: Mapping[str, str]
    plain: tuple[Term, ...]
    taught: tuple[Term, ...]
    lessons: tuple[Lesson, ...]
    train: Coded
    sets: Mapping[str, Coded]


def load(data: Path, taxonomy: Taxonomy) -> Material:
    """Read everything; raises OSError where a file of the data folder is missing."""
    taught = terms(taxonomy)
    train = _codiesp(data, "train")
    last = list(train.texts)[-TUNED_ON:]
    return Material(
        headings=_headings(),
        plain=tuple(term for term in taught if not term.learned),
        taught=taught,
        lessons=_lessons(data),
        train=Coded(
            texts={note: train.texts[note] for note in last},
            gold={note: train.gold[note] for note in last},
        ),
        sets={"documented": _codiesp(data, "dev"), "reportable": _visits(data)},
    )


def terms(taxonomy: Taxonomy) -> tuple[Term, ...]:
    """Return our terms as phrases for whole billable codes, in the order of their rank.

    A code that needs a 7th character gets the one meant when a note says no more: `A`, else `0`,
    else the first. Phrases that lead only to a header are left out: no header may be assigned.
    Levels decide the rank, then strength, then the place in the release.
    """
    entries = build(taxonomy, (*lexicon(), *learned())).entries
    order = sorted(range(len(entries)), key=lambda n: (entries[n].level, -entries[n].strength, n))
    found = []
    for rank, entry in enumerate(entries[number] for number in order):
        characters = taxonomy.seventh_characters(entry.code)
        char = next((c for c in "A0" if c in characters), min(characters, default=""))
        code = (taxonomy.with_seventh(entry.code, char) if char else None) or entry.code
        known = taxonomy.get(code)
        if known is not None and known.billable:
            found.append(
                Term(
                    text=entry.text,
                    code=code,
                    rank=rank,
                    caps=entry.caps,
                    title=entry.text == known.title,
                    learned=entry.source == LEARNED,
                )
            )
    return tuple(found)


def _headings() -> dict[str, str]:
    """Return our headings with the role of their section."""
    rules = json.loads(files("resources").joinpath("rules/sections.json").read_text("utf-8"))
    return {
        heading: section["role"] for section in rules["sections"] for heading in section["headings"]
    }


def _codiesp(data: Path, part: str) -> Coded:
    rows = list(documents(data, part))
    return Coded(
        texts={row.doc_id: row.text for row in rows},
        gold={row.doc_id: frozenset(row.codes) for row in rows},
    )


def _lessons(data: Path) -> tuple[Lesson, ...]:
    """Return CodiEsp train with the mentions that stand in one piece."""
    found = []
    path = data / "codiesp_en" / "codiesp_en_train.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            mentions = {
                (*mention["segments"][0][:2], annotation["code"].upper())
                for annotation in row["annotations"]
                for mention in annotation["mentions"]
                if len(mention["segments"]) == 1
            }
            found.append(Lesson(text=row["text"], mentions=tuple(sorted(mentions))))
    return tuple(found)


def _visits(data: Path) -> Coded:
    """Return the 40 tuning visits; lines of the locked ones are passed over."""
    tuning = frozenset(json.loads((VISITS / "split.json").read_text("utf-8"))["tuning"])
    notes = (data / "notes" / "aci_train.jsonl").read_text("utf-8").splitlines()
    labels = (VISITS / "final.jsonl").read_text("utf-8").splitlines()
    return Coded(
        texts={
            row["note_id"]: row["text"]
            for row in map(json.loads, notes)
            if row["note_id"] in tuning
        },
        gold={
            row["note_id"]: frozenset(label["code"] for label in row["labels"])
            for row in map(json.loads, labels)
            if row["note_id"] in tuning
        },
    )
