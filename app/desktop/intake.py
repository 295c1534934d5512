"""Files coded while the window works: dropped or chosen, one run after the other, to be stopped.

The analysis itself runs in a worker process; the thread here reads the files, hands encounters
over and stores what comes back, on a connection of its own, so that decisions never wait for it.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Qt, Signal

from app.coding import Begun, Coded
from app.desktop.notices import Notice, notice_of
from app.wording import count, say

Report = Callable[[str, int, int], None]
CodePaths = Callable[[Sequence[Path], Report, Callable[[], bool]], Iterable[Begun | Coded]]
"""Codes paths; is given a report of loading, and a question whether to stop."""


class Stopped(Exception):  # noqa: N818 - nothing is wrong when a person stops
    """A person stopped the run while the engine was being loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the coding of files is; `total` is 0 while that is not known."""

    running: bool = False
    step: str = ""
    done: int = 0
    total: int = 0
    failed: int = 0
    repeated: int = 0
    stopping: bool = False
    warnings: tuple[str, ...] = field(default=())

    def told(self) -> str:
        """Return it in words."""
        if self.stopping:
            return say("intake", "stopping")
        parts = [self.step or say("intake", "coding")]
        if self.total and not self.step:
            parts.append(f"{self.done:,} of {count(self.total, 'encounter')}")
        if self.failed:
            parts.append(say("intake", "failed", number=f"{self.failed:,}"))
        return "  ·  ".join(parts)


class Intake(QObject):
    """The queue of files to code; tells how far it is, and when there are new cases."""

    changed = Signal(object)
    stored = Signal()
    noticed = Signal(object)
    failed = Signal(object)
    _told = Signal(object, object)

    def __init__(self, code: CodePaths | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._code = code
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="coding")
        self._stop = Event()
        self._waiting = 0
        self._closed = False
        self.progress = Progress()
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)

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

    def stop(self) -> None:
        """Stop; what is coded already is in the store."""
        if self.progress.running:
            self._stop.set()
            self._show(replace(self.progress, stopping=True))

    def close(self) -> None:
        """Stop and wait until nothing of it runs."""
        self._closed = True
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

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
                    shown = replace(shown, total=shown.total + line.total, warnings=line.warnings)
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
            notice = notice_of(error)
            if notice is None:
                self.failed.emit(error)
            else:
                self.noticed.emit(notice)
            return
        self.noticed.emit(_end(progress, stopped=self._stop.is_set()))

    def _show(self, progress: Progress) -> None:
        self.progress = progress
        self.changed.emit(progress)


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
