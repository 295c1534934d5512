"""What asking may cost, and when a server is left alone for a while."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.chat.model import OK, Reply

STRIKES = 5
"""Attempts in a row that must fail before a server is left alone."""

REST = 60.0
"""Seconds it is left alone for; then one attempt tells whether it is back."""

_UNAVAILABLE = frozenset(
    {"server-error", "rate-limited", "timeout", "no-connection", "cut", "unresolved", "not-http"}
)
RETRIED = frozenset({"server-error", "rate-limited", "no-connection", "cut"})
"""Faults after which the same server is asked once more: it may not have begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that may be used, for one encounter or one day; None for no limit of that kind."""

    calls: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    cost: float | None = None

    def spent(self, *, calls: int, tokens: int, seconds: float, cost: float) -> bool:
        """Tell whether any limit is reached."""
        pairs = (
            (self.calls, calls),
            (self.tokens, tokens),
            (self.seconds, seconds),
            (self.cost, cost),
        )
        return any(most is not None and used >= most for most, used in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a million tokens cost, in the currency of the limits; 0 for one's own server."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def of(self, reply: Reply) -> float:
        """Return what a reply cost, by the tokens the server counted."""
        used = self.tokens_in * (reply.tokens_in or 0) + self.tokens_out * (reply.tokens_out or 0)
        return used / 1_000_000


@dataclass(slots=True, kw_only=True)
class Spending:
    """What one encounter has used so far, of what it may use."""

    limits: Limits
    prices: Prices
    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0

    def charge(self, reply: Reply) -> None:
        """Count a reply; what never left costs nothing."""
        if reply.sent:
            self.calls += 1
            self.tokens += (reply.tokens_in or 0) + (reply.tokens_out or 0)
            self.seconds += reply.milliseconds / 1000
            self.cost += self.prices.of(reply)

    def grants(self, questions: int, attempts: int) -> list[int]:
        """Return how many attempts each of some questions may make, asked at the same time.

        Calls are dealt out before they are made, so that the limit holds and the order in which
        replies come changes nothing. The other limits are looked at between rounds.
        """
        if self.limits.spent(
            calls=self.calls, tokens=self.tokens, seconds=self.seconds, cost=self.cost
        ):
            return [0] * questions
        if self.limits.calls is None:
            return [attempts] * questions
        left = self.limits.calls - self.calls
        shared, over = divmod(left, questions)
        return [min(attempts, shared + (number < over)) for number in range(questions)]

    def seconds_left(self) -> float | None:
        """Return the seconds that one more question may take."""
        return None if self.limits.seconds is None else self.limits.seconds - self.seconds


@dataclass(slots=True)
class Breaker:
    """Leaves each server alone after failures in a row, and tries it once when it has rested."""

    now: Callable[[], float]
    _strikes: dict[str, int] = field(default_factory=dict)
    _until: dict[str, float] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def closed(self, server: str) -> bool:
        """Tell whether a server may be asked; the one that may try a rested server is told so."""
        with self._turn:
            if self._strikes.get(server, 0) < STRIKES:
                return True
            if self.now() < self._until[server]:
                return False
            self._until[server] = self.now() + REST  # until the trial is over nobody else tries
            return True

    def note(self, server: str, reply: Reply) -> None:
        """Count what came of an attempt."""
        with self._turn:
            if reply.kind == OK or reply.kind not in _UNAVAILABLE:
                self._strikes[server] = 0
                return
            self._strikes[server] = self._strikes.get(server, 0) + 1
            self._until[server] = self.now() + REST
