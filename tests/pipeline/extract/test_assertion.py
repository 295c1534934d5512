"""Assertion of our own golden sentences: each class is found, and the trigger is in the text."""

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline.extract.assertion import Context, judge
from pipeline.extract.document import language, sentences
from pipeline.model import Assertion

_GOLDEN = Path(__file__).parents[2] / "golden" / "assertions.jsonl"
_NLP = language()
_CONTEXT = Context.read(_NLP)


def at(text: str, start: int, end: int, section: str = "unheaded") -> tuple[Assertion, str]:
    """Judge a place of a text, sentence by sentence as the stage does."""
    doc = _NLP.make_doc(text)
    low, high = next((a, b) for a, b in sentences(text) if a <= start < b)
    span = doc.char_span(low, high, alignment_mode="expand")
    assert span is not None
    assertion, trigger = judge(_CONTEXT.scopes(span, _CONTEXT.triggers(doc)), start, end, section)
    return assertion, "" if trigger is None else text[trigger[0] : trigger[1]]


def read(text: str, words: str, section: str = "unheaded") -> tuple[Assertion, str]:
    start = text.index(words)
    return at(text, start, start + len(words), section)


@pytest.mark.parametrize(
    ("text", "words", "assertion", "trigger"),
    [
        ("Denies chest pain or dyspnea.", "dyspnea", Assertion.NEGATED, "Denies"),
        ("No fever but has cough.", "cough", Assertion.PRESENT, ""),
        ("No change in asthma.", "asthma", Assertion.PRESENT, ""),
        ("PE was ruled out.", "PE", Assertion.NEGATED, "was ruled out"),
        ("Cannot rule out pneumonia.", "pneumonia", Assertion.POSSIBLE, "Cannot rule out"),
        ("Mother had breast cancer.", "breast cancer", Assertion.FAMILY, "Mother had"),
        ("Return if fever.", "fever", Assertion.HYPOTHETICAL, "Return if"),
        ("History of stroke.", "stroke", Assertion.HISTORICAL, "History of"),
        ("No family history of gout.", "gout", Assertion.NEGATED, "No family history of"),
        ("No embolism, likely pneumonia.", "pneumonia", Assertion.POSSIBLE, "likely"),
        ("Edema, small effusion, no infiltrate.", "effusion", Assertion.PRESENT, ""),
        ("Likely pneumonia, organism not identified.", "pneumonia", Assertion.POSSIBLE, "Likely"),
        ("Infarct, tear, and clot ruled out.", "Infarct", Assertion.NEGATED, "ruled out"),
        ("Allergies: none", "Allergies", Assertion.NEGATED, "none"),
    ],
)
def test_sentences(text: str, words: str, assertion: Assertion, trigger: str) -> None:
    assert read(text, words) == (assertion, trigger)


def test_a_family_history_section_is_about_relatives() -> None:
    assert read("Breast cancer.", "Breast cancer", "family-history") == (Assertion.FAMILY, "")


def test_scope_ends_at_a_semicolon() -> None:
    assert read("No fever; cough present.", "cough") == (Assertion.PRESENT, "")


@pytest.mark.skipif(not _GOLDEN.exists(), reason="the golden sentences are not there")
def test_golden_sentences_are_read_as_an_expert_reads_them() -> None:
    rows = [json.loads(line) for line in _GOLDEN.read_text("utf-8").splitlines()]
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in rows:
        assertion, trigger = at(row["text"], row["start"], row["end"])
        total[row["assertion"]] += 1
        right[row["assertion"]] += assertion.value == row["assertion"]
        assert trigger in row["text"]
    assert len(rows) >= 200
    for assertion in Assertion:
        assert total[assertion.value] >= 20
    # The measured figures stand in docs/evaluation.md; these are floors that a slip would break.
    assert sum(right.values()) / sum(total.values()) >= 0.85
    for assertion in Assertion:
        assert right[assertion.value] / total[assertion.value] >= 0.7, assertion
