"""What a card is put together from: a quote in its sentence, a code to take, a bar."""

from html import escape

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desktop.models.cards import Option, Quote
from app.desktop.offsets import displayed
from app.desktop.theme import GRID, Palette
from app.desktop.widgets.parts import keycap, label, margins


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


class QuoteBlock(QFrame):
    """Words of the note in their sentence, with a rule at the left; a click goes there."""

    pressed = Signal()

    def __init__(self, quote: Quote, palette: Palette) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout(self)
        margins(row, 0)
        rule = QFrame()
        rule.setObjectName("rule")
        kind = "against" if quote.against else "person" if quote.by_person else "supports"
        rule.setProperty("kind", kind)
        rule.setFixedWidth(3)
        row.addWidget(rule)
        column = QVBoxLayout()
        margins(column, 0, spacing=0)
        words = QLabel()
        words.setTextFormat(Qt.TextFormat.RichText)
        words.setWordWrap(True)
        words.setText(quote_markup(quote, palette))
        column.addWidget(words)
        if quote.place:
            column.addWidget(label(quote.place, role="small"))
        row.addLayout(column, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell that this quote is wanted."""
        self.pressed.emit()
        event.accept()


class OptionRow(QFrame):
    """A code to take instead, with the digit that takes it."""

    pressed = Signal()

    def __init__(self, option: Option) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(f"Take {option.code} instead ({option.number}): {option.title}")
        self.setAccessibleName(f"{option.number}: {option.label or option.title}, {option.code}")
        row = QHBoxLayout(self)
        margins(row, 0)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(keycap(str(option.number)), 0, top)
        if option.label:
            named = label(option.label[:1].upper() + option.label[1:], wrap=True)
            row.addWidget(named, 1, top)
            row.addWidget(label(option.code, role="small"), 0, top)
        else:
            strong = label(option.code, role="heading")
            strong.setMinimumWidth(7 * GRID)
            row.addWidget(strong, 0, top)
            row.addWidget(label(option.title, role="muted", wrap=True), 1, top)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell that this alternative is wanted."""
        self.pressed.emit()
        event.accept()


def quote_markup(quote: Quote, palette: Palette) -> str:
    """Return a quote as rich text: the words that prove in strong type, those around muted."""
    words = f"<b>{escape(displayed(quote.text))}</b>"
    before, after = escape(displayed(quote.before)), escape(displayed(quote.after))
    around = f'<span style="color:{palette.muted}">'
    return f"{around}{before}</span>{words}{around}{after}</span>"
