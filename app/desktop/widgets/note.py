"""The note: read, never edited; evidence drawn over it by kind, headings in bold, lines apart.

The text goes into Qt through `offsets.displayed` and is never read back: a selection is turned
into a span of the canonical text, and the words are cut from that.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from app.desktop.models.note import Highlight, Mark, headings
from app.desktop.offsets import LONG_TOKEN, Offsets, bidi_positions, displayed, longest_token
from app.desktop.theme import GRID, Palette, Theme, reading_font

LINE_HEIGHT = 142.0
"""Distance of lines in percent of the type's own."""

MEASURE = 92
"""Widest column in average characters: beyond it the eye loses the line."""

FROM_NOTE = "application/x-chartproof-note"
"""Marks what was copied from a note, and told by `copied`."""

UNDERLINES = {
    Mark.SUPPORTS: QTextCharFormat.UnderlineStyle.SingleUnderline,
    Mark.AGAINST: QTextCharFormat.UnderlineStyle.DashUnderline,
    Mark.PERSON: QTextCharFormat.UnderlineStyle.DotLine,
    Mark.TRIGGER: QTextCharFormat.UnderlineStyle.WaveUnderline,
    Mark.CURRENT: QTextCharFormat.UnderlineStyle.SingleUnderline,
}
"""How each kind is told apart without its colour."""


def mark_format(mark: Mark, palette: Palette) -> QTextCharFormat:
    """Return how evidence of a kind is drawn."""
    ground, line = {
        Mark.SUPPORTS: (palette.support, palette.support_line),
        Mark.AGAINST: (None, palette.against_line),
        Mark.PERSON: (palette.accent_soft, palette.accent),
        Mark.TRIGGER: (palette.against, palette.against_line),
        Mark.CURRENT: (palette.current, palette.current_line),
    }[mark]
    made = QTextCharFormat()
    if ground is not None:
        made.setBackground(QColor(ground))
    if mark is Mark.CURRENT:
        made.setProperty(QTextFormat.Property.OutlinePen, QPen(QColor(line), 1.5))
    made.setUnderlineStyle(UNDERLINES[mark])
    made.setUnderlineColor(QColor(line))
    return made


