from dataclasses import replace
from datetime import date

from app.desktop.models.case import case_head, encounter_facts
from app.desktop.models.deck import card_rows
from app.workspace import OpenCase
from audit import State
from pipeline.model import Setting
from tests.app.desktop import builders


def test_the_head_says_which_case_and_why_it_is_here(opened: OpenCase) -> None:
    head = case_head(opened, card_rows(opened))
    assert head.title == "visit-1"
    assert head.facts == (
        "Outpatient  ·  Professional claim  ·  02 Mar 2026  ·  61 years  ·  F  ·  2 documents"
    )
    assert [text for text, _ in head.chips] == ["Needs review", "3 to decide"]
    assert head.remarks[0].text == (
        "Why here: One code with low confidence; Documented as uncertain"
    )


def test_a_case_that_is_decided_says_so(opened: OpenCase) -> None:
    done = tuple(replace(card, status="accepted") for card in card_rows(opened))
    assert case_head(opened, done).chips[-1] == ("All decided", "good")


def test_a_failed_case_shows_its_errors_first(opened: OpenCase) -> None:
    failed = replace(opened.case, state=State.FAILED, errors=("note.txt is empty.",))
    head = case_head(replace(opened, case=failed), ())
    assert head.chips == (("Failed", "bad"),)
    assert (head.remarks[0].text, head.remarks[0].tone) == ("note.txt is empty.", "bad")


def test_a_stay_shows_both_its_days() -> None:
    stay = replace(
        builders.encounter("e"),
        setting=Setting.INPATIENT,
        service_date=None,
        admitted=date(2026, 9, 14),
        discharged=date(2026, 9, 18),
        age=0.5,
        sex="",
    )
    assert encounter_facts(stay) == (
        "Inpatient  ·  Professional claim  ·  14 Sep 2026 to 18 Sep 2026  ·  0.5 years"
        "  ·  0 documents"
    )
