"""Properties of the rules as a whole."""

import random
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

from pipeline.model import Severity
from pipeline.validate import Checked, CodeEntry, CodeSet, Role, Validator, known_rules, message
from pipeline.validate import shapes as rows
from taxonomy import Taxonomy

Check = Callable[..., Checked]
_BOOK = Validator.read()
_POOL = (
    *("I10", "I11.0", "I12.9", "I13.0", "I50.9", "I50.22", "N18.4"),
    *("N18.6", "N18.9", "E11.9", "E11.22", "E10.9", "R05.9", "J18.9"),
    *("F02.80", "G30.9", "A41.9", "R65.20", "N17.9", "B96.20", "N39.0"),
    *("T36.0X5A", "L50.0", "T40.2X1A", "J96.01", "S52.501A", "S52.502A", "S52.501S"),
    *("W19.XXXA", "Y92.009", "Y93.01", "Y99.0", "Z00.00", "Z38.00", "O80"),
    *("Z37.0", "O24.414", "Z79.4", "H25.11", "H25.12", "F10.10", "F10.20"),
    *("Z68.41", "C18.9", "C78.01", "D63.0", "T24.311A", "T24.211A", "E11"),
    *("S52.501", "XX9", "M81.0", "K86.1"),
)
_SETS = st.lists(st.sampled_from(_POOL), min_size=1, max_size=12)


def unordered(codes: list[str]) -> CodeSet:
    return CodeSet(entries=tuple(CodeEntry(code=c, role=Role.UNORDERED) for c in codes))


def ordered(codes: list[str]) -> CodeSet:
    return CodeSet(entries=tuple(CodeEntry(code=code) for code in codes))


@settings(deadline=None, max_examples=60)
@cases(codes=_SETS, seed=st.integers(0, 9))
def test_the_order_of_codes_nobody_ordered_changes_nothing(
    taxonomy: Taxonomy, codes: list[str], seed: int
) -> None:
    shuffled = random.Random(seed).sample(codes, len(codes))
    once = _BOOK.check_set(unordered(codes), taxonomy)
    assert _BOOK.check_set(unordered(shuffled), taxonomy) == once
    assert _BOOK.check_set(unordered(codes), taxonomy) == once


@settings(deadline=None, max_examples=60)
@cases(codes=_SETS, seed=st.integers(0, 9))
def test_rules_free_of_order_say_the_same_in_any_order(
    taxonomy: Taxonomy, codes: list[str], seed: int
) -> None:
    free = {row.rule for row in rows.read().rows if row.shape in {"apart", "needs", "one", "ask"}}
    free |= {"exists", "billable", "seventh-character", "duplicate", "excludes1"}
    shuffled = random.Random(seed).sample(codes, len(codes))

    def said(given: list[str]) -> set[tuple[str, Severity]]:
        found = _BOOK.check_set(ordered(given), taxonomy).findings
        return {(f.rule, f.severity) for f in found if f.rule in free}

    assert said(codes) == said(shuffled)


@settings(deadline=None, max_examples=60)
@cases(codes=_SETS)
def test_every_finding_names_codes_of_the_set_and_has_a_sentence(
    taxonomy: Taxonomy, codes: list[str]
) -> None:
    checked = _BOOK.check_set(ordered(codes), taxonomy)
    for finding in (*checked.findings, *checked.unchecked):
        assert set(finding.codes) <= set(codes)
        assert finding.source.startswith(("guideline ", "tabular ", "mce "))
        assert finding.release == taxonomy.release.label
        assert finding.rule in known_rules()
        said = message(finding, taxonomy)
        assert "{" not in said
        assert all(code in said for code in finding.codes[:1])


@settings(deadline=None, max_examples=60)
@cases(codes=_SETS)
def test_a_rule_that_found_something_did_not_pass(taxonomy: Taxonomy, codes: list[str]) -> None:
    checked = _BOOK.check_set(ordered(codes), taxonomy)
    passed = {each.partition("=")[0] for each in checked.passes}
    assert passed.isdisjoint(finding.rule for finding in checked.findings)
    assert all(int(each.partition("=")[2]) > 0 for each in checked.passes)


def test_what_was_checked_is_recorded(check: Check) -> None:
    passes = check("I11.0 I50.9", day=date(2026, 3, 2)).passes
    assert {"billable.V01=2", "excludes1.V06=2", "heart-failure-missing.C10=1"} <= set(passes)
    assert "duplicate.V05=2" in passes
    assert not any(each.startswith("duplicate") for each in check("I10 I10").passes)


def test_notes_that_no_machine_reads_are_named(check: Check, taxonomy: Taxonomy) -> None:
    checked = check("A41.9 A40.9 I10")
    found = [each for each in checked.unchecked if each.rule == "read-manually"]
    (note,) = (each for each in found if each.source == "tabular 1 excludes1 1")
    assert note.codes == ("A41.9", "A40.9")
    assert note.detail == ("reason=words",)
    assert "certain localized infections" in message(note, taxonomy)
    assert not any("I10" in each.codes for each in found)


def test_without_an_order_it_is_said_that_none_was_asked(check: Check) -> None:
    assert any("missing=order" in f.detail for f in check("I10", ordered=False).unchecked)
    assert not any("missing=order" in f.detail for f in check("I10").unchecked)


@pytest.mark.parametrize(
    ("day", "times"), [(date(2026, 9, 30), 0), (date(2026, 10, 1), 1), (None, 0)]
)
def test_a_day_outside_the_release_is_a_query(check: Check, day: date | None, times: int) -> None:
    asked = [f for f in check("I42.0", day=day).findings if f.rule == "release-missing"]
    assert len(asked) == times
    assert all(f.severity is Severity.QUERY for f in asked)


def test_an_empty_set_is_no_finding(check: Check) -> None:
    assert check("").findings == ()
