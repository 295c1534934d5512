"""The middle of the window: which case, why it is here, the note, where its evidence lies, find."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.models.case import CaseHead
from app.desktop.models.note import Highlight, Mark
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.note import NoteView, mark_format
from app.desktop.widgets.parts import (
    Elided,
    chip,
    flat_button,
    label,
    margins,
    restyle,
    tone_picture,
)
from app.wording import say

LEGEND = (Mark.SUPPORTS, Mark.AGAINST, Mark.CURRENT, Mark.PERSON)
"""Kinds of evidence named over the note."""

PENS = {
    Mark.SUPPORTS: Qt.PenStyle.SolidLine,
    Mark.AGAINST: Qt.PenStyle.DashLine,
    Mark.CURRENT: Qt.PenStyle.SolidLine,
    Mark.PERSON: Qt.PenStyle.DotLine,
}


class Overview(QWidget):
    """A strip beside the note with a tick where each mark lies; a click goes there."""

    wanted = Signal(int)

    def __init__(self, note: NoteView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(GRID + GRID // 2)
        self.setAccessibleName("Where the evidence lies")
        self._note = note
        self._theme = theme
        self._marks: tuple[Highlight, ...] = ()
        self._heights: dict[int, float] = {}
        theme.changed.connect(self.update)
        layout = note.document().documentLayout()
        layout.documentSizeChanged.connect(self.forget)

    def set_marks(self, marks: Sequence[Highlight]) -> None:
        """Show ticks for these marks."""
        self._marks = tuple(mark for mark in marks if mark.mark is not Mark.TRIGGER)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint a tick for each mark: long for what supports, short for what speaks against."""
        palette = self._theme.palette
        colours = {
            Mark.SUPPORTS: palette.support_line,
            Mark.AGAINST: palette.against_line,
            Mark.PERSON: palette.accent,
            Mark.CURRENT: palette.current_line,
        }
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(palette.surface))
        for mark in self._marks:
            top = round(self._height(mark.start) * (self.height() - 4))
            left = 5 if mark.mark is Mark.AGAINST else 2 if mark.mark is Mark.SUPPORTS else 0
            tall = 4 if mark.mark is Mark.CURRENT else 2
            painter.fillRect(left, top, self.width() - left, tall, QColor(colours[mark.mark]))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the mark nearest to the click."""
        at = event.position().y() / max(1, self.height())
        near = min(self._marks, key=lambda mark: abs(self._height(mark.start) - at), default=None)
        if near is not None:
            self.wanted.emit(near.start)

    def _height(self, position: int) -> float:
        """Return where a code point stands, asked of the layout once until that changes."""
        if position not in self._heights:
            self._heights[position] = self._note.height_of(position)
        return self._heights[position]

    def forget(self) -> None:
        """Ask the layout again where things stand: the note or its lines have changed."""
        self._heights.clear()
        self.update()


class Swatch(QWidget):
    """A little of how a kind of evidence is drawn, for the legend."""

    def __init__(self, mark: Mark, theme: Theme) -> None:
        super().__init__()
        self._mark = mark
        self._theme = theme
        self.setFixedSize(2 * GRID, GRID + GRID // 2)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground and underline as the note does."""
        look = mark_format(self._mark, self._theme.palette)
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.background())
        pen = QPen(look.underlineColor(), 1.5, PENS[self._mark])
        painter.setPen(pen)
        low = self.height() - 1
        painter.drawLine(0, low, self.width(), low)
        if self._mark is Mark.CURRENT:
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class FindBar(QFrame):
    """Find words in the note: Enter for the next, Shift+Enter for the one before, Esc to leave."""

    left = Signal()

    def __init__(self, note: NoteView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("footer")
        self._note = note
        self._ranges: tuple[tuple[int, int], ...] = ()
        self._at = 0
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find in this note")
        self._field.setAccessibleName("Find in this note")
        self._field.textChanged.connect(self._search)
        self._field.installEventFilter(self)
        self._tally = label(role="small")
        shut = flat_button("cross", theme, "Close find (Esc)")
        shut.clicked.connect(self.leave)
        row = QHBoxLayout(self)
        margins(row, 2, 1, 1, 1)
        row.addWidget(self._field, 1)
        row.addWidget(self._tally)
        row.addWidget(shut)
        self.hide()

    def enter(self) -> None:
        """Show the bar and take the focus."""
        self.show()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()
        self._search()

    def leave(self) -> None:
        """Hide the bar and what it found."""
        self.hide()
        self._note.set_found(())
        self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Enter and Esc from the field."""
        if watched is self._field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                    back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                    self._step(-1 if back else 1)
                    return True
                if event.key() == Qt.Key.Key_Escape:
                    self.leave()
                    return True
        return super().eventFilter(watched, event)

    def _search(self) -> None:
        words = self._field.text()
        self._ranges = find_all(self._note.note_text, words)
        self._at = 0
        self._note.set_found(self._ranges)
        self._field.setProperty("invalid", "true" if words and not self._ranges else "false")
        restyle(self._field)
        self._step(0)

    def _step(self, by: int) -> None:
        if not self._ranges:
            self._tally.setText("Not in this note" if self._field.text() else "")
            return
        self._at = (self._at + by) % len(self._ranges)
        self._note.reveal(*self._ranges[self._at])
        self._note.select(*self._ranges[self._at])
        self._tally.setText(f"{self._at + 1} of {len(self._ranges)}")


def find_all(text: str, words: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of `words` in `text`, without regard to case, first to last.

    Both are lowered character for character, so that no position moves (`İ` lowers to two).
    """
    if not words:
        return ()
    low, wanted = _lowered(text), _lowered(words)
    found: list[tuple[int, int]] = []
    at = low.find(wanted)
    while at >= 0:
        found.append((at, at + len(wanted)))
        at = low.find(wanted, at + len(wanted))
    return tuple(found)


def _lowered(text: str) -> str:
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


class NotePane(QFrame):
    """Head of the case, the note with its overview, and find."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pane")
        self._theme = theme
        self.view = NoteView(theme)
        self.overview = Overview(self.view, theme)
        self.finder = FindBar(self.view, theme)
        self._head = QFrame()
        self._head.setObjectName("bar")
        self._title = label(role="title")
        self._facts = label(role="muted", wrap=True)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(GRID // 2)
        self._remarks = QVBoxLayout()
        self._headed: tuple[CaseHead, str] | None = None
        self._document = Elided()
        self._document.setProperty("role", "eyebrow")
        self._column = QVBoxLayout()
        self._named = QHBoxLayout()
        self._lay_out()
        self.view.side_changed.connect(self._align)
        self.overview.wanted.connect(lambda at: self.view.reveal(at, at))

    def show_head(self, head: CaseHead) -> None:
        """Show which case this is and why it is here; nothing is done where nothing has changed."""
        if (head, self._theme.palette.name) == self._headed:
            return
        self._headed = (head, self._theme.palette.name)
        self._title.setText(head.title)
        self._facts.setText(head.facts)
        _clear(self._chips)
        for text, tone in head.chips:
            self._chips.addWidget(chip(text, tone=tone))
        _clear(self._remarks)
        for remark in head.remarks:
            line = QWidget()
            row = QHBoxLayout(line)
            margins(row, 0)
            row.addWidget(
                tone_picture(remark.tone, self._theme.palette), 0, Qt.AlignmentFlag.AlignTop
            )
            said = label(remark.text, wrap=True)
            said.setToolTip(remark.source)
            row.addWidget(said, 1)
            self._remarks.addWidget(line)

    def show_note(self, *, name: str, detail: str, text: str) -> None:
        """Show another note from its beginning."""
        self._document.setText(f"{name}  ·  {detail}" if detail else name)
        self._document.setToolTip(self._document.text())
        self.view.set_note(text)
        self.overview.forget()
        if self.finder.isVisible():
            self.finder.enter()

    def show_marks(self, marks: Sequence[Highlight]) -> None:
        """Draw marks over the note and in the overview; the note stays where it is."""
        self.view.set_marks(marks)
        self.overview.set_marks(marks)

    def _align(self, side: int) -> None:
        """Set the head in line with the column of the note."""
        self._column.setContentsMargins(side, 12, 3 * GRID, 12)
        self._named.setContentsMargins(side, GRID, 3 * GRID, GRID // 2)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        margins(top, 0)
        top.addWidget(self._title)
        top.addLayout(self._chips)
        top.addStretch(1)
        head = self._column
        self._head.setLayout(head)
        margins(head, 3, 1.5, 3, 1.5, spacing=0.5)
        head.addLayout(top)
        head.addWidget(self._facts)
        head.addLayout(self._remarks)
        named = QFrame()
        named_row = self._named
        named.setLayout(named_row)
        margins(named_row, 3, 1, 3, 0.5)
        named_row.addWidget(self._document, 1)
        for mark in LEGEND:
            named_row.addWidget(Swatch(mark, self._theme))
            named_row.addWidget(label(say("places", f"legend-{mark}"), role="small"))
        body = QHBoxLayout()
        margins(body, 0, spacing=0)
        body.addWidget(self.view, 1)
        body.addWidget(self.overview)
        column = QVBoxLayout(self)
        margins(column, 0, spacing=0)
        column.addWidget(self._head)
        column.addWidget(named)
        column.addLayout(body, 1)
        column.addWidget(self.finder)


def _clear(layout: QHBoxLayout | QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
