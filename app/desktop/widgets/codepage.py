"""The tabular page beside the search: its codes are followed by click or key, and back again."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.desktop.models.codepage import line_html, page_html, style
from app.desktop.models.rows import RowsModel
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.rows import Look, RowDelegate, RowList
from app.desktop.widgets.texts import ReadText
from taxonomy import CodePage, Hit, IndexLine, Seventh

_SHOWN_SEVENTHS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the page shows: a code, or a line of an index."""

    code: str = ""
    index: str = ""
    line: int = -1


class PageView(ReadText):
    """A code's page or a line of the index; `followed` tells the place a link leads to.

    Tab goes from link to link, Enter follows, Backspace goes back.
    """

    followed = Signal(object)
    back = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("codepage")
        self.setAccessibleName("Tabular list")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.document().setDocumentMargin(1.5 * GRID)
        self._theme = theme
        self._html = ""
        self.anchorClicked.connect(self._follow)
        theme.changed.connect(self._render)

    def show_page(self, page: CodePage, found: Hit | None) -> None:
        """Show the page of a code, from its beginning."""
        self._show(page_html(page, found))

    def show_line(self, line: IndexLine) -> None:
        """Show a line of the index, from its beginning."""
        self._show(line_html(line))

    def show_nothing(self) -> None:
        """Show an empty page."""
        self._show("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Backspace as the way back."""
        if event.key() == Qt.Key.Key_Backspace:
            self.back.emit()
        else:
            super().keyPressEvent(event)

    def _show(self, html: str) -> None:
        self._html = html
        self._render()

    def _render(self) -> None:
        self.document().setDefaultStyleSheet(style(self._theme.palette))
        self.setHtml(self._html)

    def _follow(self, address: QUrl) -> None:
        kind, _, rest = address.toString().partition(":")
        if kind == "code":
            self.followed.emit(Place(code=rest))
        else:
            index, _, line = rest.partition(":")
            self.followed.emit(Place(index=index, line=int(line)))


def seventh_look(seventh: Seventh) -> Look:
    """Return how a 7th character looks in its list: the character, its meaning, the whole code."""
    return Look(
        title=f"{seventh.char}   {seventh.meaning[:1].upper()}{seventh.meaning[1:]}",
        meta=seventh.code,
        bold=False,
    )


class SeventhList(RowList):
    """The 7th characters of a code: arrows or the character itself choose; `left` goes back."""

    left = Signal()
    picked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("7th character")
        self.model_: RowsModel[Seventh] = RowsModel(
            key=lambda row: row.code,
            text=lambda row: f"{row.char} {row.meaning}",
            parent=self,
        )
        self.setModel(self.model_)
        self.setItemDelegate(RowDelegate(seventh_look, theme, self))
        self.selectionModel().currentChanged.connect(lambda *_: self.picked.emit())

    def set_choices(self, choices: tuple[Seventh, ...], code: str) -> None:
        """Show the choices, with the one of `code` chosen if it is a full code, else none."""
        self.model_.set_rows(choices)
        self.setCurrentIndex(self.model_.index_of(code))
        rows = min(len(choices), _SHOWN_SEVENTHS)
        self.setFixedHeight(rows * (self.sizeHintForRow(0) if choices else 0) + GRID // 2)

    @property
    def chosen(self) -> Seventh | None:
        """Return the choice that is marked, None where none is."""
        return self.model_.row_at(self.currentIndex())

    def begin(self) -> None:
        """Take the keys, with the first choice marked where none is."""
        if self.chosen is None:
            self.setCurrentIndex(self.model_.index(0))
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Mark the choice whose character is typed; Left goes back to the search."""
        typed = event.text().upper()
        rows = [row.char for row in self.model_.rows]
        if typed and typed in rows:
            self.setCurrentIndex(self.model_.index(rows.index(typed)))
        elif event.key() == Qt.Key.Key_Left:
            self.left.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()  # the dialog's own button takes it
        else:
            super().keyPressEvent(event)
