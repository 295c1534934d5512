import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.model import Assertion

LINES = (Path(__file__).parent / "assertions.jsonl").read_text(encoding="utf-8").splitlines()
RECORDS: list[dict[str, Any]] = [json.loads(line) for line in LINES]


def test_every_class_has_enough_sentences() -> None:
    counts = Counter(record["assertion"] for record in RECORDS)
    assert len(RECORDS) >= 320
    assert set(counts) == set(Assertion)
    assert min(counts.values()) >= 25


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
