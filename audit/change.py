"""One append in the making: its texts, its events, and the worklist rows they lead to."""

import secrets
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlmodel import col

from audit import blobs, log
from audit.blobs import Blob
from audit.case import Case, reveal
from audit.cipher import cipher_of
from audit.digests import Secret
from audit.events import draft
from audit.governance import TextsDisposed
from audit.head import Head
from audit.lease import ClaimedError, StaleError
from audit.log import Draft, Written
from audit.model import Actor, ActorKind, AuditError
from audit.people import People, Right
from audit.review import Review, changes, evolve, project
from audit.shapes import Data
from audit.tables import CaseRecord
from audit.worklist import row_values, sealed_name, sealed_words
from pipeline.model import Encounter

_NEW_ROW = insert(CaseRecord)
_ROW_OF_CASE = update(CaseRecord).where(
    col(CaseRecord.case_id) == bindparam("of_case"),
    col(CaseRecord.version) == bindparam("of_version"),
)
_CASE_OF = select(col(CaseRecord.case_id)).where(
    col(CaseRecord.encounter_id) == bindparam("encounter_id")
)


def case_of(connection: Connection, encounter: Encounter) -> str | None:
    """Return the case of an encounter, None where it has none yet."""
    known = connection.execute(
        _CASE_OF, {"encounter_id": sealed_name(cipher_of(connection), encounter.encounter_id)}
    ).scalar()
    return None if known is None else str(known)


