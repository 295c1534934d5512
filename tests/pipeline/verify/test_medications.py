"""Long-term drugs and underdosing."""

from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]
DIABETES = "ASSESSMENT\n1. Diabetes.\n- Medical Treatment: {}\n"


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ("Continue metformin 500 mg twice a day.", "Z79.84"),
        ("She takes Lantus 20 units nightly.", "Z79.4"),
        ("Stays on Ozempic weekly.", "Z79.85"),
        ("Continue warfarin.", "Z79.01"),
        ("He takes clopidogrel daily.", "Z79.02"),
        ("Continue aspirin 81 mg daily.", "Z79.82"),
        ("Remains on methotrexate weekly.", "Z79.631"),
        ("Continues immunosuppressive medications.", "Z79.60"),
    ],
)
def test_a_drug_the_patient_is_on_is_long_term(visit: Visit, plan: str, code: str) -> None:
    result = visit(DIABETES.format(plan), {"Diabetes": "E11.9"})
    assert code in result.codes
    (words,) = result.words(code)
    assert words in plan


@pytest.mark.parametrize(
    "plan",
    [
        "Start metformin 500 mg daily.",
        "Consider insulin.",
        "She stopped taking metformin years ago.",
        "He denies taking blood thinners daily.",
        "Prescribed a prednisone taper.",
        "Take ibuprofen 600 mg three times daily as needed.",
        "Oxycodone 5 mg every 6 hours for pain.",
    ],
)
def test_one_started_stopped_or_short_is_not(visit: Visit, plan: str) -> None:
    result = visit(DIABETES.format(plan), {"Diabetes": "E11.9"})
    assert not {code for code in result.codes if code.startswith("Z79")}


def test_a_drug_for_diabetes_needs_diabetes(visit: Visit) -> None:
    text = DIABETES.format("Continue metformin daily.")
    assert visit(text, {"Diabetes": "R73.03"}).codes == {"R73.03"}


def test_an_allergy_is_no_use(visit: Visit) -> None:
    assert visit(
        "ALLERGIES\nWarfarin daily.\n\nASSESSMENT\n1. Gout.\n", {"Gout": "M10.9"}
    ).codes == {"M10.9"}


@pytest.mark.parametrize(
    ("reasoning", "drug", "why"),
    [
        ("She keeps forgetting to take her lisinopril.", "T46.4X6A", "Z91.138"),
        ("He stopped taking Zoloft due to side effects.", "T43.226A", "Z91.128"),
        ("She skips doses of insulin as she cannot afford it.", "T38.3X6A", "Z91.120"),
        ("He has been missing doses of tramadol.", "T40.426A", "Z91.138"),
    ],
)
def test_taking_less_is_underdosing_with_its_reason(
    visit: Visit, reasoning: str, drug: str, why: str
) -> None:
    result = visit(DIABETES.format(reasoning), {"Diabetes": "E11.9"})
    assert {drug, why} <= result.codes


def test_a_drug_may_be_meant_by_its_purpose(visit: Visit) -> None:
    text = (
        "HPI\nShe forgets her blood pressure medication.\n\nASSESSMENT\n1. Hypertension.\n"
        "She was inconsistent with her blood pressure medication. Increase amlodipine.\n"
    )
    assert {"T46.1X6A", "Z91.138"} <= visit(text, {"Hypertension": "I10"}).codes


def test_taking_all_of_it_is_none(visit: Visit) -> None:
    text = DIABETES.format("She has not missed any doses of metformin.")
    assert not {c for c in visit(text, {"Diabetes": "E11.9"}).codes if c.startswith(("T", "Z91"))}
