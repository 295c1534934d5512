"""How two codes of one disease go together: sides, sites, symptoms, combinations, sequelae."""

from collections.abc import Callable

import pytest

from pipeline.model import Claim, Finding, Setting, Severity

Fired = Callable[..., dict[str, Finding]]


@pytest.mark.parametrize(
    ("codes", "both"),
    [
        ("H25.11 H25.12", "H25.13"),
        ("M17.12 M17.11", "M17.0"),
        ("H40.1111 H40.1121", "H40.1131"),
    ],
)
def test_two_sides_are_one_bilateral_code(fired: Fired, codes: str, both: str) -> None:
    assert fired(codes)["bilateral.V20"].detail == (f"use={both}",)


@pytest.mark.parametrize(
    "codes",
    [
        "M25.561 M25.562",  # no bilateral code there
        "H40.1111 H40.1122",  # the stages differ, I.C.7.a.3
        "H25.11 H26.102",
        "S52.501A S52.502A",
    ],
)
def test_two_sides_stay_two_codes(fired: Fired, codes: str) -> None:
    assert "bilateral.V20" not in fired(codes)


def test_one_side_is_not_coded_beside_both(fired: Fired) -> None:
    assert fired("H25.13 H25.11")["side-within-both.V20"].detail == ("keep=H25.13",)
    assert "side-within-both.V20" not in fired("H25.13 H26.101")
    assert "side-within-both.V20" not in fired("H25.11 H25.12")


def test_an_open_side_is_a_reminder(fired: Fired) -> None:
    assert fired("M25.569")["side-unspecified.V20"].severity is Severity.INFO
    assert fired("S52.509A")["side-unspecified.V20"].severity is Severity.INFO
    assert "side-unspecified.V20" not in fired("M25.561")
    assert "side-unspecified.V20" not in fired("J18.9")


def test_multiple_sites_beside_one_of_them(fired: Fired) -> None:
    assert "multiple-sites.V23" in fired("M05.09 M05.071")
    assert "multiple-sites.V23" not in fired("M05.09 M06.9")


def test_a_symptom_its_disease_explains(fired: Fired) -> None:
    assert fired("J18.9 R05.9")["integral-symptom.V24"].codes == ("R05.9", "J18.9")
    assert "integral-symptom.V24" not in fired("J18.9 R31.9")


def test_a_symptom_does_not_lead_before_its_disease(fired: Fired) -> None:
    outpatient = fired("R05.9 J18.9")["symptom-first.Q04"]
    inpatient = fired("R05.9 J18.9", setting=Setting.INPATIENT, claim=Claim.FACILITY)
    assert outpatient.source == "guideline I.C.18.b"
    assert inpatient["symptom-first.Q04"].source == "guideline II.A"
    assert "symptom-first.Q04" not in fired("J18.9 R05.9")
    assert "symptom-first.Q04" not in fired("R31.9 J18.9")


@pytest.mark.parametrize(
    ("codes", "rule", "use"),
    [
        ("I10 I50.9", "hypertension-linked.C10", "I11.0"),
        ("I10 N18.4", "hypertension-linked.C10", "I12.9"),
        ("I10 N18.6", "hypertension-linked.C10", "I12.0"),
        ("I10 I50.22 N18.31", "hypertension-linked.C10", "I13.0"),
        ("I10 I50.22 N18.5", "hypertension-linked.C10", "I13.2"),
        ("I25.10 I20.9", "angina-linked.C11", "I25.119"),
        ("E11.9 N18.4", "combination-missed.V16", "E11.22"),
    ],
)
def test_parts_that_one_code_says_together(fired: Fired, codes: str, rule: str, use: str) -> None:
    assert fired(codes)[rule].detail == (f"use={use}",)


def test_a_combination_that_is_used_is_no_finding(fired: Fired) -> None:
    for codes in ("I11.0 I50.9", "I13.0 I50.22 N18.31", "I25.119", "E11.22 N18.4", "I10 E78.5"):
        assert (
            not {
                "hypertension-linked.C10",
                "angina-linked.C11",
                "combination-missed.V16",
            }
            & fired(codes).keys()
        )


def test_one_injury_is_not_acute_and_a_sequela(fired: Fired) -> None:
    assert "acute-with-sequela.V18" in fired("M25.631 S52.501A S52.501S")
    assert "acute-with-sequela.V18" not in fired("M25.631 S52.501A S52.502S")
    assert "acute-with-sequela.V18" not in fired("L90.5 T23.301A T23.301S")  # I.C.19.d.8


def test_an_unspecified_code_beside_a_telling_one(fired: Fired) -> None:
    assert fired("N18.9 N18.4")["less-specific.V14"].detail == ("keep=N18.4",)
    assert "less-specific.V14" not in fired("N18.9 I10")


def test_one_code_more_beside_its_parts_is_not_missed_where_it_is_there(fired: Fired) -> None:
    assert "combination-missed.V16" in fired("E11.65 N18.4")
    assert "combination-missed.V16" not in fired("E11.65 E11.22 N18.4")
