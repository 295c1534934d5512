import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.widgets.dialogs import ListField, ReasonDialog, ReportDialog

REASONS = {"absent": "Negated", "history": "Past"}


@pytest.fixture
def over(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def reasons(over: QWidget) -> tuple[ReasonDialog, list[str]]:
    dialog = ReasonDialog(over, title="Reject I10", subtitle="Hypertension", reasons=REASONS)
    answers: list[str] = []
    dialog.answered.connect(answers.append)
    dialog.open()
    return dialog, answers


@pytest.mark.parametrize(
    ("key", "answer"), [(Qt.Key.Key_1, ["absent"]), (Qt.Key.Key_2, ["history"]), (Qt.Key.Key_3, [])]
)
def test_a_digit_is_an_answer_where_there_is_such_a_reason(
    over: QWidget, qtbot: QtBot, key: Qt.Key, answer: list[str]
) -> None:
    dialog, answers = reasons(over)
    QTest.keyClick(dialog, key)
    assert answers == answer
    if not answer:
        dialog.reject()


def test_enter_alone_answers_nothing(over: QWidget, qtbot: QtBot) -> None:
    """A second Enter by habit must not reject a code with a reason nobody chose."""
    dialog, answers = reasons(over)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    QTest.keyClick(dialog._field, Qt.Key.Key_Return)
    assert answers == []
    assert dialog.isVisible()
    dialog.reject()


def test_digits_in_a_typed_reason_are_words(over: QWidget, qtbot: QtBot) -> None:
    dialog, answers = reasons(over)
    QTest.keyClick(dialog, Qt.Key.Key_0)
    QTest.keyClicks(dialog._field, " seen 2 years ago ")
    QTest.keyClick(dialog._field, Qt.Key.Key_Return)
    assert answers == ["seen 2 years ago"]


def test_a_report_can_be_copied(over: QWidget) -> None:
    dialog = ReportDialog(over, "KeyError\n  app/x.py:3 in f")
    dialog._copy()
    assert QApplication.clipboard().text() == "KeyError\n  app/x.py:3 in f"
    dialog.deleteLater()


def test_arrows_in_a_field_move_in_the_list_and_letters_are_typed(qtbot: QtBot) -> None:
    field = ListField()
    qtbot.addWidget(field)
    moves: list[int] = []
    field.moved.connect(moves.append)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
        QTest.keyClick(field, key)
    QTest.keyClicks(field, "a1")
    assert moves == [1, -1, 8, -8]
    assert field.text() == "a1"
