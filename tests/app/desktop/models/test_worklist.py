from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from app.desktop.models.cards import document_name
from app.desktop.models.deck import card_rows
from app.desktop.models.documents import document_detail, document_rows
from app.desktop.models.worklist import (
    spoken_row,
    why_here,
    worklist_row,
)
from app.workspace import OpenCase
from audit import Hold
from pipeline.model import NoteStatus, Route
from taxonomy import Taxonomy
from tests.app.desktop import builders


def test_each_row_says_why_it_is_here(root: Path, icd: Taxonomy) -> None:
    space = builders.workspace(root, icd)
    first, second = map(worklist_row, space.worklist().rows)
    space.close()
    assert first.name == "visit-1"
    assert first.why == "One code with low confidence; Documented as uncertain"
    assert first.progress == "0 / 3"
    assert second.why == "Ready to confirm"


def test_a_held_case_says_for_how_long_before_why_it_is_here(root: Path, icd: Taxonomy) -> None:
    space = builders.workspace(root, icd)
    case_id = space.worklist().rows[0].case_id
    space.decide(case_id, Hold(reason="query-open"))
    first = space.worklist().rows[0]
    space.close()
    held = datetime.fromisoformat(first.held_since)
    why = "One code with low confidence; Documented as uncertain"
    for days, age in ((0, "since today"), (1, "for 1 day"), (12, "for 12 days")):
        row = worklist_row(first, now=held + timedelta(days=days, hours=3))
        assert row.why == f"On hold {age}; {why}"
        assert f"On hold {age}" in spoken_row(row)


def test_a_failed_case_says_so_whatever_its_reasons() -> None:
    assert why_here(Route.REVIEW, ("unreadable",), "failed") == "Could not be coded"


def test_a_case_without_reasons_says_what_its_lane_means() -> None:
    assert why_here(Route.CONFIRM, (), "open") == "Ready to confirm"


def test_documents_come_in_the_order_of_the_chart_with_their_quotes(opened: OpenCase) -> None:
    rows = document_rows(opened, card_rows(opened))
    assert [(row.name, row.spans) for row in rows] == [("Progress note", 5), ("Letter", 1)]
    assert rows[0].detail == "2026-03-02 09:30 · physician · Final"


def test_a_note_that_says_nothing_of_itself_has_its_id() -> None:
    bare = replace(
        builders.note("n7", "x", kind=""), author_role="", time="", status=NoteStatus.UNKNOWN
    )
    assert document_name(bare) == "n7"
    assert document_detail(bare) == "n7"
