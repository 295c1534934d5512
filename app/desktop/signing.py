"""A signature asked for, a submitted case opened again, and a window covered when nobody is there.

What the store has to say goes through its lane like everything else; a dialog waits for nothing.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from app.desktop.asks import Dialogs
from app.desktop.notices import Notice, notice_of
from app.desktop.session import Session
from app.desktop.widgets.dialogs import ReasonDialog
from app.desktop.widgets.signing import LockDialog, SignDialog
from app.seat import Signature
from app.signoff import Summary
from app.wording import say, words
from audit.governance import Role
from audit.people import SHARED_NOTICE, Person

_TOUCHED = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class Signing(QObject):
    """Asks for what a signature or a reopening needs, and hands it to the session."""

    noticed = Signal(object)
    seated = Signal(str, str)

    def __init__(self, session: Session, *, window: QWidget, dialogs: Dialogs) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._dialogs = dialogs
        session.signature_wanted.connect(self.sign)
        session.reopening_wanted.connect(self.reopen)
        session.worklist_changed.connect(self._seat, Qt.ConnectionType.SingleShotConnection)

    def _seat(self) -> None:
        """Tell who works here in which roles, and what those are worth, once the store is open."""

        def tell(found: tuple[Person, str]) -> None:
            me, notice = found
            held = ", ".join(role for role in Role if role in me.roles)
            roles = say("signing", "every-role") if me.roles == set(Role) else held
            said = say("signing", "seated", id=me.id, roles=roles or say("signing", "no-role"))
            self.seated.emit(said, notice or SHARED_NOTICE)

        self._person(tell)

    def sign(self, seen: Summary) -> None:
        """Ask for the signature under a summary, then submit."""
        told = ", ".join(line.code for line in seen.lines) or say("signing", "no-codes")
        what = say("signing", "submit", codes=told)
        self._ask(what, say("signing", "submit-button"), lambda s: self._session.submit(seen, s))

    def second(self) -> None:
        """Ask for a second signature under the open case."""
        opened = self._session.case
        if opened is None:
            return
        case_id = opened.case.case_id
        self._ask(
            say("signing", "second"),
            say("signing", "second-button"),
            lambda signature: self._session.change(
                lambda workspace, _: workspace.second(case_id, signature),
                case_id,
                wanted=say("wanted", "second"),
            ),
        )

    def lost(self) -> None:
        """Reset the person's signing key with a reason, then let them choose another."""

        def ask(found: tuple[Person, str]) -> None:
            me, notice = found
            if not me.key:
                self.noticed.emit(Notice(text=say("signing", "lost-none", id=me.id)))
                return
            dialog = ReasonDialog(
                self._window,
                title=say("signing", "lost-title"),
                subtitle=f"{say('signing', 'lost-told', id=me.id)}\n\n{notice}".strip(),
                reasons=words()["reset_reasons"],
            )
            dialog.answered.connect(self._reset)
            self._dialogs.over(dialog)

        self._person(ask)

    def _reset(self, reason: str) -> None:
        told = words()["reset_reasons"].get(reason, reason)

        def choose(_: Person) -> None:
            self.noticed.emit(Notice(text=say("signing", "lost-done")))
            self._ask(say("signing", "renew"), say("signing", "renew-button"), self._renew)

        self._session.ask(lambda space: space.seat.reset(told), choose)

    def _renew(self, signature: Signature) -> None:
        self._session.ask(
            lambda space: space.seat.enrol(signature),
            lambda _: self.noticed.emit(Notice(text=say("signing", "renewed"))),
        )

    def reopen(self, case_id: str) -> None:
        """Ask why a submitted case is opened again, then open it."""
        dialog = ReasonDialog(
            self._window,
            title=say("signing", "reopen-title"),
            subtitle=say("signing", "reopen-told"),
            reasons=words()["reopen_reasons"],
        )
        dialog.answered.connect(lambda reason: self._session.reopen(case_id, reason))
        self._dialogs.over(dialog)

    def _ask(self, what: str, action: str, then: Callable[[Signature], None]) -> None:
        def show(found: tuple[Person, str]) -> None:
            person, notice = found
            dialog = SignDialog(
                self._window, person=person, what=what, notice=notice, action=action
            )
            dialog.signed.connect(then)
            dialog.lost.connect(self.lost)
            self._dialogs.over(dialog)

        self._person(show)

    def _person(self, then: Callable[[tuple[Person, str]], None]) -> None:
        """Hand over who works here, and what is to be said of it or ""."""
        self._session.ask(lambda space: (space.seat.me(), space.seat.notice), then)


