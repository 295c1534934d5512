"""The main window, thin: panes in the middle, menus from the table of actions, a line of state."""

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QMainWindow

from app.desktop import sizes
from app.desktop.actions import ACTIONS, MENUS, Keys, install
from app.desktop.acts import Acts
from app.desktop.asks import Dialogs
from app.desktop.chatmodel import ChatPage
from app.desktop.commands import Commands
from app.desktop.copies import Copies
from app.desktop.drops import Drops
from app.desktop.exports import Exports
from app.desktop.floats import Floats
from app.desktop.follow import Follow
from app.desktop.howfar import Progress
from app.desktop.intake import Intake
from app.desktop.notices import report
from app.desktop.panes import Panes
from app.desktop.place import Whereabouts
from app.desktop.printing import Printing
from app.desktop.review import Review
from app.desktop.session import Session
from app.desktop.signing import Lock, Signing
from app.desktop.statistics import Statistics
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.parts import label
from app.wording import count
from app.workspace import OpenCase

FIRST_SIZE = (1366, 768)
"""Size of the window before a person has chosen one, where the screen has room for it."""

TITLE = 4 * GRID
"""What the frame a desktop puts around it may take from the height."""


class MainWindow(QMainWindow):
    """The window over one session."""

    def __init__(
        self,
        session: Session,
        *,
        intake: Intake,
        theme: Theme,
        settings: QSettings,
        keys: Keys,
        idle_minutes: int = 0,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Chartproof")
        self._session = session
        self._theme = theme
        self._settings = settings
        self.intake = intake
        self.panes = Panes(theme)
        self.dialogs = Dialogs(
            self,
            session=session,
            note=self.panes.note.view,
            reading=lambda: self.panes.reader.reading,
            home=self.panes.codes.list,
            theme=theme,
        )
        self.review = Review(session, asks=self.dialogs, parent=self)
        self.acts = Acts(session, self.review, asks=self.dialogs, parent=self)
        self.signing = Signing(session, window=self, dialogs=self.dialogs)
        self.lock = Lock(session, self, minutes=idle_minutes, notice=self.panes.notice.show_notice)
        self.panes.follow(session, self.review)
        self.copies = Copies(session, reader=self.panes.reader, parent=self)
        self.panes.codes.list.dropped.connect(self.acts.place_code)
        self.setCentralWidget(self.panes)
        self.commands = Commands(self, keys=keys, theme=theme, over=self.dialogs.over)
        self.floats = Floats(self.panes.columns, self.panes.movable, settings=settings, parent=self)
        self.place = Whereabouts(settings, panes=self.panes, review=self.review, parent=self)
        self.statistics = Statistics(
            self, session=session, theme=theme, settings=settings, home=self.panes.show_codes
        )
        self.follow = Follow(session, self)
        self.drops = Drops(self, intake=intake, theme=theme)
        self.exports = Exports(self, session=session, over=self.dialogs.over)
        self.printing = Printing(self, session=session, over=self.dialogs.over)
        self.chatpage = ChatPage(self, session=session, over=self.dialogs.over)
        for teller in (self.acts, self.signing, self.exports, self.printing, self.chatpage):
            teller.noticed.connect(self.panes.notice.show_notice)
        targets = {
            "window": self,
            "panes": self.panes,
            "reader": self.panes.reader,
            "worklist": self.panes.worklist,
            "commands": self.commands,
            "floats": self.floats,
            "drops": self.drops,
            "statistics": self.statistics,
            "exports": self.exports,
            "printing": self.printing,
            "chatpage": self.chatpage,
            "intake": intake,
            "session": session,
            "review": self.review,
            "acts": self.acts,
            "signing": self.signing,
            "lock": self.lock,
            "theme": theme,
        }
        self.made = install(self, targets=targets, cards=self.panes.codes.list, keys=keys)
        self.commands.made = self.made
        keys.changed.connect(self.panes.codes.show_keys)
        self._make_menus(self.made)
        self._tally, self._seated, self._recorded = (label(role="small") for _ in range(3))
        self._make_status_line()
        session.case_changed.connect(self._show_case)
        session.pending_changed.connect(self._show_pending)
        session.failed.connect(self.report_fault)
        session.stale.connect(self.dialogs.stale)
        intake.failed.connect(self.report_fault)
        intake.noticed.connect(self.panes.notice.show_notice)
        intake.changed.connect(self._show_intake)
        intake.stored.connect(lambda: session.refresh(sort=False))
        self._show_intake(intake.progress)
        self.panes.progress.stop_wanted.connect(intake.stop)
        self.panes.notice.asked.connect(lambda name: self.made[name].trigger())
        self.panes.codes.list.option_clicked.connect(self._option_clicked)
        self.panes.codes.list.asked.connect(self._asked)
        self._restore()

    def report_fault(self, error: BaseException) -> None:
        """Show a fault of ours with a report to copy."""
        self.dialogs.report(report(error))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout; close once every decision is recorded."""
        settings = self._settings
        settings.setValue("window/geometry", self.saveGeometry())
        settings.setValue("window/columns", self.panes.columns.saveState())
        settings.setValue("window/left", self.panes.left.saveState())
        settings.setValue("window/zoom", self.panes.reader.zoom_points)
        settings.setValue("window/theme", self._theme.choice)
        settings.setValue("window/scale", sizes.scale())
        self.floats.save()
        self.place.note()
        settings.sync()
        self.intake.close()
        self._session.close()
        super().closeEvent(event)

    def _restore(self) -> None:
        settings = self._settings
        room = self.screen().availableGeometry()
        self.resize(min(FIRST_SIZE[0], room.width()), min(FIRST_SIZE[1], room.height() - TITLE))
        for key, restore in (
            ("window/geometry", self.restoreGeometry),
            ("window/columns", self.panes.columns.restoreState),
            ("window/left", self.panes.left.restoreState),
        ):
            value = settings.value(key)
            if isinstance(value, QByteArray):
                restore(value)
        zoom = str(settings.value("window/zoom", 0))
        if zoom.lstrip("-").isdecimal() and int(zoom):
            self.panes.reader.zoom(int(zoom))

    def _make_status_line(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(GRID, 0, GRID, 0)
        self._seated.setContentsMargins(0, 0, 2 * GRID, 0)
        bar.addWidget(self._tally)
        bar.addPermanentWidget(self._seated)
        bar.addPermanentWidget(self._recorded)
        self.signing.seated.connect(self._show_person)

    def _make_menus(self, actions: dict[str, QAction]) -> None:
        menus = {name: self.menuBar().addMenu(name) for name in MENUS}
        for row in ACTIONS:
            if row.menu:
                menus[row.menu].addAction(actions[row.id])

    def _show_case(self, opened: OpenCase) -> None:
        self.setWindowTitle(f"{opened.case.encounter.encounter_id} – Chartproof")
        self.made["undo"].setEnabled(opened.case.can_undo or bool(self._session.signed))
        self.made["redo"].setEnabled(opened.case.can_redo)
        decided = sum(1 for row in opened.case.assigned if row.status != "open")
        release = opened.case.result.provenance.release if opened.case.result else ""
        told = f"{count(decided, 'decision')} on {count(len(opened.case.assigned), 'code')}"
        self._tally.setText(f"{told}  ·  release {release}" if release else told)
        self._show_pending(self._session.pending)

    def _show_pending(self, pending: int) -> None:
        if pending:
            self.made["undo"].setEnabled(True)
        self._recorded.setText(
            f"Recording {count(pending, 'decision')}…" if pending else "Every decision is recorded"
        )

    def _show_person(self, who: str, roles: str) -> None:
        """Show who is signed in; what their roles are worth is one look away."""
        self._seated.setText(who)
        self._seated.setToolTip(roles)
        self._seated.setAccessibleDescription(roles)

    def _show_intake(self, progress: Progress) -> None:
        self.panes.progress.show_progress(progress)
        self.made["stop-coding"].setEnabled(progress.running and not progress.stopping)
        for name in ("code-files", "code-folder"):
            self.made[name].setEnabled(self.intake.possible)

    def _option_clicked(self, key: str, number: int) -> None:
        self.review.select(key)
        self.review.choose(number)

    def _asked(self, key: str, action: str) -> None:
        self.review.select(key)
        calls = {
            "accept": self.review.accept,
            "reject": self.review.reject,
            "replace": self.review.replace,
        }
        calls[action]()
