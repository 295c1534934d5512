"""A job run in the foreground: its rows, with progress on a bar."""

import importlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from app import UsageError, coding, compose
from app.assembly import Intake
from app.chatsettings import Mode
from app.coding import Coded
from app.crew import Crew, LoadReport, Processes, Recipe
from app.jobs import Job
from app.jobs.work import work
from app.progress import Bars
from app.settings import Settings
from audit import Store
from pipeline.model import Route

_GLIMPSE = 2.0
"""Seconds over which the rate on the bar is taken."""


def rows(
    job: Job,
    store: Store,
    settings: Settings,
    bars: Bars,
    *,
    first: Intake | None = None,
    retry: bool = False,
    told: Callable[[str], None] = lambda _sentence: None,
) -> Iterator[Coded]:
    """Work on a job and yield its rows; the bar shows rate, time left and lanes."""
    plan = job.plan
    means = coding.Job(
        store=store,
        releases=compose.open_releases(settings, report=bars.load),
        recipe=compose.recipe(settings, plan.scope, store),
        scope=plan.scope,
        workers=plan.workers,
        answering=compose.clerk(settings, store),
        crew_of=_crew_of(plan.cluster, settings),
    )
    show = bars.live("Coding")
    pace = _Pace()
    for step in work(job, means, first=first, retry=retry, report=bars.load, told=told):
        yield step.row
        show(step.total, pace.told(step.row))


def _crew_of(address: str, settings: Settings) -> Callable[[Recipe, LoadReport], Crew]:
    """Return what makes workers: processes here, or actors of a cluster, loaded when asked for."""
    if not address:
        return Processes
    if settings.chat.mode is not Mode.OFF:
        raise UsageError("A chat model cannot be asked from a cluster; switch it off.")
    cluster: Any = importlib.import_module("app.cluster")
    crew: Callable[[Recipe, LoadReport], Crew] = cluster.Cluster(address).crew
    return crew


class _Pace:
    """What the bar says beside the count: encounters a second lately, and the mix of lanes."""

    def __init__(self) -> None:
        self._lanes: Counter[str] = Counter()
        self._since, self._count, self._rate = time.monotonic(), 0, 0.0

    def told(self, row: Coded) -> str:
        self._lanes["failed" if row.failed else row.lane.value] += 1
        self._count += 1
        passed = time.monotonic() - self._since
        if passed >= _GLIMPSE:
            self._rate, self._count = self._count / passed, 0
            self._since = time.monotonic()
        lanes = ", ".join(
            f"{self._lanes[name]} {name}"
            for name in (*(route.value for route in reversed(Route)), "failed")
            if self._lanes[name]
        )
        return f"{self._rate:.1f}/s, {lanes}" if self._rate else lanes
