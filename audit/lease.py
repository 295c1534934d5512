"""Who has a case in hand: a claim with a lease that the holder's own acts renew."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from audit.acts import CaseSubmitted
from audit.model import ActorKind, AuditError, AuditEvent
from audit.shapes import Data

LEASE = 30
"""Minutes without an act of the holder after which a case is free for others."""

LONGEST = 24 * 60
"""The longest lease, in minutes."""


class CaseClaimed(Data):
    """A person takes the case in hand; `minutes` of doing nothing to it end that."""

    minutes: Annotated[int, Field(ge=1, le=LONGEST)]


class CaseReleased(Data):
    """The holder lets go of the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A case in a person's hands until a moment, as the log writes it."""

    by: str
    minutes: int
    until: str

    def stands(self, now: str) -> bool:
        """Tell whether the lease still runs."""
        return self.until > now


class ClaimedError(AuditError):
    """Another person has the case in hand: `claim` says who and until when."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(
            f"{claim.by} has this case in hand until {_minute(claim.until)}. Nothing was recorded; "
            "take another case, or wait until it is released."
        )
        self.claim = claim


class StaleError(AuditError):
    """The case changed since the person saw it: `since` are the events of others that did it.

    What the person wanted is not lost and not recorded: it may be made on what the case is now.
    """

    def __init__(self, since: tuple[AuditEvent, ...]) -> None:
        last = since[-1]
        super().__init__(
            f"{last.actor.id} changed this case at {_minute(last.ts)}, after you opened it. "
            "Nothing was recorded; look at what changed, then decide again."
        )
        self.since = since


def follow(claim: Claim | None, data: Data, event: AuditEvent) -> Claim | None:
    """Return who has the case in hand after an event of it."""
    match data:
        case CaseClaimed(minutes=minutes):
            return Claim(by=event.actor.id, minutes=minutes, until=_later(event.ts, minutes))
        case CaseReleased() | CaseSubmitted():
            return None
    if claim is None or event.actor.kind is not ActorKind.PERSON or event.actor.id != claim.by:
        return claim
    if not claim.stands(event.ts):
        return claim  # what ran out is not renewed in passing: somebody may be about to claim it
    return Claim(by=claim.by, minutes=claim.minutes, until=_later(event.ts, claim.minutes))


def _later(ts: str, minutes: int) -> str:
    moment = datetime.fromisoformat(ts) + timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _minute(ts: str) -> str:
    return f"{ts[:10]} {ts[11:16]} UTC"
