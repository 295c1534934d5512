"""Codes by themselves: what is wrong with one, and what would make it right."""

import random

import pytest

from pipeline.model import Severity
from pipeline.validate import CodeEntry, CodeSet, message
from pipeline.validate.engine import RuleBook
from pipeline.validate.structure import structure
from taxonomy import Releases, Taxonomy


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


@pytest.fixture(scope="module")
def later(at_hand: Releases) -> Taxonomy:
    return at_hand.get("FY2027-provisional")


@pytest.mark.parametrize(
    ("code", "told"), [("I42.00", 1), ("k740a", 1), ("I42.0", 0), ("Z99.99", 0)]
)
def test_a_code_of_the_next_year_is_told_as_such(
    taxonomy: Taxonomy, later: Taxonomy, code: str, told: int
) -> None:
    found = [each for each in structure([code], taxonomy) if each.rule == "valid-from"]
    assert [message(each, taxonomy) for each in found] == [
        f"{code} is a code from 2026-10-01 on; check the date of this encounter."
    ] * told
    assert "valid-from" not in {each.rule for each in structure([code], later)}


@pytest.mark.parametrize("code", ["I42.0", "D69.1", "M72.2", "Z68.1", "M86.8X1", "S23.420A"])
def test_a_code_of_the_year_before_is_told_as_such(later: Taxonomy, code: str) -> None:
    told, wrong = structure([code], later)
    assert (told.rule, told.detail[1]) == ("superseded", "before=FY2026")
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
                assert finding.rule == "valid-from" or set(finding.detail) <= codes


def test_billable_codes_are_never_found_wrong(taxonomy: Taxonomy) -> None:
    billable = [code.code for code in taxonomy.codes() if code.billable]
    assert structure(random.Random(12).sample(billable, 3000), taxonomy) == []


@pytest.mark.parametrize(
    ("code", "rules", "says"),
    [
        ("I42.0", {"superseded", "billable"}, "In its place: I42.00, I42.01 and I42.09."),
        ("I42.09", {"superseded"}, "I42.0 was billable in FY2026 and is no longer"),
        ("S23.420A", {"superseded", "exists"}, "S23.420 was billable in FY2026"),
        ("T52.8X1A", {"superseded", "exists"}, "It was deleted."),
        ("I42.1", set(), ""),
        ("I10", set(), ""),
    ],
)
def test_a_code_that_was_taken_out_of_use_is_told(
    later: Taxonomy, taxonomy: Taxonomy, code: str, rules: set[str], says: str
) -> None:
    found = structure([code], later)
    assert {finding.rule for finding in found} == rules
    said = " ".join(message(finding, later) for finding in found)
    assert says in said
    assert ("as of 2026-10-01" in said) is bool(rules)
    assert "superseded" not in {finding.rule for finding in structure([code], taxonomy)}


@pytest.mark.parametrize("known", ["superseded", "valid-from"])
def test_a_pass_on_another_year_counts_only_where_it_could_be_asked(
    later: Taxonomy, taxonomy: Taxonomy, known: str
) -> None:
    given = CodeSet(entries=(CodeEntry(code="I10"), CodeEntry(code="M10.9")))
    here, there = (later, taxonomy) if known == "superseded" else (taxonomy, later)
    book = RuleBook.read()
    assert f"{known}.V04=2" in book.check(given, here).passes
    assert not [each for each in book.check(given, there).passes if known in each]


def test_a_claim_with_a_code_of_another_year_is_checked_to_the_end(
    later: Taxonomy, taxonomy: Taxonomy
) -> None:
    for code, release, rule in (("I42.00", taxonomy, "valid-from"), ("I42.0", later, "superseded")):
        given = CodeSet(entries=(CodeEntry(code=code), CodeEntry(code="I10")))
        checked = RuleBook.read().check(given, release)
        assert rule in {finding.rule for finding in checked.findings}
        assert not [each for each in checked.passes if each.startswith(rule)]
