"""The encoder: find a code by words or by code, read its page, give it with its proof.

The field keeps the keys while one types; arrows move in the list, and the tabular page of the
marked code stands beside it as soon as it is read. What is given is what the button says.
"""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QWidget

from app.desktop.models.rows import RowsModel
from app.desktop.offsets import displayed
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.codepage import Place
from app.desktop.widgets.dialogs import ListField, Panel
from app.desktop.widgets.parts import label, margins, picture, restyle
from app.desktop.widgets.reader import Lookup, Reader
from app.desktop.widgets.rows import Look, RowDelegate, RowList
from app.wording import say
from taxonomy import Hit

TYPING_MS = 10
"""Pause in typing after which a search is made."""


def hit_look(hit: Hit) -> Look:
    """Return how a found code looks in the list, and what it still needs to be assigned.

    The title is wrapped and not cut: what tells codes apart (left, right) stands at its end.
    """
    found = hit.matched.strip()
    told = found and found.casefold() not in {hit.title.casefold(), hit.code.casefold()}
    why = f"found by “{found}”" if told and hit.code else ""
    if hit.path and hit.code:
        why = f"{say('indexes_short', hit.index)}: {' › '.join(hit.path)}"
    sent = [f"see {hit.see}"] if hit.see else []
    sent += [f"see also {hit.see_also}"] if hit.see_also else []
    why = ", ".join([why, *sent] if why else sent)
    title, lines = (hit.code, (hit.title, why)) if hit.code else (hit.title, (why,))
    return Look(
        title=title,
        detail="\n".join(line for line in lines if line),
        meta=say("incomplete", hit.incomplete) if hit.incomplete else "",
        lines=3,
        bold=hit.billable,
    )


def hits_model(parent: QWidget | None = None) -> RowsModel[Hit]:
    """Return the list model of found codes."""
    return RowsModel(
        key=lambda hit: hit.key,
        text=lambda hit: f"{hit.code} {hit.title}",
        parent=parent,
    )


