"""Many encounters through the pipeline, in worker processes, in the order they came.

The caller is the one writer: outcomes are yielded in input order whatever the number of workers,
and what was yielded is all the caller has to store. A worker that dies costs the encounter it had
begun: it is tried once more in another worker, and fails with a sentence if that dies as well.
"""

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from app.crew import (
    ATTEMPTS,
    PATIENCE,
    BatchError,
    Call,
    Coder,
    Crew,
    LoadReport,
    Processes,
    Recipe,
    Work,
)
from app.sameness import agree
from audit.encoded import Encoded
from pipeline.model import CodingResult, Encounter, Provenance

__all__ = ["BatchError", "Call", "Coder", "LoadReport", "Outcome", "Recipe", "run"]

Answering = Callable[[Encounter, object], object]
"""What answers such a call, on behalf of the encounter in hand."""

WORTH = 8
"""Encounters that are worth one more worker: loading an engine takes as long as coding some."""

AHEAD = 4
"""Encounters per worker that may be finished before the one whose turn it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an encounter: a result, or sentences why there is none; wall seconds.

    A coder that encodes what it finds for the log gives `encoded` in place of `result`. With none
    of the three, the result is known already.
    """

    encounter: Encounter
    result: CodingResult | None = None
    encoded: Encoded | None = None
    errors: tuple[str, ...] = ()
    seconds: float = 0.0


def run(
    encounters: Sequence[Encounter],
    *,
    recipe: Recipe,
    workers: int = 1,
    report: LoadReport | None = None,
    patience: float = PATIENCE,
    answering: Answering | None = None,
    stopped: Callable[[], bool] | None = None,
    crew_of: Callable[[Recipe, LoadReport], Crew] = Processes,
) -> Generator[Outcome]:
    """Yield the outcome of each encounter, in order; closing the iterator ends the workers.

    `answering` is asked, in this process, what a coder of a recipe with `calls` asks. `stopped` is
    asked every second or more often; where it says True the workers end and nothing more comes.
    `crew_of` makes the workers: processes of this machine, or actors of a cluster.

    Raises:
        BatchError: the engine cannot be loaded, or workers do not code with the same; the sentence
            says why.
    """
    crew = crew_of(recipe, report or (lambda _label, _done, _total: None))
    line = _Line(encounters, crew, answering, ahead=AHEAD * workers)
    try:
        while line.turn < len(encounters) and not (stopped is not None and stopped()):
            crew.grow(min(workers, ceil(line.unfinished / WORTH)))
            line.hand_out()
            line.hear(patience)
            line.hand_out()  # before the caller stores what comes now
            yield from line.finished()
    finally:
        crew.close()


class _Line:
    """Encounters in the order they came: waiting, in the hands of workers, done but not yet due."""

    def __init__(
        self,
        encounters: Sequence[Encounter],
        crew: Crew,
        answering: Answering | None,
        *,
        ahead: int,
    ) -> None:
        self.turn = 0
        self._encounters = encounters
        self._crew = crew
        self._answering = answering
        self._ahead = ahead
        self._waiting = deque(range(len(encounters)))
        self._deaths: Counter[int] = Counter()
        self._done: dict[int, Outcome] = {}
        self._asked: dict[Provenance, None] = {}

    @property
    def unfinished(self) -> int:
        """Return how many have no outcome yet."""
        return len(self._encounters) - self.turn - len(self._done)

    def hand_out(self) -> None:
        """Give each worker that has room the next encounter."""
        for worker in self._crew.room():
            if not self._waiting or self._waiting[0] >= self.turn + self._ahead:
                return
            index = self._waiting.popleft()
            foretold = {message: self._answer(index, message) for message in tuple(self._asked)}
            work = Work(encounter=self._encounters[index], foretold=foretold)
            if not self._crew.give(worker, index, work):
                self._waiting.appendleft(index)

    def hear(self, patience: float) -> None:
        """Take what the workers answer."""
        for index, answer in self._crew.answers(patience=patience, answering=self._answer):
            self._deaths[index] += answer.died
            if answer.untouched or (answer.died and self._deaths[index] < ATTEMPTS):
                self._waiting.appendleft(index)
                continue
            made = answer.result
            self._done[index] = Outcome(
                encounter=self._encounters[index],
                result=made if isinstance(made, CodingResult) else None,
                encoded=made if isinstance(made, Encoded) else None,
                errors=answer.errors,
                seconds=answer.seconds,
            )

    def finished(self) -> Iterator[Outcome]:
        """Yield the outcomes whose turn it is."""
        while self.turn in self._done:
            yield self._done.pop(self.turn)
            self.turn += 1

    def _answer(self, index: int, message: object) -> object:
        if isinstance(message, Provenance) and message not in self._asked:
            agree(message, self._asked)
            self._asked[message] = None
        if self._answering is None:
            return None
        return self._answering(self._encounters[index], message)
