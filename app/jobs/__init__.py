"""Batch jobs: what was asked, how far it got, and going on from there.

The store is the truth: a piece of work is keyed by the encounter and the provenance, so that
running a job again adds nothing, whatever moment it was killed at. A job's folder under the user's
state folder holds only the plan and a ledger of keyed digests, case ids, lanes and seconds: no name
of a patient and no word of a note.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from app import AppError, UsageError
from app.jobs.ledger import Ledger
from pipeline.model import Scope, Setting

PLAN, LEDGER, LOCK, CANCEL = "plan.json", "ledger.jsonl", "lock", "cancel"

_MOMENT = 1.0
"""Seconds to wait for a job's lock: whoever only asks whether it runs has it for an instant."""

_INSTANT = 0.05
"""Seconds after which whoever has the lock is taken to work on the job."""


class JobRunningError(AppError):
    """Another process works on the job."""


class Plan(BaseModel):
    """What a job is to do; written once, when it is started.

    `watch` is in seconds, 0 for once; `cluster` is the address of a Ray cluster, "" for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    created: str
    paths: tuple[str, ...]
    store: str
    scope: Scope
    workers: int
    setting: Setting | None = None
    encounters: str | None = None
    watch: float = 0.0
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A job by its folder."""

    folder: Path

    @property
    def id(self) -> str:
        """Return the name people call it by."""
        return self.folder.name

    @property
    def plan(self) -> Plan:
        """Return what it is to do; AppError where its file cannot be read."""
        try:
            return Plan.model_validate_json((self.folder / PLAN).read_bytes())
        except (OSError, ValidationError):
            raise AppError(
                f"The plan of the job {self.id} cannot be read; start the job anew."
            ) from None

    @property
    def ledger(self) -> Ledger:
        """Return how far it got."""
        return Ledger(self.folder / LEDGER)

    @property
    def cancelled(self) -> bool:
        """Tell whether somebody cancelled it."""
        return (self.folder / CANCEL).exists()

    def cancel(self) -> None:
        """Ask whoever works on the job to stop; what is coded stays."""
        (self.folder / CANCEL).touch(mode=0o600)

    def lock(self) -> FileLock:
        """Take the job for this process; the system frees it when the process ends, however.

        Raises:
            JobRunningError: another process has it.
        """
        return self._taken(_MOMENT)

    def _taken(self, patience: float) -> FileLock:
        lock = FileLock(self.folder / LOCK, timeout=patience, preserve_lock_file=True, mode=0o600)
        try:
            lock.acquire(poll_interval=0.01)
        except Timeout:
            raise JobRunningError(
                f"The job {self.id} is being worked on by another process; `chartproof batch "
                f"status {self.id}` shows how far it is."
            ) from None
        return lock

    @property
    def running(self) -> bool:
        """Tell whether a process works on it now; one that only asks as well is waited for."""
        try:
            self._taken(_INSTANT).release()
        except JobRunningError:
            return True
        return False

    @property
    def state(self) -> str:
        """Return running, finished, cancelled or stopped."""
        if self.running:
            return "running"
        if self.cancelled:
            return "cancelled"
        return "finished" if self.ledger.tally().finished else "stopped"


def begin(root: Path, plan: Plan) -> Job:
    """Make the folder of a new job, flushed to the disk."""
    stamp = datetime.fromisoformat(plan.created).strftime("%Y%m%d-%H%M%S")
    folder = root / f"{stamp}-{secrets.token_hex(2)}"
    try:
        folder.mkdir(parents=True, mode=0o700)
        partial = folder / f"{PLAN}.partial"
        partial.write_text(plan.model_dump_json(), encoding="utf-8")
        partial.chmod(0o600)
        partial.rename(folder / PLAN)
    except OSError as error:
        raise AppError(
            f"A job cannot be started: {folder} cannot be written ({error.strerror})."
        ) from None
    return Job(folder)


def jobs(root: Path) -> Iterator[Job]:
    """Yield the jobs, oldest first."""
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if (folder / PLAN).is_file():
            yield Job(folder)


def find(root: Path, name: str | None) -> Job:
    """Return the job of this name or its beginning, the newest without a name.

    Raises:
        UsageError: there is none, or more than one.
    """
    found = [job for job in jobs(root) if name is None or job.id.startswith(name)]
    if not found:
        raise UsageError(
            f"There is no job {name}; `chartproof batch status --all` lists them."
            if name
            else "There is no job yet; start one with `chartproof batch start PATH…`."
        )
    if name is not None and len(found) > 1 and found[-1].id != name:
        raise UsageError(f"{name} is the beginning of {len(found)} jobs; give more of it.")
    return found[-1]
