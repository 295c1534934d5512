import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.model import Assertion


def read(name: str) -> list[dict[str, Any]]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


TUNED = read("assertions.jsonl")
HELD_OUT = read("assertions_heldout.jsonl")
RECORDS = TUNED + HELD_OUT


@pytest.mark.parametrize(
    ("records", "sentences", "least"),
    [(TUNED, 300, 25), (HELD_OUT, 150, 20)],
    ids=["tuned", "held"],
)
def test_every_class_has_enough_sentences(
    records: list[dict[str, Any]], sentences: int, least: int
) -> None:
    counts = Counter(record["assertion"] for record in records)
    assert len({record["text"] for record in records}) >= sentences
    assert set(counts) == set(Assertion)
    assert min(counts.values()) >= least


def test_no_sentence_is_both_tuned_on_and_held_out() -> None:
    assert not {r["text"].casefold() for r in TUNED} & {r["text"].casefold() for r in HELD_OUT}


@pytest.mark.parametrize("number", range(len(RECORDS)))
def test_mention_and_trigger_stand_in_the_sentence(number: int) -> None:
    record = RECORDS[number]
    assert set(record) == {"text", "start", "end", "assertion", "trigger"}
    text, start, end = record["text"], record["start"], record["end"]
    assert 0 <= start < end <= len(text)
    assert text[start:end] == text[start:end].strip()
    if record["assertion"] == Assertion.PRESENT:
        assert record["trigger"] == ""
    else:
        assert record["trigger"]
        outside = text[:start] + "\0" + text[end:]
        assert record["trigger"] in outside


def test_no_mention_is_labelled_twice() -> None:
    marked = [(record["text"], record["start"], record["end"]) for record in RECORDS]
    assert len(marked) == len(set(marked))
