"""The worklist shows what the events say, and is found by ids and codes."""

import dataclasses

import pytest

from audit import Accept, Add, Hold, Reject, Resume, State, Store
from pipeline.model import Route, Setting
from tests.audit.builders import encounter, result


def test_a_row_says_what_there_is_to_do(store: Store) -> None:
    case_id = store.record(encounter(notes=2), result(more=("Z79.4",))).case_id
    row = store.cases()[0]
    assert dataclasses.asdict(row) == {
        "case_id": case_id,
        "encounter_id": "e-1",
        "lane": Route.REVIEW,
        "state": State.OPEN,
        "lane_reasons": ("route=review",),
        "note_count": 2,
        "suggestion_count": 3,
        "decided_count": 0,
        "updated": "2026-05-04T08:00:01.000000Z",
        "setting": Setting.OUTPATIENT,
        "claimed_by": "",
        "claimed_until": "",
        "held_since": "",
    }
    store.decide(case_id, Accept(code="I10"))
    store.decide(case_id, Reject(code="Z79.4"))
    store.decide(case_id, Add(code="Z79.84", reason="list"))
    row = store.cases()[0]
    assert (row.suggestion_count, row.decided_count) == (3, 2)
    store.undo(case_id)
    store.undo(case_id)
    assert store.cases()[0].decided_count == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["a-1", "b-2", "bad.txt"]),
        ("B-2", ["b-2"]),
        ("p-77", ["a-1", "b-2"]),
        ("okonkwo", ["a-1", "b-2"]),
        ("e11", ["a-1", "b-2"]),
        ("Z79.4", ["b-2"]),
        ("z79.4 b-2", ["b-2"]),
        ("z79.4 a-1", []),
        ("%", []),
        ("_", []),
        ("hypertension", []),
        ("txt", ["a-1", "b-2", "bad.txt"]),
    ],
)
def test_cases_are_found_by_words_of_ids_and_codes(
    store: Store, text: str, found: list[str]
) -> None:
    store.record(encounter("a-1"), result("a-1"))
    store.record(encounter("b-2"), result("b-2", more=("Z79.4",)))
    store.record_failure(None, source="bad.txt", errors=["Bad."])
    assert [row.encounter_id for row in store.cases(text=text)] == found
    assert {row.lane for row in store.cases(text=text)} <= {Route.REVIEW}


def test_pages_and_filters_keep_the_order_of_arrival(store: Store) -> None:
    for number in range(6):
        lane = Route.CONFIRM if number % 2 else Route.REVIEW
        store.record(encounter(f"e{number}"), dataclasses.replace(result(f"e{number}"), lane=lane))
    store.record(encounter("e0"), dataclasses.replace(result("e0"), lane_reasons=("x",)))
    assert [row.encounter_id for row in store.cases(limit=2, offset=3)] == ["e3", "e4"]
    assert [row.encounter_id for row in store.cases(lane=Route.CONFIRM)] == ["e1", "e3", "e5"]
    assert [row.encounter_id for row in store.cases(offset=5)] == ["e5"]
    assert store.cases(state=State.FAILED) == ()
    assert store.cases(limit=0) == ()


def test_changes_are_the_cases_with_events_since(store: Store) -> None:
    assert store.changes(since=0)[1] == ()
    first = store.record(encounter("a-1"), result("a-1")).case_id
    second = store.record(encounter("b-2"), result("b-2")).case_id
    known, listings = store.changes(since=0)
    assert [item.row for item in listings] == list(store.cases())
    assert listings[0].opened < listings[1].opened
    assert "a-1" in listings[0].words
    assert "e11.9" in listings[0].words
    assert store.changes(since=known) == (known, ())
    store.decide(second, Accept(code="I10"))
    later, (only,) = store.changes(since=known)
    assert later > known
    assert (only.row.case_id, only.row.decided_count) == (second, 1)
    assert first != second


def test_a_held_case_has_the_time_of_the_hold_that_is_in_force(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id

    def since() -> str:
        (row,) = store.cases()
        (listing,) = store.changes(since=0)[1]
        assert listing.row.held_since == row.held_since
        hold = store.case(case_id).hold
        assert row.held_since == ("" if hold is None else hold.when)
        return row.held_since

    assert since() == ""
    store.decide(case_id, Hold(reason="query-open"))
    first = since()
    store.view(case_id)
    assert since() == first != ""
    store.decide(case_id, Resume())
    assert since() == ""
    store.decide(case_id, Hold(reason="second-opinion"))
    assert since() > first
    store.undo(case_id)
    store.undo(case_id)
    assert since() == first
