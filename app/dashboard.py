"""The figures of the dashboard: pure, from the lines of the worklist and the numbers of cases.

Each chart is a table of its own, so that what is painted, exported and read aloud is the same.
Shares come with their Wilson score interval of 95 % (Wilson 1927): 29 right of 30 is anything from
83 to 99 %, and a chart without that invites wrong conclusions.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import sqrt

from app.wording import count, say
from app.worklist import LANES
from audit import CaseRow, State
from audit.tally import Judged, Tally

Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""

BANDS = tuple((low / 10, (low + 1) / 10) for low in range(10))
AGES = ((1, "< 1"), (3, "1–2"), (8, "3–7"), (15, "8–14"), (31, "15–30"), (10**6, "> 30"))
"""Bands of days on hold: the first day no longer in it, and its name."""

PERIODS = (7, 30, 90)
"""Days a person can choose to look back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Numbers over the entries of a chart, None where there is none, with ends of intervals."""

    name: str
    values: tuple[float | None, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart: `kind` is stacked, beside, shares or reliability; `entries` are along its axis.

    `sizes` says how many cases or codes stand behind each entry of a chart of shares; `note` is a
    sentence on what is counted; `axis` and `unit` name the two axes.
    """

    id: str
    kind: str
    title: str
    note: str
    axis: str
    unit: str
    entries: tuple[str, ...]
    series: tuple[Series, ...]
    sizes: tuple[int, ...] = ()
    positions: tuple[float, ...] = ()

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to paint."""
        return not any(value for series in self.series for value in series.values)

    def csv(self) -> str:
        """Return the chart as a table, one line an entry."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        head = [say("dashboard", "band") if self.positions else self.axis]
        if self.positions:
            head.append(say("dashboard", "mean"))
        for series in self.series:
            head += [
                series.name,
                *([f"{series.name} low", f"{series.name} high"] if series.low else ()),
            ]
        rows.writerow([*head, *(["n"] if self.sizes else ())])
        for at, entry in enumerate(self.entries):
            line: list[str] = [entry]
            if self.positions:
                line.append(_plain(self.positions[at]))
            for series in self.series:
                line.append(_plain(series.values[at]))
                if series.low:
                    line += [_plain(series.low[at]), _plain(series.high[at])]
            rows.writerow([*line, *([str(self.sizes[at])] if self.sizes else ())])
        return text.getvalue()

    def spoken(self) -> str:
        """Return the chart as a sentence for a screen reader."""
        if self.empty:
            return f"{self.title}: {say('dashboard', 'empty')}"
        parts = []
        for at, entry in enumerate(self.entries):
            values = [
                f"{series.name} {_plain(series.values[at])}"
                for series in self.series
                if series.values[at]
            ]
            if values:
                parts.append(f"{entry}: {', '.join(values)}")
        return f"{self.title}. {'; '.join(parts)}"


def charts(
    rows: Sequence[CaseRow],
    tallies: Sequence[Tally],
    *,
    chapter: Callable[[str], str],
    days: int,
    today: date,
) -> tuple[Chart, ...]:
    """Return every chart.

    `rows` are all cases of the store, `tallies` those with decisions, `chapter` names the chapter
    of a code, `days` is how far to look back from `today` (local).
    """
    judged = [item for tally in tallies for item in tally.judged]
    return (
        throughput(tallies, days=days, today=today),
        lane_mix(rows),
        by_chapter(judged, chapter=chapter),
        by_confidence(judged),
        reliability(judged),
        holds(tallies, today=today),
    )


def throughput(tallies: Iterable[Tally], *, days: int, today: date) -> Chart:
    """Count submitted cases and decisions by local day."""
    dates = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    submitted: Counter[date] = Counter()
    decided: Counter[date] = Counter()
    for tally in tallies:
        if tally.submitted:
            submitted[local_day(tally.submitted)] += 1
        decided.update(local_day(when) for when, _ in tally.decisions)
    return Chart(
        id="throughput",
        kind="beside",
        title=say("dashboard", "throughput"),
        note=say("dashboard", "throughput-note"),
        axis=say("dashboard", "day"),
        unit=say("dashboard", "number"),
        entries=tuple(day.isoformat() for day in dates),
        series=(
            Series(
                name=say("dashboard", "submitted"), values=tuple(float(submitted[d]) for d in dates)
            ),
            Series(
                name=say("dashboard", "decisions"), values=tuple(float(decided[d]) for d in dates)
            ),
        ),
    )


