"""Rows of the worklist and of the documents as values, with what a list says of each."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.wording import count, say
from app.worklist import Filter, Order, Worklist
from audit import CaseRow, State
from pipeline.model import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow:
    """A case in the worklist: which, why it is here, how far it is."""

    case_id: str
    name: str
    why: str
    lane: Route
    state: str
    progress: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a menu over the worklist: the filter it leads to, and whether that is shown."""

    text: str
    filter: Filter
    chosen: bool


def worklist_row(row: CaseRow, *, now: datetime | None = None) -> WorklistRow:
    """Return what the worklist shows of a case, with the reason it stands in its lane.

    Of a case on hold it says first for how long, in whole days up to `now`.
    """
    why = why_here(row.lane, tuple(row.lane_reasons), str(row.state))
    return WorklistRow(
        case_id=row.case_id,
        name=row.encounter_id,
        why=f"{held_for(row.held_since, now=now)}; {why}" if row.held_since else why,
        lane=row.lane,
        state=str(row.state),
        progress=f"{row.decided_count} / {row.suggestion_count}",
    )


def held_for(since: str, *, now: datetime | None = None) -> str:
    """Return how long a case has been on hold, from the time its log gives (ISO 8601)."""
    days = ((now or datetime.now(UTC)) - datetime.fromisoformat(since)).days
    if days < 1:
        return say("places", "on-hold-today")
    return say("places", "on-hold", age=count(days, "day"))


def spoken_row(row: WorklistRow) -> str:
    """Return a row as a screen reader says it."""
    done, _, total = row.progress.partition(" / ")
    state = say("states", row.state)
    lane = say("lanes", str(row.lane))
    return f"{row.name}, {state}, {lane}, {row.why}, {done} of {total} decided"


def why_here(lane: Route, reasons: tuple[str, ...], state: str) -> str:
    """Return one line on why a case waits where it waits."""
    if state == "failed":
        return say("states", "failed")
    if not reasons:
        return say("lane_defaults", str(lane))
    return "; ".join(say("reasons", reason) for reason in reasons)


def state_choices(worklist: Worklist) -> tuple[Choice, ...]:
    """Return the states to choose from, each with its number of cases."""
    chosen = worklist.filter
    total = sum(worklist.states.values())
    every = Choice(
        text=f"{say('places', 'any-state')}  ({total:,})",
        filter=replace(chosen, state=None),
        chosen=chosen.state is None,
    )
    return (
        every,
        *(
            Choice(
                text=f"{say('states_short', str(state))}  ({worklist.states.get(state, 0):,})",
                filter=replace(chosen, state=state),
                chosen=chosen.state is state,
            )
            for state in State
        ),
    )


def reason_choices(worklist: Worklist) -> tuple[Choice, ...]:
    """Return the reasons cases are here for, the most frequent first."""
    chosen = worklist.filter
    every = Choice(
        text=say("places", "any-reason"),
        filter=replace(chosen, reason=None),
        chosen=chosen.reason is None,
    )
    names = list(worklist.reasons)
    if chosen.reason is not None and chosen.reason not in names:
        names.append(chosen.reason)
    return (
        every,
        *(
            Choice(
                text=f"{reason_name(name)}  ({worklist.reasons.get(name, 0):,})",
                filter=replace(chosen, reason=name),
                chosen=chosen.reason == name,
            )
            for name in names
        ),
    )


def order_choices(chosen: Filter) -> tuple[Choice, ...]:
    """Return what the worklist can be sorted by."""
    return tuple(
        Choice(
            text=say("orders", str(order)),
            filter=replace(chosen, order=order),
            chosen=chosen.order is order,
        )
        for order in Order
    )


def reason_name(name: str) -> str:
    """Return a reason as it stands in a menu, without the number it may come with."""
    said = say("reasons", name).replace("{value}", "…")
    return f"{said[:1].upper()}{said[1:]}"
