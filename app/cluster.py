"""Workers as Ray actors on the machines of a cluster (`--cluster ADDRESS`, extra `cluster`).

Each actor loads the engine once, on its own machine, and answers encounters; this process alone
writes. An actor or a machine that is lost costs the encounters it had in hand, which go to another.
An actor cannot ask this process while it analyses: what it wants to know is foretold with the
encounter, or it hands the encounter back with its question. A machine whose program, rules, models
or releases are not those of this one is refused.
"""

import logging
import os
import platform
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from app import UsageError
from app.crew import (
    ATTEMPTS,
    DEPTH,
    DIED,
    TOO_LONG,
    Answer,
    BatchError,
    Coder,
    Crew,
    Foretold,
    LoadReport,
    Recipe,
    Work,
    answer,
    load,
    spare_torch,
)
from app.faults import sentence
from app.sameness import differing, holds
from pipeline.model import Provenance

_WAIT = 1.0
_LOADING = 600.0
"""Seconds an actor may take to find its machine and load its engine."""


class _Asked(Exception):  # noqa: N818 - an answer, not an error
    """The coder wants to know something that was not foretold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """An actor that tried to load: its machine, what that holds, the sentence of a fault or "".

    Nothing is held where the fault is that it cannot be read.
    """

    machine: str
    holds: Mapping[str, str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """An encounter handed back, with what its coder wants to know first."""

    message: object


class Actor:
    """What lives on a machine of the cluster: a coder, loaded once."""

    def __init__(self, recipe: Recipe) -> None:
        """Load the engine; the sentence of a fault is kept until `ready` asks for it."""
        spare_torch()
        self._foretold: Foretold = {}
        self._coder: Coder | None = None
        self._fault = ""
        self._holds: Mapping[str, str] = {}
        try:
            self._holds = holds(recipe)
            self._coder = load(recipe, self._call, lambda _label, _done, _total: None)
        except Exception as error:  # noqa: BLE001 - every fault of loading ends the run in a sentence
            self._fault = sentence(error)

    def ready(self) -> Loaded:
        """Return what was loaded where, or why it cannot be."""
        return Loaded(machine=platform.node(), holds=self._holds, fault=self._fault)

    def code(self, work: Work) -> Answer | Question:
        """Return what became of an encounter, or what has to be known first."""
        assert self._coder is not None
        self._foretold = work.foretold
        try:
            return answer(self._coder, work.encounter, through=_Asked)
        except _Asked as asked:
            return Question(asked.args[0])

    def _call(self, message: object) -> object:
        if isinstance(message, Provenance) and message in self._foretold:
            return self._foretold[message]
        raise _Asked(message)


@dataclass(slots=True, kw_only=True, eq=False)
class _Member:
    """An actor with what it has in hand: index and work by the reference of its answer."""

    handle: Any
    ready: Any
    begun: float
    loaded: bool = False
    jobs: deque[tuple[Any, int, Work]] = field(default_factory=deque)


class Cluster:
    """Makes crews on one cluster; a context manager's worth of connection, kept for the process."""

    def __init__(self, address: str) -> None:
        """Connect to a running cluster.

        Raises:
            UsageError: Ray is not installed, or there is no cluster at the address.
        """
        # Nothing is reported to anybody, whatever Ray's own default is.
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        try:
            import ray  # noqa: PLC0415 - an extra
        except ImportError:
            raise UsageError(
                "--cluster needs Ray, which is missing; install chartproof[cluster]."
            ) from None
        self._ray = ray
        try:
            ray.init(
                address=address,
                ignore_reinit_error=True,
                log_to_driver=False,
                logging_level=logging.ERROR,
                namespace="chartproof",
            )
        except (ConnectionError, RuntimeError, ValueError, TimeoutError):
            raise UsageError(
                f"There is no Ray cluster at {address}; start one with `ray start --head`, or "
                "correct the address."
            ) from None

    def crew(self, recipe: Recipe, report: LoadReport) -> Crew:
        """Return workers that are actors of this cluster."""
        return Actors(recipe, report, ray=self._ray)

    def close(self) -> None:
        """Let go of the cluster."""
        self._ray.shutdown()


