"""What others record meanwhile: looked for every few seconds, shown without moving anything.

One number is asked of the store; the worklist is read again only where a line of it has changed.
The case that is open is not touched: what others did to it is shown when it is opened again, or
when a decision comes too late for it.
"""

from PySide6.QtCore import QObject, QTimer

from app.desktop.session import Session

EVERY_MS = 5_000


class Follow(QObject):
    """Asks for news while nothing of this window waits to be recorded."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._asking = False
        self._failing = False
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        if self._asking or self._session.pending or self._session.worklist is None:
            return
        self._asking = True
        self._session.ask(lambda workspace: workspace.news(), self._heard, failed=self._failed)

    def _heard(self, changed: bool) -> None:  # noqa: FBT001 - the answer of one question
        self._asking = self._failing = False
        if changed:
            self._session.refresh(sort=False)

    def _failed(self, error: BaseException) -> None:
        """Say once that the store does not answer; go on asking."""
        self._asking = False
        if not self._failing:
            self._failing = True
            self._session.tell(error)
