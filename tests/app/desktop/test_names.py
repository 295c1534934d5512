"""A person who does not see the screen hears what every control is."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLineEdit, QSplitterHandle, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.window import MainWindow


def nameless(top: QWidget) -> Iterator[str]:
    """Name the controls that can have the focus and say nothing of themselves."""
    for widget in top.findChildren(QWidget):
        takes_focus = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if not takes_focus or not widget.isVisibleTo(top):
            continue
        if isinstance(widget, QSplitterHandle | QTabBar) or widget.focusProxy() is not None:
            continue
        told = QAccessible.queryAccessibleInterface(widget)
        name = told.text(QAccessible.Text.Name) if told is not None else ""
        if not name.strip():
            yield f"{type(widget).__name__} in {type(widget.parent()).__name__}"


def test_a_control_without_a_name_is_found(qtbot: QtBot) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    QLineEdit(top)
    top.show()
    assert list(nameless(top)) == ["QLineEdit in QWidget"]


def test_every_control_of_the_window_has_a_name(window: MainWindow) -> None:
    assert list(nameless(window)) == []
    window.panes.show_history()
    window.panes.note.finder.enter()
    assert list(nameless(window)) == []


@pytest.mark.parametrize(
    "action", ["palette", "keys", "edit-keys", "add", "reject", "replace", "dashboard"]
)
def test_every_control_of_a_dialog_has_a_name(
    window: MainWindow, qtbot: QtBot, action: str
) -> None:
    window.made[action].trigger()
    if action == "dashboard":
        assert window.statistics.window is not None
        assert list(nameless(window.statistics.window)) == []
        window.statistics.window.close()
        return
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    assert list(nameless(dialog)) == []
    dialog.close()
