"""Codes by themselves: what is wrong with one, and what would make it right."""

import random

import pytest

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


def test_every_fix_is_a_code_of_the_release(taxonomy: Taxonomy) -> None:
    chance = random.Random(11)
    rows = [code.code for code in taxonomy.codes()]
    for code in chance.sample(rows, 400):
        for broken in (code, code[:-1], f"{code}9", f"{code}A", code.replace("X", "")):
            for finding in structure([broken], taxonomy):
                assert all(fix in taxonomy for fix in finding.detail)


def test_billable_codes_are_never_found_wrong(taxonomy: Taxonomy) -> None:
    billable = [code.code for code in taxonomy.codes() if code.billable]
    assert structure(random.Random(12).sample(billable, 3000), taxonomy) == []


@pytest.fixture(scope="module")
def later(at_hand: Releases) -> Taxonomy:
    return at_hand.get("FY2027-provisional")


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


def test_a_pass_on_codes_out_of_use_counts_only_where_it_could_be_asked(
    later: Taxonomy, taxonomy: Taxonomy
) -> None:
    given = CodeSet(entries=(CodeEntry(code="I10"), CodeEntry(code="M10.9")))
    book = RuleBook.read()
    assert "superseded.V04=2" in book.check(given, later).passes
    assert not [each for each in book.check(given, taxonomy).passes if "superseded" in each]
