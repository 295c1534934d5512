"""How rows of a list are painted: an icon, a title with something at its right, lines below."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QResizeEvent, QTextLayout
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QFrame,
    QHeaderView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.desktop.icons import pixmap
from app.desktop.models.rows import ROW_ROLE
from app.desktop.offsets import Offsets, displayed
from app.desktop.theme import GRID, Palette, Theme

SMALL = 0.9
"""Size of the second line against the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one row shows; `tone` names a colour of the palette for the icon and the badge.

    `indent` moves it right by grid steps; a `tight` row has less room above and below.
    """

    title: str
    detail: str = ""
    meta: str = ""
    icon: str = ""
    tone: str = "muted"
    lines: int = 1
    bold: bool = True
    indent: int = 0
    tight: bool = False


class RowDelegate(QStyledItemDelegate):
    """Paint rows of any kind by what `look` says of them."""

    def __init__(
        self, look: Callable[[Any], Look], theme: Theme, parent: QWidget, *, even: int = 0
    ) -> None:
        """Paint as `look` says; `even` lines of detail give every row the same height."""
        super().__init__(parent)
        self._look = look
        self._theme = theme
        self._even = even

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the height the title and as many lines of detail as are used need."""
        view = option.widget
        width = view.viewport().width() if isinstance(view, QListView) else 2 * 120
        look = self._look(index.data(ROW_ROLE))
        title, detail = _fonts(option.font, look)
        height = QFontMetrics(title).height()
        if look.detail:
            height += GRID // 4 + self._detail_height(look, detail, width)
        return QSize(width, height + (GRID // 2 if look.tight else 2 * GRID))

    def even_height(self, font: QFont) -> int:
        """Return the height of a row with as many lines of detail as all rows have."""
        title, detail = _fonts(font, Look(title=""))
        lines = self._even * QFontMetrics(detail).lineSpacing()
        return QFontMetrics(title).height() + GRID // 4 + lines + 2 * GRID

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint ground, selection mark, icon, title, meta and detail."""
        row = index.data(ROW_ROLE)
        if row is None:
            return
        palette, look = self._theme.palette, self._look(row)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        self._ground(painter, option, palette)
        air = GRID // 4 if look.tight else GRID
        side = GRID + GRID // 2
        inner = area.adjusted(side + look.indent * GRID, air, -side, -air)
        title, detail = _fonts(option.font, look)
        line = QFontMetrics(title).height()
        if look.icon:
            drawing = pixmap(look.icon, str(getattr(palette, look.tone)), 2 * GRID)
            painter.drawPixmap(inner.left(), inner.top() + (line - 2 * GRID) // 2, drawing)
            inner.setLeft(inner.left() + 3 * GRID)
        small = QFontMetrics(detail)
        meta_width = small.horizontalAdvance(look.meta) + GRID if look.meta else 0
        top = QRect(inner.left(), inner.top(), inner.width(), line)
        painter.setFont(detail)
        painter.setPen(QColor(palette.muted))
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(top, int(Qt.AlignmentFlag.AlignRight | vertical), look.meta)
        painter.setFont(title)
        painter.setPen(QColor(palette.text))
        room = top.width() - meta_width
        words = QFontMetrics(title).elidedText(
            displayed(look.title), Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(top, int(Qt.AlignmentFlag.AlignLeft | vertical), words)
        if look.detail:
            self._detail(painter, inner.adjusted(0, line + GRID // 4, 0, 0), look, detail)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, palette: Palette) -> None:
        state: QStyle.StateFlag = option.state
        area = QRectF(option.rect).adjusted(4, 1, -4, -1)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(Qt.PenStyle.NoPen)
        if selected or hovered:
            painter.setBrush(QColor(palette.accent_soft if selected else palette.window))
            painter.drawRoundedRect(area, 6, 6)
        if selected:
            painter.setBrush(QColor(palette.accent))
            painter.drawRoundedRect(
                QRectF(area.left(), area.top() + 6, 3, area.height() - 12), 1.5, 1.5
            )
        if focused and selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.accent), 1.5))
            painter.drawRoundedRect(area, 6, 6)

    def _detail(self, painter: QPainter, area: QRect, look: Look, font: QFont) -> None:
        painter.setFont(font)
        painter.setPen(QColor(self._theme.palette.muted))
        metrics = QFontMetrics(font)
        if look.lines == 1:
            words = metrics.elidedText(
                displayed(look.detail), Qt.TextElideMode.ElideRight, area.width()
            )
            painter.drawText(area, int(Qt.AlignmentFlag.AlignTop), words)
        else:
            step = metrics.lineSpacing()
            for at, words in enumerate(wrapped(look.detail, font, area.width(), look.lines)):
                painter.drawText(
                    area.left(), area.top() + metrics.ascent() + at * step, displayed(words)
                )

    def _detail_height(self, look: Look, font: QFont, width: int) -> int:
        metrics = QFontMetrics(font)
        if look.lines == 1:
            return metrics.height()
        room = width - (3 * GRID if look.icon else 0) - 3 * GRID
        return len(wrapped(look.detail, font, room, look.lines)) * metrics.lineSpacing()


def wrapped(text: str, font: QFont, width: int, most: int) -> tuple[str, ...]:
    """Return `text` in at most `most` lines of `width` pixels, the last cut with an ellipsis."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        layout = QTextLayout(displayed(paragraph), font)
        offsets = Offsets(paragraph)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 60))
            start = offsets.from_qt(line.textStart())
            end = offsets.from_qt(line.textStart() + line.textLength())
            lines.append(paragraph[start:end].rstrip())
        layout.endLayout()
    if len(lines) > most:
        rest = " ".join(lines[most - 1 :])
        metrics = QFontMetrics(font)
        cut = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, max(width, 60))
        lines[most - 1 :] = [cut if cut.endswith("…") else f"{cut}…"]
    return tuple(lines)


def _fonts(base: QFont, look: Look) -> tuple[QFont, QFont]:
    title, detail = QFont(base), QFont(base)
    title.setWeight(QFont.Weight.DemiBold if look.bold else QFont.Weight.Normal)
    detail.setPointSizeF(base.pointSizeF() * SMALL)
    return title, detail


class RowList(QListView):
    """A list of rows that asks for their heights again when its width changes."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setTabKeyNavigation(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the rows out for the new width."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()


class LongList(QTableView):
    """A list of many rows of one height, as a table of one column.

    A `QListView` asks its model about every row when it is laid out, a tenth of a second for
    fifty thousand; a table whose rows are all alike asks about none.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def changeEvent(self, event: QEvent) -> None:
        """Give the rows the height their type needs."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._measure()

    def setItemDelegate(self, delegate: QAbstractItemDelegate) -> None:
        """Paint the rows by a delegate, which says how high all of them are."""
        super().setItemDelegate(delegate)
        self._measure()

    def _measure(self) -> None:
        delegate = self.itemDelegate()
        if isinstance(delegate, RowDelegate):
            self.verticalHeader().setDefaultSectionSize(delegate.even_height(self.font()))
