"""Small parts every pane is put together from: labels with a role, chips, keys, icons, lines."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QToolButton, QWidget

from app.desktop.icons import icon, pixmap
from app.desktop.theme import GRID, Palette, Theme

TONES = {
    "good": ("check", "good"),
    "info": ("info", "accent"),
    "query": ("query", "accent"),
    "warn": ("warning", "warn"),
    "bad": ("error", "bad"),
    "comment": ("comment", "muted"),
}
"""Icon and colour of each tone: never the colour alone."""


def label(text: str = "", *, role: str = "", tone: str = "", wrap: bool = False) -> QLabel:
    """Return a label in one of the style sheet's roles; the text is plain, never markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if tone:
        made.setProperty("tone", tone)
    return made


class Elided(QLabel):
    """A label that cuts its words with an ellipsis where there is no room for all of them."""

    def minimumSizeHint(self) -> QSize:
        """Return no width: whatever is there is used."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint as many of the words as fit; the tool tip has all of them."""
        painter = QPainter(self)
        cut = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(middle), cut)
        painter.end()


def chip(text: str, *, tone: str = "") -> QLabel:
    """Return a small rounded label for a state."""
    made = label(text, tone=tone)
    made.setProperty("chip", "true")
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


def keycap(text: str) -> QLabel:
    """Return a key as it looks on a keyboard."""
    made = label(text)
    made.setProperty("keycap", "true")
    made.setMinimumWidth(3 * GRID - 2)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


def picture(name: str, colour: str, *, size: int = 16, says: str = "") -> QLabel:
    """Return an icon; `says` is what a screen reader and a tool tip give for it."""
    made = QLabel()
    made.setPixmap(pixmap(name, colour, size))
    made.setFixedSize(QSize(size, size))
    if says:
        made.setAccessibleName(says)
        made.setToolTip(says)
    return made


def tone_picture(tone: str, palette: Palette, *, size: int = 14) -> QLabel:
    """Return the icon of a tone in its colour."""
    name, colour = TONES.get(tone, TONES["info"])
    return picture(name, str(getattr(palette, colour)), size=size, says=tone)


def flat_button(name: str, theme: Theme, says: str) -> QToolButton:
    """Return a button that is an icon alone, named for screen readers and tool tips."""
    made = QToolButton()
    made.setProperty("kind", "flat")
    made.setIcon(icon(name, theme.palette.muted))
    theme.changed.connect(lambda: made.setIcon(icon(name, theme.palette.muted)))
    made.setIconSize(QSize(2 * GRID, 2 * GRID))
    made.setToolTip(says)
    made.setAccessibleName(says)
    return made


def hair() -> QFrame:
    """Return a horizontal line."""
    made = QFrame()
    made.setObjectName("hair")
    made.setFixedHeight(1)
    return made


def margins(layout: QLayout, *steps: float, spacing: float = 1) -> None:
    """Set margins (left, top, right, bottom, or one for all) and spacing in grid steps."""
    left, top, right, bottom = steps * 4 if len(steps) == 1 else steps
    layout.setContentsMargins(*(round(step * GRID) for step in (left, top, right, bottom)))
    layout.setSpacing(round(spacing * GRID))


def restyle(widget: QWidget) -> None:
    """Apply the style sheet again after a property it asks about has changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
