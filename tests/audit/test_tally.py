"""What became of a case in numbers, read from the log of a real store."""

from audit import Accept, Reject, Status, Store
from audit.decisions import Hold, Resume
from audit.tally import tally
from tests.audit.builders import encounter, result


def test_judged_codes_have_their_confidence_and_the_last_word(store: Store) -> None:
    case_id = store.record(encounter(), result(more=("Z79.4",))).case_id
    assert tally(store.door, case_id).judged == ()
    store.decide(case_id, Accept(code="I10"))
    store.decide(case_id, Reject(code="Z79.4", reason="not-documented"))
    store.decide(case_id, Accept(code="Z79.4"))
    told = tally(store.door, case_id)
    assert {item.code: item.status for item in told.judged} == {
        "I10": Status.ACCEPTED,
        "Z79.4": Status.ACCEPTED,
    }
    assert all(0 <= item.confidence <= 1 for item in told.judged)
    assert len(told.decisions) == 3
    store.undo(case_id)
    assert {item.status for item in tally(store.door, case_id).judged} == {
        Status.ACCEPTED,
        Status.REJECTED,
    }


def test_a_hold_has_its_time_until_it_is_over(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    store.decide(case_id, Hold(reason="waits for the pathology report"))
    held = next(e for e in store.events(case_id) if e.kind == "case.held")
    assert tally(store.door, case_id).held == held.ts
    store.decide(case_id, Resume())
    assert tally(store.door, case_id).held == ""


def test_a_file_that_was_refused_has_nothing_judged(store: Store) -> None:
    case_id = store.record_failure(None, source="bad.txt", errors=["Bad."]).case_id
    told = tally(store.door, case_id)
    assert (told.judged, told.decisions, told.submitted) == ((), (), "")
