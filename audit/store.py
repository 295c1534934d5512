"""The one door to a store: nothing changes in it except by appending events here."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from audit import blobs, log
from audit.acts import CaseSubmitted
from audit.case import Case, reveal
from audit.change import Change, case_of
from audit.claims import Claims
from audit.clock import Clock, now, stamp
from audit.decisions import Decision, Submit, prepare
from audit.door import Door
from audit.encoded import Encoded
from audit.encounters import content_digest, encode_encounter
from audit.events import (
    AnalysisFailed,
    AuditVerified,
    CaseViewed,
    DecisionRedone,
    DecisionUndone,
    InputRefused,
    RequestedBy,
)
from audit.exchanges import Exchanges
from audit.model import Actor, ActorKind, AuditError, AuditEvent, Places
from audit.people import Right
from audit.results import provenance_json, start_of
from audit.review import State, project
from audit.where import Where, site_of
from audit.worklist import CaseRow, Listing, changed_cases, count_cases, list_cases
from pipeline.model import CodingResult, Encounter, Provenance, Route

PROGRAM = Actor(kind=ActorKind.PROGRAM, id="chartproof")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a piece of work; `reason`: new-case, new-analysis, failed or repeated."""

    case_id: str
    added: bool
    reason: str


class Store:
    """A folder with one encrypted database, whose log any number of processes may append to.

    Safe to use from several threads. `notice` is a sentence the person should see: where the key
    lies, and why nothing can be recorded, if so.
    """

    def __init__(self, where: Where, *, places: Places, actor: Actor, clock: Clock = now) -> None:
        site = site_of(where)
        self.name = site.name
        self._door = Door(site, places=places, actor=actor, clock=clock)
        self.store_id = self._door.store_id
        self.notice = self._door.notice

    @property
    def chat(self) -> Exchanges:
        """Return what was asked of a chat model, and where it may be asked."""
        return Exchanges(self._door, program=PROGRAM, receive=self._receive)

    @property
    def shared(self) -> bool:
        """Tell whether people on other machines work on this store as well."""
        return self._door.shared

    @property
    def claims(self) -> Claims:
        """Return who has which case in hand, and how to take one."""
        return Claims(self._door)

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

    @property
    def door(self) -> Door:
        """Return what every append goes through, for the other commands of this package."""
        return self._door

    def content_key(self, encounter: Encounter) -> str:
        """Return the keyed digest of what an encounter says, without where it was read from."""
        return content_digest(encounter, self._door.secret)

    def shows(self, encounter: Encounter, provenance: Provenance) -> str | None:
        """Return the case that shows this work already, so that `record` would add nothing."""
        content = content_digest(encounter, self._door.secret)
        work = self._door.secret.digest("work", content + provenance_json(provenance))
        with self._door.reading() as connection:
            case_id = case_of(connection, encounter)
            if case_id is None:
                return None
            review = project(log.read(connection, case_id=case_id), case_id=case_id)
        return case_id if work in review.works else None

    def record(self, encounter: Encounter, result: CodingResult | Encoded) -> Recorded:
        """Append an analysis, in one transaction; work the case already shows adds nothing.

        A result that was encoded where it was computed gives the same bytes as one that was not.
        """
        encoded = result if isinstance(result, Encoded) else Encoded.of(result, encounter)
        encoded.insist(encounter)

        def command(change: Change) -> Recorded:
            content = content_digest(encounter, self._door.secret)
            work = self._door.secret.digest("work", content + provenance_json(encoded.provenance))
            case_id, fresh = change.case_of(encounter)
            review = change.review(case_id)
            if work in review.works:
                return Recorded(case_id=case_id, added=False, reason="repeated")
            received = self._receive(change, case_id, encounter, content)
            started = start_of(encoded.provenance, work=work, by=self._door.actor)
            if received or review.running != (started,):
                change.emit(started, case_id=case_id, actor=PROGRAM)
            for data, text in zip(encoded.stages.in_order(), encoded.texts, strict=True):
                change.emit(data, case_id=case_id, actor=PROGRAM, written=text)
            reason = "new-case" if fresh else "new-analysis"
            return Recorded(case_id=case_id, added=True, reason=reason)

        return self._door.execute(command)

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
        named = encounter or Encounter(encounter_id=source, notes=())

        def command(change: Change) -> Recorded:
            content = "" if encounter is None else content_digest(encounter, self._door.secret)
            work = self._door.secret.digest(
                "failure", json.dumps([content, source, list(errors), reason])
            )
            case_id, _ = change.case_of(named)
            if work in change.review(case_id).works:
                return Recorded(case_id=case_id, added=False, reason="repeated")
            if encounter is not None:
                self._receive(change, case_id, encounter, content)
            failed = AnalysisFailed(
                work=work,
                requested_by=RequestedBy(kind=self._door.actor.kind.value, id=self._door.actor.id),
                reason=reason,
                count=len(errors),
                errors=change.seal(json.dumps(list(errors))),
            )
            if encounter is None:
                failed = InputRefused(**dict(failed), source=change.seal(source))
            change.emit(failed, case_id=case_id, actor=PROGRAM)
            return Recorded(case_id=case_id, added=True, reason="failed")

        return self._door.execute(command)

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
        self._door.execute(lambda change: change.emit(data, case_id=None))

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
        with self._door.reading() as connection:
            return list_cases(
                connection, lane=lane, state=state, text=text, limit=limit, offset=offset
            )

    def counts(self, *, text: str = "") -> dict[Route, int]:
        """Return the number of cases in each lane, of those `cases` would find by `text`."""
        with self._door.reading() as connection:
            return count_cases(connection, text=text)

    def changes(self, *, since: int) -> tuple[int, tuple[Listing, ...]]:
        """Return the newest event's number, and the rows of cases with events after `since`.

        With 0 these are all cases. Who keeps the number and asks again follows every process that
        writes to the store.
        """
        with self._door.reading() as connection:
            return changed_cases(connection, since=since)

    def case(self, case_id: str) -> Case:
        """Return a case without recording that it was seen; for showing one, use `view`."""
        with self._door.reading() as connection:
            review = project(log.read(connection, case_id=case_id), case_id=case_id)
            if not review.version:
                raise AuditError(f"There is no case {case_id} in the store {self.name}.")
            return reveal(review, blobs.get(connection, review.refs()))

    def events(self, case_id: str | None = None) -> tuple[AuditEvent, ...]:
        """Return the events of a case, or of the whole log, in order."""
        with self._door.reading() as connection:
            return tuple(log.read(connection, case_id=case_id))

    def close(self) -> None:
        """Close the database; the store cannot be used afterwards."""
        self._door.close()

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
        if self._door.actor.kind is not ActorKind.PERSON:
            raise AuditError(
                f"Only a person may act on a case, and this store was opened by the "
                f"{self._door.actor.kind.value} {self._door.actor.id}."
            )
        self._door.execute(command)
        return self.case(case_id)

    def _receive(self, change: Change, case_id: str, encounter: Encounter, content: str) -> bool:
        """Append the wording of an encounter, unless the case's newest one is the same."""
        review = change.review(case_id)
        received = review.received
        if received and received[-1].content == content and not review.disposed:
            return False
        data = encode_encounter(
            encounter, revision=len(received) + 1, secret=self._door.secret, seal=change.seal
        )
        change.name(case_id, encounter)
        change.emit(data, case_id=case_id, actor=PROGRAM)
        return True
