"""How far the jobs are that run on a store now, whichever process works on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app import AppError
from app.jobs import LEDGER, Job, jobs
from app.jobs.ledger import FAILED, QUARANTINED, Follower


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """A running job: encounters and files in all, dealt with and failed; a second, seconds left.

    `lanes` counts what is coded by lane. `total` is 0 while its input is read.
    """

    job: str
    total: int
    done: int
    failed: int
    per_second: float
    seconds_left: int | None
    lanes: Mapping[str, int]


class Pulses:
    """Looks at the ledgers of the jobs on one store; keeps what it has read of those that run."""

    def __init__(self, root: Path, store: str) -> None:
        """`root` is the folder of all jobs, `store` the one their plans name."""
        self._root = root
        self._store = store
        self._ours: dict[str, bool] = {}
        self._followed: dict[str, Follower] = {}
        self._over: dict[str, int] = {}

    def look(self) -> tuple[Pulse, ...]:
        """Return the jobs that run now, oldest first.

        Raises:
            AppError: the folder of the jobs or a ledger cannot be read.
        """
        try:
            return self._look()
        except OSError as error:
            raise AppError(
                f"How far jobs are cannot be read from {self._root} ({error.strerror}); it is "
                "shown again as soon as it can be."
            ) from None

    def _look(self) -> tuple[Pulse, ...]:
        running = [job for job in jobs(self._root) if self._is_ours(job) and self._runs(job)]
        for name in set(self._followed) - {job.id for job in running}:
            del self._followed[name]
        return tuple(self._pulse(job) for job in running)

    def _is_ours(self, job: Job) -> bool:
        if job.id not in self._ours:
            try:
                self._ours[job.id] = job.plan.store == self._store
            except AppError:
                self._ours[job.id] = False
        return self._ours[job.id]

    def _runs(self, job: Job) -> bool:
        """Tell whether a job runs, without taking the lock of one that is known to be finished.

        Begun again, it is seen when its ledger grows: as soon as its input is read.
        """
        size = job.ledger.size
        if self._over.get(job.id) == size:
            return False
        if job.running:
            return True
        if job.ledger.at_end:
            self._over[job.id] = size
        return False

    def _pulse(self, job: Job) -> Pulse:
        follower = self._followed.setdefault(job.id, Follower(job.folder / LEDGER))
        tally = follower.look()
        counts = tally.counts
        return Pulse(
            job=job.id,
            total=tally.total,
            done=tally.dealt,
            failed=counts[FAILED] + counts[QUARANTINED],
            per_second=tally.rate,
            seconds_left=tally.seconds_left,
            lanes=dict(tally.lanes),
        )
