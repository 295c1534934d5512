"""A query says what the chart says, asks openly, and is refused where it does anything else."""

from dataclasses import replace

import pytest

from app.query import OTHER, UNABLE, Draft, answers, compose, indicator, problems
from tests.app.desktop import builders

SOURCE = builders.first_case()[0]
GOOD = Draft(
    encounter_id="visit-1",
    about="diabetic neuropathy",
    indicators=(
        indicator(
            SOURCE, builders.span(SOURCE, "Type 2 diabetes with neuropathy"), section="Assessment"
        ),
    ),
    question="Which type of neuropathy does the patient have, in your clinical judgment?",
    options=("Polyneuropathy", "Mononeuropathy"),
)


def test_a_good_query_cites_asks_and_ends_with_the_two_fixed_answers() -> None:
    assert problems(GOOD) == ()
    lines = compose(GOOD).split("\n")
    assert lines[3] == (
        "• “Type 2 diabetes with neuropathy” "
        "(Progress note, Assessment, physician, 2026-03-02 09:30)"
    )
    assert lines[-4:] == [
        "[ ] Polyneuropathy",
        "[ ] Mononeuropathy",
        f"[ ] {OTHER}",
        f"[ ] {UNABLE}",
    ]


def test_the_fixed_answers_stand_once_however_they_are_typed() -> None:
    typed = ("Polyneuropathy", "other", " Unable to  determine", "Polyneuropathy", "")
    assert answers(replace(GOOD, options=typed)) == ("Polyneuropathy",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"indicators": ()}, "Cite words"),
        ({"question": "  "}, "Ask a question"),
        ({"options": ("Polyneuropathy",)}, "at least two"),
        ({"options": ("Polyneuropathy", "other")}, "at least two"),
        ({"question": "Would you agree that a type applies?"}, "pushes towards"),
        ({"question": "Please document the type."}, "pushes towards"),
        ({"question": "Is this a long-term matter?"}, "yes or no"),
        ({"question": "Which type has the higher DRG?"}, "“drg”"),
        ({"question": "What type, as it changes reimbursement?"}, "“reimbursement”"),
        ({"options": ("Polyneuropathy (HCC 18)", "Mononeuropathy")}, "“hcc”"),
        ({"question": "Which is it, and why polyneuropathy?"}, "names an answer"),
    ],
)
def test_a_query_that_leads_or_speaks_of_money_is_refused(
    change: dict[str, object], words: str
) -> None:
    told = problems(replace(GOOD, **change))  # type: ignore[arg-type]
    assert any(words in each for each in told), told


@pytest.mark.parametrize(
    "question",
    [
        "What is the clinical significance of these findings?",
        "Which condition was treated with this medicine?",
        "How is the acuity of this condition best described?",
        "Based on your clinical judgment, what caused the confusion?",
        "Which successive measures were taken for this account of pain?",
    ],
)
def test_open_questions_pass(question: str) -> None:
    assert problems(replace(GOOD, question=question)) == ()


def test_words_the_query_is_about_may_stand_in_the_question() -> None:
    asked = replace(GOOD, question="Which kind of diabetic neuropathy is present?")
    assert problems(asked) == ()
