"""Words of the notes that leave the window by copying are on the log, wherever they were copied."""

import ast
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

import app.desktop
from app.desktop.widgets.chatdialog import ChatDialog
from app.desktop.widgets.commentdialog import CommentDialog
from app.desktop.widgets.dialogs import ReasonDialog, ReportDialog
from app.desktop.widgets.encoder import CodeDialog
from app.desktop.widgets.exportdialog import ExportDialog
from app.desktop.widgets.note import NoteView
from app.desktop.widgets.querydialog import QueryDialog
from app.desktop.widgets.texts import ReadText, TypedText
from app.desktop.window import MainWindow
from tests.app.desktop.builders import CLINIC
from tests.app.desktop.hands import Keys

Copied = Callable[[], list[Any]]
SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse


@pytest.fixture
def copied(qtbot: QtBot, window: MainWindow) -> Copied:
    """Return what the log has of copies once all that was asked of the store is done."""

    def read() -> list[Any]:
        found: list[list[Any]] = []
        window._session.ask(
            lambda space: [e.data for e in space._store.events() if e.kind == "text.copied"],
            found.append,
        )
        qtbot.waitUntil(lambda: bool(found))
        return found[0]

    return read


def place(words: str) -> dict[str, Any]:
    at = CLINIC.index(words)
    return {"revision": 1, "span": [0, at, at + len(words)]}


