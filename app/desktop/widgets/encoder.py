"""Find a code by words or by code and give it, with the words that prove it or a typed reason."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.desktop.models.rows import RowsModel
from app.desktop.offsets import displayed
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.dialogs import ListField, Panel
from app.desktop.widgets.parts import label, margins, picture, restyle
from app.desktop.widgets.rows import Look, RowDelegate, RowList
from app.wording import say
from taxonomy import Hit

TYPING_MS = 60
"""Pause in typing after which a search is made."""

Search = Callable[[str, Callable[[tuple[Hit, ...]], None]], None]


def hit_look(hit: Hit) -> Look:
    """Return how a found code looks in the list; a header says that it cannot be assigned."""
    found = hit.matched.strip()
    told = found and found.casefold() not in {hit.title.casefold(), hit.code.casefold()}
    return Look(
        title=f"{hit.code}   {hit.title}",
        detail=f"found by “{found}”" if told else "",
        meta="" if hit.billable else say("places", "header"),
        icon="" if hit.billable else "next",
        bold=hit.billable,
    )


def hits_model(parent: QWidget | None = None) -> RowsModel[Hit]:
    """Return the list model of found codes."""
    return RowsModel(
        key=lambda hit: hit.code,
        text=lambda hit: f"{hit.code} {hit.title}",
        parent=parent,
    )


class CodeDialog(Panel):
    """Type, move with the arrows, Enter; `answered` gives the code and the typed reason."""

    answered = Signal(str, str)

    def __init__(
        self,
        parent: QWidget,
        *,
        title: str,
        words: str,
        start: str = "",
        search: Search,
        theme: Theme,
    ) -> None:
        super().__init__(parent, title=title, width=84)
        self.setMinimumHeight(60 * GRID)
        self._search = search
        self._proven = bool(words)
        self._wanted = ""
        self._field = ListField()
        self._field.setPlaceholderText("Words of a diagnosis, or a code")
        self._field.setAccessibleName("Find a code")
        self._reason = ListField()
        self._reason.setPlaceholderText(say("places", "reason-required"))
        self._reason.setAccessibleName("Reason")
        self._reason.setVisible(not words)
        self._proof(words, theme)
        self.column.addWidget(self._field)
        self.hits = hits_model(self)
        self._list = RowList("Codes found")
        self._list.setModel(self.hits)
        self._list.setItemDelegate(RowDelegate(hit_look, theme, self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.doubleClicked.connect(self._answer)
        self.column.addWidget(self._list, 1)
        self.column.addWidget(self._reason)
        self._say = label(role="small", wrap=True)
        foot = QHBoxLayout()
        margins(foot, 0)
        foot.addWidget(self._say, 1)
        self._take = QPushButton(title.partition(" ")[0])
        self._take.setProperty("kind", "primary")
        self._take.setDefault(True)
        self._take.clicked.connect(self._answer)
        leave = QPushButton("Cancel")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        foot.addWidget(leave)
        foot.addWidget(self._take)
        self.column.addLayout(foot)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_MS)
        self._pause.timeout.connect(self._ask)
        self._field.textChanged.connect(lambda _: self._pause.start())
        for field in (self._field, self._reason):
            field.moved.connect(self._move)
        self._field.setText(" ".join((start or words).split())[:60])
        self._field.selectAll()
        self._field.setFocus()

    def _proof(self, words: str, theme: Theme) -> None:
        line = QHBoxLayout()
        margins(line, 0)
        palette = theme.palette
        name, colour = ("quote", palette.support_line) if words else ("info", palette.muted)
        line.addWidget(picture(name, colour))
        shown = " ".join(displayed(words).split())
        text = f"Proven by “{shown[:160]}”" if words else say("places", "nothing-selected")
        line.addWidget(label(text, role="" if words else "muted", wrap=True), 1)
        self.column.addLayout(line)

    def _ask(self) -> None:
        self._wanted = self._field.text().strip()
        if not self._wanted:
            self._show("", ())
            return
        wanted = self._wanted
        self._search(wanted, lambda hits: self._show(wanted, hits))

    def _show(self, wanted: str, hits: tuple[Hit, ...]) -> None:
        if wanted != self._wanted:
            return
        self.hits.set_rows(hits)
        first = next((at for at, hit in enumerate(hits) if hit.billable), 0)
        self._list.setCurrentIndex(self.hits.index(first))
        self._say.setText("" if hits or not wanted else f"Nothing found for “{wanted}”.")

    def _move(self, by: int) -> None:
        last = self.hits.rowCount() - 1
        if last >= 0:
            at = min(max(self._list.currentIndex().row() + by, 0), last)
            self._list.setCurrentIndex(self.hits.index(at))

    def _answer(self) -> None:
        hit = self.hits.row_at(self._list.currentIndex())
        if hit is None:
            return
        if not hit.billable:
            self._field.setText(hit.code)
            self._say.setText(f"{hit.code} is a header. Choose one of the codes below it.")
            return
        reason = self._reason.text().strip()
        if not self._proven and not reason:
            self._say.setText(say("places", "reason-missing"))
            self._reason.setProperty("invalid", "true")
            restyle(self._reason)
            self._reason.setFocus()
            return
        self.answered.emit(hit.code, reason)
        self.accept()
