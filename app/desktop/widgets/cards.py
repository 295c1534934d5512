"""The right pane: the cards in three groups, and below them the keys that decide."""

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.desktop.actions import shown_key
from app.desktop.models.cards import CardRow, Group, grouped
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.card import CARD, CodeCard
from app.desktop.widgets.parts import Elided, keycap, label, margins
from app.wording import say

HINTS = (("accept", "accept"), ("reject", "reject"), ("summary", "summary"))
"""Keys named under the cards."""


class CardList(QScrollArea):
    """The cards; it has the focus while cards are decided."""

    clicked = Signal(str)
    quote_clicked = Signal(str, int)
    option_clicked = Signal(str, int)
    asked = Signal(str, str)
    dropped = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Codes")
        self._theme = theme
        self._cards: dict[str, CodeCard] = {}
        self._heads: dict[Group, QLabel] = {}
        self._nothing: dict[Group, QLabel] = {}
        self._boxes: dict[Group, QVBoxLayout] = {}
        self._key: str | None = None
        body = QWidget()
        body.setObjectName("cards")
        self._column = column = QVBoxLayout(body)
        margins(column, 1.5, 1.5, 1.5, 2)
        for group in Group:
            self._heads[group] = label(role="eyebrow")
            self._nothing[group] = label(say("groups_empty", str(group)), role="small", wrap=True)
            self._boxes[group] = QVBoxLayout()
            self._boxes[group].setSpacing(GRID)
            column.addWidget(self._heads[group])
            column.addWidget(self._nothing[group])
            column.addLayout(self._boxes[group])
            column.addSpacing(GRID)
        column.addStretch(1)
        self._body = body
        self.setWidget(body)
        self.mark = QFrame(body)
        self.mark.setObjectName("dropmark")
        self.mark.hide()
        theme.changed.connect(self._redraw)

    def show_cards(self, rows: tuple[CardRow, ...], key: str | None) -> None:
        """Show these cards; those that are there already are changed in place."""
        keys = {row.key for row in rows}
        for gone in [key for key in self._cards if key not in keys]:
            card = self._cards.pop(gone)
            card.hide()
            card.deleteLater()
        self._key = key
        for group, members in grouped(rows).items():
            self._heads[group].setText(f"{say('groups', str(group))}  {len(members)}")
            self._nothing[group].setVisible(not members)
            for at, row in enumerate(members):
                card = self._cards.get(row.key) or self._made(row)
                card.show_row(row, current=row.key == key)
                box = self._boxes[group]
                if box.indexOf(card) != at:
                    for other in self._boxes.values():
                        other.removeWidget(card)
                    box.insertWidget(at, card)
                if card.isHidden():
                    card.show()
        self._keep_in_sight()

    def set_current(self, key: str | None) -> None:
        """Put the cursor on a card and scroll the cards, not the note, to it."""
        before, self._key = self._key, key
        for changed in {before, key}:
            card = self._cards.get(changed or "")
            if card is not None:
                card.show_row(card.row, current=changed == key)
        self._keep_in_sight()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the cursor in sight when the pane changes its size."""
        super().resizeEvent(event)
        self._keep_in_sight()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the cursor is."""
        super().focusInEvent(event)
        self._keep_in_sight()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take cards that are dragged here, and nothing else."""
        if event.mimeData().hasFormat(CARD):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Go on taking them, and show where the card would go."""
        event.acceptProposedAction()
        self._mark_place(_carried(event), event.position().toPoint())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show no place any more."""
        super().dragLeaveEvent(event)
        self.mark.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which card was dropped before which, "" for after the last of its group."""
        key = _carried(event)
        event.acceptProposedAction()
        self.mark.hide()
        self.dropped.emit(key, self.before(key, event.position().toPoint()))

    def before(self, key: str, point: QPoint) -> str:
        """Return the card of the same group that a point of the view lies before, "" for none."""
        height = self._body.mapFrom(self.viewport(), point).y()
        below = [card for card in self._others(key) if card.geometry().center().y() > height]
        return below[0].row.key if below else ""

    def _others(self, key: str) -> list[CodeCard]:
        """Return the other cards that a card can change places with, from the top down."""
        moved = self._cards.get(key)
        same = [
            card
            for card in self._cards.values()
            if moved is not None and card is not moved
            if card.row.group is moved.row.group and card.row.place
        ]
        return sorted(same, key=lambda card: card.geometry().top())

    def _mark_place(self, key: str, point: QPoint) -> None:
        """Lay a line where a dragged card would go: above a card, or below the last one."""
        others = self._others(key)
        self.mark.setVisible(bool(others))
        if not others:
            return
        before = self._cards.get(self.before(key, point))
        place = others[-1].geometry() if before is None else before.geometry()
        middle = place.bottom() + GRID // 2 if before is None else place.top() - GRID // 2
        self.mark.setGeometry(place.left(), middle - 1, place.width(), 3)
        self.mark.raise_()

    def _made(self, row: CardRow) -> CodeCard:
        card = CodeCard(row, self._theme)
        card.clicked.connect(self.clicked)
        card.quote_clicked.connect(self.quote_clicked)
        card.option_clicked.connect(self.option_clicked)
        card.asked.connect(self.asked)
        self._cards[row.key] = card
        return card

    def _redraw(self) -> None:
        for card in self._cards.values():
            card.redraw()
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        """Scroll once the layout has settled: a card's height is known only then."""
        QTimer.singleShot(0, self, self._scroll)

    def _scroll(self) -> None:
        card = self._cards.get(self._key or "")
        if card is not None:
            self._column.activate()
            self.ensureWidgetVisible(card, 0, 3 * GRID)
            top = card.geometry().top() - GRID
            if card.height() > self.viewport().height() and self.verticalScrollBar().value() > top:
                self.verticalScrollBar().setValue(top)  # the code and its words come first


def _hint(words: str) -> QLabel:
    """Return what a key does; where there is no room it is cut, and the key is not."""
    made = Elided(words)
    made.setProperty("role", "small")
    return made


def _carried(event: QDropEvent) -> str:
    """Return the key of the card that is dragged."""
    return bytes(event.mimeData().data(CARD).data()).decode()


class CardsPane(QFrame):
    """The cards with the keys that decide on them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.list = CardList(theme)
        foot = QFrame()
        foot.setObjectName("footer")
        line = QHBoxLayout(foot)
        margins(line, 1.5, 1, 1.5, 1, spacing=0.5)
        self._caps = {action: keycap(shown_key(action)) for action, _ in (*HINTS, ("keys", ""))}
        for action, words in HINTS:
            line.addWidget(self._caps[action])
            line.addWidget(_hint(words))
            line.addSpacing(GRID // 2)
        line.addStretch(1)
        line.addWidget(self._caps["keys"])
        line.addWidget(_hint("all keys"))
        column = QVBoxLayout(self)
        margins(column, 0, spacing=0)
        column.addWidget(self.list, 1)
        column.addWidget(foot)

    def show_keys(self) -> None:
        """Name the keys that are in force now."""
        for action, cap in self._caps.items():
            cap.setText(shown_key(action))
