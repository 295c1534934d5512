"""Filters, counts and order of the worklist, against a plain reading of what they mean."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.worklist import LANES, Filter, Order, Roll
from audit import CaseRow, Listing, State
from pipeline.model import Route

REASONS = ("excludes1", "low-confidence", "same-text")


def listing(
    number: int,
    *,
    lane: Route = Route.REVIEW,
    state: State = State.OPEN,
    reasons: Sequence[str] = (),
    decided: int = 0,
    words: str = "",
    updated: str = "",
) -> Listing:
    row = CaseRow(
        case_id=f"c{number}",
        encounter_id=f"Visit-{number}",
        lane=lane,
        state=state,
        lane_reasons=tuple(reasons),
        note_count=1,
        suggestion_count=5,
        decided_count=decided,
        updated=updated or f"2026-05-{1 + (number * 3) % 28:02}",
        setting=None,
    )
    return Listing(row=row, opened=number + 1, words=f"visit-{number}\n{words}")


LISTINGS = st.lists(
    st.builds(
        lambda lane, state, reasons, decided, words: (lane, state, reasons, decided, words),
        st.sampled_from(LANES),
        st.sampled_from(list(State)),
        st.sets(st.sampled_from([*REASONS, "low-confidence=2"])),
        st.integers(0, 5),
        st.sampled_from(["i10", "e11.9 i10", "j44.1", ""]),
    ),
    max_size=30,
).map(
    lambda rows: tuple(
        listing(at, lane=lane, state=state, reasons=sorted(reasons), decided=n, words=words)
        for at, (lane, state, reasons, n, words) in enumerate(rows)
    )
)
FILTERS = st.builds(
    Filter,
    lane=st.none() | st.sampled_from(LANES),
    state=st.none() | st.sampled_from(list(State)),
    reason=st.none() | st.sampled_from(REASONS),
    text=st.sampled_from(["", "I10", "visit e11", "-1 i10", "nobody"]),
    order=st.sampled_from(list(Order)),
)


def plainly(items: Sequence[Listing], chosen: Filter) -> list[Listing]:
    return [
        item
        for item in items
        if chosen.lane in {None, item.row.lane}
        and chosen.state in {None, item.row.state}
        and (
            chosen.reason is None
            or chosen.reason in {reason.split("=")[0] for reason in item.row.lane_reasons}
        )
        and all(word.casefold() in item.words for word in chosen.text.split())
    ]


@given(items=LISTINGS, chosen=FILTERS)
def test_rows_and_counts_are_what_the_filter_says(
    items: tuple[Listing, ...], chosen: Filter
) -> None:
    roll = Roll()
    roll.merge(len(items), items)
    worklist = roll.select(chosen)
    assert {row.case_id for row in worklist.rows} == {
        item.row.case_id for item in plainly(items, chosen)
    }
    assert len(worklist.rows) == len({row.case_id for row in worklist.rows})
    assert worklist.size == len(items)
    for lane in LANES:
        assert worklist.counts[lane] == len(plainly(items, replace(chosen, lane=lane)))
    for state in State:
        assert worklist.states[state] == len(plainly(items, replace(chosen, state=state)))
    for reason in REASONS:
        asked = plainly(items, replace(chosen, reason=reason))
        assert worklist.reasons.get(reason, 0) == len(asked)


@given(items=LISTINGS, chosen=st.lists(FILTERS, min_size=2, max_size=6))
def test_one_filter_after_another_gives_what_each_gives_alone(
    items: tuple[Listing, ...], chosen: list[Filter]
) -> None:
    roll = Roll()
    roll.merge(len(items), items)
    for each in chosen:
        for text in (each.text[:2], each.text):
            alone = Roll()
            alone.merge(len(items), items)
            now = replace(each, text=text)
            assert roll.select(now) == alone.select(now)


def names(roll: Roll, order: Order) -> list[str]:
    return [row.case_id for row in roll.select(Filter(order=order)).rows]


def test_each_order_is_what_it_says() -> None:
    roll = Roll()
    items = (
        listing(0, lane=Route.AUTO, decided=1),
        listing(1, decided=4),
        listing(2, lane=Route.CONFIRM),
        listing(10, decided=2),
    )
    roll.merge(9, items)
    assert names(roll, Order.LANE) == ["c1", "c10", "c2", "c0"]
    assert names(roll, Order.ARRIVAL) == ["c0", "c1", "c2", "c10"]
    assert names(roll, Order.NEWEST) == ["c10", "c2", "c1", "c0"]
    assert names(roll, Order.CHANGED) == ["c2", "c1", "c10", "c0"]
    assert names(roll, Order.NAME) == ["c0", "c1", "c10", "c2"]
    assert names(roll, Order.MOST) == ["c2", "c0", "c10", "c1"]


def test_lines_keep_their_places_while_decisions_come_in() -> None:
    roll = Roll()
    roll.merge(4, tuple(listing(n) for n in range(4)))
    before = names(roll, Order.MOST)
    roll.merge(5, (listing(0, decided=5),))
    assert names(roll, Order.MOST) == before
    roll.sort()
    assert names(roll, Order.MOST) == [*before[1:], before[0]]
    roll.merge(6, (listing(9),))
    assert names(roll, Order.MOST)[-2:] == ["c9", "c0"], "a new case has its place found"


@given(
    items=st.lists(LISTINGS, min_size=1, max_size=3),
    order=st.sampled_from(list(Order)),
    numbers=st.lists(st.integers(0, 60), min_size=1, max_size=5, unique=True),
    day=st.integers(10, 30),
    decided=st.integers(0, 5),
)
def test_new_cases_of_others_move_no_line(
    items: list[tuple[Listing, ...]], order: Order, numbers: list[int], day: int, decided: int
) -> None:
    roll = Roll()
    for known, some in enumerate(items):
        before = names(roll, order)
        came = [
            listing(n, decided=decided, lane=Route.CONFIRM, updated=f"2026-06-{day}")
            for n in numbers
        ]
        roll.merge(known, [*some, *came])
        after = names(roll, order)
        assert [case_id for case_id in after if case_id in set(before)] == before
        assert sorted(after) == sorted({row.case_id for row in roll.rows()})


@pytest.mark.parametrize(
    ("order", "expected"), [(Order.CHANGED, "c9 c3 c2 c1 c0"), (Order.MOST, "c0 c1 c2 c3 c9")]
)
def test_a_new_case_is_put_among_lines_that_changed_meanwhile(order: Order, expected: str) -> None:
    roll = Roll()
    roll.merge(4, tuple(listing(n) for n in range(4)))
    names(roll, order)
    roll.merge(6, (listing(1, decided=3, updated="2026-07-01"), listing(9, updated="2026-06-01")))
    assert names(roll, order) == expected.split()
    roll.sort()
    assert names(roll, order) != expected.split(), "asked for, all are ordered anew"
