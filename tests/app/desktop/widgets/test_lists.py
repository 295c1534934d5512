from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.desktop.models.deck import card_rows
from app.desktop.models.documents import document_rows
from app.desktop.models.history import history_rows
from app.desktop.theme import Theme
from app.desktop.widgets.history import HistoryPane, history_look
from app.desktop.widgets.lists import (
    DocumentsPane,
    document_look,
    left_pane,
)
from app.desktop.widgets.worklist import WorklistPane, case_look
from app.worklist import Worklist
from app.workspace import OpenCase
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
