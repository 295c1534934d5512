"""The plan of a new job, from options and settings; where jobs lie."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from app import UsageError
from app.jobs import Plan
from app.reading.remote import check, is_address
from app.settings import Settings
from audit import Where
from pipeline.model import Scope, Setting


def root(settings: Settings) -> Path:
    """Return the folder of all jobs."""
    return settings.state / "jobs"


def plan(
    settings: Settings,
    paths: Sequence[Path | str],
    *,
    store: Where,
    scope: Scope | None = None,
    setting: Setting | None = None,
    encounters: Path | None = None,
    workers: int | None = None,
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
