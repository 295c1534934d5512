"""The encoder: find a code by words or by code, read its page, give it with its proof.

The field keeps the keys while one types; arrows move in the list, and the tabular page of the
marked code stands beside it as soon as it is read. What is given is what the button says.
"""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.desktop.models.rows import RowsModel
from app.desktop.offsets import displayed
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.codepage import PageView, Place, SeventhList
from app.desktop.widgets.dialogs import ListField, Panel
from app.desktop.widgets.parts import label, margins, picture, restyle
from app.desktop.widgets.rows import Look, RowDelegate, RowList
from app.wording import say
from taxonomy import CodePage, Hit, IndexLine

TYPING_MS = 60
"""Pause in typing after which a search is made."""


class Lookup(Protocol):
    """Answers the questions of the dialog, each to `then` and on the GUI thread."""

    def find_codes(self, text: str, then: Callable[[tuple[Hit, ...]], None]) -> None:
        """Find codes."""

    def code_page(self, code: str, then: Callable[[CodePage], None]) -> None:
        """Open the page of a code."""

    def index_line(self, kind: str, number: int, then: Callable[[IndexLine], None]) -> None:
        """Open a line of an index."""


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
    """Type, move with the arrows, Enter; `answered` gives the code and the typed reason."""

    answered = Signal(str, str)

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
        self._place = Place()
        self._been: list[Place] = []
        self._page: CodePage | None = None
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
        self._view = PageView(theme)
        self._sevenths = SeventhList(theme)
        self._sevenths_title = label(say("places", "sevenths"), role="eyebrow")
        self._say = label(role="small", wrap=True)
        self._take = QPushButton(self._verb)
        self._lay_out(words, theme)
        self._connect()
        self._show_sevenths(None)
        self._field.setText(" ".join((start or words).split())[:60])
        self._field.selectAll()
        self._field.setFocus()
        if not self._field.text():  # the encoder is made ready before the first letter comes
            lookup.find_codes("", lambda hits: self._show("", hits))

    def reads(self, code: str) -> bool:
        """Say whether the page of a code is on the screen."""
        return self._page is not None and self._page.code.code == code

    def _lay_out(self, words: str, theme: Theme) -> None:
        self._proof(words, theme)
        self.column.addWidget(self._field)
        right = QWidget()
        beside = QVBoxLayout(right)
        margins(beside, 0, spacing=0.5)
        beside.addWidget(self._view, 1)
        beside.addWidget(self._sevenths_title)
        beside.addWidget(self._sevenths)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(GRID)
        halves.setObjectName("halves")
        halves.addWidget(self._list)
        halves.addWidget(right)
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
        self._field.ended.connect(self._into)
        for field in (self._field, self._reason):
            field.moved.connect(self._move)
        self._list.selectionModel().currentChanged.connect(lambda *_: self._open_hit())
        self._list.clicked.connect(lambda _: self._open_hit())
        self._list.doubleClicked.connect(lambda _: self._answer())
        self._view.followed.connect(self._follow)
        self._view.back.connect(self._back)
        self._sevenths.left.connect(self._field.setFocus)
        self._sevenths.picked.connect(self._name_button)
        self._sevenths.doubleClicked.connect(lambda _: self._answer())
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
            self._open(Place())

    def _move(self, by: int) -> None:
        last = self.hits.rowCount() - 1
        if last >= 0:
            at = min(max(self._list.currentIndex().row() + by, 0), last)
            self._list.setCurrentIndex(self.hits.index(at))

    def _open_hit(self) -> None:
        hit = self.hits.row_at(self._list.currentIndex())
        if hit is not None:
            self._been.clear()
            self._open(_place_of(hit))

    def _follow(self, place: Place) -> None:
        self._been.append(self._place)
        self._list.clearSelection()  # what is given is on the page, and no longer in the list
        self._open(place)

    def _back(self) -> None:
        if self._been:
            self._open(self._been.pop())

    def _open(self, place: Place) -> None:
        self._place = place
        self._page = None
        self._show_sevenths(None)
        if place.code:
            self._lookup.code_page(place.code, lambda page: self._show_page(place, page))
        elif place.index:
            self._lookup.index_line(
                place.index, place.line, lambda line: self._show_line(place, line)
            )
        else:
            self._view.show_nothing()

    def _show_page(self, place: Place, page: CodePage) -> None:
        if place != self._place:
            return
        self._page = page
        hit = self.hits.row_at(self._list.currentIndex())
        self._view.show_page(page, hit)
        self._show_sevenths(page)

    def _show_line(self, place: Place, line: IndexLine) -> None:
        if place == self._place:
            self._view.show_line(line)

    def _show_sevenths(self, page: CodePage | None) -> None:
        choices = page.sevenths if page is not None else ()
        self._sevenths.set_choices(choices, page.code.code if page is not None else "")
        self._sevenths.setVisible(bool(choices))
        self._sevenths_title.setVisible(bool(choices))
        self._name_button()

    @property
    def _code(self) -> str:
        """Return the code that would be given now, "" where none can be."""
        seventh = self._sevenths.chosen
        if seventh is not None:
            return seventh.code
        if self._page is not None:
            return "" if self._page.incomplete else self._page.code.code
        hit = self.hits.row_at(self._list.currentIndex())
        given = hit is not None and hit.billable and hit.code == self._place.code
        return self._place.code if given else ""

    def _name_button(self) -> None:
        hit = self.hits.row_at(self._list.currentIndex())
        incomplete = hit.incomplete if hit is not None and _place_of(hit) == self._place else ""
        incomplete = self._page.incomplete if self._page is not None else incomplete
        incomplete = "line" if self._place.index else incomplete
        further = say("takes", incomplete, value=self._place.code) if incomplete else self._verb
        self._take.setText(f"{self._verb} {self._code}" if self._code else further)

    def _into(self) -> None:
        """Go from the end of the field into what the marked code still needs, else to its page."""
        if self._sevenths.isVisible():
            self._sevenths.begin()
        else:
            self._view.setFocus(Qt.FocusReason.TabFocusReason)

    def _pane(self, by: int) -> None:
        panes = [pane for pane in (self._field, self._view, self._sevenths) if pane.isVisible()]
        at = next((n for n, pane in enumerate(panes) if pane.hasFocus()), 0)
        pane = panes[min(max(at + by, 0), len(panes) - 1)]
        if pane is self._sevenths:
            self._sevenths.begin()
        else:
            pane.setFocus(Qt.FocusReason.TabFocusReason)

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
        self.answered.emit(self._code, reason)
        self.accept()

    def _ask_further(self) -> None:
        """Lead on from what is no code yet: to its 7th characters, the codes below, its line."""
        code = self._place.code
        if self._sevenths.isVisible():
            self._say.setText(f"{code} needs a 7th character: choose it and press Enter.")
            self._sevenths.begin()
        elif code:
            self._field.setText(code)
            self._field.setFocus()
            self._say.setText(f"{code} is a header. Choose one of the codes below it.")
        elif self._place.index:
            self._view.setFocus(Qt.FocusReason.TabFocusReason)


def _place_of(hit: Hit) -> Place:
    if hit.code or hit.line is None:
        return Place(code=hit.code)
    return Place(index=hit.index, line=hit.line)
