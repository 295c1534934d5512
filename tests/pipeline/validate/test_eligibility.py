"""The first code, imported lists, ages of the code editor, present on admission."""

from collections.abc import Callable

import pytest

from pipeline.model import Claim, Finding, Setting, Severity
from pipeline.validate import Checked, CodeEntry, CodeSet, Lists, Role, Validator, message
from taxonomy import Taxonomy

Fired = Callable[..., dict[str, Finding]]
Check = Callable[..., Checked]
_LISTS = Lists(
    manifestation=frozenset({"D63.1"}),
    unacceptable=frozenset({"Z79.4"}),
    unless_secondary=frozenset({"Z51.89"}),
    ages={"adult": (15, 124, frozenset({"N40.1"}))},
    poa_exempt=frozenset({"Z79.4"}),
)


def missing(checked: Checked) -> dict[str, str]:
    """Return what each rule that was not asked is missing."""
    asked = (f for f in checked.unchecked if f.rule == "not-checked")
    return {f.detail[0].partition("=")[2]: f.detail[1] for f in asked}


def test_rules_that_need_a_list_say_so(check: Check, taxonomy: Taxonomy) -> None:
    checked = check("D63.1 N18.4", age=60)
    assert missing(checked)["manifestation-list.P02"] == "missing=mce"
    assert missing(checked)["unacceptable-principal.P03"] == "missing=mce"
    assert missing(checked)["age-list.A01"] == "missing=mce"
    assert any("Import the MCE list" in message(f, taxonomy) for f in checked.unchecked)


def test_with_the_list_they_are_asked(check: Check) -> None:
    checked = check("I10", age=60, lists=_LISTS)
    assert not missing(checked).keys() & {"manifestation-list.P02", "unacceptable-principal.P03"}
    assert "manifestation-list.P02=1" in checked.passes
    assert "age-list.A01=1" in checked.passes


@pytest.mark.parametrize(
    ("codes", "rule"),
    [("D63.1 N18.4", "manifestation-list.P02"), ("Z79.4 I10", "unacceptable-principal.P03")],
)
def test_listed_codes_never_lead(fired: Fired, codes: str, rule: str) -> None:
    assert fired(codes, lists=_LISTS, setting=Setting.INPATIENT)[rule].severity is Severity.ERROR
    other = " ".join(reversed(codes.split()))
    assert rule not in fired(other, lists=_LISTS, setting=Setting.INPATIENT)


def test_unacceptable_is_soft_outside_a_stay(fired: Fired) -> None:
    found = fired("Z79.4 I10", lists=_LISTS)["unacceptable-principal.P03"]
    assert found.severity is Severity.WARNING


def test_some_codes_lead_only_with_a_secondary(fired: Fired) -> None:
    assert "unacceptable-principal.P03" in fired("Z51.89", lists=_LISTS)
    assert "unacceptable-principal.P03" not in fired("Z51.89 I10", lists=_LISTS)


def test_ages_show_their_range(fired: Fired) -> None:
    assert fired("N40.1", age=14.5, lists=_LISTS)["age-list.A01"].detail == ("age=15-124",)
    assert "age-list.A01" not in fired("N40.1", age=15.0, lists=_LISTS)


def poa(*entries: tuple[str, str | None], lists: Lists, taxonomy: Taxonomy) -> Checked:
    given = CodeSet(
        entries=tuple(CodeEntry(code=code, poa=value) for code, value in entries),
        setting=Setting.INPATIENT,
        claim=Claim.FACILITY,
    )
    return Validator.read(lists=lists).check_set(given, taxonomy)


def poa_rules(checked: Checked) -> list[str]:
    return [f.rule for f in checked.findings if f.rule.startswith("poa")]


def test_the_exempt_list_is_honoured(taxonomy: Taxonomy) -> None:
    right = poa(("I10", "Y"), ("N17.9", "N"), ("Z79.4", ""), lists=_LISTS, taxonomy=taxonomy)
    wrong = poa(("I10", ""), ("Z79.4", "Y"), lists=_LISTS, taxonomy=taxonomy)
    assert poa_rules(right) == []
    assert poa_rules(wrong) == ["poa-exempt.Q12", "poa-exempt.Q12"]


def test_without_the_list_a_blank_is_not_judged(taxonomy: Taxonomy) -> None:
    checked = poa(("I10", ""), ("N17.9", "W"), lists=Lists(), taxonomy=taxonomy)
    assert poa_rules(checked) == []
    assert missing(checked)["poa-exempt.Q12"] == "missing=poa-exempt"


def test_an_indicator_is_one_of_four(taxonomy: Taxonomy) -> None:
    checked = poa(("I10", "1"), ("N17.9", "U"), lists=_LISTS, taxonomy=taxonomy)
    assert poa_rules(checked) == ["poa-value.Q12"]


def test_a_missing_indicator_is_said(taxonomy: Taxonomy) -> None:
    checked = poa(("I10", None), ("N17.9", "Y"), lists=_LISTS, taxonomy=taxonomy)
    assert missing(checked)["poa-missing.Q12"] == "missing=poa"


def test_indicators_are_for_facilities_inpatients_only(taxonomy: Taxonomy) -> None:
    given = CodeSet(entries=(CodeEntry(code="I10", poa="Y"),), setting=Setting.OUTPATIENT)
    found = [f.rule for f in Validator.read().check_set(given, taxonomy).findings]
    assert found == ["poa-setting.Q12"]


def test_one_code_is_principal_and_leads_wherever_it_stands(taxonomy: Taxonomy) -> None:
    two = CodeSet(
        entries=(
            CodeEntry(code="I12.9", role=Role.PRINCIPAL),
            CodeEntry(code="N18.4", role=Role.PRINCIPAL),
        )
    )
    assert "one-principal.Q05" in {
        f.rule for f in Validator.read().check_set(two, taxonomy).findings
    }
    last = CodeSet(entries=(CodeEntry(code="N18.4"), CodeEntry(code="I12.9", role=Role.PRINCIPAL)))
    assert Validator.read().check_set(last, taxonomy).findings == ()
