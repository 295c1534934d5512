"""Whole cases by keys alone, and what must hold while they are worked on."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.desktop.widgets.commands import KeyCard
from app.desktop.widgets.dialogs import ReasonDialog, ReportDialog
from app.desktop.widgets.encoder import CodeDialog
from app.desktop.window import MainWindow
from tests.app.desktop import builders
from tests.app.desktop.hands import Keys, decisions, open_case, status_of


def test_two_cases_are_reviewed_by_keys_alone(  # noqa: PLR0915 - one sitting, told in order
    keys: Keys, window: MainWindow, root: Path
) -> None:
    assert open_case(window) == "visit-1"
    assert keys.card().code == "E11.40"

    keys.press("a")
    assert keys.card().code == "I10", "the cursor goes on before the record is made"
    keys.press("x")
    keys.dialog(ReasonDialog)
    keys.press("3")
    keys.on_cards()
    assert keys.card().code == "R05.9"
    keys.press("1")
    keys.recorded(lambda: status_of(window, "R05.9") == "replaced")

    keys.press("z", ctrl=True)
    keys.recorded(lambda: status_of(window, "R05.9") == "open")
    assert keys.card().code == "R05.9", "what was taken back is what one looks at"
    keys.press("z", ctrl=True, shift=True)
    keys.recorded(lambda: status_of(window, "R05.1") == "added")

    keys.press("k", ctrl=True)
    dialog: CodeDialog = keys.dialog(CodeDialog)
    keys.write("hyperlipidemia unspecified")
    keys.bot.waitUntil(lambda: any(hit.code == "E78.5" for hit in dialog.hits.rows))
    while (at := dialog.hits.row_at(dialog._list.currentIndex())) and at.code != "E78.5":
        keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Return)
    assert dialog.isVisible(), "without words or a reason no code is added"
    keys.write("stated by the physician by telephone")
    keys.press(Qt.Key.Key_Return)
    keys.on_cards()
    keys.recorded(lambda: status_of(window, "E78.5") == "added")

    while keys.card().code != "R07.9":
        keys.press(Qt.Key.Key_Down)
    keys.press("a")
    keys.recorded(lambda: status_of(window, "R07.9") == "added")

    keys.press("n")
    keys.bot.waitUntil(lambda: open_case(window) == "visit-2")
    keys.on_cards()
    assert keys.card().code == "J45.20"
    keys.press("a")
    keys.recorded(lambda: status_of(window, "J45.20") == "accepted")
    keys.press("p")
    keys.bot.waitUntil(lambda: open_case(window) == "visit-1")
    keys.on_cards()
    keys.press("q", ctrl=True)
    keys.bot.waitUntil(lambda: not window.isVisible())

    first = decisions(root, "visit-1")
    assert [event.kind.partition(".")[2] for event in first] == [
        "accepted",
        "rejected",
        "replaced",
        "undone",
        "redone",
        "added",
        "added",
    ]
    assert [event.data.get("code") for event in first] == [
        "E11.40",
        "I10",
        "R05.9",
        None,
        None,
        "E78.5",
        "R07.9",
    ]
    assert first[2].data["new_code"] == "R05.1"
    clinic = builders.CLINIC
    start = clinic.index("Cough")
    assert first[2].data["evidence"] == [[0, start, start + 5]], (
        "the words of the old code prove it"
    )
    assert first[5].data["evidence"] == []
    assert first[5].data["reason"] is not None
    start = clinic.index("chest pain")
    assert first[6].data["evidence"] == [[0, start, start + 10]]
    assert {event.actor.id for event in first} == {"coder"}
    second = decisions(root, "visit-2")
    assert [(event.kind, event.data["code"]) for event in second] == [
        ("decision.accepted", "J45.20")
    ]


def test_the_reason_given_by_a_key_is_kept_with_the_case(keys: Keys, root: Path) -> None:
    keys.press("x")
    keys.dialog(ReasonDialog)
    keys.press("5")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "rejected")
    keys.window.close()
    with builders.open_store(root) as store:
        case_id = next(r.case_id for r in store.cases() if r.encounter_id == "visit-1")
        row = store.case(case_id).row("E11.40")
    assert row is not None
    assert row.reason == "more-specific"


def test_a_typed_reason_may_hold_the_letters_that_are_keys(keys: Keys) -> None:
    keys.press("x")
    keys.dialog(ReasonDialog)
    keys.press("0")
    keys.write("axe jn")
    keys.press(Qt.Key.Key_Return)
    keys.on_cards()
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "rejected")
    assert keys.window._session.case is not None
    row = keys.window._session.case.case.row("E11.40")
    assert row is not None
    assert row.reason == "axe jn"


@pytest.mark.parametrize("key", ["x", "r", "?", "k"])
def test_escape_leaves_a_dialog_with_nothing_done_and_the_focus_on_the_cards(
    keys: Keys, key: str
) -> None:
    kinds = {"x": ReasonDialog, "r": CodeDialog, "k": CodeDialog, "?": KeyCard}
    keys.press(key, ctrl=key == "k", shift=key == "?")
    keys.dialog(kinds[key])
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()
    keys.recorded()
    assert status_of(keys.window, "E11.40") == "open"
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")


def test_accepting_never_moves_the_note_and_e_does(keys: Keys) -> None:
    window = keys.window
    window.resize(900, 420)
    window.panes.reader.zoom(8)
    bar = window.panes.note.view.verticalScrollBar()
    keys.bot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(0)
    keys.press("a")
    keys.press("j")
    keys.recorded(lambda: status_of(window, "E11.40") == "accepted")
    assert bar.value() == 0
    assert keys.card().code == "R05.9"
    keys.press("e")
    assert bar.value() > 0


def test_evidence_in_another_document_is_shown_there(keys: Keys) -> None:
    panes = keys.window.panes
    assert panes.reader.reading == "clinic"
    keys.press("e")
    keys.press("e")
    assert panes.reader.reading == "letter"
    keys.press("e", shift=True)
    assert panes.reader.reading == "clinic"


def test_keys_typed_into_a_search_are_words_and_not_actions(keys: Keys) -> None:
    keys.press("l", ctrl=True)
    keys.write("axn2")
    assert keys.window.panes.worklist.search.text() == "axn2"
    keys.bot.waitUntil(lambda: not keys.window.panes.worklist.model.rows)
    keys.recorded()
    assert status_of(keys.window, "E11.40") == "open"
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()


def test_find_marks_words_and_escape_returns_to_the_cards(keys: Keys) -> None:
    keys.press("f", ctrl=True)
    keys.write("hypertension")
    view = keys.window.panes.note.view
    start = builders.CLINIC.index("Hypertension")
    assert view.selected() == (start, start + len("hypertension"))
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()
    assert not keys.window.panes.note.finder.isVisible()


def test_history_tells_person_and_program_in_one_stream(keys: Keys) -> None:
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")
    keys.press("h")
    rows = keys.window.panes.history.model.rows
    assert rows[0].what == "Accepted E11.40"
    assert {row.kind for row in rows} == {"person", "program"}
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()


def test_a_fault_of_ours_shows_a_report_and_the_case_can_be_worked_on(keys: Keys) -> None:
    keys.window.report_fault(KeyError("Mrs Miller has asthma"))
    dialog: ReportDialog = keys.dialog(ReportDialog)
    assert "KeyError" in dialog.text.toPlainText()
    assert "Miller" not in dialog.text.toPlainText()
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")


def test_closing_waits_until_every_decision_is_recorded(keys: Keys, root: Path) -> None:
    for _ in range(3):
        keys.press("a")
    keys.window.close()
    assert [event.data["code"] for event in decisions(root, "visit-1")] == [
        "E11.40",
        "I10",
        "R05.9",
    ]
