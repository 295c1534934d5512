"""The fold is one, however it is cut, and undo and redo are its inverse of one another."""

import dataclasses
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import (
    Accept,
    Add,
    Arrange,
    Assert,
    Attach,
    AuditError,
    AuditEvent,
    Case,
    Comment,
    Decision,
    Hold,
    Indicate,
    Origin,
    Query,
    Reject,
    Replace,
    Resume,
    State,
    Status,
    Store,
)
from audit.lines import lines
from audit.review import Review, evolve, project
from pipeline.model import Assertion, Route
from tests.audit.builders import (
    CODER,
    PROVENANCE,
    TEXT,
    encounter,
    places,
    result,
    span,
    submit_unsigned,
)
from tests.audit.conftest import ticking
from tests.soak import SOAK

NEW = dataclasses.replace(PROVENANCE, release="2026-10-01")
CODES = ["I10", "E11.9", "I11.9", "Z79.4"]
STEPS = st.one_of(
    st.builds(Accept, code=st.sampled_from(CODES)),
    st.builds(Reject, code=st.sampled_from(CODES), reason=st.sampled_from(["", "not treated"])),
    st.builds(
        Replace,
        code=st.sampled_from(CODES),
        new_code=st.sampled_from(CODES),
        evidence=st.sampled_from([(), (span("metformin"),)]),
        reason=st.sampled_from(["", "more exact"]),
    ),
    st.builds(Add, code=st.sampled_from(CODES), reason=st.sampled_from(["", "seen"])),
    st.builds(Assert, code=st.sampled_from(CODES), assertion=st.sampled_from(Assertion)),
    st.builds(Attach, code=st.sampled_from(CODES), evidence=st.just((span("metformin"),))),
    st.builds(Indicate, code=st.sampled_from(CODES), poa=st.sampled_from(["Y", "N", "", None])),
    st.builds(Arrange, codes=st.lists(st.sampled_from(CODES), min_size=1, max_size=3).map(tuple)),
    st.builds(Comment, text=st.just("see the letter"), code=st.sampled_from(["", "I10"])),
    st.builds(Query, text=st.just("Which type?"), indicators=st.just((span("metformin"),))),
    st.sampled_from([Hold(reason="waiting"), Resume(), "submit"]),
    st.sampled_from(["undo", "redo", "view", "again", "other release", "new text", "failure"]),
)


def told(case: Case) -> tuple[object, ...]:
    """Return all that a person's acts decide on."""
    return (case.assigned, case.state, case.ordered, case.comments, case.queries, case.hold)


def act(store: Store, case_id: str, step: Decision | str, number: int) -> None:  # noqa: C901
    """Do one step where it makes sense, and nothing where it does not."""
    try:
        match step:
            case "undo":
                store.undo(case_id)
            case "submit":
                submit_unsigned(store, case_id)
            case "redo":
                store.redo(case_id)
            case "view":
                store.view(case_id)
            case "again":
                store.record(encounter(), result())
            case "other release":
                store.record(encounter(), result(provenance=NEW, more=("Z79.4",)))
            case "new text":
                store.record(encounter(text=f"{TEXT}{number}"), result())
            case "failure":
                store.record_failure(encounter(text=f"{number}"), source="x", errors=["No."])
            case str():
                raise AssertionError(step)
            case _:
                store.decide(case_id, step)
    except AuditError:
        return


@pytest.mark.soak
@settings(max_examples=20 * SOAK, deadline=None)
@given(steps=st.lists(STEPS, max_size=12), cut=st.floats(0, 1))
def test_folding_in_two_parts_is_folding_at_once(steps: list[Decision | str], cut: float) -> None:
    with TemporaryDirectory() as name:
        root = Path(name)
        with Store.create_or_open(
            root / "store", places=places(root), actor=CODER, clock=ticking()
        ) as store:
            case_id = store.record(encounter(), result()).case_id
            for number, step in enumerate(steps):
                act(store, case_id, step, number)
            events = store.events(case_id)
            case, row = store.case(case_id), store.cases()[0]
    whole = project(events, case_id=case_id)
    at = round(cut * len(events))
    parts = project(events[:at], case_id=case_id)
    for event in events[at:]:
        parts = evolve(parts, event)
    assert parts == whole
    assert (case.version, case.lane, case.state) == (len(events), whole.lane, whole.state)
    assert (row.lane, row.state, row.lane_reasons) == (case.lane, case.state, case.lane_reasons)
    assert row.updated == case.updated == events[-1].ts
    assert [line.code for line in lines(whole)] == [line.code for line in case.assigned]
    assert len({line.code for line in case.assigned}) == len(case.assigned)


def statuses(store: Store, case_id: str) -> dict[str, Status]:
    return {row.code: row.status for row in store.case(case_id).assigned}