class CodeDialog(Panel):
    """Type, move with the arrows, Enter.

    `answered` gives the code, the typed reason, and the way by which the code was found.
    """

    answered = Signal(str, str, object)

    def __init__(
        self,
        parent: QWidget,
        *,
        title: str,
        words: str,
        start: str = "",
        lookup: Lookup,
        theme: Theme,
    ) -> None:
        super().__init__(parent, title=title, width=136)
        self.setMinimumHeight(78 * GRID)
        self._lookup = lookup
        self._verb = title.partition(" ")[0]
        self._proven = bool(words)
        self._wanted = ""
        self._field = ListField()
        self._field.setPlaceholderText("Words of a diagnosis, cut short as you like, or a code")
        self._field.setAccessibleName("Find a code")
        self._reason = ListField()
        self._reason.setPlaceholderText(say("places", "reason-required"))
        self._reason.setAccessibleName("Reason")
        self._reason.setVisible(not words)
        self.hits = hits_model(self)
        self._list = RowList("Codes found")
        self._list.setModel(self.hits)
        self._list.setItemDelegate(RowDelegate(hit_look, theme, self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.reader = Reader(lookup, theme)
        self._say = label(role="small", wrap=True)
        self._take = QPushButton(self._verb)
        self._lay_out(words, theme)
        self._connect()
        self._name_button()
        self._field.setText(" ".join((start or words).split())[:60])
        self._field.selectAll()
        self._field.setFocus()
        if not self._field.text():  # the encoder is made ready before the first letter comes
            lookup.find_codes("", lambda hits: self._show("", hits))

    def reads(self, code: str) -> bool:
        """Say whether the page of a code is on the screen."""
        return self.reader.reads(code)

    def _lay_out(self, words: str, theme: Theme) -> None:
        self._proof(words, theme)
        self.column.addWidget(self._field)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(GRID)
        halves.setObjectName("halves")
        halves.addWidget(self._list)
        halves.addWidget(self.reader)
        halves.setSizes([52 * GRID, 79 * GRID])
        self.column.addWidget(halves, 1)
        self.column.addWidget(self._reason)
        foot = QHBoxLayout()
        margins(foot, 0)
        foot.addWidget(self._say, 1)
        self._take.setProperty("kind", "primary")
        self._take.setDefault(True)
        leave = QPushButton("Cancel")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        foot.addWidget(leave)
        foot.addWidget(self._take)
        self.column.addLayout(foot)

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

    def _connect(self) -> None:
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_MS)
        self._pause.timeout.connect(self._ask)
        self._field.textChanged.connect(lambda _: self._pause.start())
        self._field.ended.connect(self.reader.into)
        for field in (self._field, self._reason):
            field.moved.connect(self._move)
        self._list.selectionModel().currentChanged.connect(lambda *_: self._open_hit())
        self._list.clicked.connect(lambda _: self._open_hit())
        self._list.doubleClicked.connect(lambda _: self._answer())
        # What is given is on the page then, and no longer in the list.
        self.reader.followed.connect(self._list.clearSelection)
        self.reader.changed.connect(self._name_button)
        self.reader.left.connect(self._field.setFocus)
        self.reader.taken.connect(self._answer)
        self._take.clicked.connect(self._answer)
        for keys, by in (("Ctrl+Down", 1), ("Ctrl+Up", -1)):
            QShortcut(QKeySequence(keys), self).activated.connect(lambda by=by: self._pane(by))

    def _ask(self) -> None:
        self._wanted = self._field.text().strip()
        if not self._wanted:
            self._show("", ())
            return
        wanted = self._wanted
        self._lookup.find_codes(wanted, lambda hits: self._show(wanted, hits))

    def _show(self, wanted: str, hits: tuple[Hit, ...]) -> None:
        if wanted != self._wanted:
            return
        self.hits.set_rows(hits)
        first = next((at for at, hit in enumerate(hits) if hit.incomplete != "category"), 0)
        self._list.setCurrentIndex(self.hits.index(first))
        self._say.setText(
            say("places", "keys-encoder")
            if hits or not wanted
            else f"Nothing found for “{wanted}”."
        )
        if not hits:
            self.reader.show_place(Place())

    def _move(self, by: int) -> None:
        last = self.hits.rowCount() - 1
        if last >= 0:
            at = min(max(self._list.currentIndex().row() + by, 0), last)
            self._list.setCurrentIndex(self.hits.index(at))

    def _open_hit(self) -> None:
        hit = self.hits.row_at(self._list.currentIndex())
        if hit is not None:
            self.reader.begin(_place_of(hit), hit)

    @property
    def _code(self) -> str:
        """Return the code that would be given now, "" where none can be."""
        if self.reader.code or self.reader.page is not None:
            return self.reader.code
        hit = self.hits.row_at(self._list.currentIndex())
        given = hit is not None and hit.billable and hit.code == self.reader.place.code
        return self.reader.place.code if given else ""

    def _name_button(self) -> None:
        place, page = self.reader.place, self.reader.page
        hit = self.hits.row_at(self._list.currentIndex())
        incomplete = hit.incomplete if hit is not None and _place_of(hit) == place else ""
        incomplete = page.incomplete if page is not None else incomplete
        incomplete = "line" if place.index else incomplete
        further = say("takes", incomplete, value=place.code) if incomplete else self._verb
        self._take.setText(f"{self._verb} {self._code}" if self._code else further)

    def _pane(self, by: int) -> None:
        panes = [pane for pane in (self._field, *self.reader.panes) if pane.isVisible()]
        at = next((n for n, pane in enumerate(panes) if pane.hasFocus()), 0)
        pane = panes[min(max(at + by, 0), len(panes) - 1)]
        if pane is self._field:
            pane.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.reader.enter(pane)

    def _answer(self) -> None:
        if not self._code:
            self._ask_further()
            return
        reason = self._reason.text().strip()
        if not self._proven and not reason:
            self._say.setText(say("places", "reason-missing"))
            self._reason.setProperty("invalid", "true")
            restyle(self._reason)
            self._reason.setFocus()
            return
        self.answered.emit(self._code, reason, self._way())
        self.accept()

    def done(self, result: int) -> None:
        """Close; answers that come later find nothing to show."""
        self._wanted = "\0"
        self.reader.leave()
        super().done(result)

    def _way(self) -> tuple[str, ...]:
        """Return the steps to the code in words: search, index, pages opened, 7th character."""
        steps = [say("steps", "search", value=self._wanted)] if self._wanted else []
        hit = self.hits.row_at(self._list.currentIndex())
        if hit is not None and hit.path:
            steps.append(f"{say('indexes_short', hit.index)}: {' › '.join(hit.path)}")
        return tuple(dict.fromkeys((*steps, *self.reader.way())))

    def _ask_further(self) -> None:
        """Lead on from what is no code yet: to its 7th characters, the codes below, its line."""
        code = self.reader.place.code
        if self.reader.asks_seventh:
            self._say.setText(f"{code} needs a 7th character: choose it and press Enter.")
            self.reader.into()
        elif code:
            self._field.setText(code)
            self._field.setFocus()
            self._say.setText(f"{code} is a header. Choose one of the codes below it.")
        elif self.reader.place.index:
            self.reader.into()


def _place_of(hit: Hit) -> Place:
    if hit.code or hit.line is None:
        return Place(code=hit.code)
    return Place(index=hit.index, line=hit.line)
