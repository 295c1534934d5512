from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.actions import ACTIONS, MENUS, Keys
from app.desktop.models.commands import command_rows, key_blocks
from app.desktop.theme import Theme
from app.desktop.widgets.commands import KeyCard, KeyEditor, KeyField, Palette


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    yield Keys(tmp_path / "keys.json")
    Keys(tmp_path / "none")


@pytest.fixture
def over(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(1366, 768)
    widget.show()
    return widget


def test_the_key_card_names_every_action_of_a_menu_with_the_keys_it_has(
    over: QWidget, keys: Keys
) -> None:
    keys.choose("accept", "Ctrl+G")
    card = KeyCard(over, keys=keys)
    said = {label.text() for label in card.findChildren(QLabel)}
    assert {row.text.rstrip("…, ") for row in ACTIONS if row.menu} <= said
    assert "Ctrl+G" in said
    card.deleteLater()


def test_every_menu_stands_once_on_the_key_card() -> None:
    for columns in (1, 2, 3, 9):
        blocks = key_blocks(MENUS, columns=columns)
        assert [menu for column in blocks for menu in column] == list(MENUS)
        assert len(blocks) <= columns


def test_actions_are_found_by_beginnings_of_words_in_any_order(keys: Keys) -> None:
    assert [row.id for row in command_rows(keys, words="doc nex")] == ["next-note"]
    assert "accept" in [row.id for row in command_rows(keys, words="codes")]
    assert command_rows(keys, words="zzz") == ()
    first = command_rows(keys, words="re")[0]
    assert first.text.casefold().startswith("re")


def test_what_cannot_be_done_now_is_said_and_not_done(
    over: QWidget, keys: Keys, theme: Theme
) -> None:
    dialog = Palette(over, keys=keys, disabled=["undo"], theme=theme)
    tester = QAbstractItemModelTester(
        dialog.list.rows, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    answers: list[str] = []
    dialog.answered.connect(answers.append)
    dialog.open()
    QTest.keyClicks(dialog._field, "undo")
    QTest.keyClick(dialog._field, Qt.Key.Key_Return)
    assert answers == []
    assert not dialog.grab().isNull()
    dialog._field.clear()
    QTest.keyClicks(dialog._field, "redo")
    QTest.keyClick(dialog._field, Qt.Key.Key_Return)
    assert answers == ["redo"]
    del tester


@pytest.mark.parametrize(
    ("key", "modifiers", "text", "told"),
    [
        (Qt.Key.Key_G, Qt.KeyboardModifier.NoModifier, "g", "G"),
        (Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier, "", "Ctrl+G"),
        (Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier, "G", "Shift+G"),
        (Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier, "?", "?"),
        (Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier, "", "F7"),
    ],
)
def test_a_key_is_taken_as_the_table_writes_it(
    qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str, told: str
) -> None:
    field = KeyField()
    qtbot.addWidget(field)
    got: list[str] = []
    field.pressed.connect(got.append)
    QTest.sendKeyEvent(QTest.KeyAction.Press, field, key, text, modifiers)
    assert got == [told]


def test_modifiers_alone_and_keys_that_leave_are_not_taken(qtbot: QtBot) -> None:
    field = KeyField()
    qtbot.addWidget(field)
    got: list[str] = []
    field.pressed.connect(got.append)
    for key in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Return):
        QTest.keyClick(field, key)
    assert got == []


def test_a_taken_key_goes_over_on_the_second_press_only(
    over: QWidget, keys: Keys, theme: Theme
) -> None:
    dialog = KeyEditor(over, keys=keys, theme=theme)
    QTest.keyClicks(dialog._field, "accept")
    dialog._pressed("X")
    assert keys.of("reject") == ("X",)
    dialog._pressed("X")
    assert (keys.of("accept"), keys.of("reject")) == (("X",), ())
    dialog._reset()
    assert keys.of("accept") == ("A",)
    assert str(keys.file) in " ".join(label.text() for label in dialog.findChildren(QLabel))
    dialog.deleteLater()
