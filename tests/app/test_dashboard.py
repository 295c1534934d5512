"""The figures of the dashboard, from made-up cases, against counts made by hand."""

import csv
from datetime import UTC, date, datetime, timedelta
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dashboard import Chart, by_confidence, charts, reliability, wilson
from app.wording import say
from audit import CaseRow, State, Status
from audit.tally import Judged, Tally
from pipeline.model import Route

TODAY = date(2026, 11, 26)


def at(days_ago: int) -> str:
    noon = datetime(2026, 11, 26, 12).astimezone() - timedelta(days=days_ago)
    return noon.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def judged(code: str, confidence: float, status: Status = Status.ACCEPTED) -> Judged:
    return Judged(code=code, confidence=confidence, status=status)


def row(number: int, lane: Route, state: State = State.OPEN) -> CaseRow:
    return CaseRow(
        case_id=f"c{number}",
        encounter_id=f"e{number}",
        lane=lane,
        state=state,
        lane_reasons=(),
        note_count=1,
        suggestion_count=1,
        decided_count=0,
        updated="",
        setting=None,
    )


TALLIES = (
    Tally(
        case_id="c1",
        version=9,
        judged=(
            judged("E11.40", 0.95),
            judged("E78.5", 0.91, Status.REJECTED),
            judged("E03.9", 0.35, Status.REPLACED),
            judged("I10", 0.97),
        ),
        decisions=((at(0), "coder"), (at(0), "coder"), (at(3), "coder")),
        submitted=at(0),
        submitted_by="coder",
    ),
    Tally(case_id="c2", version=3, decisions=((at(40), "coder"),), held=at(5)),
    Tally(case_id="c3", version=3, held=at(0)),
)
ROWS = (
    row(1, Route.REVIEW, State.SUBMITTED),
    row(2, Route.REVIEW, State.HELD),
    row(3, Route.CONFIRM, State.HELD),
    row(4, Route.REVIEW),
)


def every_chart() -> tuple[Chart, ...]:
    return charts(
        ROWS,
        TALLIES,
        chapter=lambda code: say("chapters", {"E": "4", "I": "9"}[code[0]]),
        days=7,
        today=TODAY,
    )


def chart(name: str) -> Chart:
    return next(each for each in every_chart() if each.id == name)


def test_days_are_counted_back_from_today() -> None:
    made = chart("throughput")
    assert made.entries[0] == "2026-11-20"
    assert made.entries[-1] == "2026-11-26"
    submitted, decisions = made.series
    assert list(submitted.values) == [0, 0, 0, 0, 0, 0, 1]
    assert list(decisions.values) == [0, 0, 0, 1, 0, 0, 2], (
        "what is older than the period is left out"
    )


def test_lanes_count_every_case_once() -> None:
    made = chart("lanes")
    assert list(made.entries) == ["Review", "Confirm", "Auto"]
    told = {series.name: list(series.values) for series in made.series}
    assert told == {"Open": [1, 0, 0], "On hold": [1, 1, 0], "Submitted": [1, 0, 0]}


def test_acceptance_is_by_chapter_the_largest_first_and_with_its_sample() -> None:
    made = chart("chapters")
    assert list(made.entries) == ["4 Endocrine", "9 Circulatory"]
    assert list(made.series[0].values) == [1 / 3, 1.0]
    assert list(made.sizes) == [3, 1]


def test_confidence_falls_into_bands_and_keeps_its_mean() -> None:
    made = chart("reliability")
    assert list(made.entries) == ["0.3–0.4", "0.9–1.0"]
    assert made.positions == pytest.approx((0.35, (0.95 + 0.91 + 0.97) / 3))
    assert made.series[0].values == pytest.approx((0.0, 2 / 3))
    assert list(chart("confidence").sizes) == [1, 3]


def test_holds_age_by_local_days() -> None:
    made = chart("holds")
    assert dict(zip(made.entries, made.series[0].values, strict=True)) == {
        "< 1": 1,
        "1–2": 0,
        "3–7": 1,
        "8–14": 0,
        "15–30": 0,
        "> 30": 0,
    }


def test_nothing_decided_is_said_and_not_painted() -> None:
    made = charts((), (), chapter=str, days=7, today=TODAY)
    assert all(each.empty for each in made)
    assert made[0].spoken() == "Throughput: Nothing to show yet."
    assert made[0].csv().splitlines()[0] == "Day,Submitted,Decisions"


@pytest.mark.parametrize("made", every_chart(), ids=lambda each: each.id)
def test_every_chart_is_a_table_with_a_line_for_each_entry(made: Chart) -> None:
    head, *lines = csv.reader(made.csv().splitlines())
    assert len(lines) == len(made.entries)
    assert all(len(line) == len(head) for line in lines)
    assert [line[0] for line in lines] == list(made.entries)
    assert made.title in made.spoken()


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from(list(Status)[1:])), max_size=60))
def test_every_judged_code_falls_into_one_band(items: list[tuple[float, Status]]) -> None:
    codes = [judged("I10", confidence, status) for confidence, status in items]
    assert sum(by_confidence(codes).sizes) == len(codes)
    assert sum(reliability(codes).sizes) == len(codes)


@given(st.integers(1, 400), st.data())
def test_the_interval_holds_the_share_and_lies_within_0_and_1(
    total: int, data: st.DataObject
) -> None:
    right = data.draw(st.integers(0, total))
    low, high = wilson(right, total)
    assert 0 <= low <= right / total + 1e-12
    assert right / total - 1e-12 <= high <= 1


def test_the_interval_is_the_published_one() -> None:
    low, high = wilson(29, 30)
    assert (round(low, 2), round(high, 2)) == (0.83, 0.99)
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_interval_covers_what_it_says() -> None:
    """Over all outcomes of 40 draws with p = 0.8 it holds p in about 95 of 100 (exact sum)."""
    covered = sum(
        comb(40, k) * 0.8**k * 0.2 ** (40 - k)
        for k in range(41)
        if wilson(k, 40)[0] <= 0.8 <= wilson(k, 40)[1]
    )
    assert 0.92 < covered < 0.98
