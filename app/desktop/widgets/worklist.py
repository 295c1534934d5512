"""The worklist: lanes with their counts, a search, what to show and in which order, the cases."""

from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop.models.rows import RowsModel
from app.desktop.models.worklist import (
    Choice,
    WorklistRow,
    order_choices,
    reason_choices,
    reason_name,
    spoken_row,
    state_choices,
    worklist_row,
)
from app.desktop.theme import Theme
from app.desktop.widgets.parts import flat_button, label, margins
from app.desktop.widgets.rows import LongList, Look, RowDelegate
from app.wording import count, say
from app.worklist import LANES, NO_FILTER, Filter, Worklist
from audit import CaseRow, State
from pipeline.model import Route

TYPING_MS = 10
"""Pause in typing after which the worklist is read again."""

SETTLED_MS = 2000
"""Pause in typing after which a search counts as made; Enter and opening a case do not wait."""

WHY_LINES = 2
"""Lines given to the reason of each case; the tool tip has all of it."""

_LANE_SIGNS = {
    Route.REVIEW: ("query", "warn"),
    Route.CONFIRM: ("check", "accent"),
    Route.AUTO: ("program", "good"),
}
_STATE_SIGNS = {
    "failed": ("error", "bad"),
    "held": ("hold", "warn"),
    "submitted": ("sent", "good"),
}


def case_look(case: CaseRow) -> Look:
    """Return how a case looks in the worklist: what is done with is told by sign and word."""
    row: WorklistRow = worklist_row(case)
    sign, tone = _STATE_SIGNS.get(row.state, _LANE_SIGNS[row.lane])
    word = say("states_short", row.state)
    return Look(
        title=row.name,
        detail=row.why,
        meta=word if row.state in {*_STATE_SIGNS, "reopened"} else row.progress,
        icon=sign,
        tone=tone,
        lines=WHY_LINES,
    )


class _Place(NamedTuple):
    """Where the list is: case at its top, pixels of it above, case that is marked by keys."""

    top: str
    above: int
    marked: str | None


