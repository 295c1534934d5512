"""Codes by themselves: what is wrong with one, and what would make it right."""

import random

import pytest

from pipeline.model import Severity
from pipeline.validate import message
from pipeline.validate.structure import structure
from taxonomy import Taxonomy, releases


@pytest.mark.parametrize(
    ("code", "rule", "fix"),
    [
        ("I10.0", "exists", ("I10",)),
        ("Z99.99", "exists", ()),
        ("XX9", "exists", ()),
        ("S12.9A", "placeholder", ("S12.9XXA",)),
        ("E11.6", "billable", ("E11.61", "E11.62", "E11.63", "E11.64", "E11.65", "E11.69")),
        ("T36.0X1", "seventh-character", ("T36.0X1A", "T36.0X1D", "T36.0X1S")),
        ("T36.0X1B", "seventh-character", ("T36.0X1A", "T36.0X1D", "T36.0X1S")),
        ("S06.2X7D", "seventh-character", ("S06.2X7A",)),
    ],
)
def test_what_is_wrong_with_a_code(
    taxonomy: Taxonomy, code: str, rule: str, fix: tuple[str, ...]
) -> None:
    (found,) = structure([code], taxonomy)
    assert (found.rule, found.codes, found.detail) == (rule, (code,), fix)
    said = message(found, taxonomy)
    assert code in said
    assert "{" not in said


@pytest.mark.parametrize(
    ("code", "rule", "day"),
    [
        ("I42.00", "valid-from.V04", "2026-10-01"),
        ("k740a", "valid-from.V04", "2026-10-01"),
        ("I42.0", "", ""),
        ("Z99.99", "", ""),
    ],
)
def test_a_code_of_the_next_year_is_told_as_such(
    taxonomy: Taxonomy, code: str, rule: str, day: str
) -> None:
    found = [each for each in structure([code], taxonomy) if each.rule.endswith(".V04")]
    assert [each.rule for each in found] == [rule] * bool(rule)
    assert all(day in message(each, taxonomy) for each in found)


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Taxonomy:
    folder = tmp_path_factory.mktemp("later")
    return releases(folder / "cache", folder / "none").get("FY2027-provisional")


@pytest.mark.parametrize("code", ["I42.0", "D69.1", "M72.2", "Z68.1", "M86.8X1", "S23.420A"])
def test_a_code_of_the_year_before_is_told_as_such(later: Taxonomy, code: str) -> None:
    told, wrong = structure([code], later)
    assert (told.rule, told.detail) == ("valid-until.V04", ("day=2026-09-30",))
    assert wrong.severity is Severity.ERROR


def test_a_header_names_the_codes_below_it(taxonomy: Taxonomy) -> None:
    (found,) = structure(["E11.6"], taxonomy)
    assert all(code in message(found, taxonomy) for code in taxonomy.children("E11.6"))


def test_every_fix_is_a_code_of_the_release(taxonomy: Taxonomy) -> None:
    chance = random.Random(11)
    rows = [code.code for code in taxonomy.codes()]
    codes = set(rows)
    for code in chance.sample(rows, 400):
        for broken in (code, code[:-1], f"{code}9", f"{code}A", code.replace("X", "")):
            for finding in structure([broken], taxonomy):
                assert finding.rule.endswith(".V04") or set(finding.detail) <= codes


def test_billable_codes_are_never_found_wrong(taxonomy: Taxonomy) -> None:
    billable = [code.code for code in taxonomy.codes() if code.billable]
    assert structure(random.Random(12).sample(billable, 3000), taxonomy) == []
