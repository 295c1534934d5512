"""The time that the log writes, and how one sees that a machine's clock went its own way."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection

from audit.site import Site

Clock = Callable[[], datetime]

JUMP_SECONDS = 300.0
"""How far the clock may go its own way between two appends before that is an event."""


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def stamp(clock: Clock) -> str:
    """Return the clock's moment as the log writes it: UTC, ISO 8601, microseconds, `Z`."""
    return clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Watch:
    """The clock of one opened store: this machine's, or the one that many machines share."""

    def __init__(self, clock: Clock, site: Site) -> None:
        self._clock = clock
        self._site = site
        self._beat: tuple[datetime, float] | None = None
        self._next: tuple[datetime, float] | None = None

    def time(self) -> str:
        """Return the present moment on this machine, as the log writes it."""
        return stamp(self._clock)

    def moment(self, connection: Connection) -> str:
        """Return the time of an append."""
        moment = self._site.time(connection) if self._clock is now else None
        return stamp(self._clock if moment is None else lambda: moment)

    def jump(self, ts: str) -> int:
        """Return by how many seconds the clock jumped since the last append here, 0 if not at all.

        Asked of an append alone, which `appended` then ends: what appends nothing cannot say it,
        and what fails does not. It is held against the machine's uptime, which nobody sets. A
        shared store has the clock of its server, which is not this machine's to judge.
        """
        if self._site.shared:
            return 0
        wall, uptime = datetime.fromisoformat(ts), time.monotonic()
        self._next = (wall, uptime)
        if self._beat is None:
            return 0
        jump = (wall - self._beat[0]).total_seconds() - (uptime - self._beat[1])
        return round(jump) if abs(jump) > JUMP_SECONDS else 0

    def appended(self) -> None:
        """Hold the next append against this one, which is stored now."""
        self._beat = self._next
