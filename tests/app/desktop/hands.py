"""Hands on the keyboard, and what a test asks of the window and the log after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.models.cards import CardRow
from app.desktop.window import MainWindow
from audit import AuditEvent, Store
from tests.app.desktop import builders

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Keys:
    """Hands on the keyboard: every key goes to whatever has the focus, as on a desk."""

    def __init__(self, window: MainWindow, bot: QtBot) -> None:
        self.window = window
        self.bot = bot

    @property
    def focus(self) -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None, "nothing has the focus: the next key would be lost"
        return found

    def press(self, key: Qt.Key | str, *, ctrl: bool = False, shift: bool = False) -> None:
        modifiers = Qt.KeyboardModifier.NoModifier
        modifiers |= CONTROL if ctrl else Qt.KeyboardModifier.NoModifier
        modifiers |= SHIFT if shift else Qt.KeyboardModifier.NoModifier
        code = key if isinstance(key, Qt.Key) else Qt.Key(ord(key.upper()))
        QTest.keyClick(self.focus, code, modifiers)

    def write(self, words: str) -> None:
        QTest.keyClicks(self.focus, words)

    def dialog(self, kind: type[QWidget]) -> Any:
        """Wait for a dialog of this kind to be there and to take the keys."""
        self.bot.waitUntil(lambda: isinstance(QApplication.activeWindow(), kind))
        found = QApplication.activeWindow()
        assert found is not None
        self.bot.waitUntil(lambda: found.isAncestorOf(self.focus) or self.focus is found)
        return found

    def recorded(self, told: Callable[[], bool] = lambda: True) -> None:
        session = self.window._session
        self.bot.waitUntil(lambda: session.pending == 0 and told())

    def card(self) -> CardRow:
        current = self.window.review.current
        assert current is not None
        return current

    def on_cards(self) -> None:
        """The cards have the focus and take the next key."""
        cards = self.window.panes.codes.list
        self.bot.waitUntil(self.window.isActiveWindow)
        self.bot.waitUntil(lambda: QApplication.focusWidget() is cards)


def status_of(window: MainWindow, code: str) -> str:
    assert window._session.case is not None
    row = window._session.case.case.row(code)
    return row.status if row is not None else "absent"


def decisions(root: Path, encounter_id: str) -> list[AuditEvent]:
    with builders.open_store(root) as store:
        return [event for event in events(store, encounter_id) if "decision" in event.kind]


def events(store: Store, encounter_id: str) -> tuple[AuditEvent, ...]:
    case_id = next(row.case_id for row in store.cases() if row.encounter_id == encounter_id)
    return store.events(case_id)


def open_case(window: MainWindow) -> str:
    assert window._session.case is not None
    return window._session.case.case.encounter.encounter_id
