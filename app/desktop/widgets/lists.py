"""The left pane, worklist over documents, and the history of a case."""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.desktop.models.history import HistoryRow
from app.desktop.models.rows import RowsModel
from app.desktop.models.worklist import DocumentRow, WorklistRow, worklist_rows
from app.desktop.theme import Theme
from app.desktop.widgets.parts import label, margins
from app.desktop.widgets.rows import Look, RowDelegate, RowList
from app.wording import count, say
from app.workspace import LANES, Worklist
from pipeline.model import Route

TYPING_MS = 120
"""Pause in typing after which the worklist is read again."""


def case_look(row: WorklistRow) -> Look:
    """Return how a case looks in the worklist."""
    failed = row.state == "failed"
    icons = {Route.REVIEW: "query", Route.CONFIRM: "check", Route.AUTO: "program"}
    tones = {Route.REVIEW: "warn", Route.CONFIRM: "accent", Route.AUTO: "good"}
    return Look(
        title=row.name,
        detail=row.why,
        meta="" if failed else row.progress,
        icon="error" if failed else icons[row.lane],
        tone="bad" if failed else tones[row.lane],
        lines=2,
    )


def document_look(row: DocumentRow) -> Look:
    """Return how a note looks among the documents."""
    return Look(
        title=row.name,
        detail=row.detail,
        meta=count(row.spans, "quote") if row.spans else "",
        icon="document",
    )


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


class WorklistPane(QFrame):
    """Lanes with their counts, a search, the cases."""

    filtered = Signal(object, str)
    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self._lanes: dict[Route | None, QPushButton] = {}
        self._group = QButtonGroup(self)
        lanes = QHBoxLayout()
        margins(lanes, 0, spacing=0)
        for lane in (None, *LANES):
            button = QPushButton(say("lane_tabs", str(lane) if lane else "all"))
            button.setCheckable(True)
            button.setChecked(lane is None)
            button.setProperty("kind", "lane")
            self._group.addButton(button)
            self._lanes[lane] = button
            lanes.addWidget(button, 1)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search cases")
        self.search.setAccessibleName("Search cases")
        self.search.setClearButtonEnabled(False)
        self.model: RowsModel[WorklistRow] = RowsModel(
            key=lambda row: row.case_id,
            text=lambda row: row.name,
            spoken=lambda row: f"{row.name}, {row.lane}, {row.why}, {row.progress}",
            parent=self,
        )
        self.list = RowList("Worklist")
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(case_look, theme, self.list))
        self._none = label(role="small", wrap=True)
        top = QVBoxLayout()
        margins(top, 1.5, 1.5, 1.5, 0.5)
        top.addWidget(label("Worklist", role="heading"))
        top.addLayout(lanes)
        top.addWidget(self.search)
        top.addWidget(self._none)
        column = QVBoxLayout(self)
        margins(column, 0, 0, 0, 0.5, spacing=0.5)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_MS)
        self._pause.timeout.connect(self._tell)
        self.search.textChanged.connect(lambda _: self._pause.start())
        self._group.buttonClicked.connect(lambda _: self._tell())
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)

    def show_worklist(self, worklist: Worklist, current: str | None) -> None:
        """Show a worklist; the counts are those of every lane under the words searched for."""
        for lane, button in self._lanes.items():
            number = worklist.counts.get(lane, 0) if lane else worklist.total
            button.setText(f"{say('lane_tabs', str(lane) if lane else 'all')} {number:,}")
        self.model.set_rows(worklist_rows(worklist))
        self._none.setVisible(not worklist.rows)
        found = worklist.text or worklist.lane
        self._none.setText(say("places", "no-case-found" if found else "no-cases-short"))
        self.set_current(current)

    def set_current(self, case_id: str | None) -> None:
        """Mark the open case."""
        self.list.setCurrentIndex(self.model.index_of(case_id or ""))

    def _choose(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self.chosen.emit(row.case_id)

    def _tell(self) -> None:
        lane = next((lane for lane, button in self._lanes.items() if button.isChecked()), None)
        self.filtered.emit(lane, self.search.text().strip())


class DocumentsPane(QFrame):
    """The notes of the open case."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self._showing = False
        self.model: RowsModel[DocumentRow] = RowsModel(
            key=lambda row: row.note_id,
            text=lambda row: row.name,
            spoken=lambda row: f"{row.name}, {row.detail}, {count(row.spans, 'mark')}",
            parent=self,
        )
        self.list = RowList("Documents")
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(document_look, theme, self.list))
        head = QVBoxLayout()
        margins(head, 1.5, 1.25, 1.5, 0)
        head.addWidget(label("Documents", role="heading"))
        column = QVBoxLayout(self)
        margins(column, 0, 0, 0, 0.5, spacing=0.5)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        self.list.selectionModel().currentChanged.connect(self._choose)

    def show_documents(self, rows: tuple[DocumentRow, ...], current: str) -> None:
        """Show the notes of a case and mark the one that is read."""
        self._showing = True
        self.model.set_rows(rows)
        self._showing = False
        self.mark(current)

    def mark(self, note_id: str) -> None:
        """Mark the note that is read, without asking for it to be read."""
        self._showing = True
        self.list.setCurrentIndex(self.model.index_of(note_id))
        self._showing = False

    def _choose(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None and not self._showing:
            self.chosen.emit(row.note_id)


class HistoryPane(QFrame):
    """Every event of the case, the newest first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.model: RowsModel[HistoryRow] = RowsModel(
            key=lambda row: str(row.seq),
            text=lambda row: row.what,
            spoken=lambda row: f"{row.what}, {row.detail}, {row.who}, {row.when}",
            parent=self,
        )
        self.list = RowList("History")
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(history_look, theme, self.list))
        column = QVBoxLayout(self)
        margins(column, 0, 1, 0, 1)
        column.addWidget(self.list, 1)


def left_pane(worklist: WorklistPane, documents: DocumentsPane) -> QSplitter:
    """Return the worklist over the documents, with a splitter between them."""
    made = QSplitter(Qt.Orientation.Vertical)
    made.setHandleWidth(1)
    made.addWidget(worklist)
    made.addWidget(documents)
    made.setChildrenCollapsible(False)
    made.setStretchFactor(0, 3)
    made.setStretchFactor(1, 2)
    return made
