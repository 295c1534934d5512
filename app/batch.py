"""Many encounters through the pipeline, in worker processes, in the order they came.

Each worker is a spawned process with one engine of its own, so that native code can neither block
nor end this process; only frozen values travel. The caller is the one writer: outcomes are yielded
in input order whatever the number of workers, and what was yielded is all the caller has to store.
A worker that dies costs its encounter alone: it is tried once more in a new process, and fails with
a sentence if it dies again.
"""

import importlib
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import ceil
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from app import AppError
from app.faults import sentence
from pipeline.model import CodingResult, Encounter

_DIED = (
    "The analysis process ended unexpectedly ({cause}) on this encounter; code it by hand and "
    "report it."
)
_TOO_LONG = (
    "The analysis took longer than {seconds:.0f} s and was ended; split the encounter's notes or "
    "code it by hand."
)

Coder = Callable[[Encounter], CodingResult | None]
"""Returns None where the one that runs it said that the result is known already."""

Call = Callable[[object], object]
"""What a coder may ask of this process while it codes, and waits for (`Recipe.calls`)."""

Answering = Callable[[Encounter, object], object]
"""What answers such a call, on behalf of the encounter in hand."""

LoadReport = Callable[[str, int, int], None]
"""Receives the name of a step of loading, how much is done and how much there is in all."""

ATTEMPTS = 2
PATIENCE = 900.0
"""Seconds one encounter may take before its worker is ended: against a hang, not slowness."""

WORTH = 8
"""Encounters that are worth one more worker: loading an engine takes as long as coding some."""

AHEAD = 4
"""Encounters per worker that may be finished before the one whose turn it is."""


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
class Outcome:
    """What became of an encounter: a result, or sentences why there is none; wall seconds.

    With neither, the result is known already.
    """

    encounter: Encounter
    result: CodingResult | None = None
    errors: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loading:
    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Broken:
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    message: object


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    result: CodingResult | None = None
    errors: tuple[str, ...] = ()
    seconds: float = 0.0
    died: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    """A process, our end of its pipe, and the encounter it has in hand."""

    process: BaseProcess
    pipe: Connection
    ready: bool = False
    job: int | None = None
    since: float = 0.0