class Lock(QObject):
    """Covers the window when nobody touched it for `minutes` (0: never), or on demand.

    `notice` shows a sentence where the store takes no event of it.
    """

    def __init__(
        self,
        session: Session,
        window: QMainWindow,
        *,
        minutes: int,
        notice: Callable[[Notice], None],
    ) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._dialog: LockDialog | None = None
        self._asked = False
        self._notice = notice
        self._hidden: list[QWidget] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(minutes * 60_000)
        self._timer.timeout.connect(lambda: self.cover(idle=True))
        app = QApplication.instance()
        if minutes and app is not None:
            app.installEventFilter(self)
            self._timer.start()

    @property
    def covered(self) -> bool:
        """Return whether nothing of a case is on the screen."""
        return self._asked

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count from the last key or movement."""
        if event.type() in _TOUCHED and not self._asked:
            self._timer.start()
        return super().eventFilter(watched, event)

    def cover(self, *, idle: bool = False) -> None:
        """Take the case off the screen and the clipboard at once, then ask who is there."""
        if self._asked or self._session.worklist is None:
            return  # where no store is open there is nothing to cover, and nobody to ask
        self._asked = True
        self._timer.stop()
        self._hidden = [
            each
            for each in (self._window.centralWidget(), *QApplication.topLevelWidgets())
            if each is not None and each.isVisible() and each is not self._window
        ]
        for each in self._hidden:
            each.setVisible(False)
        self._window.setEnabled(False)  # no key of the window acts while nobody was asked yet
        self._window.setWindowTitle(say("signing", "locked"))
        clipboard = QGuiApplication.clipboard()
        if clipboard.ownsClipboard():
            clipboard.clear()
        ask = self._session.ask  # who it is comes first: a busy disk delays what is recorded
        ask(lambda space: space.seat.me(), self._show, failed=self._unknown)
        ask(lambda space: space.seat.lock(idle=idle), lambda _: None, failed=self._unrecorded)

    def _show(self, person: Person) -> None:
        self._dialog = LockDialog(self._window, person=person)
        self._dialog.tried.connect(self._try)
        self._dialog.left.connect(self._window.close)
        self._dialog.open()

    def _try(self, passphrase: str) -> None:
        self._session.ask(
            lambda space: space.seat.unlock(passphrase), self._uncover, failed=self._refused
        )

    def _uncover(self, _done: object = None) -> None:
        if self._dialog is not None:
            self._dialog.accept()
            self._dialog = None
        for each in self._hidden:
            each.setVisible(True)
        self._hidden = []
        self._window.setEnabled(True)
        self._asked = False
        if self._timer.interval():
            self._timer.start()
        if self._session.case is not None:
            self._session.case_changed.emit(self._session.case)

    def _refused(self, error: BaseException) -> None:
        notice = notice_of(error)
        if self._dialog is not None:
            self._dialog.refused(notice.text if notice else say("signing", "unlock-fault"))

    def _unknown(self, error: BaseException) -> None:
        """Ask all the same where the store does not say who is there."""
        self._unrecorded(error)
        self._show(Person(id=""))

    def _unrecorded(self, error: BaseException) -> None:
        """Cover all the same where the store takes no event: the screen must not wait for it."""
        self._notice(notice_of(error) or Notice(text=say("signing", "unlock-fault")))
