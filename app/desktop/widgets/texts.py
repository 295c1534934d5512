"""Texts that are read and texts that are typed: their words can be copied, not dragged away.

A copy goes over the clipboard, where `app.desktop.copies` sees it; a drag goes past it. Only the
note (`widgets.note`) lets its words be dragged, and tells which.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QPlainTextEdit, QTextBrowser, QTextEdit


class ReadText(QTextBrowser):
    """A text with links that is read."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let go of the selection first, so that there is nothing to drag."""
        _let_go(self, event)
        super().mousePressEvent(event)


class TypedText(QPlainTextEdit):
    """A text that is typed, or read as plain text."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let go of the selection first, so that there is nothing to drag."""
        _let_go(self, event)
        super().mousePressEvent(event)


def _let_go(text: QTextEdit | QPlainTextEdit, event: QMouseEvent) -> None:
    # Shift alone makes the selection longer; with any other key Qt would begin a drag.
    shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
    if event.button() == Qt.MouseButton.LeftButton and not shift:
        cursor = text.textCursor()
        cursor.clearSelection()
        text.setTextCursor(cursor)
