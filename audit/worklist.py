"""The worklist: one row a case, made from its events and never the truth itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlmodel import col

from audit import log
from audit.acts import CaseHeld
from audit.cipher import Cipher, cipher_of, open_text, seal_text
from audit.lines import Origin, Status, lines
from audit.review import Review, State, project
from audit.sql import within
from audit.tables import CaseRecord, EventRow
from pipeline.model import Encounter, Route, Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of the worklist.

    `decided_count` counts suggested codes that were decided on; `setting` is None where the
    encounter could not be read. `claimed_by` has the case in hand until `claimed_until`, a time of
    the log that may be over; both are empty where nobody had. `held_since` is when a case on hold
    was put aside, a time of the log, and empty for any other.
    """

    case_id: str
    encounter_id: str
    lane: Route
    state: State
    lane_reasons: tuple[str, ...]
    note_count: int
    suggestion_count: int
    decided_count: int
    updated: str
    setting: Setting | None
    claimed_by: str = ""
    claimed_until: str = ""
    held_since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A row of the worklist, its place by arrival, and the case-folded words it is found by."""

    row: CaseRow
    opened: int
    words: str


def row_values(review: Review) -> dict[str, str | int]:
    """Return the columns of a worklist row that follow from the events alone."""
    rows = lines(review)
    suggested = () if review.current is None else review.current.analysis.validated.suggestions
    return {
        "opened": review.opened,
        "version": review.version,
        "updated": review.updated,
        "lane": review.lane.value,
        "state": review.state.value,
        "lane_reasons": "\n".join(review.lane_reasons),
        "setting": review.received[-1].setting.value if review.received else "",
        "note_count": len(review.received[-1].notes) if review.received else 0,
        "suggestion_count": len(suggested),
        "decided_count": sum(
            row.origin is Origin.SUGGESTED and row.status is not Status.OPEN for row in rows
        ),
        "claimed_by": "" if review.claim is None else review.claim.by,
        "claimed_until": "" if review.claim is None else review.claim.until,
        "codes": " ".join(row.code for row in rows).casefold(),
    }


def storable(text: str) -> str:
    """Return a text with what a database does not take written out: no Unicode, or a zero."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def sealed_name(cipher: Cipher, encounter_id: str) -> str:
    """Return what stands for an encounter's id, which may be a file's and so a patient's name."""
    return seal_text(cipher, "case_row.encounter_id", storable(encounter_id))


def sealed_words(cipher: Cipher, case_id: str, encounter: Encounter) -> str:
    """Return what stands for the words a case is found by."""
    return seal_text(cipher, f"case_row.words {case_id}", found_by(encounter))


def found_by(encounter: Encounter) -> str:
    """Return the ids and names a case is found by, case-folded."""
    found = [encounter.encounter_id, encounter.patient_id, encounter.account_id]
    for note in encounter.notes:
        found += [note.note_id, note.source]
    return storable("\n".join(found).casefold())


def list_cases(
    connection: Connection,
    *,
    lane: Route | None,
    state: State | None,
    text: str,
    limit: int | None,
    offset: int,
) -> tuple[CaseRow, ...]:
    """Return rows in the order their cases were opened; every word of `text` must be found."""
    query = _ROWS
    if lane is not None:
        query = query.where(col(CaseRecord.lane) == lane.value)
    if state is not None:
        query = query.where(col(CaseRecord.state) == state.value)
    cipher = cipher_of(connection)
    if text and cipher.hides:
        end = None if limit is None else offset + limit
        return tuple(_sought(connection, query, text))[offset:end]
    query = query.where(*_found(text)).limit(limit).offset(offset)
    return tuple(_case_row(connection, row, cipher) for row in connection.execute(query))


def _sought(
    connection: Connection, query: Select[*tuple[Any, ...]], text: str
) -> Iterator[CaseRow]:
    """Yield the rows in which every word is found, looked for here, where words can be read."""
    words = [storable(word) for word in text.casefold().split()]
    for listing in _listings(connection, query):
        if all(word in listing.words for word in words):
            yield listing.row


def changed_cases(connection: Connection, *, since: int) -> tuple[int, tuple[Listing, ...]]:
    """Return the newest event's number, and every case with an event after number `since`."""
    newest = connection.execute(select(func.max(col(EventRow.seq)))).scalar() or 0
    query = _ROWS
    if since:
        after = select(col(EventRow.case_id)).where(col(EventRow.seq) > since)
        query = query.where(col(CaseRecord.case_id).in_(after))
    if newest == since:
        return newest, ()
    return newest, tuple(_listings(connection, query))


def _listings(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterator[Listing]:
    cipher = cipher_of(connection)
    more = (col(CaseRecord.opened), col(CaseRecord.words), col(CaseRecord.codes))
    for row in connection.execute(query.add_columns(*more)):
        words = open_text(cipher, f"case_row.words {row.case_id}", row.words)
        yield Listing(
            row=_case_row(connection, row, cipher), opened=row.opened, words=f"{words}\n{row.codes}"
        )


_ROWS = select(
    col(CaseRecord.case_id),
    col(CaseRecord.encounter_id),
    col(CaseRecord.lane),
    col(CaseRecord.state),
    col(CaseRecord.lane_reasons),
    col(CaseRecord.note_count),
    col(CaseRecord.suggestion_count),
    col(CaseRecord.decided_count),
    col(CaseRecord.updated),
    col(CaseRecord.setting),
    col(CaseRecord.claimed_by),
    col(CaseRecord.claimed_until),
).order_by(col(CaseRecord.opened))


def _held_since(connection: Connection, case_id: str) -> str:
    """Return when a case on hold was put aside, by the act that is in force."""
    query = select(col(EventRow.body), col(EventRow.hash)).where(
        col(EventRow.case_id) == case_id, col(EventRow.kind) == "case.held"
    )
    holds = [log.read_event(body, digest) for body, digest in connection.execute(query)]
    if len(holds) == 1:
        return holds[0].ts
    # Held more than once: which one counts depends on what was taken back since.
    acts = project(log.read(connection, case_id=case_id), case_id=case_id).done
    return next((made.ts for made in reversed(acts) if isinstance(made.data, CaseHeld)), "")


def _case_row(connection: Connection, row: Any, cipher: Cipher) -> CaseRow:
    return CaseRow(
        case_id=row.case_id,
        encounter_id=open_text(cipher, "case_row.encounter_id", row.encounter_id),
        lane=Route(row.lane),
        state=State(row.state),
        lane_reasons=tuple(row.lane_reasons.split("\n")) if row.lane_reasons else (),
        note_count=row.note_count,
        suggestion_count=row.suggestion_count,
        decided_count=row.decided_count,
        updated=row.updated,
        setting=Setting(row.setting) if row.setting else None,
        claimed_by=row.claimed_by,
        claimed_until=row.claimed_until,
        held_since=_held_since(connection, row.case_id) if row.state == State.HELD else "",
    )


def _found(text: str) -> list[ColumnElement[bool]]:
    sought = col(CaseRecord.words) + "\n" + col(CaseRecord.codes)
    return [within(storable(word), sought) for word in text.casefold().split()]
