"""What is read, copied and searched for at the window is in the log."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.widgets import worklist as pane_module
from app.desktop.widgets.worklist import WorklistPane
from app.desktop.window import MainWindow
from audit import AuditEvent
from tests.app.desktop.builders import CLINIC

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier

Recorded = Callable[[], list[AuditEvent]]


@pytest.fixture
def recorded(qtbot: QtBot, window: MainWindow) -> Recorded:
    """Return the log once all that was asked of the store is done."""

    def read() -> list[AuditEvent]:
        QApplication.sendPostedEvents()
        found: list[tuple[AuditEvent, ...]] = []
        window._session.ask(lambda workspace: workspace._store.events(), found.append)
        qtbot.waitUntil(lambda: bool(found))
        return list(found[0])

    return read


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def of_kind(events: list[AuditEvent], kind: str) -> list[Any]:
    return [event.data for event in events if event.kind == kind]


def test_a_document_is_recorded_when_it_is_first_shown_in_a_sitting(
    qtbot: QtBot, window: MainWindow, recorded: Recorded
) -> None:
    events = recorded()
    assert of_kind(events, "note.viewed") == [{"revision": 1, "note": 0}]
    kinds = [event.kind for event in events]
    assert kinds.index("case.viewed") < kinds.index("note.viewed")
    note = window.panes.note.view
    for _ in range(4):  # there and back, twice
        QTest.keyClick(focus(), Qt.Key.Key_Down, CONTROL)
    assert note.note_text == CLINIC
    shown = of_kind(recorded(), "note.viewed")
    assert shown == [{"revision": 1, "note": 0}, {"revision": 1, "note": 1}]


def test_a_case_that_was_read_ahead_is_opened_before_its_document_is_seen(
    qtbot: QtBot, window: MainWindow, recorded: Recorded
) -> None:
    qtbot.waitUntil(lambda: window._session._ahead is not None)
    QTest.keyClick(focus(), Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.panes.note.view.note_text.startswith("ASSESSMENT:"))
    uses = [event for event in recorded() if event.kind in {"case.viewed", "note.viewed"}]
    assert [event.kind for event in uses] == ["case.viewed", "note.viewed"] * 2
    assert uses[2].case_id == uses[3].case_id != uses[0].case_id


def test_copied_words_are_recorded_where_they_are_more_than_one_quote(
    window: MainWindow, recorded: Recorded
) -> None:
    note = window.panes.note.view
    at = CLINIC.index("Hypertension")
    note.setFocus()
    note.select(at, at + len("Hypertension"))
    QTest.keyClick(note, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "Hypertension"
    assert of_kind(recorded(), "text.copied") == []
    note.select(at, at + len("Hypertension, at goal, "))
    QTest.keyClick(note, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "Hypertension, at goal, "
    (copied,) = of_kind(recorded(), "text.copied")
    assert copied == {"revision": 1, "span": [0, at, at + len("Hypertension, at goal,")]}
    note.createStandardContextMenu().actions()[0].trigger()
    assert len(of_kind(recorded(), "text.copied")) == 2


def test_words_that_are_only_selected_are_not_copied(
    window: MainWindow, recorded: Recorded
) -> None:
    note = window.panes.note.view
    note.setFocus()
    for _ in range(30):
        QTest.keyClick(note, Qt.Key.Key_Right, SHIFT)
    QTest.mouseDClick(note.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, 30))
    assert note.textCursor().hasSelection()
    note._releasing = True  # as X11 asks for the words when the mouse is let go
    assert note.createMimeDataFromSelection().formats() == []
    note._releasing = False
    assert of_kind(recorded(), "text.copied") == []


def test_a_search_is_recorded_on_enter_with_the_cases_it_found(
    window: MainWindow, recorded: Recorded
) -> None:
    QTest.keyClick(focus(), Qt.Key.Key_L, CONTROL)
    search = window.panes.worklist.search
    assert QApplication.focusWidget() is search
    QTest.keyClicks(search, "visit-2")
    QTest.keyClick(search, Qt.Key.Key_Return)
    QTest.keyClick(search, Qt.Key.Key_Return)
    events = recorded()
    (searched,) = of_kind(events, "cases.searched")
    assert searched["found"] == 1
    assert "visit-2" not in "".join(e.body for e in events if e.kind == "cases.searched")
    search.clear()
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert len(of_kind(recorded(), "cases.searched")) == 1


def test_a_search_is_recorded_before_the_case_that_is_opened_from_it(
    qtbot: QtBot, window: MainWindow, recorded: Recorded
) -> None:
    pane = window.panes.worklist
    pane.enter()
    QTest.keyClicks(pane.search, "visit-2")
    qtbot.waitUntil(lambda: len(pane.model.rows) == 1)
    pane.list.setCurrentIndex(pane.model.index(0))
    QTest.keyClick(pane.list, Qt.Key.Key_Return)
    kinds = [event.kind for event in recorded()]
    assert kinds.count("cases.searched") == 1
    assert kinds.index("cases.searched") < len(kinds) - kinds[::-1].index("case.viewed") - 1


def test_a_search_settles_after_a_pause(
    qtbot: QtBot, theme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pane_module, "SETTLED_MS", 0)
    pane = WorklistPane(theme)
    qtbot.addWidget(pane)
    told: list[str] = []
    pane.searched.connect(told.append)
    QTest.keyClick(pane.search, Qt.Key.Key_V)
    qtbot.waitUntil(lambda: told == ["v"])
    pane.show_failed()
    assert told == ["v"]
