"""Signing a case off, a second signature by another person, and opening it again with a reason.

A signature is made with a key that only the person's passphrase opens, over the final case as it
stands in the log (`Statement`). What was signed stays: a case that is opened again becomes a new
version, to be signed anew.
"""

from audit import log
from audit.case import Case
from audit.change import Change
from audit.decisions import Submit, prepare
from audit.governance import CaseReopened, CaseSigned, FinalCode, Meaning, Role, Statement
from audit.lines import Status, lines
from audit.model import AuditError
from audit.people import Right
from audit.permits import ACTS
from audit.review import Review, State
from audit.signing import PersonKey, sign
from audit.staff import Staff
from audit.store import Store

_ASSIGNED = frozenset({Status.OPEN, Status.ACCEPTED, Status.ADDED})


class SignOff:
    """The acts by which a case becomes final, on one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._staff = Staff(store)

    def submit(
        self, case_id: str, submit: Submit, passphrase: str, *, seen: int | None = None
    ) -> Case:
        """Submit a case with the person's signature, in one transaction.

        AuditError says what is still undecided, or what is wrong with the passphrase.
        """
        key = self._staff.authenticate(passphrase)

        def command(change: Change) -> None:
            change.require(Right.SIGN)
            change.in_hand(case_id, seen=seen)
            review = change.review(case_id)
            act = prepare(change.case(case_id), submit, seal=change.seal)
            change.emit(act, case_id=case_id)
            rows = {row[0]: row for row in _codes(review)}
            signed = self._signed(
                change,
                review,
                key,
                meaning="amended" if review.reopened else "coded",
                codes=tuple((code, poa, *rows[code][2:]) for code, poa in submit.codes),
            )
            change.emit(signed, case_id=case_id)

        self._store.door.execute(command)
        return self._store.case(case_id)

    def second(self, case_id: str, passphrase: str) -> Case:
        """Sign a submitted case as a second person who had no hand in it."""
        key = self._staff.authenticate(passphrase)

        def command(change: Change) -> None:
            change.require(Right.SECOND_SIGN)
            review = change.review(case_id)
            _insist_on_second(review, change.actor.id, _hands(change, case_id))
            first = review.signatures[-1].statement
            signed = self._signed(change, review, key, meaning="reviewed", codes=first.codes)
            change.emit(signed, case_id=case_id)

        self._store.door.execute(command)
        return self._store.case(case_id)

    def reopen(self, case_id: str, reason: str, *, seen: int | None = None) -> Case:
        """Open a submitted case again; it becomes a new version, and the signed one stays."""
        words = reason.strip()
        if not words:
            raise AuditError("A submitted case is opened again only with a reason. Type it first.")

        def command(change: Change) -> None:
            change.require(Right.REOPEN)
            change.in_hand(case_id, seen=seen)
            review = change.review(case_id)
            if review.state is not State.SUBMITTED:
                raise AuditError("This case is not submitted, so there is nothing to open again.")
            reopened = CaseReopened(version=review.reopened + 2, reason=change.seal(words))
            change.emit(reopened, case_id=case_id)

        self._store.door.execute(command)
        return self._store.case(case_id)

    def _signed(
        self,
        change: Change,
        review: Review,
        key: PersonKey,
        *,
        meaning: Meaning,
        codes: tuple[FinalCode, ...],
    ) -> CaseSigned:
        me = change.people.person(change.actor.id)
        if key.public_key().public_bytes_raw().hex() != me.key:
            raise AuditError(
                f"The signing key of {me.id} was changed meanwhile. Nothing was signed; try again."
            )
        statement = Statement(
            store_id=self._store.store_id,
            case_id=review.case_id,
            version=review.reopened + 1,
            meaning=meaning,
            person=me.id,
            name=me.name,
            role=Role(change.actor.role),
            at=change.ts,
            after=(review.newest[0], review.newest[1]),
            content=review.received[-1].content if review.received else None,
            codes=codes,
        )
        return sign(statement, key)


def _codes(review: Review) -> list[FinalCode]:
    """Return the codes a case ends with, as the log has them.

    What is still open was preselected, and the submission accepts it.
    """
    return [
        (
            row.code,
            row.poa,
            row.origin.value,
            (Status.ACCEPTED if row.status is Status.OPEN else row.status).value,
            row.evidence,
        )
        for row in lines(review)
        if row.status in _ASSIGNED
    ]


def _hands(change: Change, case_id: str) -> set[str]:
    """Return who ever decided anything in a case, what was taken back included."""
    events = log.read(change.connection, case_id=case_id)
    return {event.actor.id for event in events if event.kind in ACTS}


def _insist_on_second(review: Review, person: str, hands: set[str]) -> None:
    if review.state is not State.SUBMITTED or not review.signatures:
        raise AuditError("Only a case that was signed off is signed a second time.")
    version = review.reopened + 1
    current = [s.statement for s in review.signatures if s.statement.version == version]
    if any(s.person == person and s.meaning == "reviewed" for s in current):
        raise AuditError(f"{person} has signed this version of the case already.")
    if person in hands | {s.person for s in current}:
        raise AuditError(
            f"{person} coded or signed this case, and nobody signs their own case a second time. "
            "Ask another reviewer."
        )
