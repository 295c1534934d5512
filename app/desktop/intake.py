"""Files coded while the window works: dropped or chosen, one run after the other, to be stopped.

The analysis itself runs in a worker process; the thread here reads the files, hands encounters
over and stores what comes back, on a connection of its own, so that decisions never wait for it.
Each run is a job with a ledger, and how far jobs on this store are is read from their ledgers,
those of other processes too.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.coding import Begun, Coded
from app.desktop.howfar import Progress
from app.desktop.notices import Notice, notice_of
from app.jobs.pulse import Pulse
from app.wording import count, say

Report = Callable[[str, int, int], None]
CodePaths = Callable[[Sequence[Path], Report, Callable[[], bool]], Iterable[Begun | Coded]]
"""Codes paths; is given a report of loading, and a question whether to stop."""
LookAtJobs = Callable[[], Sequence[Pulse]]
"""Returns the jobs that run on this store now, oldest first."""

EVERY = 2000
"""Milliseconds between two looks at the jobs."""


class Stopped(Exception):  # noqa: N818 - nothing is wrong when a person stops
    """A person stopped the run while the engine was being loaded."""


class Intake(QObject):
    """The queue of files to code; tells how far it is, and when there are new cases."""

    changed = Signal(object)
    stored = Signal()
    noticed = Signal(object)
    failed = Signal(object)
    _told = Signal(object, object)
    _looked = Signal(object, object)

    def __init__(
        self,
        code: CodePaths | None,
        jobs: LookAtJobs | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._code = code
        self._jobs = jobs
        self._looks = ThreadPoolExecutor(1, thread_name_prefix="coding-jobs")
        self._pulses: Sequence[Pulse] = ()
        self._failing = False
        self._timer = QTimer(self, interval=EVERY, singleShot=True)
        self._timer.timeout.connect(self.look)
        self._looked.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="coding")
        self._stop = Event()
        self._waiting = 0
        self._closed = False
        self._own: set[str] = set()
        self.progress = Progress()
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self.look()

    @property
    def possible(self) -> bool:
        """Return whether files can be coded here at all."""
        return self._code is not None

    def add(self, paths: Sequence[Path]) -> None:
        """Code files and folders, after those that were given before."""
        code = self._code
        if code is None or not paths or self._closed:
            return
        self._waiting += 1
        self._stop.clear()
        self._show(replace(self.progress, running=True, step=say("intake", "reading")))
        self._pool.submit(self._run, code, tuple(paths))

    def look(self) -> None:
        """Look at the jobs on this store, beside what else is done; then again and again."""
        if self._jobs is not None and not self._closed:
            self._looks.submit(self._look, self._jobs)

    def _look(self, jobs: LookAtJobs) -> None:
        try:
            self._looked.emit(tuple(jobs()), None)
        except BaseException as error:  # noqa: BLE001 - it is handed on, never swallowed
            self._looked.emit((), error)

    def _take(self, pulses: Sequence[Pulse], error: BaseException | None) -> None:
        """Show what was seen; a look that fails is told once, and looks go on."""
        if self._closed:
            return
        self._timer.start()
        if error is not None and not self._failing:
            self._tell_error(error)
        self._failing = error is not None
        if pulses != self._pulses:
            self._pulses = pulses
            self._show(self.progress)

    def stop(self) -> None:
        """Stop; what is coded already is in the store."""
        if self.progress.running:
            self._stop.set()
            self._show(replace(self.progress, stopping=True))

    def close(self) -> None:
        """Stop and wait until nothing of it runs."""
        self._closed = True
        self._stop.set()
        self._timer.stop()
        for pool in (self._pool, self._looks):
            pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, code: CodePaths, paths: tuple[Path, ...]) -> None:
        """Code on the thread of the pool; everything is told to the window by one signal."""
        shown = Progress(running=True)

        def loading(label: str, _done: int, _total: int) -> None:
            if self._stop.is_set():
                raise Stopped
            self._told.emit(replace(shown, step=label), None)

        try:
            for line in code(paths, loading, self._stop.is_set) if not self._stop.is_set() else ():
                if isinstance(line, Begun):
                    total = shown.total + line.total
                    shown = replace(shown, total=total, job=line.job, warnings=line.warnings)
                else:
                    shown = replace(
                        shown,
                        done=shown.done + 1,
                        failed=shown.failed + line.failed,
                        repeated=shown.repeated + (not line.added),
                    )
                self._told.emit(shown, None)
        except Stopped:
            self._told.emit(replace(shown, running=False), None)
        except BaseException as error:  # noqa: BLE001 - it is handed on, never swallowed
            self._told.emit(replace(shown, running=False), error)
        else:
            self._told.emit(replace(shown, running=False), None)

    def _hear(self, progress: Progress, error: BaseException | None) -> None:
        if self._closed:
            return
        more = progress.done > self.progress.done
        if progress.running:
            self._show(replace(progress, stopping=self._stop.is_set()))
        else:
            self._waiting -= 1
            self._tell_end(progress, error)
            self._show(Progress(running=self._waiting > 0))
        if more or not progress.running:
            self.stored.emit()

    def _tell_end(self, progress: Progress, error: BaseException | None) -> None:
        if error is not None:
            self._tell_error(error)
            return
        self.noticed.emit(_end(progress, stopped=self._stop.is_set()))

    def _tell_error(self, error: BaseException) -> None:
        notice = notice_of(error)
        if notice is None:
            self.failed.emit(error)
        else:
            self.noticed.emit(notice)

    def _show(self, progress: Progress) -> None:
        """Show progress with what the ledgers say: our job's, else the newest of other processes.

        Between two runs of ours the ledger of the one that ended may still be looked at as running.
        """
        self._own.add(progress.job)
        ours = [each for each in self._pulses if each.job == progress.job]
        others = [each for each in self._pulses if each.job not in self._own]
        shown = ours if progress.running else others
        pulse = shown[-1] if shown else None
        self.progress = replace(progress, pulse=pulse, others=len(others))
        self.changed.emit(self.progress)


def _end(progress: Progress, *, stopped: bool) -> Notice:
    """Return what is said of a run that ended: what came of it, and where to look."""
    good = progress.done - progress.failed - progress.repeated
    parts = [say("intake", "done", number=count(good, "encounter"))]
    if progress.failed:
        parts.append(say("intake", "failed", number=f"{progress.failed:,}"))
    if progress.repeated:
        parts.append(say("intake", "repeated", number=f"{progress.repeated:,}"))
    text = f"{', '.join(parts)}."
    if stopped:
        text = say("intake", "stopped", rest=f"{progress.total - progress.done:,}", told=text)
    if progress.warnings:
        more = len(progress.warnings) - 1
        rest = say("intake", "warnings", number=f"{more:,}") if more else ""
        text = f"{text} {progress.warnings[0]} {rest}".rstrip()
    if progress.failed:
        return Notice(text=text, tone="warn", action="show-failed", label=say("intake", "show"))
    return Notice(text=text, tone="warn" if progress.warnings else "info")
