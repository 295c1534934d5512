"""Which decisions make sense, and what the refusal of one says."""

import dataclasses
from pathlib import Path

import pytest

from audit import (
    Accept,
    Actor,
    ActorKind,
    Add,
    AuditError,
    Decision,
    Places,
    Reject,
    Replace,
    Status,
    Store,
)
from pipeline.model import EvidenceSpan
from tests.audit.builders import CODER, encounter, result, span

WORDS = (span("metformin"),)


@pytest.fixture
def case_id(store: Store) -> str:
    return store.record(encounter(), result()).case_id


@pytest.mark.parametrize(
    ("before", "decision", "words"),
    [
        ([], Accept(code="I50.9"), "is not in the case"),
        ([], Accept(code="chest pain for a week"), "That text is not in the case"),
        ([Accept(code="I10")], Accept(code="I10"), "already accepted"),
        ([Reject(code="I10")], Reject(code="I10"), "already rejected"),
        ([], Replace(code="I10", new_code="I10", reason="x"), "by itself"),
        ([], Replace(code="I10", new_code="I11.9"), "needs words of the notes or a reason"),
        ([], Replace(code="I10", new_code="i11.9", reason="x"), "not written like"),
        ([Accept(code="E11.9")], Replace(code="I10", new_code="E11.9", reason="x"), "already in"),
        (
            [Replace(code="I10", new_code="I11.9", reason="x")],
            Replace(code="I10", new_code="I12.9", reason="x"),
            "already replaced",
        ),
        ([Replace(code="I10", new_code="I11.9", reason="x")], Accept(code="I10"), "already repl"),
        ([], Add(code="I10", reason="x"), "Accept it instead"),
        ([], Add(code="Z79.84"), "needs words of the notes or a reason"),
        ([], Add(code="Z79.84", reason="   "), "needs words of the notes or a reason"),
        ([], Add(code="E119", reason="x"), "not written like"),
        (
            [],
            Add(code="Z79.84", evidence=(EvidenceSpan(note_id="n1", start=0, end=9999),)),
            "names no words",
        ),
        (
            [],
            Add(code="Z79.84", evidence=(EvidenceSpan(note_id="n9", start=0, end=5),)),
            "names no words",
        ),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_and_leaves_no_trace(
    store: Store, case_id: str, before: list[Decision], decision: Decision, words: str
) -> None:
    for each in before:
        store.decide(case_id, each)
    events = store.events()
    row = store.cases()
    with pytest.raises(AuditError, match=words) as caught:
        store.decide(case_id, decision)
    assert "chest pain" not in str(caught.value)
    assert store.events() == events
    assert store.cases() == row


@pytest.mark.parametrize(
    ("steps", "code", "status"),
    [
        ([Accept(code="I10")], "I10", Status.ACCEPTED),
        ([Reject(code="I10")], "I10", Status.REJECTED),
        ([Accept(code="I10"), Reject(code="I10")], "I10", Status.REJECTED),
        ([Reject(code="I10"), Accept(code="I10")], "I10", Status.ACCEPTED),
        ([Replace(code="I10", new_code="I11.9", evidence=WORDS)], "I10", Status.REPLACED),
        ([Replace(code="I10", new_code="I11.9", evidence=WORDS)], "I11.9", Status.ADDED),
        ([Replace(code="I10", new_code="E11.9", reason="one")], "E11.9", Status.ADDED),
        ([Add(code="Z79.84", evidence=WORDS)], "Z79.84", Status.ADDED),
        ([Add(code="Z79.84", reason="x"), Reject(code="Z79.84")], "Z79.84", Status.REJECTED),
        ([Reject(code="I10"), Add(code="I10", reason="after all")], "I10", Status.ADDED),
        (
            [Replace(code="I10", new_code="I11.9", reason="x"), Add(code="I10", reason="both")],
            "I10",
            Status.ADDED,
        ),
    ],
)
def test_the_status_of_a_code_is_that_of_its_newest_decision(
    store: Store, case_id: str, steps: list[Decision], code: str, status: Status
) -> None:
    for step in steps:
        case = store.decide(case_id, step)
    row = case.row(code)
    assert row is not None
    assert row.status is status


def test_typed_reasons_and_marked_words_come_back_with_the_row(store: Store, case_id: str) -> None:
    case = store.decide(case_id, Reject(code="I10", reason="  A note said otherwise.  "))
    row = case.row("I10")
    assert row is not None
    assert row.reason == "A note said otherwise."
    case = store.decide(case_id, Replace(code="E11.9", new_code="E11.65", evidence=WORDS))
    old, new = case.row("E11.9"), case.row("E11.65")
    assert old is not None
    assert new is not None
    assert old.replaced_by == "E11.65"
    assert case.quote(new) == ("metformin",)
    assert "otherwise" not in "".join(event.body for event in store.events())


def test_the_event_of_a_decision_names_the_person_and_the_status_before(
    store: Store, case_id: str
) -> None:
    store.decide(case_id, Accept(code="I10"))
    store.decide(case_id, Reject(code="I10"))
    store.decide(case_id, Add(code="Z79.84", reason="x"))
    *_, accepted, rejected, added = store.events(case_id)
    assert accepted.actor == dataclasses.replace(CODER, role="coder")
    assert [event.data["before"] for event in (accepted, rejected, added)] == [
        "open",
        "accepted",
        "absent",
    ]


def test_only_a_person_decides(store: Store, folder: Path, where: Places, case_id: str) -> None:
    for kind in (ActorKind.PROGRAM, ActorKind.POLICY):
        with Store.open(folder, places=where, actor=Actor(kind=kind, id="batch")) as other:
            with pytest.raises(AuditError, match="Only a person"):
                other.decide(case_id, Accept(code="I10"))
            for call in (other.view, other.undo, other.redo):
                with pytest.raises(AuditError, match="Only a person"):
                    call(case_id)
    assert len(store.events(case_id)) == 7


def test_a_case_that_could_not_be_read_can_still_be_coded_by_hand(store: Store) -> None:
    case_id = store.record_failure(None, source="scan.pdf", errors=["No text."]).case_id
    case = store.decide(case_id, Add(code="I10", reason="read on paper"))
    row = case.row("I10")
    assert row is not None
    assert (row.status, case.quote(row)) == (Status.ADDED, ())
