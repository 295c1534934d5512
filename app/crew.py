"""Workers that load an engine each and answer encounters, as processes of this machine.

Each is a spawned process, so that native code can neither block nor end the caller; only frozen
values travel. A worker has the next encounter at hand while it analyses one, and is told with it
what it would ask, so that it never waits while the caller stores a result.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from app import AppError
from app.faults import sentence
from audit.encoded import Encoded
from pipeline.model import CodingResult, Encounter, Provenance

DIED = (
    "The analysis process ended unexpectedly ({cause}) on this encounter; code it by hand and "
    "report it."
)
TOO_LONG = (
    "The analysis took longer than {seconds:.0f} s and was ended; split the encounter's notes or "
    "code it by hand."
)

Coder = Callable[[Encounter], CodingResult | Encoded | None]
"""Returns None where the one that runs it said that the result is known already."""

Call = Callable[[object], object]
"""What a coder may ask of this process while it codes, and waits for (`Recipe.calls`)."""

Foretold = Mapping[Provenance, object]
"""Answers to calls that a coder is likely to make, by what it asks."""

LoadReport = Callable[[str, int, int], None]
"""Receives the name of a step of loading, how much is done and how much there is in all."""

ATTEMPTS = 2
PATIENCE = 900.0
"""Seconds one encounter may take before its worker is ended: against a hang, not slowness."""

DEPTH = 2
"""Encounters a worker has at hand, so that it need not wait while one is stored."""


class BatchError(AppError):
    """The pipeline could not be started at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a worker makes its coder: `module:function`, called with `options` and `report`.

    With `calls` it is called with `call` too, through which it may ask the one that runs it.
    """

    factory: str
    options: Mapping[str, object] = field(default_factory=dict)
    calls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """A step of loading, from a worker."""

    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A worker has loaded its engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A worker cannot load its engine."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """A coder asks something."""

    message: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an encounter in the hands of a worker.

    `died` says that the worker ended on it, `untouched` that it ended before it began with it.
    """

    result: CodingResult | Encoded | None = None
    errors: tuple[str, ...] = ()
    seconds: float = 0.0
    died: bool = False
    untouched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An encounter on its way to a worker, with what its coder is likely to ask."""

    encounter: Encounter
    foretold: Foretold


class Crew(Protocol):
    """Workers with an engine each: processes of this machine, or actors of a cluster."""

    def grow(self, count: int) -> None:
        """Start workers up to a count."""

    def room(self) -> Sequence[Any]:
        """Return the workers that can take another encounter, the idlest first."""

    def give(self, worker: Any, index: int, work: Work) -> bool:
        """Hand an encounter to a worker; False when it has died meanwhile."""

    def answers(
        self, *, patience: float, answering: Callable[[int, object], object]
    ) -> Iterator[tuple[int, Answer]]:
        """Wait for news and yield what became of encounters."""

    def close(self) -> None:
        """End all workers."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    """A process, our ends of its pipes, and the encounters it has in hand, the first begun."""

    process: BaseProcess
    pipe: Connection
    replies: Connection
    ready: bool = False
    jobs: deque[int] = field(default_factory=deque)
    since: float = 0.0


class Processes:
    """The worker processes of one run."""

    def __init__(self, recipe: Recipe, report: LoadReport) -> None:
        self._recipe = recipe
        self._report = report
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self._most = sys.maxsize

    def grow(self, count: int) -> None:
        """Start workers up to a count, the second only when the first has loaded its engine.

        The first may have to build what the others then find in the cache.
        """
        while len(self._workers) < min(count, max(1, self._most)) and (
            not self._workers or any(worker.ready for worker in self._workers)
        ):
            ours, theirs = self._context.Pipe()
            told, replies = self._context.Pipe(duplex=False)
            process = self._context.Process(
                target=_serve,
                args=(theirs, told, self._recipe),
                name="chartproof-worker",
                daemon=True,
            )
            with _interrupts_held():
                process.start()
            theirs.close()  # so that the worker's death closes the pipe
            told.close()
            self._workers.append(_Worker(process=process, pipe=ours, replies=replies))

    def room(self) -> list[_Worker]:
        """Return the workers that can take another encounter, the idlest first."""
        free = [each for each in self._workers if each.ready and len(each.jobs) < DEPTH]
        return sorted(free, key=lambda worker: len(worker.jobs))

    def give(self, worker: _Worker, index: int, work: Work) -> bool:
        """Hand an encounter to a worker; False when it has died meanwhile."""
        try:
            worker.pipe.send(work)
        except OSError:
            return False  # its death is heard with the encounters it had
        if not worker.jobs:
            worker.since = time.monotonic()
        worker.jobs.append(index)
        return True

    def answers(
        self, *, patience: float, answering: Callable[[int, object], object]
    ) -> Iterator[tuple[int, Answer]]:
        """Wait for news and yield what became of encounters in the hands of workers."""
        news = set(wait([worker.pipe for worker in self._workers], timeout=1.0))
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.pipe in news:
                yield from self._hear(worker, answering)
            elif worker.jobs and now - worker.since > patience:
                late, *others = worker.jobs
                self._bury(worker)
                yield late, Answer(errors=(TOO_LONG.format(seconds=patience),))
                yield from ((index, Answer(untouched=True)) for index in others)

    def _hear(
        self, worker: _Worker, answering: Callable[[int, object], object]
    ) -> Iterator[tuple[int, Answer]]:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._death(worker)
            return
        if isinstance(message, Answer) and worker.jobs:
            worker.since = time.monotonic()
            yield worker.jobs.popleft(), message
        elif isinstance(message, Calling) and worker.jobs:
            reply = answering(worker.jobs[0], message.message)
            with suppress(OSError):  # a worker that died meanwhile is met when it is next heard
                worker.replies.send(reply)
        elif isinstance(message, Ready):
            worker.ready = True
            self._failed_starts = 0
        elif isinstance(message, Loading):
            self._report(message.label, message.done, message.total)
        elif isinstance(message, Broken):
            raise BatchError(message.sentence)

    def _death(self, worker: _Worker) -> Iterator[tuple[int, Answer]]:
        jobs, ready = list(worker.jobs), worker.ready
        cause = self._bury(worker)
        if jobs:
            yield jobs[0], Answer(errors=(DIED.format(cause=cause),), died=True)
            yield from ((index, Answer(untouched=True)) for index in jobs[1:])
        elif not ready:
            self._failed_starts += 1
            if self._failed_starts < ATTEMPTS:
                return
            if any(each.ready for each in self._workers):
                self._most = len(self._workers)  # fewer will do
            else:
                raise BatchError(
                    f"The analysis process ended while loading ({cause}). Check free memory, then "
                    "remove the cache folder that `chartproof info` names and try again."
                )

    def _bury(self, worker: _Worker) -> str:
        """Make sure a worker is gone and return how it ended."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.replies.close()
        worker.process.join(timeout=1.0)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        code = worker.process.exitcode or 0
        worker.process.close()
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            with suppress(OSError):
                if not worker.jobs and worker.ready:
                    worker.pipe.send(None)
                else:
                    worker.process.terminate()
        for worker in list(self._workers):
            self._bury(worker)


