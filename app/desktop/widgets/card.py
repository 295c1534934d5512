"""One code as a card: code, title, words of the note, rules, alternatives, confidence last.

The card the cursor is on shows everything and its buttons; the others show what is needed to pass
them by. Text of a note is put into labels as plain text or escaped, never as markup of its own.
"""

from html import escape

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.desktop.actions import shown_key
from app.desktop.icons import icon
from app.desktop.models.cards import CardRow, Group, Quote
from app.desktop.offsets import displayed
from app.desktop.theme import GRID, Palette, Theme
from app.desktop.widgets.parts import (
    chip,
    keycap,
    label,
    margins,
    picture,
    restyle,
    tone_picture,
)
from app.wording import say
from pipeline.model import Route

QUOTES = 4
"""Quotes on the current card; E still walks through all of them."""

STATUS = {
    "accepted": ("check", "good"),
    "added": ("plus", "good"),
    "rejected": ("cross", "bad"),
    "replaced": ("replace", "bad"),
    "excluded": ("against", "muted"),
}
"""Icon and colour of what has been decided; a card that is open has none."""


class ConfidenceBar(QWidget):
    """A short bar for a number from 0 to 1."""

    def __init__(self, value: float, palette: Palette) -> None:
        super().__init__()
        self._value = value
        self._palette = palette
        self.setFixedSize(QSize(6 * GRID, GRID // 2))
        self.setAccessibleName(f"Confidence {value:.0%}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground and the part of it that the number fills."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(QColor(self._palette.line))
        painter.drawRoundedRect(whole, 2, 2)
        whole.setWidth(whole.width() * min(1.0, max(0.0, self._value)))
        painter.setBrush(QColor(self._palette.muted))
        painter.drawRoundedRect(whole, 2, 2)
        painter.end()


class CodeCard(QFrame):
    """A card; clicks are told with the card's key, and decided elsewhere."""

    clicked = Signal(str)
    quote_clicked = Signal(str, int)
    option_clicked = Signal(str, int)
    asked = Signal(str, str)

    def __init__(self, row: CardRow, theme: Theme, *, current: bool = False) -> None:
        super().__init__()
        self.setObjectName("card")
        self.row = row
        self.current = current
        self._theme = theme
        self._body: QWidget | None = None
        self._column = QVBoxLayout(self)
        margins(self._column, 0)
        self.redraw()

    def show_row(self, row: CardRow, *, current: bool) -> None:
        """Show another state of the card; nothing is done where nothing has changed."""
        if (row, current) != (self.row, self.current):
            self.row, self.current = row, current
            self.redraw()

    def redraw(self) -> None:
        """Make the contents anew, in the colours of the theme."""
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        self.setProperty("current", "true" if self.current else "false")
        self.setProperty("excluded", "true" if self.row.group is Group.EXCLUDED else "false")
        self.setAccessibleName(spoken(self.row))
        self._body = QWidget(self)
        column = QVBoxLayout(self._body)
        tight = self.row.group is Group.EXCLUDED and not self.current
        around = 0.875 if tight else 1.25
        margins(column, 1.5, around, 1.5, around, spacing=0.25 if tight else 0.75)
        column.addLayout(self._headline())
        if self.row.note:
            column.addWidget(label(self.row.note, role="small", wrap=True))
        self._quotes(column)
        self._remarks(column)
        if self.current:
            self._options(column)
        if self.row.confidence is not None and self.row.group is not Group.EXCLUDED:
            column.addLayout(self._confidence(self.row.confidence))
            told = (" · ".join(self.row.parts), self.row.moved) if self.current else ()
            for line in filter(None, told):
                column.addWidget(label(line, role="small", wrap=True))
        if self.current:
            column.addLayout(self._buttons())
        self._column.addWidget(self._body)
        restyle(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the cursor."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self.row.key)
        super().mousePressEvent(event)

    def _headline(self) -> QHBoxLayout:
        palette, row = self._theme.palette, self.row
        line = QHBoxLayout()
        line.setSpacing(GRID)
        code = label(row.code, role="code")
        line.addWidget(code, 0, Qt.AlignmentFlag.AlignTop)
        title = label(row.title or say("places", "no-title"), wrap=True)
        title.setContentsMargins(0, 2, 0, 0)
        if row.group is Group.EXCLUDED:
            title.setProperty("role", "muted")
        line.addWidget(title, 1, Qt.AlignmentFlag.AlignTop)
        if row.badge is not None:
            badge = chip(row.badge.text)
            badge.setObjectName("hcc")
            badge.setToolTip(row.badge.label)
            badge.setAccessibleName(row.badge.label)
            line.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        if row.status in STATUS:
            name, tone = STATUS[row.status]
            line.addWidget(
                picture(name, getattr(palette, tone), says=say("statuses", row.status)),
                0,
                Qt.AlignmentFlag.AlignTop,
            )
        source = "person" if row.by_person else "program"
        line.addWidget(
            picture(source, palette.muted, says=say("origins", source)),
            0,
            Qt.AlignmentFlag.AlignTop,
        )
        return line

    def _quotes(self, column: QVBoxLayout) -> None:
        row = self.row
        if row.group is Group.EXCLUDED and not self.current:
            return
        shown = row.quotes[: QUOTES if self.current else 1]
        for number, quote in enumerate(shown):
            block = _QuoteBlock(quote, self._theme.palette, full=self.current)
            block.pressed.connect(
                lambda number=number: self.quote_clicked.emit(self.row.key, number)
            )
            column.addWidget(block)
        more = len(row.quotes) - len(shown)
        if more > 0 and self.current:
            column.addWidget(label(f"+ {more} more in the notes", role="small"))

    def _remarks(self, column: QVBoxLayout) -> None:
        for remark in self.row.remarks:
            if not self.current and remark.tone not in {"bad", "warn", "query"}:
                continue
            line = QHBoxLayout()
            line.setSpacing(GRID // 2 + 2)
            sign = tone_picture(remark.tone, self._theme.palette)
            line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
            words = label(remark.text, wrap=True)
            words.setToolTip(remark.source)
            line.addWidget(words, 1)
            column.addLayout(line)

    def _options(self, column: QVBoxLayout) -> None:
        if not self.row.options or self.row.group is Group.EXCLUDED:
            return
        column.addWidget(label("Instead", role="eyebrow"))
        for option in self.row.options:
            button = _OptionRow(option.number, option.code, option.title)
            button.pressed.connect(
                lambda number=option.number: self.option_clicked.emit(self.row.key, number)
            )
            column.addWidget(button)

    def _confidence(self, value: float) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(GRID)
        middle = Qt.AlignmentFlag.AlignVCenter
        quotes = self.row.quotes
        place = quotes[0].place if quotes and not self.current else say("places", "confidence")
        line.addWidget(label(place, role="small"), 0, middle)
        line.addStretch(1)
        if self.row.open and self.row.route is Route.AUTO:
            line.addWidget(chip(say("routes", "auto"), tone="good"), 0, middle)
        line.addWidget(ConfidenceBar(value, self._theme.palette), 0, middle)
        line.addWidget(label(f"{value:.2f}", role="small"), 0, middle)
        return line

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(GRID)
        for action, text, name in _offers(self.row):
            button = QPushButton(text)
            primary = name in {"check", "plus"}
            button.setProperty("kind", "primary" if primary else "plain")
            palette = self._theme.palette
            button.setIcon(icon(name, palette.on_accent if primary else palette.muted))
            button.setToolTip(f"{text} ({shown_key(action)})")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(
                lambda _=False, action=action: self.asked.emit(self.row.key, action)
            )
            line.addWidget(button)
        line.addStretch(1)
        return line


class _QuoteBlock(QFrame):
    """Words of the note in their sentence, with a rule at the left; a click goes there."""

    pressed = Signal()

    def __init__(self, quote: Quote, palette: Palette, *, full: bool) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout(self)
        margins(row, 0)
        rule = QFrame()
        rule.setObjectName("rule")
        rule.setProperty("kind", "against" if quote.against else "supports")
        rule.setFixedWidth(3)
        row.addWidget(rule)
        column = QVBoxLayout()
        margins(column, 0, spacing=0)
        words = QLabel()
        words.setTextFormat(Qt.TextFormat.RichText)
        words.setWordWrap(True)
        words.setText(quote_markup(quote, palette, full=full))
        column.addWidget(words)
        if quote.place and full:
            column.addWidget(label(quote.place, role="small"))
        row.addLayout(column, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell that this quote is wanted."""
        self.pressed.emit()
        event.accept()


class _OptionRow(QFrame):
    """An alternative code with the digit that takes it."""

    pressed = Signal()

    def __init__(self, number: int, code: str, title: str) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(f"Take {code} instead ({number})")
        row = QHBoxLayout(self)
        margins(row, 0)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(keycap(str(number)), 0, top)
        strong = label(code, role="heading")
        strong.setMinimumWidth(7 * GRID)
        row.addWidget(strong, 0, top)
        row.addWidget(label(title, role="muted", wrap=True), 1, top)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell that this alternative is wanted."""
        self.pressed.emit()
        event.accept()


def quote_markup(quote: Quote, palette: Palette, *, full: bool) -> str:
    """Return a quote as rich text: the words that prove in strong type, those around muted."""
    words = f"<b>{escape(displayed(quote.text))}</b>"
    if not full:
        return words
    before, after = escape(displayed(quote.before)), escape(displayed(quote.after))
    around = f'<span style="color:{palette.muted}">'
    return f"{around}{before}</span>{words}{around}{after}</span>"


def spoken(row: CardRow) -> str:
    """Return what a screen reader says of a card."""
    parts = [row.code, row.title, say("statuses", row.status), row.note]
    parts += [f"“{quote.text}”" for quote in row.quotes[:1]]
    parts += [remark.text for remark in row.remarks]
    return ", ".join(part for part in parts if part)


def _offers(row: CardRow) -> tuple[tuple[str, str, str], ...]:
    """Return the buttons of a card: the action's id, its words, its icon."""
    accept, reject = ("accept", "Accept", "check"), ("reject", "Reject", "cross")
    replace = ("replace", "Replace", "replace")
    if not row.billable and row.status in {"excluded", "open"}:
        below = ("accept", "Choose a code below", "plus")
        return (below,) if row.status == "excluded" else (below, reject)
    if row.status == "excluded":
        return (("accept", "Add this code", "plus"),)
    if row.status == "rejected":
        return (accept,)
    if row.status in {"accepted", "added"}:
        return (reject, replace)
    return (accept, reject, replace) if row.status == "open" else ()
