from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from app.desktop.models.cards import card_rows
from app.desktop.models.history import history_rows
from app.desktop.models.worklist import document_rows
from app.desktop.theme import Theme
from app.desktop.widgets.lists import (
    DocumentsPane,
    HistoryPane,
    WorklistPane,
    case_look,
    document_look,
    history_look,
    left_pane,
)
from app.workspace import OpenCase, Worklist
from pipeline.model import Route
from taxonomy import Taxonomy
from tests.app.desktop import builders


@pytest.fixture
def worklist(root: Path, icd: Taxonomy) -> Worklist:
    space = builders.workspace(root, icd)
    try:
        return space.worklist()
    finally:
        space.close()


def checked(model: QAbstractItemModel) -> QAbstractItemModelTester:
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    return QAbstractItemModelTester(model, mode, model)


def test_lanes_show_their_counts(theme: Theme, qtbot: QtBot, worklist: Worklist) -> None:
    pane = WorklistPane(theme)
    qtbot.addWidget(pane)
    tester = checked(pane.model)
    pane.show_worklist(worklist, worklist.rows[1].case_id)
    assert [button.text() for button in pane._lanes.values()] == [
        "All 2",
        "Review 1",
        "Confirm 1",
        "Auto 0",
    ]
    assert pane.list.currentIndex().row() == 1
    pane.show_worklist(Worklist(rows=(), counts={}), None)
    assert not pane._none.isHidden()
    del tester


def test_a_lane_and_words_are_asked_for_together(
    theme: Theme, qtbot: QtBot, worklist: Worklist
) -> None:
    pane = WorklistPane(theme)
    qtbot.addWidget(pane)
    pane.show_worklist(worklist, None)
    pane.search.setText(" visit ")
    with qtbot.waitSignal(pane.filtered) as told:
        pane._lanes[Route.CONFIRM].click()
    assert told.args == [Route.CONFIRM, "visit"]


def test_enter_on_a_case_opens_it(theme: Theme, qtbot: QtBot, worklist: Worklist) -> None:
    pane = WorklistPane(theme)
    qtbot.addWidget(pane)
    pane.show()
    pane.show_worklist(worklist, worklist.rows[0].case_id)
    pane.list.setCurrentIndex(pane.model.index(1))
    with qtbot.waitSignal(pane.chosen) as told:
        QTest.keyClick(pane.list, Qt.Key.Key_Return)
    assert told.args == [worklist.rows[1].case_id]


def test_marking_a_document_does_not_ask_for_it(
    theme: Theme, qtbot: QtBot, opened: OpenCase
) -> None:
    pane = DocumentsPane(theme)
    qtbot.addWidget(pane)
    tester = checked(pane.model)
    asked: list[str] = []
    pane.chosen.connect(asked.append)
    pane.show_documents(document_rows(opened, card_rows(opened)), "letter")
    pane.mark("clinic")
    assert asked == []
    pane.list.setCurrentIndex(pane.model.index_of("letter"))
    assert asked == ["letter"]
    del tester


def test_every_list_is_painted_at_any_width(
    theme: Theme, qtbot: QtBot, opened: OpenCase, worklist: Worklist
) -> None:
    cases, documents, history = WorklistPane(theme), DocumentsPane(theme), HistoryPane(theme)
    tester = checked(history.model)
    cases.show_worklist(worklist, None)
    documents.show_documents(document_rows(opened, card_rows(opened)), "clinic")
    history.model.set_rows(history_rows(opened))
    both = left_pane(cases, documents)
    for widget in (both, history):
        qtbot.addWidget(widget)
        for width in (180, 500):
            widget.resize(width, 400)
            widget.show()
            assert not widget.grab().isNull()
    del tester


def test_state_is_told_by_icon_and_words_and_not_by_colour_alone(
    opened: OpenCase, root: Path, worklist: Worklist, theme: Theme, qtbot: QtBot
) -> None:
    pane = WorklistPane(theme)
    qtbot.addWidget(pane)
    pane.show_worklist(worklist, None)
    looks = [case_look(row) for row in pane.model.rows]
    assert looks[0].icon != looks[1].icon
    assert all(look.detail for look in looks)
    assert document_look(document_rows(opened, card_rows(opened))[1]).meta == "1 quote"
    person, program = history_rows(opened)[0], history_rows(opened)[-1]
    assert history_look(person).icon != history_look(program).icon
