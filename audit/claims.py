"""Cases taken in hand by one person at a time, on a store that several people work on.

A claim is compared and set under the store's lock, so two people who ask for the same case at the
same moment cannot both get it, from however many machines. A case that nobody has in hand may be
acted on by anybody, as ever.
"""

from sqlalchemy import select
from sqlmodel import col

from audit.change import Change
from audit.door import Door
from audit.lease import LEASE, CaseClaimed, CaseReleased
from audit.people import Right
from audit.review import State
from audit.tables import CaseRecord
from pipeline.model import Route

_WORKABLE = (State.OPEN.value, State.REOPENED.value, State.FAILED.value)


class Claims:
    """The claims of one store."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def take(self, case_id: str, *, seen: int | None = None, minutes: int = LEASE) -> None:
        """Take a case in hand, or renew the lease.

        ClaimedError where another person has it; StaleError where it is no longer as it was at
        version `seen`.
        """
        self._door.execute(lambda change: _take(change, case_id, seen=seen, minutes=minutes))

    def next(self, *, lane: Route | None = None, minutes: int = LEASE) -> str | None:
        """Take the first case by arrival that waits for work and is in nobody's hands.

        Returns None where there is none.
        """

        def command(change: Change) -> str | None:
            query = (
                select(col(CaseRecord.case_id))
                .where(
                    col(CaseRecord.state).in_(_WORKABLE),
                    col(CaseRecord.claimed_until) <= change.ts,
                )
                .order_by(col(CaseRecord.opened))
                .limit(1)
            )
            if lane is not None:
                query = query.where(col(CaseRecord.lane) == lane.value)
            found = change.connection.execute(query).scalar()
            if found is not None:
                _take(change, str(found), seen=None, minutes=minutes)
            return found

        return self._door.execute(command)

    def release(self, case_id: str) -> None:
        """Let go of a case; nothing happens where it is not in one's hands any more."""

        def command(change: Change) -> None:
            change.require(Right.CODE)
            claim = change.review(case_id).claim
            if claim is not None and claim.by == change.actor.id and claim.stands(change.ts):
                change.emit(CaseReleased(), case_id=case_id)

        self._door.execute(command)


def _take(change: Change, case_id: str, *, seen: int | None, minutes: int) -> None:
    change.require(Right.CODE)
    change.in_hand(case_id, seen=seen)
    change.emit(CaseClaimed(minutes=minutes), case_id=case_id)