def spare_torch() -> None:
    """Keep spaCy from loading torch where it is installed for training.

    No stage uses it here; it would cost each worker 180 MB and seconds.
    """
    sys.modules.setdefault("torch", None)  # type: ignore[arg-type]


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl+C back while a worker starts.

    The mask is inherited: the worker never meets an interrupt before it has said what to do with
    one, and this process meets it as soon as the mask is lifted.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, replies: Connection, recipe: Recipe) -> None:
    """Load an engine and answer encounters until None comes or the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    spare_torch()
    os.dup2(2, 1)  # whatever a library prints, standard output belongs to results
    with suppress(EOFError, OSError):
        caller = _Caller(pipe, replies)
        code = _load(pipe, recipe, caller)
        if code is None:
            return
        pipe.send(Ready())
        while (work := pipe.recv()) is not None:
            caller.foretold = work.foretold
            pipe.send(answer(code, work.encounter))


def _load(pipe: Connection, recipe: Recipe, caller: "_Caller") -> Coder | None:
    """Return the coder of a recipe; None when that failed and the other end was told why."""
    try:
        return load(
            recipe,
            caller,
            lambda label, done, total: pipe.send(Loading(label=label, done=done, total=total)),
        )
    except Exception as error:  # noqa: BLE001 - every fault of loading ends the run in a sentence
        pipe.send(Broken(sentence=sentence(error)))
        return None


def load(recipe: Recipe, call: Call | None, report: LoadReport) -> Coder:
    """Return the coder of a recipe, which may ask through `call` where the recipe says so."""
    module, _, name = recipe.factory.partition(":")
    options = {**recipe.options, **({"call": call} if recipe.calls else {})}
    coder: Coder = getattr(importlib.import_module(module), name)(**options, report=report)
    return coder


class _Caller:
    """Asks the other end of a pipe and waits, one call at a time from any thread.

    What was foretold with the encounter is not asked: the other end may be busy storing.
    """

    def __init__(self, pipe: Connection, replies: Connection) -> None:
        self._pipe = pipe
        self._replies = replies
        self._turn = threading.Lock()
        self.foretold: Foretold = {}

    def __call__(self, message: object) -> object:
        if isinstance(message, Provenance) and message in self.foretold:
            return self.foretold[message]
        with self._turn:
            self._pipe.send(Calling(message=message))
            return self._replies.recv()


def answer(code: Coder, encounter: Encounter, *, through: type[Exception] | None = None) -> Answer:
    """Return what a coder makes of an encounter; a fault costs this encounter alone.

    What is of the kind `through` is no fault, and passes.
    """
    start = time.perf_counter()
    try:
        result, errors = code(encounter), ()
    except Exception as error:
        if through is not None and isinstance(error, through):
            raise
        return Answer(result=None, errors=(sentence(error),), seconds=time.perf_counter() - start)
    return Answer(result=result, errors=errors, seconds=time.perf_counter() - start)
