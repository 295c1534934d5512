import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from app import wording
from app.wording import count, known, say, words
from pipeline.model import Assertion, Claim, NoteStatus, Route, Scope, Setting, Support
from pipeline.route import CATEGORY, FEATURES, WORDING

ROOT = Path(__file__).resolve().parents[2]


def test_an_unknown_id_is_shown_as_it_is() -> None:
    assert say("reasons", "never-heard=3") == "never-heard=3"
    assert say("no-such-kind", "x") == "x"
    assert not known("reasons", "never-heard=3")


def test_a_parameter_is_put_into_the_sentence() -> None:
    assert "I11.0" in say("reasons", "integral-to=I11.0")
    assert known("reasons", "integral-to=I11.0")


def test_the_most_exact_sentence_is_taken() -> None:
    one, three = say("reasons", "low-confidence=1"), say("reasons", "low-confidence=3")
    assert "3" in three
    assert "1" not in one
    assert say("reasons", "low-confidence") not in {one, three}


def test_braces_in_a_value_are_no_template() -> None:
    assert say("events", "decision.accepted", code="{what}", what="no") in {
        "Accepted {what}",
        "Accepted no",
    }
    assert say("reasons", "integral-to={oops}").count("{oops}") == 1


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("assertions", Assertion),
        ("settings", Setting),
        ("claims", Claim),
        ("routes", Route),
        ("lanes", Route),
        ("lane_tabs", Route),
        ("lane_defaults", Route),
        ("scopes", Scope),
        ("support", Support),
        ("note_status", [status for status in NoteStatus if status is not NoteStatus.UNKNOWN]),
    ],
)
def test_every_value_of_the_field_has_words(kind: str, ids: list[str]) -> None:
    assert [str(each) for each in ids if not known(kind, str(each))] == []


def test_every_section_has_a_name() -> None:
    text = files("resources").joinpath("rules/sections.json").read_text(encoding="utf-8")
    ids = [section["id"] for section in json.loads(text)["sections"]]
    assert [each for each in ids if not known("sections", each)] == []


def test_every_part_of_a_confidence_has_a_name() -> None:
    assert [each for each in (*FEATURES, WORDING, CATEGORY) if not known("features", each)] == []


def test_every_kind_of_event_the_log_knows_has_a_sentence() -> None:
    source = (ROOT / "audit" / "events.py").read_text(encoding="utf-8")
    kinds = re.findall(r'^    "([a-z]+\.[a-z]+)": ', source, re.MULTILINE)
    assert len(kinds) > 10
    assert [kind for kind in kinds if not known("events", kind)] == []


def test_every_reason_a_stage_writes_has_a_sentence() -> None:
    sources = [
        ROOT / "pipeline" / stage / name
        for stage, name in (
            ("verify", "__init__.py"),
            ("validate", "rules.py"),
            ("route", "__init__.py"),
        )
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    ids = set(re.findall(r'reasons?(?:=|\.append)\(?\(?f?"([a-z-]+)[="]', text))
    ids |= set(re.findall(r'_exclude\(\w+, f?"([a-z-]+)', text))
    assert len(ids) > 5
    assert sorted(each for each in ids if not known("reasons", each)) == []


def test_no_sentence_speaks_of_money_or_prediction() -> None:
    everything = json.dumps(words()).casefold()
    for word in ("predict", "revenue", "payment", "reimburse", "dollar"):
        assert word not in everything


def test_numbers_agree_with_their_nouns() -> None:
    assert count(1, "note") == "1 note"
    assert count(1200, "note") == "1,200 notes"
    assert count(2, "entry", "entries") == "2 entries"
    assert wording.count(0, "note") == "0 notes"


def test_a_rule_without_a_sentence_is_read_out() -> None:
    assert say("reasons", "first-listed-only.P04") == "First listed only (rule P04)"
    assert say("reasons", "something.else") == "something.else"