def run(
    encounters: Sequence[Encounter],
    *,
    recipe: Recipe,
    workers: int = 1,
    report: LoadReport | None = None,
    patience: float = PATIENCE,
    answering: Answering | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Generator[Outcome]:
    """Yield the outcome of each encounter, in order; closing the iterator ends the workers.

    `answering` is asked, in this process, what a coder of a recipe with `calls` asks. `stopped` is
    asked every second or more often; where it says True the workers end and nothing more comes.

    Raises:
        BatchError: the engine cannot be loaded; the sentence says why.
    """
    crew = _Crew(recipe, report=report or (lambda _label, _done, _total: None))
    waiting = deque(range(len(encounters)))
    deaths: Counter[int] = Counter()
    finished: dict[int, Outcome] = {}
    turn = 0

    def answer_of(index: int, message: object) -> object:
        return None if answering is None else answering(encounters[index], message)

    try:
        while turn < len(encounters) and not (stopped is not None and stopped()):
            unfinished = len(encounters) - turn - len(finished)
            crew.grow(min(workers, ceil(unfinished / WORTH)))
            for worker in crew.idle():
                if waiting and waiting[0] < turn + AHEAD * workers:
                    index = waiting.popleft()
                    if not crew.give(worker, index, encounters[index]):
                        waiting.appendleft(index)
            for index, answer in crew.answers(patience=patience, answering=answer_of):
                deaths[index] += answer.died
                if answer.died and deaths[index] < ATTEMPTS:
                    waiting.appendleft(index)
                    continue
                finished[index] = Outcome(
                    encounter=encounters[index],
                    result=answer.result,
                    errors=answer.errors,
                    seconds=answer.seconds,
                )
            while turn in finished:
                yield finished.pop(turn)
                turn += 1
    finally:
        crew.close()


class _Crew:
    """The worker processes of one run."""

    def __init__(self, recipe: Recipe, *, report: LoadReport) -> None:
        self._recipe = recipe
        self._report = report
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._failed_starts = 0

    def grow(self, count: int) -> None:
        """Start workers up to a count, the second only when the first has loaded its engine.

        The first may have to build what the others then find in the cache.
        """
        while len(self._workers) < count and (
            not self._workers or any(worker.ready for worker in self._workers)
        ):
            ours, theirs = self._context.Pipe()
            process = self._context.Process(
                target=_serve, args=(theirs, self._recipe), name="chartproof-worker", daemon=True
            )
            with _interrupts_held():
                process.start()
            theirs.close()  # so that the worker's death closes the pipe
            self._workers.append(_Worker(process=process, pipe=ours))

    def idle(self) -> list[_Worker]:
        """Return the workers that wait for an encounter."""
        return [worker for worker in self._workers if worker.ready and worker.job is None]

    def give(self, worker: _Worker, index: int, encounter: Encounter) -> bool:
        """Hand an encounter to an idle worker; False when it has died meanwhile."""
        try:
            worker.pipe.send(encounter)
        except OSError:
            self._bury(worker)
            return False
        worker.job, worker.since = index, time.monotonic()
        return True

    def answers(
        self, *, patience: float, answering: Callable[[int, object], object]
    ) -> Iterator[tuple[int, _Answer]]:
        """Wait for news and yield what became of encounters in the hands of workers."""
        news = set(wait([worker.pipe for worker in self._workers], timeout=1.0))
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.pipe in news:
                yield from self._hear(worker, answering)
            elif worker.job is not None and now - worker.since > patience:
                index = worker.job
                self._bury(worker)
                yield index, _Answer(errors=(_TOO_LONG.format(seconds=patience),))

    def _hear(
        self, worker: _Worker, answering: Callable[[int, object], object]
    ) -> Iterator[tuple[int, _Answer]]:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._death(worker)
            return
        if isinstance(message, _Answer) and worker.job is not None:
            index, worker.job = worker.job, None
            yield index, message
        elif isinstance(message, _Call) and worker.job is not None:
            answer = answering(worker.job, message.message)
            with suppress(OSError):  # a worker that died meanwhile is met when it is next heard
                worker.pipe.send(answer)
        elif isinstance(message, _Ready):
            worker.ready = True
            self._failed_starts = 0
        elif isinstance(message, _Loading):
            self._report(message.label, message.done, message.total)
        elif isinstance(message, _Broken):
            raise BatchError(message.sentence)

    def _death(self, worker: _Worker) -> Iterator[tuple[int, _Answer]]:
        index, ready = worker.job, worker.ready
        cause = self._bury(worker)
        if index is not None:
            yield index, _Answer(errors=(_DIED.format(cause=cause),), died=True)
        elif not ready:
            self._failed_starts += 1
            if self._failed_starts >= ATTEMPTS:
                raise BatchError(
                    f"The analysis process ended while loading ({cause}). Check free memory, then "
                    "remove the cache folder that `chartproof info` names and try again."
                )

    def _bury(self, worker: _Worker) -> str:
        """Make sure a worker is gone and return how it ended."""
        self._workers.remove(worker)
        worker.pipe.close()
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
                if worker.job is None and worker.ready:
                    worker.pipe.send(None)
                else:
                    worker.process.terminate()
        for worker in list(self._workers):
            self._bury(worker)


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


def _serve(pipe: Connection, recipe: Recipe) -> None:
    """Load an engine and answer encounters until None comes or the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    os.dup2(2, 1)  # whatever a library prints, standard output belongs to results
    with suppress(EOFError, OSError):
        code = _load(pipe, recipe)
        if code is None:
            return
        pipe.send(_Ready())
        while (encounter := pipe.recv()) is not None:
            pipe.send(_answer(code, encounter))


def _load(pipe: Connection, recipe: Recipe) -> Coder | None:
    """Return the coder of a recipe; None when that failed and the other end was told why."""
    try:
        module, _, name = recipe.factory.partition(":")
        coder: Coder = getattr(importlib.import_module(module), name)(
            **recipe.options,
            **({"call": _caller(pipe)} if recipe.calls else {}),
            report=lambda label, done, total: pipe.send(
                _Loading(label=label, done=done, total=total)
            ),
        )
    except Exception as error:  # noqa: BLE001 - every fault of loading ends the run in a sentence
        pipe.send(_Broken(sentence=sentence(error)))
        return None
    return coder


def _caller(pipe: Connection) -> Call:
    """Return what asks the other end of a pipe and waits, one call at a time from any thread."""
    turn = threading.Lock()

    def call(message: object) -> object:
        with turn:
            pipe.send(_Call(message=message))
            return pipe.recv()

    return call


def _answer(code: Coder, encounter: Encounter) -> _Answer:
    start = time.perf_counter()
    try:
        result, errors = code(encounter), ()
    except Exception as error:  # noqa: BLE001 - one encounter's fault must not cost the others
        return _Answer(result=None, errors=(sentence(error),), seconds=time.perf_counter() - start)
    return _Answer(result=result, errors=errors, seconds=time.perf_counter() - start)