class Actors:
    """The actors of one run."""

    def __init__(self, recipe: Recipe, report: LoadReport, *, ray: Any) -> None:
        self._recipe = recipe
        self._report = report
        self._ray = ray
        self._kind = ray.remote(num_cpus=1, max_restarts=0)(Actor)
        self._members: list[_Member] = []
        self._failed_starts = 0
        self._most = sys.maxsize
        self._holds = holds(recipe)

    def grow(self, count: int) -> None:
        """Start actors up to a count; the cluster says where."""
        while len(self._members) < min(count, self._most):
            handle = self._kind.remote(self._recipe)
            self._members.append(
                _Member(handle=handle, ready=handle.ready.remote(), begun=time.monotonic())
            )
            self._report("Loading on the cluster", 0, count)

    def room(self) -> list[_Member]:
        """Return the actors that can take another encounter, the idlest first."""
        free = [each for each in self._members if each.loaded and len(each.jobs) < DEPTH]
        return sorted(free, key=lambda member: len(member.jobs))

    def give(self, member: _Member, index: int, work: Work) -> bool:
        """Hand an encounter to an actor."""
        if not member.jobs:
            member.begun = time.monotonic()
        member.jobs.append((member.handle.code.remote(work), index, work))
        return True

    def answers(
        self, *, patience: float, answering: Callable[[int, object], object]
    ) -> Iterator[tuple[int, Answer]]:
        """Wait for news and yield what became of encounters in the hands of actors."""
        watched = {
            (member.jobs[0][0] if member.loaded else member.ready): member
            for member in self._members
            if member.jobs or not member.loaded
        }
        if not watched:
            return
        news, _ = self._ray.wait(list(watched), num_returns=1, timeout=_WAIT)
        for reference in news:
            yield from self._hear(watched[reference], reference, answering)
        now = time.monotonic()
        for member in list(self._members):
            late = now - member.begun > (patience if member.loaded else _LOADING)
            if late and (member.jobs or not member.loaded):
                yield from self._end_late(member, patience)

    def _hear(
        self, member: _Member, reference: Any, answering: Callable[[int, object], object]
    ) -> Iterator[tuple[int, Answer]]:
        try:
            value = self._ray.get(reference)
        except self._ray.exceptions.RayError:
            yield from self._death(member)
            return
        if not member.loaded:
            self._refuse_unlike(value)
            member.loaded, self._failed_starts = True, 0
            self._report("Loading on the cluster", 1, 1)
            return
        _, index, work = member.jobs.popleft()
        member.begun = time.monotonic()
        if isinstance(value, Question):
            reply = answering(index, value.message)
            if not isinstance(value.message, Provenance):
                yield index, Answer(errors=(_NO_CALLS,))
                return
            known = {**work.foretold, value.message: reply}
            self.give(member, index, Work(encounter=work.encounter, foretold=known))
            return
        yield index, value

    def _refuse_unlike(self, value: object) -> None:
        """Raise BatchError where an actor is not loaded, or codes with other things than ours."""
        if not isinstance(value, Loaded):
            raise BatchError(
                "A machine of the cluster has another version of the program; install this one "
                "there."
            )
        unlike = differing(self._holds, value.holds) if value.holds else ()
        if unlike:
            raise BatchError(
                f"The machine {value.machine} of the cluster does not have the {', '.join(unlike)} "
                "of this one, and would code otherwise; install the same there, imported releases "
                "included."
            )
        if value.fault:
            raise BatchError(f"On the machine {value.machine} of the cluster: {value.fault}")

    def _death(self, member: _Member) -> Iterator[tuple[int, Answer]]:
        self._members.remove(member)
        with suppress(Exception):
            self._ray.kill(member.handle)
        if not member.loaded:
            self._failed_starts += 1
            if self._failed_starts >= ATTEMPTS:
                raise BatchError(
                    "The analysis process ended while loading on the cluster; check memory and "
                    "the installation of its machines."
                )
        for place, (_, index, _) in enumerate(member.jobs):
            if place:
                yield index, Answer(untouched=True)
            else:
                yield index, Answer(errors=(DIED.format(cause="lost on the cluster"),), died=True)

    def _end_late(self, member: _Member, patience: float) -> Iterator[tuple[int, Answer]]:
        if not member.loaded:
            self._members.remove(member)
            self._ray.kill(member.handle)
            self._most = len(self._members)
            if self._members:
                return  # fewer will do
            raise BatchError(
                f"The cluster gave no room for a worker within {_LOADING:.0f} s; ask for fewer "
                "with --workers, or free processors."
            )
        jobs = [index for _, index, _ in member.jobs]
        self._members.remove(member)
        self._ray.kill(member.handle)
        yield jobs[0], Answer(errors=(TOO_LONG.format(seconds=patience),))
        yield from ((index, Answer(untouched=True)) for index in jobs[1:])

    def close(self) -> None:
        """End all actors."""
        for member in self._members:
            with suppress(Exception):
                self._ray.kill(member.handle)
        self._members.clear()


_NO_CALLS = "A chat model cannot be asked from a cluster; switch it off, or run without --cluster."