@dataclass(slots=True, kw_only=True)
class Change:
    """What a command wants to append; `settle` does it, inside the command's transaction.

    `ts` is the time all its events will carry; `people` are those of the store before it; `gone`
    are the texts it destroys.
    """

    connection: Connection
    actor: Actor
    secret: Secret
    head: Head
    ts: str
    people: People
    gone: list[str] = field(default_factory=list)
    _texts: list[Blob] = field(default_factory=list)
    _drafts: list[Draft] = field(default_factory=list)
    _carried: list[Data] = field(default_factory=list)
    _reviews: dict[str, Review] = field(default_factory=dict)
    _named: dict[str, Encounter] = field(default_factory=dict)
    _fresh: set[str] = field(default_factory=set)
    _renamed: set[str] = field(default_factory=set)

    def require(self, right: Right) -> None:
        """Let the actor's further events stand in the role that gives this right.

        AuditError where the actor has no such role, or is not a person.
        """
        if self.actor.kind is not ActorKind.PERSON:
            raise AuditError(
                f"Only a person may do this, and this store was opened by the "
                f"{self.actor.kind.value} {self.actor.id}."
            )
        role = self.people.role_for(self.actor.id, right)
        self.actor = replace(self.actor, role=role.value)

    def seal(self, text: str) -> str:
        """Keep a text apart from the chain and return its commitment."""
        blob = blobs.seal(text)
        self._texts.append(blob)
        return blob.ref

    def emit(
        self,
        data: Data,
        *,
        case_id: str | None,
        actor: Actor | None = None,
        written: Written | None = None,
    ) -> None:
        """Add an event to the append; `written` are the data where they are written already."""
        self._carried.append(data)
        self._drafts.append(
            draft(data, actor=actor or self.actor, case_id=case_id, written=written)
        )

    @property
    def has_events(self) -> bool:
        """Tell whether anything is to be appended."""
        return bool(self._drafts)

    @property
    def of_cases_alone(self) -> bool:
        """Tell whether nothing is to be appended on the store itself and its people."""
        return all(each.case_id is not None for each in self._drafts)

    def case_of(self, encounter: Encounter) -> tuple[str, bool]:
        """Return the case of an encounter, and whether it is new."""
        known = case_of(self.connection, encounter)
        if known is not None:
            return known, False
        case_id = secrets.token_hex(16)
        self._reviews[case_id] = Review(case_id=case_id)
        self._fresh.add(case_id)
        self._named[case_id] = encounter
        return case_id, True

    def name(self, case_id: str, encounter: Encounter) -> None:
        """Let a case be found by the ids of this wording of its encounter."""
        self._named[case_id] = encounter

    def dispose(self, disposed: TextsDisposed, *, case_id: str) -> None:
        """Destroy texts of a case, and what of them stands in its row of the worklist."""
        blobs.erase(self.connection, disposed.texts)
        self.gone += disposed.texts
        self.emit(disposed, case_id=case_id)
        self._named[case_id] = reveal(self.review(case_id), {}).encounter
        self._renamed.add(case_id)

    def review(self, case_id: str) -> Review:
        """Return the state of a case before this append; AuditError where there is none."""
        if case_id not in self._reviews:
            review = project(log.read(self.connection, case_id=case_id), case_id=case_id)
            if not review.version:
                raise AuditError(f"There is no case {case_id} in this store.")
            self._reviews[case_id] = review
        return self._reviews[case_id]

    def in_hand(self, case_id: str, *, seen: int | None = None) -> None:
        """Make sure that the actor may act on a case as it was at version `seen`.

        ClaimedError where another person has it in hand; StaleError where others changed it since.
        """
        review = self.review(case_id)
        claim = review.claim
        if claim is not None and claim.by != self.actor.id and claim.stands(self.ts):
            raise ClaimedError(claim)
        if seen is None or seen >= review.version:
            return
        events = tuple(log.read(self.connection, case_id=case_id))[seen:]
        others = (event for event in events if event.actor.id != self.actor.id)
        since = tuple(event for event in others if changes(event))
        if since:
            raise StaleError(since)

    def case(self, case_id: str) -> Case:
        """Return a case before this append, with its words."""
        review = self.review(case_id)
        return reveal(review, blobs.get(self.connection, review.refs()))

    def settle(self) -> Head:
        """Write texts, events and rows; return the newest place of the log.

        AuditError where a text was sealed that no event names: nothing is kept unrecorded.
        """
        named = {ref for each in self._drafts for ref in each.blobs}
        if any(blob.ref not in named for blob in self._texts):
            raise AuditError(
                "A text was to be kept without an event that names it. Nothing was recorded; "
                "please report this."
            )
        # As they were before: read after the append, they would have their new events already.
        touched = {each.case_id: self.review(each.case_id) for each in self._drafts if each.case_id}
        blobs.put(self.connection, self._texts)
        events = log.append(
            self.connection,
            self._drafts,
            after=self.head,
            ts=self.ts,
            new_id=lambda: secrets.token_hex(16),
        )
        for event, data in zip(events, self._carried, strict=True):
            if event.case_id is not None:
                touched[event.case_id] = evolve(touched[event.case_id], event, data)
        for review in touched.values():
            self._row(review)
        return Head(events[-1].seq, bytes.fromhex(events[-1].hash)) if events else self.head

    def _row(self, review: Review) -> None:
        values = row_values(review)
        encounter = self._named.get(review.case_id)
        cipher = cipher_of(self.connection)
        if encounter is not None:
            values |= {"words": sealed_words(cipher, review.case_id, encounter)}
        if encounter is not None and review.case_id in self._renamed:
            values |= {"encounter_id": sealed_name(cipher, encounter.encounter_id)}
        if encounter is not None and review.case_id in self._fresh:
            name = sealed_name(cipher, encounter.encounter_id)
            values |= {"case_id": review.case_id, "encounter_id": name}
            self.connection.execute(_NEW_ROW, values)
            return
        known = {"of_case": review.case_id, "of_version": self.review(review.case_id).version}
        changed = self.connection.execute(_ROW_OF_CASE, values | known)
        if changed.rowcount != 1:
            raise AuditError(
                f"The case {review.case_id} has no row in the worklist that agrees with its "
                "events. Nothing was changed; run `chartproof audit verify`."
            )
