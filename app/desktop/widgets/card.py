"""One code as a card: code, title, words of the note, rules, alternatives, confidence last.

The card the cursor is on shows everything and its buttons; the others are slips, which show what is
needed to pass them by. Text of a note is put into labels as plain text or escaped, never as markup
of its own.
"""

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QSizePolicy,
    QWidget,
)

from app.desktop.models.cards import CardRow, Group
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.cardbody import CardBody
from app.desktop.widgets.parts import restyle
from app.desktop.widgets.slip import Slip, chips_of
from app.wording import say

CARD = "application/x-chartproof-card"
"""What a dragged card carries: its key."""


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
        self._slips: dict[int, Slip] = {}
        self._pressed: QPoint | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
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
            self._body = None
        self._slips = {}  # the layout asks for several widths in turn
        shown = ("true" if self.current else "false", self.row.group is Group.EXCLUDED)
        self.setAccessibleName(spoken(self.row))
        self.setToolTip("" if self.current else "\n".join(tip for *_, tip in chips_of(self.row)))
        if self.current:
            self._body = self._whole()
            self._body.setGeometry(0, 0, self.width(), self.height())
            self._body.show()
        if (self.property("current"), self.property("excluded") == "true") != shown:
            self.setProperty("current", shown[0])
            self.setProperty("excluded", "true" if shown[1] else "false")
            restyle(self)
        self.updateGeometry()
        self.update()

    def slip(self, width: int) -> Slip:
        """Return what is painted of a card the cursor is not on."""
        if width not in self._slips:
            self._slips[width] = Slip.of(self.row, self._theme.palette, width)
        return self._slips[width]

    def hasHeightForWidth(self) -> bool:
        """Say that the height depends on the width: words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height the contents need in a width."""
        if self._body is None:
            return self.slip(width).height
        layout = self._body.layout()
        return layout.totalHeightForWidth(width) if layout is not None else 0

    def sizeHint(self) -> QSize:
        """Return the size of the contents in the width the card has now."""
        width = max(self.width(), 20 * GRID)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Let the pane be as narrow as it wants: words wrap, and cut where they must."""
        return QSize(20 * GRID, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the contents all of the card."""
        super().resizeEvent(event)
        if self._body is not None:
            self._body.setGeometry(0, 0, self.width(), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame, and the slip where the cursor is elsewhere."""
        super().paintEvent(event)
        if self._body is None:
            painter = QPainter(self)
            self.slip(self.width()).paint(painter)
            painter.end()

    def _whole(self) -> CardBody:
        body = CardBody(self.row, self._theme, self)
        body.quote_clicked.connect(lambda number: self.quote_clicked.emit(self.row.key, number))
        body.option_clicked.connect(lambda number: self.option_clicked.emit(self.row.key, number))
        body.asked.connect(lambda action: self.asked.emit(self.row.key, action))
        return body

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the cursor; a card of the claim may be dragged from here to another place."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint() if self.row.place else None
            self.clicked.emit(self.row.key)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin to drag the card once the mouse has left the place where it was pressed."""
        far = QApplication.startDragDistance()
        start = self._pressed
        if start is not None and (event.position().toPoint() - start).manhattanLength() >= far:
            self._pressed = None
            drag = QDrag(self)
            carried = QMimeData()
            carried.setData(CARD, self.row.key.encode())
            drag.setMimeData(carried)
            drag.setPixmap(self.grab())
            drag.setHotSpot(start)
            drag.exec(Qt.DropAction.MoveAction)
        super().mouseMoveEvent(event)


def spoken(row: CardRow) -> str:
    """Return what a screen reader says of a card."""
    parts = [row.code, row.title, say("statuses", row.status), row.note]
    if row.first:
        parts.append(say("places", f"{'principal' if row.poa_asked else 'first'}-{row.first}"))
    if row.poa_asked:
        parts.append(say("poa_long", "missing" if row.poa is None else row.poa or "exempt"))
    parts += [f"“{quote.text}”" for quote in row.quotes[:1]]
    parts += [remark.text for remark in row.remarks]
    return ", ".join(part for part in parts if part)
