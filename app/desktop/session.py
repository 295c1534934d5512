"""The one mutable cell of the window: the worklist as filtered and the case that is open.

Widgets call a method here and get whole new values back by signal; they hold no truth of their
own. All work with the store goes to its lane in the order it was asked for, and `pending` counts
what is not recorded yet.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from app.desktop.books import Books
from app.desktop.models.stale import act_in_words, stale
from app.desktop.notices import Notice, notice_of
from app.desktop.tasks import Tasks
from app.seat import Signature
from app.signoff import Summary
from app.wording import say
from app.worklist import NO_FILTER, Filter, Worklist
from app.workspace import OpenCase, Workspace
from audit import AuditError, ClaimedError, Decision, StaleError, State

T = TypeVar("T")


class Session(QObject):
    """The open case and the worklist; asks a `Workspace` off the GUI thread."""

    worklist_changed = Signal(object)
    case_changed = Signal(object)
    pending_changed = Signal(int)
    noticed = Signal(object)
    failed = Signal(object)
    stale = Signal(object)
    unopened = Signal(str)
    signature_wanted = Signal(object)
    reopening_wanted = Signal(str)

    def __init__(
        self, make: Callable[[], Workspace], *, tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._tasks = tasks
        self._workspace: Workspace | None = None
        self._made: Workspace | None = None
        self._wanted: str | None = None
        self._fresh = 0
        self._filter = NO_FILTER
        self._at = 0
        self._ahead: OpenCase | None = None
        self.signed: list[str] = []
        self._busy: Counter[str] = Counter()
        self.books = Books(partial(self.ask, beside=True))
        self.worklist: Worklist | None = None
        self.case: OpenCase | None = None
        self.pending = 0

    def start(self, *, case_id: str | None = None) -> None:
        """Open the store and show the worklist, then a case: the one given, else the first.

        `unopened` tells the sentence of a store that cannot be opened.
        """
        self._wanted = case_id

        def begin() -> tuple[Workspace, Worklist]:
            self._made = self._make()
            return self._made, self._made.worklist()

        def begun(made: tuple[Workspace, Worklist]) -> None:
            self._workspace, worklist = made
            if self._workspace.notice:
                self.noticed.emit(Notice(text=self._workspace.notice, tone="warn"))
            # A store that takes no events says so in its notice; the sitting goes unrecorded then.
            self.ask(lambda space: space.seat.begin(), lambda _: None, failed=lambda _: None)
            self._show_worklist(worklist)
            ids = [row.case_id for row in worklist.rows]
            first = case_id if case_id in ids else ids[0] if ids else None
            if first is not None:
                self.open(first)

        def refused(error: BaseException) -> None:
            notice = notice_of(error)
            self.unopened.emit(notice.text if notice else "")
            if notice is None:
                self.failed.emit(error)

        self._tasks.on_lane(begin, then=begun, failed=refused)

    def filter(self, chosen: Filter) -> None:
        """Show the cases under a filter."""
        self._filter = chosen
        self.refresh(sort=False)

    def refresh(self, *, sort: bool = True) -> None:
        """Read the worklist again; of several asked for at once only the last is shown.

        `sort` puts the lines in their order anew; without it they keep their places.
        """
        chosen = self._filter
        self._fresh += 1
        turn = self._fresh

        def read(workspace: Workspace) -> Worklist | None:
            # While somebody types, only what they typed last is worth the lane's time.
            return workspace.worklist(chosen, sort=sort) if turn == self._fresh else None

        def show(worklist: Worklist | None) -> None:
            if worklist is not None and turn == self._fresh:
                self._show_worklist(worklist)

        self.ask(read, show)

    def open(self, case_id: str) -> None:
        """Open a case; its reading is recorded. One that was read ahead is shown at once."""
        if self._workspace is None:
            return
        self._wanted = case_id
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.case.case_id == case_id:
            self._show_case(ahead)
        if self.worklist is not None:
            self._at = self.worklist.place(case_id) or 0

        def opened(case: OpenCase) -> None:
            self._show_case(case)
            self._read_ahead()

        self.ask(lambda workspace: workspace.open(case_id), opened)

    def step(self, by: int) -> bool:
        """Open the next (`1`) or previous (`-1`) case of the worklist; False where it ends."""
        case_id = _beside(self.worklist, self._wanted, self._at, by)
        if case_id is None:
            self.noticed.emit(Notice(text="This is the end of the worklist.", tone="info"))
            return False
        self.open(case_id)
        return True

    def decide(self, decision: Decision) -> None:
        """Record a decision on the open case."""
        if self.case is not None:
            self.change(
                lambda workspace, case_id: workspace.decide(case_id, decision),
                self.case.case.case_id,
                wanted=act_in_words(decision),
            )

    def submit(self, seen: Summary, signature: Signature) -> None:
        """Sign a case off as its summary shows it, and go on to the next one without waiting.

        Where that is refused, the case comes back.
        """
        self.signed.append(seen.case_id)
        self.change(
            lambda workspace, case_id: workspace.submit(case_id, seen, signature),
            seen.case_id,
            wanted=say("wanted", "submit"),
        )
        following = _beside(self.worklist, self._wanted, self._at, 1, signed=self.signed)
        if following is None:
            self.noticed.emit(Notice(text="Submitted. This is the end of the worklist."))
        else:
            self.open(following)

    def undo(self) -> None:
        """Take back the last act on the open case, as an event of its own.

        A submission is not taken back like that: its case is opened again with a reason, which is
        asked for. Where the open case has nothing to take back, that is the one submitted last in
        this sitting.
        """
        if self.case is None:
            return
        here = self.case.case.case_id
        if self.case.case.state is State.SUBMITTED and not self._busy[here]:
            self.reopening_wanted.emit(here)
        elif self.case.case.can_undo or self._busy[here]:
            self.change(
                lambda workspace, case_id: workspace.undo(case_id),
                here,
                wanted=say("wanted", "undo"),
            )
        elif self.signed:
            self.reopening_wanted.emit(self.signed[-1])

    def reopen(self, case_id: str, reason: str) -> None:
        """Open a submitted case again and show it."""
        if case_id in self.signed:
            self.signed.remove(case_id)
        self._wanted = case_id
        self.change(
            lambda workspace, _: workspace.reopen(case_id, reason),
            case_id,
            wanted=say("wanted", "reopen"),
        )

    def redo(self) -> None:
        """Do again what was taken back."""
        if self.case is None:
            return
        here = self.case.case.case_id
        if self.case.case.can_redo or self._busy[here]:
            self.change(
                lambda workspace, case_id: workspace.redo(case_id),
                here,
                wanted=say("wanted", "redo"),
            )

    def ask(
        self,
        work: Callable[[Workspace], T],
        then: Callable[[T], None],
        *,
        beside: bool = False,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Ask the workspace and hand the answer to `then`; `beside` what any thread may ask.

        What goes wrong is told, or handed to `failed`.
        """
        workspace = self._workspace
        if workspace is None:
            return
        run = self._tasks.beside if beside else self._tasks.on_lane
        run(lambda: work(workspace), then=then, failed=failed or self.tell)

    def close(self) -> None:
        """Wait until everything asked for is recorded, then let go of the store."""

        def last() -> None:
            if self._made is not None:
                with suppress(
                    AuditError
                ):  # what keeps it from being recorded was said at the start
                    self._made.seat.end()
                self._made.close()

        self._tasks.close(last)

    def change(
        self, work: Callable[[Workspace, str], OpenCase], case_id: str, *, wanted: str
    ) -> None:
        """Do something to a case on the lane, and show the case after it if it is still open."""
        workspace = self._workspace
        if workspace is None:
            return

        def count(by: int) -> None:
            self._busy[case_id] += by
            self.pending += by
            self.pending_changed.emit(self.pending)

        count(1)

        def done(changed: OpenCase) -> None:
            count(-1)
            self._show_case(changed)
            self.refresh(sort=False)

        def failed(error: BaseException) -> None:
            count(-1)
            if isinstance(error, StaleError):
                self._too_late(error, work, case_id, wanted)
            else:
                self.tell(error)
            if case_id in self.signed:
                self.signed.remove(case_id)
                self.open(case_id)
            elif self.case is not None and self.case.case.case_id == case_id:
                self.case_changed.emit(self.case)
                if not isinstance(error, ClaimedError | StaleError):
                    # Where a connection broke after the commit, more is stored than was said.
                    seen = self.case.case.version
                    self.ask(
                        lambda own: own.look(case_id),
                        lambda now: self._show_case(now) if now.case.version != seen else None,
                        failed=lambda _: None,
                    )

        self._tasks.on_lane(lambda: work(workspace, case_id), then=done, failed=failed)

    def _too_late(
        self,
        error: StaleError,
        work: Callable[[Workspace, str], OpenCase],
        case_id: str,
        wanted: str,
    ) -> None:
        """Show the case as others made it, and ask whether to do the same to that."""

        def shown(opened: OpenCase) -> None:
            self._show_case(opened)
            again = partial(self.change, work, case_id, wanted=wanted)
            self.stale.emit(stale(error, opened, wanted=wanted, again=again))

        self.ask(lambda workspace: workspace.look(case_id), shown)

    def _read_ahead(self) -> None:
        """Have the next case at hand before it is asked for."""
        following = _beside(self.worklist, self._wanted, self._at, 1)
        if following is None:
            return

        def keep(opened: OpenCase) -> None:
            self._ahead = opened

        self.ask(lambda workspace: workspace.look(following), keep)

    def _show_case(self, opened: OpenCase) -> None:
        if opened.case.case_id != self._wanted:
            return
        fresh = self.case is None or self.case.case.case_id != self._wanted
        self.case = opened
        if fresh or not self._busy[self._wanted]:
            self.case_changed.emit(opened)  # else the last of what is still being recorded tells

    def _show_worklist(self, worklist: Worklist) -> None:
        self.worklist = worklist
        here = worklist.place(self._wanted)
        if here is not None:
            self._at = here
        self.worklist_changed.emit(worklist)

    def tell(self, error: BaseException) -> None:
        """Say what went wrong: a notice for the surroundings, a report for a fault of ours."""
        notice = notice_of(error)
        if notice is None:
            self.failed.emit(error)
        else:
            self.noticed.emit(notice)


def _beside(
    worklist: Worklist | None,
    case_id: str | None,
    at: int,
    by: int,
    signed: Sequence[str] | None = None,
) -> str | None:
    """Return the case before or after this one in the worklist, None where it ends.

    A case that has left the list, since it was submitted, say, left its place `at` to the next.
    With `signed`, the cases signed in this sitting, those that were submitted are passed over.
    """
    rows = worklist.rows if worklist else ()
    here = worklist.place(case_id) if worklist else None
    at = here + by if here is not None else at + min(by, 0)
    while 0 <= at < len(rows):
        row = rows[at]
        if signed is None or (row.case_id not in signed and row.state != State.SUBMITTED):
            return row.case_id
        at += by
    return None
