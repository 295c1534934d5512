"""Sections begin at known headings, cover the note, and never come from running text."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.sections import UNHEADED, Headings

_HEADINGS = Headings.read()


def ids(text: str) -> list[str]:
    return [section.id for section in _HEADINGS.split(text)]


@given(st.text(max_size=300))
def test_sections_follow_each_other_without_gap(text: str) -> None:
    at = 0
    for section in _HEADINGS.split(text):
        assert section.start == at
        assert section.end > section.start
        at = section.end
    assert at == len(text)


def test_headings_alone_and_before_a_colon() -> None:
    text = "Seen today.\nPMH: asthma\nASSESSMENT AND PLAN\n1. Asthma.\nFamily History: none"
    assert ids(text) == [UNHEADED, "past-medical-history", "assessment", "family-history"]


def test_decorated_headings() -> None:
    assert ids("## Assessment & Plan\nGout.") == ["assessment"]
    assert ids("**A/P:** gout") == ["assessment"]


def test_a_known_word_in_running_text_is_no_heading() -> None:
    assert ids("We will\nplan\nher surgery.") == [UNHEADED]
    assert ids("The history of this patient is long.") == [UNHEADED]


def test_an_unknown_subheading_stays_in_its_section() -> None:
    assert ids("REVIEW OF SYSTEMS\nCardiovascular: denies pain\nRespiratory: no cough") == [
        "review-of-systems"
    ]


def test_a_bullet_of_a_plan_ends_with_its_line() -> None:
    text = "ASSESSMENT AND PLAN\nGout.\n• Patient Education and Counseling: diet.\nAsthma."
    assert ids(text) == ["assessment", "instructions", "assessment"]
    assert ids("HPI: gout\n- Family History: asthma") == [
        "history-present-illness",
        "family-history",
    ]


def test_a_problem_that_is_called_like_a_list_stays_in_the_assessment() -> None:
    assert ids("ASSESSMENT AND PLAN\n1. Asthma.\n2. Allergies\n3. Gout.") == ["assessment"]
    assert ids("ASSESSMENT\nAllergies.\nContinue cetirizine.") == ["assessment"]
    assert ids("ASSESSMENT\nGout.\nALLERGIES\nNone.") == ["assessment", "allergies"]