def copy(widget: QWidget) -> None:
    """Copy all of a text as a person does: by its own menu or key, which call the same."""
    if isinstance(widget, QAbstractItemView):
        QTest.keyClick(widget, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    elif isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        widget.selectAll()
        widget.copy()


def test_a_query_is_recorded_where_it_is_copied_by_its_button_or_its_text(
    keys: Keys, copied: Copied
) -> None:
    keys.press("q")
    dialog: QueryDialog = keys.dialog(QueryDialog)
    (button,) = (b for b in dialog.findChildren(QPushButton) if b.text() == "Copy")
    button.click()
    line = place("1. Type 2 diabetes with neuropathy 😀, A1c 8.1, continue metformin")
    once = copied()
    assert once[0] == line
    assert {data["span"][0] for data in once} == {0, 1}, "words of the letter are in it as well"
    copy(dialog.preview)
    assert copied() == once * 2
    dialog.question.setPlainText("Is the diabetes controlled?")
    copy(dialog.question)
    assert copied() == once * 2, "what a person typed is no word of a note"


def test_the_story_of_an_analysis_is_more_than_one_quote_and_one_line_of_it_is_not(
    keys: Keys, window: MainWindow, copied: Copied, qtbot: QtBot
) -> None:
    keys.press("h")
    history = window.panes.history
    rows = [row.what for row in history.model.rows]
    analysed = rows.index("Evidence extracted")
    history.list.setCurrentIndex(history.model.index(analysed))
    qtbot.waitUntil(lambda: "diabetes with neuropathy" in history.page.toPlainText())
    assert history.page.find("Type 2 diabetes with neuropathy")
    history.page.copy()
    assert QGuiApplication.clipboard().text() == "Type 2 diabetes with neuropathy"
    assert copied() == []
    copy(history.page)
    assert place("Type 2 diabetes with neuropathy") in copied()
    assert place("breast cancer") in copied()


def test_the_note_tells_the_place_once_and_a_drag_of_its_words_too(
    window: MainWindow, copied: Copied
) -> None:
    told: list[str] = []
    window.copies.left.connect(told.append)
    note = window.panes.note.view
    at = CLINIC.index("likely viral")
    note.select(at, at + len("likely viral"))
    note.copy()
    assert copied() == [place("likely viral")]
    note.createMimeDataFromSelection()  # what a drag asks for
    assert copied() == [place("likely viral")] * 2
    assert told == []


def test_what_is_merely_selected_is_taken_from_the_second_clipboard(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As X11 has it; the platform of the tests has no such clipboard."""
    cleared: list[object] = []

    second = SimpleNamespace(
        ownsSelection=lambda: not cleared,
        text=lambda _mode: "chest pain",
        clear=cleared.append,
    )
    monkeypatch.setattr(window.copies, "_clipboard", second)
    window.copies._selected()
    window.copies._selected()
    assert cleared == [QClipboard.Mode.Selection]


def opened(keys: Keys) -> dict[type[QWidget], Callable[[], None]]:
    """Return how each dialog with a text that is typed or read is opened."""
    return {
        QueryDialog: lambda: keys.press("q"),
        CodeDialog: lambda: keys.press("k", ctrl=True),
        CommentDialog: lambda: keys.press("c"),
        ReasonDialog: lambda: keys.press("x"),
        ReportDialog: lambda: keys.window.report_fault(KeyError("x")),
        ExportDialog: lambda: keys.press("e", ctrl=True, shift=True),
        ChatDialog: keys.window.made["chat-model"].trigger,
    }


def test_no_widget_copies_past_the_one_place_and_none_but_the_note_lets_words_be_dragged(
    keys: Keys, window: MainWindow
) -> None:
    """Every widget of the window and of its dialogs is tried, so that a new one is too."""
    told: list[str] = []
    window.copies.left.connect(told.append)
    tried = _try_all(window, told)
    for kind, show in opened(keys).items():
        show()
        dialog: QWidget = keys.dialog(kind)
        tried += _try_all(dialog, told)
        dialog.close()
        keys.on_cards()
    assert tried > 20


def _try_all(top: QWidget, told: list[str]) -> int:
    tried = 0
    for widget in top.findChildren(QWidget):
        if isinstance(widget, NoteView):
            continue
        if isinstance(widget, QTextEdit | QPlainTextEdit):
            assert isinstance(widget, ReadText | TypedText), widget
        if isinstance(widget, QLineEdit | QAbstractItemView):
            assert not widget.dragEnabled(), widget
        if isinstance(widget, QLabel) and widget.textInteractionFlags() & SELECTABLE:
            assert widget.objectName() == "", "a label with words of a case is not selectable"
        hidden = isinstance(widget, QLineEdit) and widget.echoMode() != QLineEdit.EchoMode.Normal
        if not isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit) or hidden:
            continue
        if not widget.isReadOnly() and isinstance(widget, QLineEdit | QPlainTextEdit):
            _fill(widget)
        QGuiApplication.clipboard().clear()
        told.clear()
        copy(widget)
        text = QGuiApplication.clipboard().text()
        assert told == ([text] if text else []), widget
        tried += 1
    return tried


def _fill(widget: QLineEdit | QPlainTextEdit) -> None:
    with QSignalBlocker(widget):
        if isinstance(widget, QLineEdit):
            widget.setText("likely viral")
        else:
            widget.setPlainText("likely viral")


CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.mark.parametrize("held", [NONE, CTRL, ALT, CTRL | SHIFT], ids=str)
def test_a_selection_in_a_text_that_is_read_cannot_be_dragged(
    qtbot: QtBot, qapp: QApplication, held: Qt.KeyboardModifier
) -> None:
    for text in (ReadText(), TypedText()):
        qtbot.addWidget(text)
        text.setPlainText("words of a case\n" * 20)
        text.show()
        text.selectAll()
        QTest.mousePress(text.viewport(), Qt.MouseButton.LeftButton, held, QPoint(20, 20))
        assert not text.textCursor().hasSelection()


def test_shift_makes_a_selection_in_a_text_longer(qtbot: QtBot, qapp: QApplication) -> None:
    text = ReadText()
    qtbot.addWidget(text)
    text.setPlainText("words of a case\n" * 20)
    text.show()
    QTest.mousePress(text.viewport(), Qt.MouseButton.LeftButton, SHIFT, QPoint(50, 40))
    assert text.textCursor().hasSelection()
    assert text.textCursor().anchor() == 0


ALLOWED = {
    "QTextEdit": {"note.py", "texts.py"},
    "QPlainTextEdit": {"texts.py"},
    "QTextBrowser": {"texts.py"},
    "QDrag": {"card.py"},
    "setDragEnabled": set(),
    "setTextInteractionFlags": {"note.py", "notices.py"},
}
"""Where what can carry words out of the window is used; a card carries its key alone."""


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_what_can_carry_words_away_is_used_in_one_place(name: str) -> None:
    root = Path(app.desktop.__file__).parent
    using = set()
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            bases = node.bases if isinstance(node, ast.ClassDef) else []
            for used in (called, *bases):
                if getattr(used, "id", getattr(used, "attr", "")) == name:
                    using.add(file.name)
    assert using <= ALLOWED[name]
