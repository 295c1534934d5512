"""The one door to a store: nothing changes in it except by appending events here."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from audit import blobs, log
from audit.acts import CaseSubmitted
from audit.analyses import Analyses, Recorded
from audit.case import Case, reveal
from audit.change import Change
from audit.claims import Claims
from audit.clock import Clock, now, stamp
from audit.decisions import Decision, Submit, prepare
from audit.door import Door
from audit.encoded import Encoded
from audit.events import (
    AuditVerified,
    CaseViewed,
    DecisionRedone,
    DecisionUndone,
)
from audit.exchanges import Exchanges
from audit.model import Actor, ActorKind, AuditError, AuditEvent, Places
from audit.people import Right
from audit.review import State, project
from audit.where import Where, site_of
from audit.worklist import CaseRow, Listing, changed_cases, list_cases
from pipeline.model import CodingResult, Encounter, Route


class Store:
    """A folder with one encrypted database, whose log any number of processes may append to.

    Safe to use from several threads. `notice` is a sentence the person should see: where the key
    lies, and why nothing can be recorded, if so. `door` is what every append goes through,
    `analyses` what the program makes of encounters, `claims` who has which case in hand, `chat`
    what a chat model was asked.
    """

    def __init__(self, where: Where, *, places: Places, actor: Actor, clock: Clock = now) -> None:
        site = site_of(where)
        self.name = site.name
        self.door = Door(site, places=places, actor=actor, clock=clock)
        self.store_id = self.door.store_id
        self.notice = self.door.notice
        self.analyses = Analyses(self.door)
        self.claims = Claims(self.door)
        self.chat = Exchanges(self.door, self.analyses)

    @property
    def shared(self) -> bool:
        """Tell whether people on other machines work on this store as well."""
        return self.door.shared

    @classmethod
    def create_or_open(
        cls, where: Where, *, places: Places, actor: Actor, clock: Clock = now
    ) -> Self:
        """Open the store that `where` names; make it first where there is none."""
        site = site_of(where)
        if not site.exists():
            site.create(places=places, actor=actor, ts=stamp(clock))
        return cls(where, places=places, actor=actor, clock=clock)

    @classmethod
    def open(cls, where: Where, *, places: Places, actor: Actor, clock: Clock = now) -> Self:
        """Open the store that `where` names; AuditError where there is none. Never makes one."""
        return cls(where, places=places, actor=actor, clock=clock)

    def record(self, encounter: Encounter, result: CodingResult | Encoded) -> Recorded:
        """Append an analysis, in one transaction; work the case already shows adds nothing.

        A result that was encoded where it was computed gives the same bytes as one that was not.
        """
        return self.analyses.add(encounter, result)

    def record_failure(
        self,
        encounter: Encounter | None,
        *,
        source: str,
        errors: Sequence[str],
        reason: str = "unreadable",
    ) -> Recorded:
        """Append that a note or file came to no result, as a failed case in lane review.

        `encounter` is None where nothing could be read; the case then has the name `source`.
        `errors` are sentences and are kept as text, `reason` is an id and stands in the log.
        """
        return self.analyses.fail(encounter, source=source, errors=errors, reason=reason)

    def decide(self, case_id: str, decision: Decision, *, seen: int | None = None) -> Case:
        """Append a person's decision; AuditError says why it cannot be made.

        A submission cannot: it is a signature, and `audit.signoff` makes it.
        ClaimedError where another person has the case in hand; StaleError where others changed it
        since it was at version `seen`, with what they did.
        """

        def command(change: Change) -> None:
            change.require(Right.CODE)
            change.in_hand(case_id, seen=seen)
            if isinstance(decision, Submit):
                raise AuditError("A case is submitted by signing it. Give your passphrase.")
            change.emit(prepare(change.case(case_id), decision, seal=change.seal), case_id=case_id)

        return self._acted(case_id, command)

    def undo(self, case_id: str, *, seen: int | None = None) -> Case:
        """Take back the newest decision in force; AuditError where there is none, as `decide`."""

        def command(change: Change) -> None:
            change.require(Right.CODE)
            change.in_hand(case_id, seen=seen)
            done = change.review(case_id).done
            if not done:
                raise AuditError("There is no decision to undo in this case.")
            if change.review(case_id).is_signed:
                raise AuditError(
                    "This case is signed off. Open it again with a reason; what was signed stays."
                )
            change.emit(DecisionUndone(undoes=done[-1].seq), case_id=case_id)

        return self._acted(case_id, command)

    def redo(self, case_id: str, *, seen: int | None = None) -> Case:
        """Put the decision last taken back in force again; AuditError as with `undo`."""

        def command(change: Change) -> None:
            change.require(Right.CODE)
            change.in_hand(case_id, seen=seen)
            undone = change.review(case_id).undone
            if not undone:
                raise AuditError("There is no decision to redo in this case.")
            if isinstance(undone[-1].data, CaseSubmitted):  # of a version that took it unsigned
                raise AuditError("A submission is not done again; sign the case off.")
            change.emit(DecisionRedone(redoes=undone[-1].seq), case_id=case_id)

        return self._acted(case_id, command)

    def view(self, case_id: str) -> Case:
        """Append that the case was opened, and return it."""

        def command(change: Change) -> None:
            change.require(Right.READ)
            change.review(case_id)
            change.emit(CaseViewed(), case_id=case_id)

        return self._acted(case_id, command)

    def record_check(self, *, status: str, events: int, problems: int) -> None:
        """Append that the log was checked, and with what result."""
        data = AuditVerified(status=status, events=events, problems=problems)
        self.door.execute(lambda change: change.emit(data, case_id=None))

    def cases(
        self,
        *,
        lane: Route | None = None,
        state: State | None = None,
        text: str = "",
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[CaseRow, ...]:
        """Return the worklist in the order of arrival; `text` is sought in ids and codes."""
        with self.door.reading() as connection:
            return list_cases(
                connection, lane=lane, state=state, text=text, limit=limit, offset=offset
            )

    def changes(self, *, since: int) -> tuple[int, tuple[Listing, ...]]:
        """Return the newest event's number, and the rows of cases with events after `since`.

        With 0 these are all cases. Who keeps the number and asks again follows every process that
        writes to the store.
        """
        with self.door.reading() as connection:
            return changed_cases(connection, since=since)

    def case(self, case_id: str) -> Case:
        """Return a case without recording that it was seen; for showing one, use `view`."""
        with self.door.reading() as connection:
            review = project(log.read(connection, case_id=case_id), case_id=case_id)
            if not review.version:
                raise AuditError(f"There is no case {case_id} in the store {self.name}.")
            return reveal(review, blobs.get(connection, review.refs()))

    def events(self, case_id: str | None = None) -> tuple[AuditEvent, ...]:
        """Return the events of a case, or of the whole log, in order."""
        with self.door.reading() as connection:
            return tuple(log.read(connection, case_id=case_id))

    def close(self) -> None:
        """Close the database; the store cannot be used afterwards."""
        self.door.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _acted(self, case_id: str, command: Callable[[Change], None]) -> Case:
        if self.door.actor.kind is not ActorKind.PERSON:
            raise AuditError(
                f"Only a person may act on a case, and this store was opened by the "
                f"{self.door.actor.kind.value} {self.door.actor.id}."
            )
        self.door.execute(command)
        return self.case(case_id)
