"""The documents of a case, and the left pane with the worklist over them."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from app.desktop.models.documents import DocumentRow
from app.desktop.models.rows import RowsModel
from app.desktop.theme import Theme
from app.desktop.widgets.parts import label, margins
from app.desktop.widgets.rows import Look, RowDelegate, RowList
from app.desktop.widgets.worklist import WorklistPane
from app.wording import count


def document_look(row: DocumentRow) -> Look:
    """Return how a note looks among the documents, and a section under the one that is read."""
    if row.start >= 0:
        return Look(
            title=row.name,
            meta=str(row.spans) if row.spans else "",
            bold=False,
            indent=3,
            tight=True,
        )
    return Look(
        title=row.name,
        detail=row.detail,
        meta=count(row.spans, "quote") if row.spans else "",
        icon="document",
    )


class DocumentsPane(QFrame):
    """The notes of the open case, with the sections of the one that is read."""

    chosen = Signal(str)
    section_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self._showing = False
        self.model: RowsModel[DocumentRow] = RowsModel(
            key=lambda row: row.key,
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
        self.list.clicked.connect(self._choose)

    def show_documents(self, rows: tuple[DocumentRow, ...], current: str) -> None:
        """Show the notes of a case and mark the one that is read."""
        self._showing = True
        self.model.set_rows(rows)
        self._showing = False
        self.mark(current)

    def mark(self, note_id: str) -> None:
        """Mark the note that is read, without asking for it to be read; a section of it stays."""
        current = self.model.row_at(self.list.currentIndex())
        if current is not None and current.note_id == note_id:
            return
        self._showing = True
        index = self.model.index_of(note_id)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index, RowList.ScrollHint.PositionAtTop)  # its sections come after it
        self._showing = False

    def _choose(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is None or self._showing:
            return
        if row.start >= 0:
            self.section_chosen.emit(row.start)
        else:
            self.chosen.emit(row.note_id)


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