def lane_mix(rows: Iterable[CaseRow]) -> Chart:
    """Count all cases of the store by lane and state."""
    counts = Counter((row.lane, row.state) for row in rows)
    return Chart(
        id="lanes",
        kind="stacked",
        title=say("dashboard", "lanes"),
        note=say("dashboard", "lanes-note", number=count(sum(counts.values()), "case")),
        axis=say("dashboard", "lane"),
        unit=say("dashboard", "cases"),
        entries=tuple(say("lane_tabs", str(lane)) for lane in LANES),
        series=tuple(
            Series(
                name=say("states_short", str(state)),
                values=tuple(float(counts[lane, state]) for lane in LANES),
            )
            for state in State
            if any(counts[lane, state] for lane in LANES)
        ),
    )


def by_chapter(judged: Sequence[Judged], *, chapter: Callable[[str], str]) -> Chart:
    """Return the share of suggested codes that stayed, by chapter, the largest chapters first."""
    groups: dict[str, list[Judged]] = {}
    for item in judged:
        groups.setdefault(chapter(item.code), []).append(item)
    named = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))[:12]
    return _shares("chapters", say("dashboard", "chapter"), [*named])


def by_confidence(judged: Sequence[Judged]) -> Chart:
    """Return the share of suggested codes that stayed, by bands of confidence."""
    groups = [(f"{low:.1f}–{high:.1f}", _within(judged, low, high)) for low, high in BANDS]
    return _shares("confidence", say("dashboard", "band"), [g for g in groups if g[1]])


def reliability(judged: Sequence[Judged]) -> Chart:
    """Return the share that stayed against the mean confidence it was suggested with."""
    groups = [(f"{low:.1f}–{high:.1f}", _within(judged, low, high)) for low, high in BANDS]
    made = _shares("reliability", say("dashboard", "mean"), [g for g in groups if g[1]])
    means = tuple(
        sum(item.confidence for item in group) / len(group) for _, group in groups if group
    )
    return Chart(
        id="reliability",
        kind="reliability",
        title=made.title,
        note=made.note,
        axis=made.axis,
        unit=made.unit,
        entries=made.entries,
        series=made.series,
        sizes=made.sizes,
        positions=means,
    )


def holds(tallies: Iterable[Tally], *, today: date) -> Chart:
    """Count the cases on hold by the days they have waited."""
    counts: Counter[str] = Counter()
    for tally in tallies:
        if tally.held:
            waited = (today - local_day(tally.held)).days
            counts[next(name for end, name in AGES if waited < end)] += 1
    return Chart(
        id="holds",
        kind="stacked",
        title=say("dashboard", "holds"),
        note=say("dashboard", "holds-note", number=count(sum(counts.values()), "case")),
        axis=say("dashboard", "days"),
        unit=say("dashboard", "cases"),
        entries=tuple(name for _, name in AGES),
        series=(
            Series(
                name=say("states_short", "held"),
                values=tuple(float(counts[name]) for _, name in AGES),
            ),
        ),
    )


def wilson(right: int, total: int) -> tuple[float, float]:
    """Return the ends of the 95 % Wilson score interval of a share; (0, 1) without a sample."""
    if not total:
        return 0.0, 1.0
    share, square = right / total, Z * Z
    middle = share + square / (2 * total)
    reach = Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    whole = 1 + square / total
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


def local_day(stamp: str) -> date:
    """Return the local day of a time of the log."""
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC).astimezone().date()


def _shares(name: str, axis: str, groups: Sequence[tuple[str, Sequence[Judged]]]) -> Chart:
    counted = [(sum(item.accepted for item in group), len(group)) for _, group in groups]
    ends = [wilson(right, total) for right, total in counted]
    total = sum(size for _, size in counted)
    return Chart(
        id=name,
        kind="shares",
        title=say("dashboard", name),
        note=say("dashboard", "judged-note", number=count(total, "judged code")),
        axis=axis,
        unit=say("dashboard", "share"),
        entries=tuple(entry for entry, _ in groups),
        series=(
            Series(
                name=say("dashboard", "accepted"),
                values=tuple(right / size for right, size in counted),
                low=tuple(low for low, _ in ends),
                high=tuple(high for _, high in ends),
            ),
        ),
        sizes=tuple(size for _, size in counted),
    )


def _within(judged: Iterable[Judged], low: float, high: float) -> list[Judged]:
    last = high == BANDS[-1][1]
    return [
        item
        for item in judged
        if low <= item.confidence < high or (last and item.confidence >= high)
    ]


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".") or "0"
