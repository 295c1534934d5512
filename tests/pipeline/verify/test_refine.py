"""A condition gets the code that holds all the encounter says of it."""

from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "words", "old", "new"),
    [
        ("1. Heart failure.\nReduced ejection fraction.", "failure", "I50.9", "I50.20"),
        ("1. Heart failure.\nAcute on chronic diastolic HF.", "failure", "I50.9", "I50.33"),
        ("1. Diabetes.\nHer glucose levels were high.", "Diabetes", "E11.9", "E11.65"),
        ("1. Asthma.\nMild intermittent, an acute exacerbation.", "Asthma", "J45.909", "J45.21"),
        ("1. Anemia.\nThis is from iron deficiency.", "Anemia", "D64.9", "D50.9"),
        ("1. Knee sprain.\nHer ACL is partly torn.", "Knee sprain", "S83.91XA", "S83.511A"),
        ("1. Trigger finger of the right index finger.", "Trigger finger", "M65.30", "M65.321"),
        ("1. Fracture.\nRight middle finger, distal phalanx.", "Fracture", "S62.602A", "S62.632A"),
        ("1. Foot sprain, right.", "Foot sprain", "S93.691A", "S93.601A"),
    ],
)  # fmt: skip
def test_what_is_said_below_makes_the_code_finer(
    visit: Visit, text: str, words: str, old: str, new: str
) -> None:
    result = visit(f"ASSESSMENT\n{text}\n", {words: old})
    assert new in result.codes
    assert old not in result.codes
    assert result.why_not(old) == {f"less-specific-than={new}"}


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        ("1. Heart failure.\nThere is no reduced ejection fraction.", "failure", "I50.9"),
        ("1. Diabetes.\nShe denies hypoglycemia.", "Diabetes", "E11.9"),
        ("1. Gout.\n2. Trigger finger.\n", "Trigger finger", "M65.30"),
        ("1. Scalp rash sprain.", "Scalp rash sprain", "S93.691A"),
    ],
)
def test_what_is_not_said_does_not(visit: Visit, text: str, words: str, code: str) -> None:
    assert code in visit(f"ASSESSMENT\n{text}\n", {words: code}).codes


def test_both_sides_are_two_codes_where_none_holds_both(visit: Visit) -> None:
    result = visit(
        "ASSESSMENT\n1. Patellofemoral pain syndrome, bilateral.\n",
        {"Patellofemoral pain syndrome": "M22.2X9"},
    )
    assert result.codes == {"M22.2X1", "M22.2X2"}


@pytest.mark.parametrize(("sex", "code"), [("male", "E29.1"), ("F", "E28.39")])
def test_sex_decides_where_the_index_lets_it(visit: Visit, sex: str, code: str) -> None:
    found = {"Hypogonadism": "E23.0"}
    assert visit("ASSESSMENT\n1. Hypogonadism.\n", found, sex).codes == {code}


def test_sex_is_read_from_the_note_where_it_is_not_given(visit: Visit) -> None:
    text = "HPI\nMr. Vale is a male. He feels well.\n\nASSESSMENT\n1. Hypogonadism.\n"
    assert visit(text, {"Hypogonadism": "E23.0"}).codes == {"E29.1"}


def test_the_words_that_decide_are_evidence(visit: Visit) -> None:
    text = "RESULTS\nA stone lies in the proximal ureter.\n\nASSESSMENT\n1. Kidney stone.\n"
    result = visit(text, {"Kidney stone": "N20.0"})
    assert result.codes == {"N20.1"}
    assert any("ureter" in words for words in result.words("N20.1"))


def test_the_level_of_the_spine_is_read(visit: Visit) -> None:
    text = "ASSESSMENT\n1. Spondylolisthesis at L4-L5.\n"
    assert visit(text, {"Spondylolisthesis": "M43.10"}).codes == {"M43.16"}


@pytest.mark.parametrize(
    ("complaint", "code"),
    [
        ("Right knee pain.", "M25.561"),
        ("Left shoulder pain.", "M25.569"),
        ("Right knee pain. Left knee pain.", "M25.569"),
        ("Knee pain.", "M25.569"),
    ],
)
def test_the_side_is_taken_from_words_on_the_same_place(
    visit: Visit, complaint: str, code: str
) -> None:
    text = f"CHIEF COMPLAINT\n{complaint}\n\nASSESSMENT\n1. Knee pain.\n"
    assert visit(text, {"Knee pain": "M25.569"}).codes == {code}
