"""How far the coding of files is, as the window shows it: in words, and as a share."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.jobs.pulse import Pulse
from app.wording import count, say
from app.worklist import LANES


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the coding of files is; `total` is 0 while that is not known.

    `pulse` is what the ledger of its job says, `others` how many jobs of other processes run on
    this store. Where nothing is coded from this window, it is the newest of theirs that is shown.
    """

    running: bool = False
    job: str = ""
    pulse: Pulse | None = None
    others: int = 0
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
        if not self.running and self.pulse is not None:
            parts = [say("intake", "elsewhere")]
            done, total, failed = self.pulse.done, self.pulse.total, self.pulse.failed
        else:
            parts = [self.step or say("intake", "coding")]
            done, total, failed = self.done, 0 if self.step else self.total, self.failed
        if total:
            parts.append(f"{done:,} of {count(total, 'encounter')}")
        if failed:
            parts.append(say("intake", "failed", number=f"{failed:,}"))
        parts += _pace(self.pulse)
        others = self.others - (not self.running)
        if others > 0:
            parts.append(say("intake", "others", number=count(others, "other job")))
        return "  ·  ".join(parts)

    def hint(self) -> str:
        """Return what else there is to know: all of the words, and how to ask for the job."""
        if not self.running and self.pulse is not None:
            return f"{self.told()}\n{say('intake', 'status', job=self.pulse.job)}"
        return self.told()

    @property
    def shown(self) -> bool:
        """Return whether there is anything to show."""
        return self.running or self.pulse is not None

    @property
    def share(self) -> tuple[int, int]:
        """Return how much is done and how much there is; 0 of 0 where that is not known."""
        if not self.running and self.pulse is not None:
            return self.pulse.done, self.pulse.total
        return self.done, 0 if self.step else self.total


def _pace(pulse: Pulse | None) -> Iterator[str]:
    """Yield what a ledger says beside the count: time left, rate, lanes."""
    if pulse is None:
        return
    if pulse.seconds_left:
        hours, minutes = divmod(max(1, round(pulse.seconds_left / 60)), 60)
        time = f"{hours} h {minutes} min" if hours else f"{minutes} min"
        yield say("intake", "left", time=time)
    if pulse.per_second:
        yield say("intake", "rate", number=f"{pulse.per_second:.1f}")
    lanes = ", ".join(
        f"{pulse.lanes[lane]:,} {say('lane_tabs', lane).lower()}"
        for lane in LANES
        if pulse.lanes.get(lane)
    )
    if lanes:
        yield lanes