@pytest.mark.soak
@settings(max_examples=15 * SOAK, deadline=None)
@given(steps=st.lists(STEPS.filter(lambda step: not isinstance(step, str)), max_size=8))
def test_undo_goes_back_step_by_step_and_redo_forward_again(steps: list[Decision]) -> None:
    with TemporaryDirectory() as name:
        root = Path(name)
        with Store.create_or_open(root / "store", places=places(root), actor=CODER) as store:
            case_id = store.record(encounter(), result()).case_id
            seen = [told(store.case(case_id))]
            for number, step in enumerate(steps):
                act(store, case_id, step, number)
                now = store.case(case_id)
                if now.version - 7 == len(seen):
                    seen.append(told(now))
            for expected in reversed(seen[:-1]):
                assert told(store.undo(case_id)) == expected
            assert not store.case(case_id).can_undo
            with pytest.raises(AuditError, match="no decision to undo"):
                store.undo(case_id)
            for expected in seen[1:]:
                assert told(store.redo(case_id)) == expected
            with pytest.raises(AuditError, match="no decision to redo"):
                store.redo(case_id)


def test_a_new_decision_ends_what_could_be_redone(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    store.decide(case_id, Accept(code="I10"))
    assert store.undo(case_id).can_redo
    assert not store.decide(case_id, Reject(code="I10")).can_redo


def test_a_new_analysis_changes_no_decision(store: Store) -> None:
    case_id = store.record(encounter(), result(more=("Z79.4", "I11.9"))).case_id
    store.decide(case_id, Accept(code="Z79.4"))
    store.decide(case_id, Reject(code="I10", reason="history only"))
    store.decide(case_id, Replace(code="E11.9", new_code="E11.65", evidence=(span("metformin"),)))
    later = store.record(encounter(), result(provenance=NEW))
    assert (later.case_id, later.reason) == (case_id, "new-analysis")
    case = store.case(case_id)
    assert case.result == result(provenance=NEW)
    assert {row.code: (row.status, row.origin) for row in case.assigned} == {
        "I10": (Status.REJECTED, Origin.SUGGESTED),
        "E11.9": (Status.REPLACED, Origin.SUGGESTED),
        "Z79.4": (Status.ACCEPTED, Origin.SUGGESTED),  # no longer suggested, still accepted
        "E11.65": (Status.ADDED, Origin.PERSON),
    }
    row = case.row("Z79.4")
    assert row is not None
    assert case.quote(row) == ("Essential hypertension",)
    for _ in range(3):
        case = store.undo(case_id)
    assert {row.code: row.status for row in case.assigned} == {
        "I10": Status.OPEN,
        "E11.9": Status.OPEN,
    }


def test_a_decision_on_an_older_wording_keeps_its_words(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    store.decide(case_id, Accept(code="I10"))
    store.decide(case_id, Add(code="Z79.84", evidence=(span("metformin continued"),)))
    moved = TEXT.replace("HISTORY", "ADDENDUM TO THE HISTORY")
    shifted = dataclasses.replace(result(), traces=(), suggestions=(), excluded=(), findings=())
    store.record(encounter(text=moved), shifted)
    case = store.case(case_id)
    assert case.encounter.notes[0].text == moved
    assert [each.notes[0].text for each in case.encounters] == [TEXT, moved]
    assert {row.code: case.quote(row) for row in case.assigned} == {
        "I10": ("Essential hypertension",),
        "Z79.84": ("metformin continued",),
    }


def test_a_code_added_before_it_was_suggested_stays_a_persons(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    store.decide(case_id, Add(code="Z79.4", reason="on the list"))
    store.record(encounter(), result(provenance=NEW, more=("Z79.4",)))
    row = store.case(case_id).row("Z79.4")
    assert row is not None
    assert (row.origin, row.status) == (Origin.PERSON, Status.ADDED)


def test_a_failure_after_a_result_is_shown_and_a_later_result_heals_it(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    store.decide(case_id, Accept(code="I10"))
    store.record_failure(encounter(text="new words"), source="f.txt", errors=["It broke."])
    case = store.case(case_id)
    assert (case.state, case.lane, case.lane_reasons) == (
        State.FAILED,
        Route.REVIEW,
        ("unreadable",),
    )
    assert case.result is None
    assert case.errors == ("It broke.",)
    assert statuses(store, case_id) == {"I10": Status.ACCEPTED}
    store.record(encounter(), result())
    case = store.case(case_id)
    assert (case.state, case.errors, case.result) == (State.OPEN, (), result())
    assert statuses(store, case_id) == {"I10": Status.ACCEPTED, "E11.9": Status.OPEN}


def test_events_out_of_turn_are_errors(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    store.decide(case_id, Accept(code="I10"))
    store.undo(case_id)
    events = store.events(case_id)
    for wrong in (
        [event for event in events if event.kind != "codes.validated"],
        [event for event in events if event.kind != "encounter.received"],
        [event for event in events if event.kind != "decision.accepted"],
    ):
        with pytest.raises(AuditError, match="does not follow"):
            project(wrong, case_id=case_id)


def test_an_event_of_an_unknown_kind_or_shape_is_named(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    event = store.events(case_id)[0]
    odd: AuditEvent = dataclasses.replace(event, kind="case.exploded")
    with pytest.raises(AuditError, match=r"Event 2 is of the kind case\.exploded"):
        evolve(Review(case_id=case_id), odd)
    odd = dataclasses.replace(event, body=event.body.replace('"age":"61.0000"', '"age":61'))
    with pytest.raises(AuditError, match=r"Event 2 \(encounter\.received\)"):
        evolve(Review(case_id=case_id), odd)
