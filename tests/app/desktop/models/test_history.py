from pathlib import Path

import pytest

from app.desktop.models.history import HistoryRow, history_rows, local_time
from app.seat import Signature
from audit import (
    Accept,
    Add,
    Arrange,
    Assert,
    Decision,
    Hold,
    Indicate,
    Reject,
    Replace,
    Resume,
    Submit,
)
from pipeline.model import Assertion
from taxonomy import Taxonomy
from tests.app.desktop import builders


@pytest.fixture
def story(root: Path, icd: Taxonomy) -> list[HistoryRow]:
    space = builders.workspace(root, icd)
    source, _ = builders.first_case()
    case_id = space.worklist().rows[0].case_id
    space.open(case_id)
    space.decide(case_id, Accept(code="I10"))
    space.undo(case_id)
    space.redo(case_id)
    space.decide(case_id, Reject(code="R05.9", reason="absent"))
    space.decide(case_id, Replace(code="E11.40", new_code="E11.42", reason="as typed"))
    evidence = (builders.span(source, "chest pain"),)
    opened = space.decide(case_id, Add(code="R07.9", evidence=evidence))
    space.close()
    return list(reversed(history_rows(opened)))


def test_a_persons_acts_are_told_in_words(root: Path, icd: Taxonomy) -> None:
    acts: tuple[Decision, ...] = (
        Assert(code="I10", assertion=Assertion.NEGATED),
        Assert(code="I10", assertion=Assertion.PRESENT),
        Indicate(code="I10", poa="Y"),
        Indicate(code="I10", poa=None),
        Arrange(codes=("I10", "E11.40")),
        Hold(reason="pathology"),
        Resume(),
        *(Accept(code=code) for code in ("E11.40", "I10", "R05.9")),
    )
    submission = Submit(
        codes=(("I10", None), ("E11.40", None), ("R05.9", None)),
        warnings=(("uncertain-diagnosis", ("R05.9",)),),
    )
    space = builders.workspace(root, icd)
    case_id = space.worklist().rows[0].case_id
    for act in acts:
        space.decide(case_id, act)
    space.seat.submit(case_id, submission, Signature(name="Ada", passphrase="five red herrings"))
    opened = space.look(case_id)
    space.close()
    told = [(row.what, row.detail) for row in history_rows(opened) if row.kind == "person"]
    assert told.pop(0)[0] == "Signed the case"
    said = [what for what, _ in reversed(told)]
    assert said[-11:-3] == [
        "Said of the words of I10: negated",
        "Said of the words of I10: present",
        "Present on admission, I10: Present on admission",
        "Present on admission, I10: no answer any more",
        "Put the codes in order",
        "Put the case on hold",
        "Took the case up again",
        "Accepted E11.40",
    ]
    assert told[0] == ("Submitted the case", "I10, E11.40, R05.9 · 1 warning seen")
    assert ("Put the codes in order", "I10, E11.40") in told


def test_every_event_is_told_in_its_order(story: list[HistoryRow]) -> None:
    assert [row.what for row in story] == [
        "Notes received",
        "Analysis started",
        "Evidence extracted",
        "Candidate codes retrieved",
        "Candidates verified against the words",
        "Codes validated against the rules",
        "Case routed to Review",
        "Opened the case",
        "Accepted I10",
        "Took back: Accepted I10",
        "Did again: Accepted I10",
        "Rejected R05.9",
        "Replaced E11.40 by E11.42",
        "Added R07.9",
    ]


def test_person_and_program_are_told_apart(story: list[HistoryRow]) -> None:
    assert {row.who for row in story if row.kind == "person"} == {"coder"}
    assert {row.what for row in story if row.kind == "program"} >= {"Analysis started"}
    assert len({row.hash for row in story}) == len(story)


def test_what_a_stage_came_to_is_told_in_numbers(story: list[HistoryRow]) -> None:
    told = {row.what: row.detail for row in story}
    assert told["Notes received"] == "2 documents"
    assert told["Evidence extracted"] == "6 mentions"
    assert told["Codes validated against the rules"] == (
        "3 codes suggested · 2 codes excluded · 1 finding\n"
        "Checked, nothing found: Billable (rule V01): 3 codes; Excludes1 (rule V06): 3 codes\n"
        "Not checked: Unacceptable principal (rule P03)\n"
        "Notes for a person to read: 18 excludes2 3 (R05.9)"
    )
    assert told["Case routed to Review"].startswith("One code with low confidence")


def test_a_decision_is_told_with_title_words_and_reason(story: list[HistoryRow]) -> None:
    told = {row.what: row.detail.split("\n") for row in story}
    assert told["Accepted I10"] == ["Essential (primary) hypertension"]
    assert told["Rejected R05.9"][-1] == "Negated or ruled out"
    assert told["Replaced E11.40 by E11.42"][-1] == "as typed"
    assert told["Added R07.9"][-1] == "“chest pain”"


def test_a_stamp_that_is_none_is_shown_as_it_is() -> None:
    assert local_time("yesterday") == "yesterday"
    assert local_time("2026-05-04T08:00:00+00:00").startswith(("03 May", "04 May"))
