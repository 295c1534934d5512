"""The page on the rules says what is there: every line of the list, every rule, every open note."""

import re
from pathlib import Path

import pytest

from pipeline.validate import known_rules
from taxonomy import Taxonomy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rules.md"
_LINES = {"V": 25, "Q": 12, "P": 8, "A": 2, "C": 25}
_LISTED = re.compile(r"\*\*(words|lead-in|qualifier)\*\* \((\d+)\)[^\n]*\n((?:[A-Z].*\n)+)")


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(page: str) -> dict[str, list[str]]:
    lines = [line for line in page.splitlines() if re.match(r"\| [VQPAC]\d\d \|", line)]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row for row in cells}


def test_every_line_of_the_list_is_there(rows: dict[str, list[str]]) -> None:
    ids = [f"{letter}{n:02}" for letter, last in _LINES.items() for n in range(1, last + 1)]
    assert sorted(rows) == sorted(ids)
    assert {row[3] for row in rows.values()} == {"full", "partial", "no finding"}


def test_every_rule_stands_in_its_line_and_no_other_rule_does(rows: dict[str, list[str]]) -> None:
    named = {rule: line for line, row in rows.items() for rule in re.findall(r"`([^`]+)`", row[4])}
    assert set(named) <= known_rules()
    for rule in known_rules():
        _, dot, line = rule.partition(".")
        assert not dot or named[rule] == line, rule


def test_the_tests_and_modules_it_names_exist(rows: dict[str, list[str]]) -> None:
    here, code = Path(__file__).parent, PAGE.parents[1]
    for row in rows.values():
        for name in filter(None, row[6].split(", ")):
            path = code / f"{name}.py" if "/" in name else here / f"{name}.py"
            assert path.is_file(), name
        for name in row[5].split(", "):
            places = (
                code / "pipeline" / "validate" / f"{name}.py",
                code / "resources" / "rules" / name,
                code / name,
            )
            assert any(place.exists() for place in places), name


def test_the_notes_nobody_reads_are_those_of_the_release(page: str, taxonomy: Taxonomy) -> None:
    listed = {reason: (int(count), nodes) for reason, count, nodes in _LISTED.findall(page)}
    places = taxonomy._places
    found: dict[str, list[str]] = {}
    for number, kind in enumerate(places.tables.kinds):
        note = places.note(number)
        reason = places.targets[number].unresolved
        if kind == "excludes1" and note.level in {"category", "code"} and reason:
            found.setdefault(reason, []).append(note.node)
    assert set(listed) == set(found)
    for reason, nodes in found.items():
        count, text = listed[reason]
        assert count == len(nodes)
        assert re.findall(r"[A-Z][0-9A-Z.]+", text) == list(dict.fromkeys(nodes))
