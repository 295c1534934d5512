"""A problem line is managed by its place; what is only argued needs more."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.model import Assertion

Visit = Callable[..., Any]
PLAN = "ASSESSMENT AND PLAN\n\nAnemia.\n- Medical Reasoning: {}\n"


def test_a_problem_line_is_managed(visit: Visit) -> None:
    assert visit("ASSESSMENT\n1. Gout.\n", {"Gout": "M10.9"}).codes == {"M10.9"}


@pytest.mark.parametrize(
    ("argument", "managed"),
    [
        ("Her scope showed diverticulosis years back.", False),
        ("We will monitor the diverticulosis.", True),
    ],
)
def test_an_argument_needs_words_of_management(
    visit: Visit, argument: str, *, managed: bool
) -> None:
    result = visit(PLAN.format(argument), {"Anemia": "D64.9", "diverticulosis": "K57.90"})
    assert "D64.9" in result.codes
    assert ("K57.90" in result.codes) is managed
    assert (result.why_not("K57.90") == {"not-managed"}) is not managed


def test_or_the_same_finding_among_the_results(visit: Visit) -> None:
    text = "RESULTS\nMitral regurgitation.\n\n" + PLAN.format("The echo had Mitral regurgitation.")
    assert "I34.0" in visit(text, {"Anemia": "D64.9", "Mitral regurgitation": "I34.0"}).codes


def test_without_problem_lines_the_whole_assessment_counts(visit: Visit) -> None:
    text = "ASSESSMENT\nThe patient has gout and is seen with a rash.\n"
    assert visit(text, {"gout": "M10.9", "rash": "R21"}).codes == {"M10.9", "R21"}


def test_hiv_is_reported_wherever_it_is_documented(visit: Visit) -> None:
    text = "PAST MEDICAL HISTORY\nHIV.\n\nASSESSMENT\n1. Gout.\n"
    assert visit(text, {"HIV": "B20", "Gout": "M10.9"}).codes == {"Z21", "M10.9"}


@pytest.mark.parametrize(
    ("line", "code", "kept"),
    [
        ("Ordered a stress test.", "Z73.3", False),
        ("She is under a lot of stress at work, follow up.", "Z73.3", True),
        ("Recommend the shingles vaccine next month.", "Z23", False),
        ("The shingles vaccine was given today.", "Z23", True),
    ],
)
def test_loose_words_need_others_beside_them(
    visit: Visit, line: str, code: str, *, kept: bool
) -> None:
    word = "stress" if code == "Z73.3" else "shingles vaccine"
    result = visit(f"ASSESSMENT\n{line}\n", {word: code})
    assert (code in result.codes) is kept


def test_the_doubt_of_the_assessment_holds_for_the_report(visit: Visit) -> None:
    text = "RESULTS\nAsthma.\n\nASSESSMENT\n1. Cough.\nThe test suggests asthma.\n"
    found = {"Asthma": "J45.909", "asthma": ("J45.909", Assertion.POSSIBLE), "Cough": "R05.9"}
    result = visit(text, found)
    assert result.why_not("J45.909") == {"uncertain-diagnosis"} or not [
        t
        for t in result.traces
        if t.code == "J45.909"
        and t.mention.section == "results"
        and t.verdict.support.value == "supported"
    ]
    assert "R05.9" in result.codes
