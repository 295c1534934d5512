"""The worklist: one row a case, made from its events and never the truth itself."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select
from sqlmodel import col

from audit.lines import Origin, Status, lines
from audit.review import Review, State
from audit.sql import within
from audit.tables import CaseRecord, EventRow
from pipeline.model import Encounter, Route, Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of the worklist.

    `decided_count` counts suggested codes that were decided on; `setting` is None where the
    encounter could not be read.
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
        "codes": " ".join(row.code for row in rows).casefold(),
    }


def storable(text: str) -> str:
    """Return a text with what is not Unicode written out (a file name may hold such bytes)."""
    return text.encode(errors="backslashreplace").decode()


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
    query = _ROWS.limit(limit).offset(offset)
    if lane is not None:
        query = query.where(col(CaseRecord.lane) == lane.value)
    if state is not None:
        query = query.where(col(CaseRecord.state) == state.value)
    query = query.where(*_found(text))
    return tuple(_case_row(row) for row in connection.execute(query))


def changed_cases(connection: Connection, *, since: int) -> tuple[int, tuple[Listing, ...]]:
    """Return the newest event's number, and every case with an event after number `since`."""
    newest = connection.execute(select(func.max(col(EventRow.seq)))).scalar() or 0
    query = _ROWS.add_columns(col(CaseRecord.opened), col(CaseRecord.words), col(CaseRecord.codes))
    if since:
        after = select(col(EventRow.case_id)).where(col(EventRow.seq) > since)
        query = query.where(col(CaseRecord.case_id).in_(after))
    if newest == since:
        return newest, ()
    return newest, tuple(
        Listing(row=_case_row(row), opened=row.opened, words=f"{row.words}\n{row.codes}")
        for row in connection.execute(query)
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
).order_by(col(CaseRecord.opened))


def _case_row(row: Any) -> CaseRow:
    return CaseRow(
        case_id=row.case_id,
        encounter_id=row.encounter_id,
        lane=Route(row.lane),
        state=State(row.state),
        lane_reasons=tuple(row.lane_reasons.split("\n")) if row.lane_reasons else (),
        note_count=row.note_count,
        suggestion_count=row.suggestion_count,
        decided_count=row.decided_count,
        updated=row.updated,
        setting=Setting(row.setting) if row.setting else None,
    )


def count_cases(connection: Connection, *, text: str) -> dict[Route, int]:
    """Return the number of cases in each lane in which every word of `text` is found."""
    query = (
        select(col(CaseRecord.lane), func.count())
        .where(*_found(text))
        .group_by(col(CaseRecord.lane))
    )
    counted = {Route(lane): number for lane, number in connection.execute(query)}
    return {lane: counted.get(lane, 0) for lane in Route}


def _found(text: str) -> list[ColumnElement[bool]]:
    sought = col(CaseRecord.words) + "\n" + col(CaseRecord.codes)
    return [within(storable(word), sought) for word in text.casefold().split()]
