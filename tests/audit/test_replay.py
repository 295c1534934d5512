"""What differs is named part by part, and a row that is not what the events give is found."""

import dataclasses
from typing import Any

import pytest

from audit import Accept, Add, Store
from audit.rebuild import rebuild, strays
from audit.replay import compare, past
from pipeline.model import CodingResult, Route
from tests.audit.builders import PROVENANCE, encounter, result

SAME = result()


def first(**changes: object) -> CodingResult:
    """Return the result with its first suggestion changed."""
    changed: Any = dataclasses.replace(SAME.suggestions[0], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(SAME, suggestions=(changed, *SAME.suggestions[1:]))


@pytest.mark.parametrize(
    ("now", "parts"),
    [
        (dataclasses.replace(SAME, lane_reasons=("other",)), ("lane_reasons",)),
        (dataclasses.replace(SAME, lane=Route.AUTO), ("lane",)),
        (dataclasses.replace(SAME, traces=SAME.traces[:1]), ("traces",)),
        (dataclasses.replace(SAME, passes=("billable=2",)), ("passes",)),
        (first(confidence=0.9), ("suggestions.confidence",)),
        (first(evidence=SAME.suggestions[1].evidence), ("suggestions.evidence",)),
        (first(code="I11.9"), ("codes",)),
        (dataclasses.replace(SAME, suggestions=SAME.suggestions[::-1]), ("codes",)),
    ],
)
def test_a_part_that_differs_is_named(now: CodingResult, parts: tuple[str, ...]) -> None:
    found = compare(SAME, now)
    assert (found.parts, found.same, found.unexplained) == (parts, False, True)


def test_provenance_alone_is_no_difference_of_the_result() -> None:
    other = dataclasses.replace(
        PROVENANCE, model_digest="f" * 64, libraries=(("spacy", "3.8.8"), ("numpy", "2"))
    )
    found = compare(SAME, result(provenance=other))
    assert found.same
    assert [name for name, _, _ in found.provenance] == [
        "model_digest",
        "libraries hnswlib",
        "libraries numpy",
        "libraries spacy",
    ]
    assert not compare(SAME, first(confidence=0.9)).provenance


def test_passes_come_back_as_they_were_recorded(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    wider = dataclasses.replace(PROVENANCE, release="2026-10-01")
    store.record(encounter(text=encounter().notes[0].text + "More."), result(provenance=wider))
    stray, found = past(store, case_id)
    assert stray == ()
    assert [(each.number, each.result, each.gone) for each in found] == [
        (1, result(), False),
        (2, result(provenance=wider), False),
    ]
    assert found[0].encounter == encounter()
    assert found[0].ts < found[1].ts


def test_the_worklist_comes_back_from_the_events_alone(store: Store) -> None:
    for name in ("e-1", "e-2"):
        case_id = store.record(encounter(name), result(name)).case_id
        store.decide(case_id, Accept(code="I10"))
    store.decide(case_id, Add(code="Z79.84", reason="told"))
    store.record_failure(None, source="scan Okonkwo.pdf", errors=["No text."])
    query = "select * from case_row order by case_id"
    with store.door._database.write() as connection:
        before = connection.exec_driver_sql(query).all()
        connection.exec_driver_sql("delete from case_row")
        assert rebuild(connection) == 3
        assert connection.exec_driver_sql(query).all() == before


@pytest.mark.parametrize("column", ["codes", "lane", "state", "words", "decided_count"])
def test_a_row_that_was_changed_is_found(store: Store, column: str) -> None:
    case_id = store.record(encounter(), result()).case_id
    with store.door._database.write() as connection:
        assert strays(connection, case_id) == ()
        connection.exec_driver_sql(f"update case_row set {column} = '7'")
        assert strays(connection, case_id) == (column,)
        connection.exec_driver_sql("delete from case_row")
        assert "lane" in strays(connection, case_id)
