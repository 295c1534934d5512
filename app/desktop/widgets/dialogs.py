"""What is asked before a decision: a reason by one key; and the report of a fault.

Dialogs open over the window and tell their answer by a signal; nothing waits in a nested loop.
When one closes, by whatever way, the window gives the focus back to the cards.
"""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop.theme import GRID
from app.desktop.widgets.parts import keycap, label, margins
from app.desktop.widgets.texts import TypedText

ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class Panel(QDialog):
    """A dialog over the window that is gone once it is closed.

    A `snug` one is as high as its words need in its width; Qt guesses at words that wrap.
    """

    def __init__(self, parent: QWidget, *, title: str, width: int, snug: bool = False) -> None:
        super().__init__(parent)
        self._snug = snug
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(width * GRID)
        self.column = QVBoxLayout(self)
        margins(self.column, 2.5, 2, 2.5, 2, spacing=1)
        self.column.addWidget(label(title, role="title", wrap=True))

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height the words need, once the type they are set in is known."""
        super().showEvent(event)
        if self._snug:
            self.column.activate()
            self.resize(self.width(), self.column.totalHeightForWidth(self.width()))


class ReasonDialog(Panel):
    """Ask why a code is rejected: a digit answers at once, or a reason is typed."""

    answered = Signal(str)

    def __init__(
        self, parent: QWidget, *, title: str, subtitle: str, reasons: Mapping[str, str]
    ) -> None:
        super().__init__(parent, title=title, width=56, snug=True)
        if subtitle:
            self.column.addWidget(label(subtitle, role="muted", wrap=True))
        self._ids = tuple(reasons)
        for number, (identifier, words) in enumerate(reasons.items(), start=1):
            line = QHBoxLayout()
            margins(line, 0)
            line.addWidget(keycap(str(number)))
            button = QPushButton(words)
            button.setProperty("kind", "option")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, chosen=identifier: self._answer(chosen))
            line.addWidget(button, 1)
            self.column.addLayout(line)
        typed = QHBoxLayout()
        margins(typed, 0)
        typed.addWidget(keycap("0"))
        self._field = QLineEdit()
        self._field.setPlaceholderText("Another reason, then Enter")
        self._field.setAccessibleName("Another reason")
        self._field.returnPressed.connect(self._answer_typed)
        typed.addWidget(self._field, 1)
        self.column.addLayout(typed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a digit as the answer; 0 goes to the field."""
        digit = event.key() - Qt.Key.Key_0
        if 1 <= digit <= len(self._ids):
            self._answer(self._ids[digit - 1])
        elif digit == 0:
            self._field.setFocus()
        elif event.key() not in ENTER:
            super().keyPressEvent(event)

    def _answer_typed(self) -> None:
        words = self._field.text().strip()
        if words:
            self._answer(words)

    def _answer(self, reason: str) -> None:
        self.answered.emit(reason)
        self.accept()


class ReportDialog(Panel):
    """A bug of ours: what to send us, without a word of any note."""

    def __init__(self, parent: QWidget | None, report: str) -> None:
        super().__init__(parent, title="Chartproof has a fault", width=80)  # type: ignore[arg-type]
        self.column.addWidget(
            label(
                "What was recorded before is safe. Please send us the lines below; "
                "they hold no words of any note.",
                wrap=True,
            )
        )
        self.text = TypedText(report)
        self.text.setObjectName("report")
        self.text.setReadOnly(True)
        self.text.setMinimumHeight(32 * GRID)
        self.column.addWidget(self.text)
        line = QHBoxLayout()
        line.addStretch(1)
        copy = QPushButton("Copy")
        copy.clicked.connect(self._copy)
        shut = QPushButton("Close")
        shut.setProperty("kind", "primary")
        shut.clicked.connect(self.accept)
        line.addWidget(copy)
        line.addWidget(shut)
        self.column.addLayout(line)

    def _copy(self) -> None:
        self.text.selectAll()
        self.text.copy()


class ListField(QLineEdit):
    """A field over a list: arrows and paging move in the list while words are typed.

    `ended` tells that Right was pressed where the words end.
    """

    moved = Signal(int)
    ended = Signal()

    def event(self, event: QEvent) -> bool:
        """Take the keys that move in the list before the field does."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: 8,
                Qt.Key.Key_PageUp: -8,
            }
            plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            step = steps.get(Qt.Key(event.key()))
            if step is not None and not plain:
                self.moved.emit(step)
                return True
            at_end = self.cursorPosition() == len(self.text()) and not self.hasSelectedText()
            if event.key() == Qt.Key.Key_Right and at_end and not plain:
                self.ended.emit()
                return True
        return super().event(event)