class WorklistPane(QFrame):
    """Lanes with their counts, a search, filters by state and reason, the cases."""

    filtered = Signal(object)
    chosen = Signal(str)
    searched = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self._worklist = Worklist(rows=())
        self._filter = NO_FILTER
        self._lanes: dict[Route | None, QPushButton] = {}
        self._group = QButtonGroup(self)
        for lane in (None, *LANES):
            button = QPushButton()
            button.setCheckable(True)
            button.setChecked(lane is None)
            button.setProperty("kind", "lane")
            self._group.addButton(button)
            self._lanes[lane] = button
        self._shown = label(role="small")
        self.order = flat_button("sort", theme, say("places", "sort"))
        self.state = QToolButton()
        self.reason = QToolButton()
        for opens in (self.order, self.state, self.reason):
            opens.setMenu(QMenu(opens))
            opens.menu().aboutToShow.connect(self._fill_menus)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by id, patient or code")
        self.search.setAccessibleName("Search cases")
        self.search.setClearButtonEnabled(True)
        self.model: RowsModel[CaseRow] = RowsModel(
            key=lambda row: row.case_id,
            text=lambda row: row.encounter_id,
            spoken=lambda row: spoken_row(worklist_row(row)),
            tip=lambda row: worklist_row(row).why,
            parent=self,
        )
        self.list = LongList("Worklist")
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(case_look, theme, self.list, even=WHY_LINES))
        self._none = label(role="small", wrap=True)
        self._all = QPushButton(say("places", "show-all"))
        self._lay_out()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_MS)
        self._pause.timeout.connect(self._typed)
        self._searched = ""
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._settle)
        self.search.textChanged.connect(lambda _: self._pause.start())
        self.search.textEdited.connect(lambda _: self._settled.start())
        self.search.returnPressed.connect(self._settle)
        self._group.buttonClicked.connect(self._lane_chosen)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self._all.clicked.connect(self.show_all)
        self._fill_menus()

    def show_worklist(self, worklist: Worklist, current: str | None) -> None:
        """Show a worklist; each lane, state and reason says how many cases it would show.

        Under the same filter the list stays where it is: on the same lines, and on the line that is
        marked, while the list has the focus, else on the open case.
        """
        stays = self._place() if worklist.filter == self._worklist.filter else None
        self._worklist = worklist
        for lane, button in self._lanes.items():
            number = worklist.counts.get(lane, 0) if lane else worklist.total
            name = say("lane_tabs", str(lane) if lane else "all")
            button.setText(f"{name}\n{number:,}")
            button.setAccessibleName(f"{name}, {count(number, 'case')}")
        self.model.set_rows(worklist.rows)
        shown = len(worklist.rows)
        self._shown.setText(
            f"{shown:,} of {count(worklist.size, 'case')}"
            if worklist.narrowed
            else count(shown, "case")
        )
        self._none.setVisible(not shown)
        self._all.setVisible(not shown and worklist.narrowed)
        self._none.setText(
            say("places", "no-case-found" if worklist.narrowed else "no-cases-short")
        )
        self._fill_menus()
        self.set_current(current)
        if stays is not None:
            self._go_back(stays)

    def _place(self) -> "_Place | None":
        """Return which line is at the top of the list and which is marked by its keys."""
        top = self.model.row_at(self.model.index(self.list.rowAt(0)))
        if top is None:
            return None
        marked = self.model.row_at(self.list.currentIndex()) if self.list.hasFocus() else None
        above = self.list.verticalScrollBar().value() % self.list.rowHeight(0)
        return _Place(top.case_id, above, marked.case_id if marked is not None else None)

    def _go_back(self, place: "_Place") -> None:
        """Mark and show the lines of a place, as far as they are there."""
        if place.marked is not None and self.model.index_of(place.marked).isValid():
            self.set_current(place.marked)
        top = self.model.index_of(place.top)
        if top.isValid():
            height = self.list.rowHeight(top.row())
            self.list.verticalScrollBar().setValue(top.row() * height + place.above)

    def set_current(self, case_id: str | None) -> None:
        """Mark the open case."""
        self.list.setCurrentIndex(self.model.index_of(case_id or ""))

    def show_only(self, chosen: Filter) -> None:
        """Show the cases of a filter and no others; the order stays."""
        self.search.setText(chosen.text)
        self._pause.stop()
        self._tell(replace(chosen, order=self._filter.order))

    def show_failed(self) -> None:
        """Show only the cases that could not be coded."""
        self.show_only(Filter(state=State.FAILED))

    def show_all(self) -> None:
        """Show every case."""
        self.show_only(NO_FILTER)

    def enter(self) -> None:
        """Put the cursor in the search."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        margins(head, 0)
        head.addWidget(label("Worklist", role="heading"))
        head.addWidget(self._shown)
        head.addStretch(1)
        head.addWidget(self.order)
        self.order.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        lanes = QHBoxLayout()
        margins(lanes, 0, spacing=0.5)
        for button in self._lanes.values():
            lanes.addWidget(button, 1)
        filters = QHBoxLayout()
        margins(filters, 0, spacing=0.5)
        for choice, name in ((self.state, "state-filter"), (self.reason, "reason-filter")):
            choice.setProperty("kind", "choice")
            choice.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            choice.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            choice.setAccessibleName(say("places", name))
            choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            filters.addWidget(choice, 1)
        top = QVBoxLayout()
        margins(top, 1.5, 1.25, 1.5, 0.5)
        top.addLayout(head)
        top.addLayout(lanes)
        top.addWidget(self.search)
        top.addLayout(filters)
        top.addWidget(self._none)
        top.addWidget(self._all, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        margins(column, 0, 0, 0, 0.5, spacing=0.5)
        column.addLayout(top)
        column.addWidget(self.list, 1)

    def _fill_menus(self) -> None:
        shown = replace(self._worklist, filter=self._filter)
        self._fill(self.state, state_choices(shown))
        self._fill(self.reason, reason_choices(shown))
        self._fill(self.order, order_choices(self._filter))
        state, reason = self._filter.state, self._filter.reason
        self.state.setText(say("states_short", str(state)) if state else say("places", "any-state"))
        self.reason.setText(reason_name(reason) if reason else say("places", "any-reason"))

    def _fill(self, button: QToolButton, choices: tuple[Choice, ...]) -> None:
        """Put the choices in a menu; one that is open keeps its own until it is opened again."""
        menu = button.menu()
        if menu.isVisible() or [action.data() for action in menu.actions()] == list(choices):
            return
        menu.clear()
        group = QActionGroup(menu)
        for choice in choices:
            action = menu.addAction(choice.text.replace("&", "&&"))
            action.setData(choice)
            action.setCheckable(True)
            action.setChecked(choice.chosen)
            action.triggered.connect(lambda _=False, to=choice.filter: self._tell(to))
            group.addAction(action)

    def _choose(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self._settle()
            self.chosen.emit(row.case_id)

    def _lane_chosen(self) -> None:
        lane = next((lane for lane, button in self._lanes.items() if button.isChecked()), None)
        self._tell(replace(self._filter, lane=lane))

    def _typed(self) -> None:
        self._tell(replace(self._filter, text=self.search.text().strip()))

    def _settle(self) -> None:
        """Tell what was searched for, once."""
        self._settled.stop()
        text = self.search.text().strip()
        if text and text != self._searched:
            self.searched.emit(text)
        self._searched = text

    def _tell(self, chosen: Filter) -> None:
        self._filter = replace(chosen, text=self.search.text().strip())
        self._lanes[chosen.lane].setChecked(True)
        self._fill_menus()
        self.filtered.emit(self._filter)
