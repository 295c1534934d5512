"""Which cases leave a store: all, or those that a day, a person, a lane or a name picks out."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select
from sqlmodel import col

from audit import log
from audit.model import AuditError
from audit.tables import EventRow
from audit.worklist import list_cases
from pipeline.model import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is asked for; every field narrows it.

    `cases` are case ids or encounter ids. `coder` is the actor of one of the case's events,
    `first` and `last` are days in UTC between which one of its events lies (that coder's, where
    both are given), `lane` is the lane it is in now.
    """

    cases: tuple[str, ...] = ()
    coder: str | None = None
    lane: Route | None = None
    first: date | None = None
    last: date | None = None

    @property
    def whole(self) -> bool:
        """Tell whether nothing is left out."""
        return self == Choice()

    def meets(self, actor: str, ts: str) -> bool:
        """Tell whether an event of this actor at this time is one that is asked for."""
        day = ts[:10]
        return (
            (self.coder is None or actor == self.coder)
            and (self.first is None or day >= self.first.isoformat())
            and (self.last is None or day <= self.last.isoformat())
        )


def choose(connection: Connection, choice: Choice) -> tuple[str, ...]:
    """Return the chosen cases in the order they were opened; AuditError where there are none.

    A case that was named and is not there is an error as well, so that a slip of the pen is no
    empty export.
    """
    rows = list_cases(connection, lane=None, state=None, text="", limit=None, offset=0)
    known = {row.encounter_id for row in rows} | {row.case_id for row in rows}
    for name in choice.cases:
        if name not in known:
            raise AuditError(f"There is no case or encounter {name} in this store.")
    ids = [
        row.case_id
        for row in rows
        if (not choice.cases or not {row.case_id, row.encounter_id}.isdisjoint(choice.cases))
        and choice.lane in {None, row.lane}
    ]
    if choice.coder is not None or choice.first is not None or choice.last is not None:
        touched = _touched(connection, choice, ids)
        ids = [case_id for case_id in ids if case_id in touched]
    if not ids and not choice.whole:
        raise AuditError("No case is as asked for; nothing was exported. Leave a filter out.")
    return tuple(ids)


def acted_on(connection: Connection, actor: str) -> frozenset[str]:
    """Return the cases that an actor has an event of."""
    query = select(col(EventRow.case_id)).where(
        col(EventRow.actor) == actor, col(EventRow.case_id).is_not(None)
    )
    return frozenset(str(case_id) for (case_id,) in connection.execute(query.distinct()))


def _touched(connection: Connection, choice: Choice, ids: list[str]) -> set[str]:
    wanted = set(ids)
    return {
        event.case_id
        for event in log.read(connection)
        if event.case_id in wanted and choice.meets(event.actor.id, event.ts)
    }
