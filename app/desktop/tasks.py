"""Work off the GUI thread: one serial lane for the store, one for searches, one signal back.

The lane keeps the order in which work was given, so two decisions are two events in that order,
and the store's connection lives on the lane's thread and nowhere else. Outcomes arrive on the GUI
thread in the event loop's turn. Plain executors are used because a `QThread` that is collected
while it runs ends the process.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What one piece of work came to, with whom to tell."""

    value: Any
    error: BaseException | None
    then: Callable[[Any], None]
    failed: Callable[[BaseException], None]


class Tasks(QObject):
    """Run callables on the store's lane or beside it and hand the outcome to the GUI thread."""

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="search")
        self._open = True
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def on_lane(
        self,
        work: Callable[[], T],
        *,
        then: Callable[[T], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Do `work` on the store's lane, after all that was given before it."""
        self._submit(self._lane, work, then, failed)

    def beside(
        self,
        work: Callable[[], T],
        *,
        then: Callable[[T], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Do `work` that does not touch the store, while the lane goes on."""
        self._submit(self._beside, work, then, failed)

    def close(self, last: Callable[[], object] | None = None) -> None:
        """Wait for all work given, then do `last` on the lane; outcomes are no longer delivered."""
        self._open = False
        future = self._lane.submit(last) if last is not None else None
        self._lane.shutdown(wait=True)
        self._beside.shutdown(wait=True, cancel_futures=True)
        if future is not None:
            future.result()

    def _submit(
        self,
        executor: ThreadPoolExecutor,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        if not self._open:
            return

        def run() -> None:
            try:
                outcome = _Outcome(value=work(), error=None, then=then, failed=failed)
            except BaseException as error:  # noqa: BLE001 - it is handed on, never swallowed
                outcome = _Outcome(value=None, error=error, then=then, failed=failed)
            self._finished.emit(outcome)

        executor.submit(run)

    def _deliver(self, outcome: _Outcome) -> None:
        if not self._open:
            return
        if outcome.error is None:
            outcome.then(outcome.value)
        else:
            outcome.failed(outcome.error)
