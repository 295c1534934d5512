"""A job run in the foreground: its plan from options, and its rows with progress on a bar."""

import importlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import UsageError, coding, compose
from app.assembly import Intake
from app.chatsettings import Mode
from app.coding import Coded
from app.crew import Crew, LoadReport, Processes, Recipe
from app.jobs import Job, Plan
from app.jobs.work import work
from app.progress import Bars
from app.reading.remote import check, is_address
from app.settings import Settings
from audit import Store, Where
from pipeline.model import Route, Scope, Setting

_GLIMPSE = 2.0
"""Seconds over which the rate on the bar is taken."""


def root(settings: Settings) -> Path:
    """Return the folder of all jobs."""
    return settings.state / "jobs"


def plan(
    settings: Settings,
    paths: Sequence[Path | str],
    *,
    store: Where,
    scope: Scope | None,
    setting: Setting | None,
    encounters: Path | None,
    workers: int | None,
    watch: float = 0.0,
    cluster: str = "",
) -> Plan:
    """Return the plan that options and settings make; strings among the paths may be addresses.

    Raises:
        UsageError: an address may hold a secret, or is to be watched.
    """
    addresses = [path for path in paths if isinstance(path, str) and is_address(path)]
    for address in addresses:
        check(address)
    if addresses and watch:
        raise UsageError("--watch looks at folders of this machine; start a job for an address.")
    return Plan(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        paths=tuple(
            str(path) if path in addresses else os.path.abspath(path)  # noqa: PTH100 - keeps links
            for path in paths
        ),
        store=str(store),
        scope=scope or settings.scope,
        workers=workers or settings.workers,
        setting=setting or settings.setting,
        encounters=None if encounters is None else str(encounters.absolute()),
        watch=watch,
        cluster=cluster,
    )


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
