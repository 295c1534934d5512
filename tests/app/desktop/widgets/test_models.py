"""Qt's own model tester on every item model of the open case, filled as a day fills it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desktop.models.deck import card_rows
from app.desktop.models.documents import document_rows
from app.desktop.theme import Theme
from app.desktop.widgets.codepage import SeventhList
from app.desktop.widgets.encoder import hits_model
from app.desktop.widgets.lists import DocumentsPane
from app.desktop.widgets.summary import SummaryDialog
from app.workspace import OpenCase, Workspace
from audit import Accept
from taxonomy import Taxonomy
from tests.app.desktop import builders


def watch(model: QAbstractItemModel) -> QAbstractItemModelTester:
    return QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )


@pytest.fixture
def space(root: Path, icd: Taxonomy) -> Iterator[Workspace]:
    space = builders.workspace(root, icd)
    yield space
    space.close()


def test_documents_and_the_sections_of_each_in_turn(
    qtbot: QtBot, theme: Theme, opened: OpenCase
) -> None:
    pane = DocumentsPane(theme)
    qtbot.addWidget(pane)
    tester = watch(pane.model)
    cards = card_rows(opened)
    for reading in ("", "clinic", "letter", "clinic"):
        pane.show_documents(document_rows(opened, cards, reading), reading)
    names = [row.name for row in pane.model.rows]
    assert names == ["Progress note", "Assessment and plan", "Letter"]
    del tester


def test_found_codes_and_their_sevenths(
    qtbot: QtBot, theme: Theme, icd: Taxonomy, qapp: QWidget
) -> None:
    encoder = builders.encoder(icd)
    hits = hits_model()
    tester = watch(hits)
    for words in ("frac fem", "diab", "", "I10"):
        hits.set_rows(encoder.search(words, limit=40))
    sevenths = SeventhList(theme)
    qtbot.addWidget(sevenths)
    other = watch(sevenths.model_)
    for code in ("S72.001A", "I10", "T40.1X1A"):
        sevenths.set_choices(encoder.page(code).sevenths, code)
    del tester, other


def test_the_summary_of_a_case(qtbot: QtBot, theme: Theme, space: Workspace) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    case_id = space.worklist().rows[0].case_id
    for decision in (None, Accept(code="I10")):
        if decision is not None:
            space.decide(case_id, decision)
        dialog = SummaryDialog(parent, space.summary(case_id), name="visit-1", theme=theme)
        testers = [watch(dialog.lines), watch(dialog.checks)]
        assert dialog.lines.rowCount() == 3
        assert dialog.checks.rowCount() >= 1
        del testers
        dialog.close()
