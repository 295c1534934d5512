"""The hand-coded visit notes are whole, unchanged, and hold no note text."""

import json
import os
import random
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

VISITS = Path(__file__).parent / "visits"
MEASURE = runpy.run_path(str(VISITS / "measure.py"))
LABELS = ("pass_a.jsonl", "pass_b.jsonl", "final.jsonl")
REPOSITORY = Path(__file__).parents[2]


def load(name: str) -> Any:
    return json.loads((VISITS / name).read_text(encoding="utf-8"))


def load_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (VISITS / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def notes_path() -> Path:
    shared = os.environ.get("CHARTPROOF_SHARED_DATA", str(REPOSITORY / ".." / "shared" / "data"))
    path = Path(shared) / "notes" / "aci_train.jsonl"
    if not path.is_file():
        pytest.skip(f"the visit notes are not part of the repository; none at {path}")
    return path


@pytest.fixture(scope="module")
def texts(notes_path: Path) -> dict[str, str]:
    rows = (json.loads(line) for line in notes_path.read_text(encoding="utf-8").splitlines())
    return {row["note_id"]: row["text"] for row in rows}


def runs_of_four(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def test_no_file_changed_without_its_digest() -> None:
    recorded = load("sha256.json")["files"]

    assert recorded == {name: MEASURE["file_digest"](VISITS / name) for name in MEASURE["DIGESTED"]}
    assert {path.name for path in VISITS.glob("*.json*")} == {*recorded, "sha256.json"}


def test_agreement_is_what_the_passes_give() -> None:
    assert load("agreement.json") == MEASURE["agreement"](VISITS)


def test_readme_states_the_agreement_as_measured() -> None:
    readme = (VISITS / "README.md").read_text(encoding="utf-8")
    figures = load("agreement.json")
    for pair in ("a_b", "a_final", "b_final"):
        cells = " | ".join(f"{value:.3f}" for value in figures[pair].values())
        assert cells in readme, pair
    counts = " | ".join(str(int(figures["codes"][name])) for name in ("a", "b", "final"))
    assert counts in readme


def test_split_is_the_seeded_one() -> None:
    split = load("split.json")
    notes = sorted(load("sha256.json")["notes"])
    tuning = sorted(random.Random(20261121).sample(notes, 40))

    assert split == {"tuning": tuning, "locked": [n for n in notes if n not in tuning]}
    assert (len(split["tuning"]), len(split["locked"])) == (40, 27)


@pytest.mark.parametrize("name", LABELS)
def test_every_note_is_coded_and_every_code_has_evidence(name: str) -> None:
    rows = load_lines(name)

    assert [row["note_id"] for row in rows] == sorted(load("sha256.json")["notes"])
    for row in rows:
        codes = [label["code"] for label in row["labels"]]
        assert codes, row["note_id"]
        assert len(codes) == len(set(codes)), row["note_id"]
        assert all(label["evidence"] for label in row["labels"]), row["note_id"]


def test_decisions_explain_every_step_from_the_passes_to_the_final_labels() -> None:
    sets = {key: MEASURE["read_codes"](VISITS / name) for key, name in MEASURE["SOURCES"].items()}
    expected = {
        (note, code): tuple(code in sets[key][note] for key in ("a", "b", "final"))
        for note in sets["a"]
        for code in sets["a"][note] | sets["b"][note] | sets["final"][note]
        if len({code in sets[key][note] for key in ("a", "b", "final")}) > 1
    }
    decisions = load_lines("decisions.jsonl")

    assert {(d["note_id"], d["code"]): (d["a"], d["b"], d["final"]) for d in decisions} == expected
    assert len(decisions) == len(expected)
    assert all(d["why"].strip() for d in decisions)


def test_note_texts_are_the_ones_coded(notes_path: Path) -> None:
    assert load("sha256.json")["notes"] == MEASURE["note_digests"](notes_path)


@pytest.mark.parametrize("name", LABELS)
def test_evidence_lies_in_the_note_and_is_short_and_trimmed(
    name: str, texts: dict[str, str]
) -> None:
    for row in load_lines(name):
        text = texts[row["note_id"]]
        for label in row["labels"]:
            for start, end in label["evidence"]:
                assert 0 <= start < end <= len(text), (row["note_id"], label["code"])
                words = text[start:end]
                assert words == words.strip(), (row["note_id"], label["code"])
                assert 1 <= len(words.split()) <= 12, (row["note_id"], label["code"])


def test_no_four_words_of_a_note_stand_in_a_committed_file(texts: dict[str, str]) -> None:
    quoted = set().union(*(runs_of_four(text) for text in texts.values()))
    files = [path for path in VISITS.iterdir() if path.is_file()]
    for path in [*files, Path(__file__)]:
        found = runs_of_four(path.read_text(encoding="utf-8")) & quoted
        assert not found, f"{path.name} holds {len(found)} runs of four words of a note"
