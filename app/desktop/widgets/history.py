"""The history of a case: its events, the newest first, and what stands behind the chosen one."""

from html import escape

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from app.desktop.models.history import HistoryRow
from app.desktop.models.rows import RowsModel
from app.desktop.models.story import Block
from app.desktop.offsets import displayed
from app.desktop.theme import Palette, Theme
from app.desktop.widgets.parts import label, margins
from app.desktop.widgets.rows import Look, RowDelegate, RowList
from app.desktop.widgets.texts import ReadText
from app.wording import say


def history_look(row: HistoryRow) -> Look:
    """Return how an event looks in the history."""
    who = f"{row.who}  ·  {row.when}"
    return Look(
        title=row.what,
        detail=f"{row.detail}\n{who}" if row.detail else who,
        meta=f"#{row.seq}",
        icon="person" if row.kind == "person" else "program",
        tone="accent" if row.kind == "person" else "muted",
        lines=4,
        bold=row.kind == "person",
    )


class HistoryPane(QFrame):
    """Every event of the case; choosing one asks for its story."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self._theme = theme
        self._blocks: tuple[Block, ...] = ()
        self.model: RowsModel[HistoryRow] = RowsModel(
            key=lambda row: str(row.seq),
            text=lambda row: row.what,
            spoken=lambda row: f"{row.what}, {row.detail}, {row.who}, {row.when}",
            parent=self,
        )
        self.list = RowList(say("places", "history"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(history_look, theme, self.list))
        self.page = ReadText()
        self.page.setObjectName("story")
        self.page.setOpenLinks(False)
        self.page.setAccessibleName(say("places", "story"))
        self.page.document().setDocumentMargin(12)
        self._title = label(role="heading", wrap=True)
        below = QFrame()
        below.setObjectName("pane")
        rows = QVBoxLayout(below)
        margins(rows, 0, spacing=0)
        head = QVBoxLayout()
        margins(head, 1.5, 1, 1.5, 0.5)
        head.addWidget(self._title)
        rows.addLayout(head)
        rows.addWidget(self.page, 1)
        self.halves = QSplitter(Qt.Orientation.Vertical)
        self.halves.setHandleWidth(1)
        self.halves.setChildrenCollapsible(False)
        self.halves.addWidget(self.list)
        self.halves.addWidget(below)
        self.halves.setSizes([360, 300])
        column = QVBoxLayout(self)
        margins(column, 0)
        column.addWidget(self.halves, 1)
        self.list.selectionModel().currentChanged.connect(self._choose)
        theme.changed.connect(self._draw)
        self.show_story("", ())

    def show_events(self, rows: tuple[HistoryRow, ...]) -> None:
        """Show the events of a case; the newest is chosen where the list is another one."""
        if self.model.set_rows(rows):
            self.list.setCurrentIndex(self.model.index(0))

    def show_story(self, title: str, blocks: tuple[Block, ...]) -> None:
        """Show what stands behind the chosen event."""
        self._title.setText(title or say("places", "choose-event"))
        self._blocks = blocks
        self._draw()

    def _choose(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self.chosen.emit(row.seq)

    def _draw(self) -> None:
        self.page.setHtml(page(self._blocks, self._theme.palette))


def page(blocks: tuple[Block, ...], palette: Palette) -> str:
    """Return blocks as the rich text Qt knows; every word of them is escaped."""
    muted = f'style="color:{palette.muted}"'
    parts: list[str] = []
    for block in blocks:
        if block.heading:
            parts.append(f'<p style="margin:10px 0 2px 0"><b>{_safe(block.heading)}</b></p>')
        if block.facts:
            rows = "".join(
                f"<tr><td {muted}>{_safe(name)}&nbsp;&nbsp;</td><td>{_safe(value)}</td></tr>"
                for name, value in block.facts
            )
            parts.append(f'<table cellspacing="2">{rows}</table>')
        for line in block.lines:
            first, _, rest = line.partition("  ·  ")
            after = f" <span {muted}>· {_safe(rest)}</span>" if rest else ""
            parts.append(f'<p style="margin:3px 0 3px 8px">{_safe(first)}{after}</p>')
        if block.text:
            parts.append(
                f'<p style="margin:2px 0 2px 8px; white-space:pre-wrap">{_safe(block.text)}</p>'
            )
        if block.more:
            parts.append(f"<p {muted}>{_safe(say('places', 'more', number=f'{block.more:,}'))}</p>")
    return "".join(parts)


def _safe(text: str) -> str:
    return escape(displayed(text))
