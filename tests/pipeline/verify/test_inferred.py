"""Codes that words lead to by themselves."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.model import Assertion

Visit = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "found", "code"),
    [
        ("HPI\nHe smokes cigarettes.\n\nASSESSMENT\nCounseled to stop smoking.", {}, "F17.210"),
        ("HPI\nFormer smoker.\n\nASSESSMENT\n1. COPD.", {"COPD": "J44.9"}, "Z87.891"),
        ("HPI\nAortic valve replacement.\n\nASSESSMENT\n1. CAD.", {"CAD": "I25.10"}, "Z95.2"),
        ("ASSESSMENT\n1. CAD, previous LAD stent.", {"CAD": "I25.10"}, "Z95.5"),
        ("ASSESSMENT\n1. Status post renal transplant.", {}, "Z94.0"),
        ("ASSESSMENT\n1. Status post rotator cuff repair.", {}, "Z98.890"),
        ("ASSESSMENT\n1. Status post cataract surgery.", {}, "Z98.49"),
        ("ASSESSMENT\n1. Chronic back pain.", {"back pain": "M54.9"}, "G89.29"),
        ("ASSESSMENT\nHer cholesterol was elevated.", {}, "E78.00"),
        ("EXAM\nBMI 33.4.\n\nASSESSMENT\n1. Obesity.", {"Obesity": "E66.9"}, "Z68.33"),
        ("CHIEF COMPLAINT\nAnnual exam.\n\nASSESSMENT\nDoing well.", {}, "Z00.00"),
        ("CHIEF COMPLAINT\nAnnual exam.\n\nASSESSMENT\nIncrease lisinopril.", {}, "Z00.01"),
        ("EXAM\nEffusion.\n\nASSESSMENT\n1. Knee pain.\nSwelling.", {"Knee": "M25.561"}, "M25.461"),
        ("HPI\nHe had a heart attack in 2018.\n\nASSESSMENT\n1. CAD.", {"CAD": "I25.10"}, "I25.2"),
    ],
)  # fmt: skip
def test_words_lead_to_a_code(visit: Visit, text: str, found: dict[str, str], code: str) -> None:
    assert code in visit(text + "\n", found).codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("HPI\nHe smokes a pack of cigarettes a day.\n\nASSESSMENT\n1. Gout.", "F17.210"),
        ("HPI\nFormer smoker.\n\nASSESSMENT\n1. Gout.", "Z87.891"),
        ("ASSESSMENT\n1. Gout.\nHe may need a pacemaker in future.", "Z95.0"),
        ("ASSESSMENT\n1. Gout.\nDiscussed right knee replacement.", "Z96.651"),
        ("HPI\nHis last annual exam was in May.\n\nASSESSMENT\n1. Gout.", "Z00.00"),
        ("EXAM\nBMI 33.4.\n\nASSESSMENT\n1. Gout.", "Z68.33"),
        ("ASSESSMENT\n1. Gout.\nHer cholesterol was not elevated.", "E78.00"),
    ],
)
def test_they_do_not_where_the_guideline_asks_for_more(visit: Visit, text: str, code: str) -> None:
    result = visit(text + "\n", {"Gout": "M10.9"})
    assert "M10.9" in result.codes
    assert code not in result.codes


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("She was skiing and ran into a tree.", {"V00.322A", "Y93.23"}),
        ("He tripped on a rug and fell.", {"W01.0XXA"}),
        ("He stepped off of a curb wrong.", {"W18.43XA"}),
        ("Another player ran into her while playing basketball.", {"W03.XXXA", "Y93.67"}),
        ("She was rear-ended.", {"V89.2XXA"}),
        ("He fell off a ladder years ago.", set()),
    ],
)
def test_an_injury_takes_its_cause_and_activity(
    visit: Visit, story: str, expected: set[str]
) -> None:
    text = f"HPI\n{story}\n\nASSESSMENT\n1. Ankle sprain.\n"
    hurt = visit(text, {"Ankle sprain": "S93.401A"}).codes
    assert {code for code in hurt if code[0] in "VWXY"} == expected
    sore = visit(text, {"Ankle sprain": "M10.9"}).codes
    assert not {code for code in sore if code[0] in "VWXY"}


def test_what_a_problem_line_calls_past_is_a_history_code(visit: Visit) -> None:
    found = {"aortic aneurysm": ("I71.9", Assertion.HISTORICAL)}
    line = "ASSESSMENT\n1. History of aortic aneurysm repair.\n"
    assert visit(line, found).codes == {"Z86.79"}
    assert visit("HPI\nHistory of aortic aneurysm.\n\nASSESSMENT\nWell.\n", found).codes == set()