class NoteView(QTextEdit):
    """One note with its marks; positions in and out are code points."""

    place_clicked = Signal(int)
    copied = Signal(int, int)
    side_changed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("note")
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(GRID)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName("Note")
        self._theme = theme
        self._zoom = 0
        self._releasing = False
        self._text = ""
        self._offsets = Offsets("")
        self._controls: tuple[int, ...] = ()
        self._marks: tuple[Highlight, ...] = ()
        self._found: tuple[tuple[int, int], ...] = ()
        theme.changed.connect(self._draw_marks)

    @property
    def note_text(self) -> str:
        """Return the canonical text that is shown."""
        return self._text

    def set_note(self, text: str) -> None:
        """Show a note from its beginning, without marks."""
        self._text = text
        self._offsets = Offsets(text)
        self._controls = bidi_positions(text)
        self._marks = ()
        self._found = ()
        everywhere = longest_token(text) > LONG_TOKEN
        self.setWordWrapMode(
            QTextOption.WrapMode.WrapAnywhere
            if everywhere
            else QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
        )
        self.setPlainText(displayed(text))
        self._lay_out()
        self._draw_marks()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def set_marks(self, marks: Sequence[Highlight]) -> None:
        """Draw these marks and no others; the note stays where it is."""
        if tuple(marks) != self._marks:
            self._marks = tuple(marks)
            self._draw_marks()

    def set_found(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Draw what a search found."""
        self._found = tuple(ranges)
        self._draw_marks()

    def set_zoom(self, points: int) -> None:
        """Change the size of the type by points against the usual size."""
        self._zoom = points
        self._lay_out()

    def reveal(self, start: int, end: int) -> None:
        """Scroll so that a range is on the screen, a third from the top where it was not."""
        last = self.cursorRect(self.cursor_over(end, end))
        first = self.cursorRect(self.cursor_over(start, start))
        port = self.viewport().rect()
        if not (port.contains(first.center()) and port.contains(last.center())):
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + first.top() - port.height() // 3)

    def top(self) -> int:
        """Return the first code point on the screen."""
        return self._offsets.from_qt(self.cursorForPosition(QPoint(0, 0)).position())

    def show_top(self, position: int) -> None:
        """Scroll so that a code point stands at the top of the screen."""
        at = min(position, len(self._text))
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect(self.cursor_over(at, at)).top())

    def selected(self) -> tuple[int, int] | None:
        """Return the selected range without the spaces at its ends, None where it is empty."""
        cursor = self.textCursor()
        start = self._offsets.from_qt(cursor.selectionStart())
        end = self._offsets.from_qt(cursor.selectionEnd())
        words = self._text[start:end]
        start += len(words) - len(words.lstrip())
        end -= len(words) - len(words.rstrip())
        return (start, end) if start < end else None

    def select(self, start: int, end: int) -> None:
        """Select a range, as a mouse would."""
        self.setTextCursor(self.cursor_over(start, end))

    def cursor_over(self, start: int, end: int) -> QTextCursor:
        """Return a cursor of the document over a range of code points."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._offsets.to_qt(start))
        cursor.setPosition(self._offsets.to_qt(end), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def height_of(self, position: int) -> float:
        """Return where a code point stands in the whole note, 0 at its top and 1 at its end."""
        rect: QRect = self.cursorRect(self.cursor_over(position, position))
        whole = max(1.0, self.document().size().height())
        return min(1.0, max(0.0, (rect.top() + self.verticalScrollBar().value()) / whole))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell which place was clicked; a drag selects words and tells nothing."""
        self._releasing = True
        super().mouseReleaseEvent(event)
        self._releasing = False
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            at = self.cursorForPosition(event.position().toPoint()).position()
            self.place_clicked.emit(self._offsets.from_qt(at))

    def createMimeDataFromSelection(self) -> QMimeData:
        """Tell which words leave, by the clipboard or a drag.

        Letting go of the mouse copies nothing: X11 would take what is merely selected.
        """
        if self._releasing:
            return QMimeData()
        words = self.selected()
        if words is not None:
            self.copied.emit(*words)
        carried = super().createMimeDataFromSelection()
        carried.setData(FROM_NOTE, b"")
        return carried

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the column at a readable width."""
        super().resizeEvent(event)
        self._set_measure()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the reading font when the application's font or style sheet changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._text:
            self._lay_out()

    def _set_measure(self) -> None:
        """Give the text a column of its own width, so that it never waits for a resize event."""
        whole = self.width() - self.verticalScrollBar().sizeHint().width()
        widest = self.fontMetrics().averageCharWidth() * MEASURE
        column = max(20 * GRID, min(widest, whole - 4 * GRID))
        side = max(2 * GRID, (whole - column) // 2)
        if column != self.lineWrapColumnOrWidth():
            self.setLineWrapColumnOrWidth(column)
        self.setViewportMargins(side, 0, max(0, whole - side - column), 0)
        self.side_changed.emit(side + GRID)

    def _lay_out(self) -> None:
        document = self.document()
        font = reading_font(self._zoom)
        self.setFont(font)
        document.setDefaultFont(font)
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        block = QTextBlockFormat()
        block.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.setBlockFormat(block)
        cursor.setCharFormat(QTextCharFormat())
        bold = QTextCharFormat()
        bold.setFontWeight(QFont.Weight.Bold)
        for start, end in headings(self._text):
            self.cursor_over(start, end).mergeCharFormat(bold)
        self._set_measure()

    def _draw_marks(self) -> None:
        palette = self._theme.palette
        drawn: list[QTextEdit.ExtraSelection] = []
        hidden = QTextCharFormat()
        hidden.setBackground(QColor(palette.bidi))
        found = QTextCharFormat()
        found.setBackground(QColor(palette.find))
        drawn += [_drawn(self.cursor_over(at, at + 1), hidden) for at in self._controls]
        formats = {mark: mark_format(mark, palette) for mark in Mark}
        drawn += [
            _drawn(self.cursor_over(mark.start, mark.end), formats[mark.mark])
            for mark in self._marks
        ]
        drawn += [_drawn(self.cursor_over(start, end), found) for start, end in self._found]
        self.setExtraSelections(drawn)


def _drawn(cursor: QTextCursor, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.cursor = cursor
    selection.format = look
    return selection
