"""Every code and every pattern of the rules on words is one that can be used."""

import csv
import re
from importlib.resources import files
from typing import Any

import pytest

from resources import read_json
from taxonomy import Taxonomy

ROWS = {
    "told": read_json("rules/told.json")["rows"],
    "refine": read_json("rules/refine.json")["rows"],
    "causes": read_json("rules/external.json")["causes"],
    "activities": read_json("rules/external.json")["activities"],
}


@pytest.mark.parametrize("name", ROWS)
def test_patterns_are_in_small_letters_and_compile(name: str) -> None:
    """The search for what is not there runs on text in small letters."""
    for row in ROWS[name]:
        re.compile(row["words"])
        assert not re.search(r"[A-Z]", re.sub(r"\\.", "", row["words"])), row["words"]


def test_codes_are_billable(icd: Taxonomy) -> None:
    given = {row["gives"] for name in ("told", "causes", "activities") for row in ROWS[name]}
    given |= {row["rises"]["code"] for row in ROWS["told"] if "rises" in row}
    given |= {row["gives"] for row in ROWS["refine"] if "\\" not in row["gives"]}
    given |= {code for _, code in read_json("rules/history.json")["rows"]}
    classes: dict[str, Any] = read_json("rules/medications.json")["classes"]
    given |= {row["underdosing"] for row in classes.values()}
    given |= {row["long_term"] for row in classes.values() if "long_term" in row}
    bad = sorted(c for c in given if (found := icd.get(c)) is None or not found.billable)
    assert not bad


def test_drugs_stand_once_and_have_a_class(icd: Taxonomy) -> None:
    text = files("resources").joinpath("rules/drugs.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    names = [row["name"] for row in rows]
    assert len(names) == len(set(names))
    assert len(names) >= 400
    assert {row["class"] for row in rows} == set(read_json("rules/medications.json")["classes"])
    for row in rows:
        code = row["underdosing"]
        assert not code or (code[-2:] == "6A" and code in icd)


@pytest.mark.parametrize(
    ("text", "former"),
    [
        ("he quit smoking in 2010", True),
        ("she stopped smoking years ago", True),
        ("he was advised to quit smoking", False),
        ("she is not ready to quit smoking", False),
    ],
)
def test_who_is_told_to_quit_has_not_quit(text: str, *, former: bool) -> None:
    words = next(row["words"] for row in ROWS["told"] if row["gives"] == "Z87.891")
    assert bool(re.search(words, text)) is former


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("biliary colic, cholecystectomy in 2010", True),
        ("we will proceed with laparoscopic cholecystectomy", False),
        ("she will undergo cholecystectomy", False),
        ("upcoming cholecystectomy", False),
        ("she underwent cholecystectomy", True),
    ],
)
def test_an_operation_to_come_was_not_done(text: str, *, done: bool) -> None:
    row = next(row for row in ROWS["told"] if "cholecystectomy" in row["words"])
    assert re.search(row["words"], text)
    assert bool(re.search(row["unless"], text)) is not done
