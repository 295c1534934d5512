"""How long texts are kept, who holds them back, and their destruction.

What is destroyed are the texts of a case with their keys: notes, headers, typed reasons, prompts.
The events stay, and with them codes, ids, dates, spans and times (`docs/audit-format.md` lists what
remains). A hold on the case or on the whole store goes before everything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from audit import log
from audit.change import Change
from audit.governance import HoldLifted, HoldPlaced, RetentionSet, TextsDisposed
from audit.model import AuditError, AuditEvent
from audit.people import People, Right
from audit.review import Review, project
from audit.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long the texts of a case are kept: `due` is the first day they may go, None never.

    `texts` counts those that are there.
    """

    case_id: str
    due: date | None
    on_hold: bool
    texts: int

    def allowed(self, today: date) -> bool:
        """Tell whether the rule allows the destruction."""
        return self.texts > 0 and not self.on_hold and self.due is not None and self.due <= today

    def hindrance(self, today: date, *, early: bool) -> str:
        """Return the sentence that says what stands in the way of it, empty for nothing."""
        texts = f"The texts of the case {self.case_id}"
        if self.on_hold:
            return f"{texts} are under a legal hold; lift the hold first."
        if not self.texts:
            return f"{texts} were destroyed already."
        if early or self.allowed(today):
            return ""
        when = (
            "no rule says how long they are kept"
            if self.due is None
            else f"they are kept until {self.due.isoformat()}"
        )
        return (
            f"{texts} may not be destroyed: {when}. Order it early, with a reason, if it must be."
        )


class Custody:
    """The rule, the holds and the destruction of texts of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._door = store.door

    @property
    def years(self) -> int | None:
        """Return for how many years texts are kept, None where no rule says so."""
        return self._door.people().retention

    def keep(self, years: int | None) -> None:
        """Set for how many years texts are kept after the day that decides the release."""

        def command(change: Change) -> None:
            change.require(Right.RETAIN)
            change.emit(RetentionSet(years=years), case_id=None)

        self._door.execute(command)

    def hold(self, cases: Sequence[str], matter: str) -> None:
        """Hold the texts of these cases, or with no case those of the whole store."""
        self._mark(cases, matter, HoldPlaced)

    def lift(self, cases: Sequence[str], matter: str) -> None:
        """End the hold of these cases, or with no case that of the whole store."""
        self._mark(cases, matter, HoldLifted)

    def look(self) -> tuple[Kept, ...]:
        """Return how long the texts of each case are kept, in order of arrival."""
        people = self._door.people()
        found = []
        for row in self._store.cases():
            with self._door.reading() as connection:
                events = tuple(log.read(connection, case_id=row.case_id))
            review = project(events, case_id=row.case_id)
            found.append(_kept(review, people, texts=len(_texts(events))))
        return tuple(found)

    def dispose(
        self, cases: Sequence[str], *, today: date, reason: str = "", early: bool = False
    ) -> int:
        """Destroy the texts of these cases, all or none; return how many texts.

        AuditError where one is held, where there is no rule or its day has not come and the
        destruction is not ordered `early` with a reason, or where nothing is left to destroy.
        """
        words = reason.strip()
        if early and not words:
            raise AuditError("Destroying texts before their day needs a reason. Give one.")

        def command(change: Change) -> int:
            change.require(Right.DISPOSE)
            return sum(
                _dispose(change, case_id, today=today, reason=words, early=early)
                for case_id in cases
            )

        return self._door.execute(command)

    def _mark(self, cases: Sequence[str], matter: str, kind: type[HoldPlaced]) -> None:
        words = matter.strip()
        if not words:
            raise AuditError("A hold has a matter. Say which.")

        def command(change: Change) -> None:
            change.require(Right.HOLD)
            for case_id in cases:
                change.review(case_id)
                change.emit(kind(matter=change.seal(words)), case_id=case_id)
            if not cases:
                change.emit(kind(matter=change.seal(words)), case_id=None)

        self._door.execute(command)


def _dispose(change: Change, case_id: str, *, today: date, reason: str, early: bool) -> int:
    texts = _texts(log.read(change.connection, case_id=case_id))
    kept = _kept(change.review(case_id), change.people, texts=len(texts))
    hindrance = kept.hindrance(today, early=early)
    if hindrance:
        raise AuditError(f"{hindrance} Nothing was destroyed.")
    change.dispose(
        TextsDisposed(
            texts=tuple(texts),
            basis="rule" if kept.allowed(today) else "order",
            due=None if kept.due is None else kept.due.isoformat(),
            reason=change.seal(reason) if reason else None,
        ),
        case_id=case_id,
    )
    return len(texts)


def _kept(review: Review, people: People, *, texts: int) -> Kept:
    due = None
    if people.retention is not None:
        due = _years_after(_decisive(review), people.retention)
    return Kept(
        case_id=review.case_id,
        due=due,
        on_hold=review.on_hold or bool(people.held),
        texts=texts,
    )


def _texts(events: Iterable[AuditEvent]) -> list[str]:
    """Return the texts of a case that were not destroyed; why they were, or are held, stays."""
    found: dict[str, None] = {}
    for event in events:
        if event.kind == log.DISPOSED:
            for ref in event.data["texts"]:
                found.pop(ref, None)
        elif not event.kind.startswith("hold."):
            found.update(dict.fromkeys(event.blobs))
    return list(found)


def _decisive(review: Review) -> date:
    """Return the day from which years are counted: discharge or service, else the newest event."""
    newest = review.received[-1] if review.received else None
    days = () if newest is None else (newest.discharged, newest.service_date, newest.admitted)
    return date.fromisoformat(next((day for day in days if day), review.updated[:10]))


def _years_after(day: date, years: int) -> date:
    """Return the same day so many years later, the first of March for a 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
