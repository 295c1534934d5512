"""The right side of the encoder: the page that is read, its 7th characters, and the way there."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.theme import Theme
from app.desktop.widgets.codepage import PageView, Place, SeventhList
from app.desktop.widgets.parts import label, margins
from app.wording import say
from taxonomy import CodePage, Hit, IndexLine


class Lookup(Protocol):
    """Answers the questions of the dialog, each to `then` and on the GUI thread."""

    def find_codes(self, text: str, then: Callable[[tuple[Hit, ...]], None]) -> None:
        """Find codes."""

    def code_page(self, code: str, then: Callable[[CodePage], None]) -> None:
        """Open the page of a code."""

    def index_line(self, kind: str, number: int, then: Callable[[IndexLine], None]) -> None:
        """Open a line of an index."""


class Reader(QWidget):
    """A code's page or a line of the index. `changed` tells that another code would be given."""

    followed = Signal()
    changed = Signal()
    left = Signal()
    taken = Signal()

    def __init__(self, lookup: Lookup, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lookup = lookup
        self._been: list[Place] = []
        self._hit: Hit | None = None
        self.place = Place()
        self.page: CodePage | None = None
        self._view = PageView(theme)
        self._sevenths = SeventhList(theme)
        self._title = label(say("places", "sevenths"), role="eyebrow")
        column = QVBoxLayout(self)
        margins(column, 0, spacing=0.5)
        column.addWidget(self._view, 1)
        column.addWidget(self._title)
        column.addWidget(self._sevenths)
        self._view.followed.connect(self._follow)
        self._view.back.connect(self._back)
        self._sevenths.left.connect(self.left)
        self._sevenths.picked.connect(self.changed)
        self._sevenths.doubleClicked.connect(lambda _: self.taken.emit())
        self._show_sevenths(None)

    @property
    def panes(self) -> tuple[QWidget, ...]:
        """Return what may have the focus here, in order."""
        return (self._view, self._sevenths)

    @property
    def asks_seventh(self) -> bool:
        """Say whether 7th characters stand to be chosen."""
        return self._sevenths.isVisible()

    @property
    def code(self) -> str:
        """Return the code that is read and whole, "" where none is."""
        seventh = self._sevenths.chosen
        if seventh is not None:
            return seventh.code
        if self.page is None or self.page.incomplete:
            return ""
        return self.page.code.code

    def reads(self, code: str) -> bool:
        """Say whether the page of a code is on the screen."""
        return self.page is not None and self.page.code.code == code

    def begin(self, place: Place, hit: Hit) -> None:
        """Open what was found; the way begins here."""
        self._been.clear()
        self._hit = hit
        self.show_place(place)

    def show_place(self, place: Place) -> None:
        """Open a page or a line, once it is read."""
        self.place = place
        self.page = None
        self._show_sevenths(None)
        if place.code:
            self._lookup.code_page(place.code, lambda page: self._show_page(place, page))
        elif place.index:
            self._lookup.index_line(
                place.index, place.line, lambda line: self._show_line(place, line)
            )
        else:
            self._view.show_nothing()

    def way(self) -> tuple[str, ...]:
        """Return the pages and lines that were opened and the 7th character, in words."""
        steps = []
        for place in (*self._been, self.place):
            name = place.code or say("steps", "line", value=str(place.line))
            steps.append(say("steps", "page", value=name))
        seventh = self._sevenths.chosen
        if seventh is not None:
            steps.append(say("steps", "seventh", value=f"{seventh.char} {seventh.meaning}"))
        return tuple(steps)

    def into(self) -> None:
        """Take the keys where something still is to be chosen, else on the page."""
        self.enter(self._sevenths if self._sevenths.isVisible() else self._view)

    def enter(self, pane: QWidget) -> None:
        """Give the keys to one of `panes`."""
        if pane is self._sevenths:
            self._sevenths.begin()
        else:
            pane.setFocus(Qt.FocusReason.TabFocusReason)

    def leave(self) -> None:
        """Expect nothing more: what is answered from now on comes too late."""
        self.place = Place(line=-2)

    def _follow(self, place: Place) -> None:
        self._been.append(self.place)
        self.followed.emit()
        self.show_place(place)

    def _back(self) -> None:
        if self._been:
            self.show_place(self._been.pop())

    def _show_page(self, place: Place, page: CodePage) -> None:
        if place != self.place:
            return
        self.page = page
        self._view.show_page(page, self._hit)
        self._show_sevenths(page)

    def _show_line(self, place: Place, line: IndexLine) -> None:
        if place == self.place:
            self._view.show_line(line)

    def _show_sevenths(self, page: CodePage | None) -> None:
        choices = page.sevenths if page is not None else ()
        self._sevenths.set_choices(choices, page.code.code if page is not None else "")
        self._sevenths.setVisible(bool(choices))
        self._title.setVisible(bool(choices))
        self.changed.emit()
