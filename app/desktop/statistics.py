"""What feeds the dashboard: cases are read a few at a time beside the work, and kept by version."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtWidgets import QWidget

from app.dashboard import charts
from app.desktop.session import Session
from app.desktop.theme import Theme
from app.wording import say
from audit import CaseRow, State
from audit.tally import Tally

if TYPE_CHECKING:
    from app.desktop.widgets.dashboard import DashboardWindow

AT_ONCE = 5
"""Cases read in one go, between which a search gets its turn."""

REPAINTED = 200
"""Cases after which the charts are painted in between."""

MOST = 2000
"""Cases read at most, those changed last; the dashboard says how many."""


class Statistics(QObject):
    """Opens the dashboard and keeps it up to date while it is open."""

    def __init__(
        self,
        window: QWidget,
        *,
        session: Session,
        theme: Theme,
        settings: QSettings,
        home: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._parent = window
        self._session = session
        self._theme = theme
        self._settings = settings
        self._home = home
        self._tallies: dict[str, tuple[str, Tally]] = {}
        self._turn = 0
        self.window: DashboardWindow | None = None

    def show(self) -> None:
        """Open the dashboard, or bring it to the front."""
        # pyqtgraph takes half a second to load, which the window on the screen must not wait for.
        from app.desktop.widgets.dashboard import DashboardWindow  # noqa: PLC0415

        if self.window is None:
            made = DashboardWindow(self._theme, self._parent)
            made.restore(self._settings.value("dashboard"))
            made.wanted.connect(lambda _: self._read())
            made.closed.connect(self._closed)
            self.window = made
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self.window.setFocus(Qt.FocusReason.OtherFocusReason)
        self._read()

    def _read(self) -> None:
        """Read what changed, a few cases at a time, and paint when all of it is there."""
        self._turn += 1
        turn = self._turn
        self._session.ask(lambda space: space.figures.rows(), lambda rows: self._choose(turn, rows))

    def _choose(self, turn: int, rows: tuple[CaseRow, ...]) -> None:
        if self.window is None or turn != self._turn:
            return
        since = (datetime.now(UTC) - timedelta(days=self.window.days)).isoformat()
        wanted = [
            row
            for row in rows
            if row.state is State.HELD
            or (row.updated >= since and (row.decided_count or row.state is State.SUBMITTED))
        ]
        wanted = sorted(wanted, key=lambda row: row.updated, reverse=True)[:MOST]
        self._paint(turn, rows, wanted)
        self._step(turn, rows, wanted)

    def _step(self, turn: int, rows: tuple[CaseRow, ...], wanted: list[CaseRow]) -> None:
        if self.window is None or turn != self._turn:
            return
        todo = [row for row in wanted if self._known(row) is None]
        self.window.show_progress(len(wanted) - len(todo), len(wanted))
        if not todo:
            self._paint(turn, rows, wanted)
            return
        part = todo[:AT_ONCE]

        def read(tallies: tuple[Tally, ...]) -> None:
            for row, tally in zip(part, tallies, strict=True):
                self._tallies[row.case_id] = (row.updated, tally)
            if (len(wanted) - len(todo)) // REPAINTED != (
                len(wanted) - len(todo) + len(part)
            ) // REPAINTED:
                self._paint(turn, rows, wanted)
            self._step(turn, rows, wanted)

        self._session.ask(
            lambda space: tuple(space.figures.tally(row.case_id) for row in part), read, beside=True
        )

    def _known(self, row: CaseRow) -> Tally | None:
        updated, tally = self._tallies.get(row.case_id, ("", None))
        return tally if updated == row.updated else None

    def _paint(self, turn: int, rows: tuple[CaseRow, ...], wanted: list[CaseRow]) -> None:
        tallies = [tally for row in wanted if (tally := self._known(row)) is not None]
        codes = frozenset(item.code for tally in tallies for item in tally.judged)

        def show(chapters: Mapping[str, str]) -> None:
            if self.window is None or turn != self._turn:
                return
            self.window.show_charts(
                charts(
                    rows,
                    tallies,
                    chapter=lambda code: say("chapters", chapters.get(code, "")),
                    days=self.window.days,
                    today=datetime.now(UTC).astimezone().date(),
                )
            )

        self._session.ask(lambda space: space.figures.chapters(codes), show, beside=True)

    def _closed(self) -> None:
        if self.window is not None:
            self._settings.setValue("dashboard", self.window.saveGeometry())
            self.window.deleteLater()
            self.window = None
        self._turn += 1
        self._home()
