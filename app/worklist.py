"""The worklist in memory: every case of a store as one line, filtered, counted and sorted.

Fifty thousand lines fit easily, and a search over them takes milliseconds, so the database is asked
only for what changed since (`Roll.follow`). The order of the lines stays while decisions and cases
come in: a list must not jump under the hand that works through it. A new case is put among them;
`Roll.sort` orders all anew.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from audit import CaseRow, Listing, State, Store
from pipeline.model import Route

LANES = (Route.REVIEW, Route.CONFIRM, Route.AUTO)
"""Lanes in the order a person works them: what is least certain first."""


class Order(StrEnum):
    """What the worklist may be sorted by."""

    LANE = "lane"
    ARRIVAL = "arrival"
    NEWEST = "newest"
    CHANGED = "changed"
    NAME = "name"
    MOST = "most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases are shown; None and the empty text show all. `reason` is an id without value."""

    lane: Route | None = None
    state: State | None = None
    reason: str | None = None
    text: str = ""
    order: Order = Order.LANE


NO_FILTER = Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """The cases under a filter, and how many there would be under each of its other choices.

    `counts`, `states` and `reasons` each leave out their own part of the filter, so that a lane
    can say how many cases it has while another is shown. `size` is the number of all cases.
    """

    rows: tuple[CaseRow, ...]
    counts: Mapping[Route, int] = field(default_factory=dict)
    states: Mapping[State, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    filter: Filter = NO_FILTER
    size: int = 0

    @property
    def total(self) -> int:
        """Return the number of cases in all lanes."""
        return sum(self.counts.values())

    @property
    def narrowed(self) -> bool:
        """Return whether cases are left out."""
        return len(self.rows) < self.size

    def place(self, case_id: str | None) -> int | None:
        """Return where a case stands, None where it is not shown."""
        return next((at for at, row in enumerate(self.rows) if row.case_id == case_id), None)


class _Line(NamedTuple):
    """A case with the words it is found by, its arrival, and its mark.

    The mark is lane, state and reasons in one text; there are few different ones, so that counts
    are sums over marks.
    """

    row: CaseRow
    words: str
    opened: int
    mark: str


class _Placed(NamedTuple):
    """What a case was put in its place by, which may have changed since, and the case."""

    key: tuple[int | str, ...]
    case_id: str


class Roll:
    """Every case of a store, in the order of the worklist.

    `changed` is True once a line is another, until whoever shows the lines takes that back.
    """

    def __init__(self) -> None:
        self.known = 0
        self.changed = False
        self._lines: dict[str, _Line] = {}
        self._order: list[_Placed] = []
        self._sorted: list[_Line] = []
        self._sorted_by: Order | None = None
        self._last: tuple[tuple[str, ...], list[_Line]] = ((), [])

    def follow(self, store: Store) -> None:
        """Take in what any process has recorded since."""
        self.merge(*store.changes(since=self.known))

    def merge(self, known: int, listings: Iterable[Listing]) -> None:
        """Take in what the log says up to event `known`.

        New cases have their place found among the others, which keep theirs.
        """
        self.known = known
        new: list[str] = []
        changed = False
        for listing in listings:
            row = listing.row
            names = sorted({reason.partition("=")[0] for reason in row.lane_reasons})
            mark = "\n".join((row.lane.value, row.state.value, *names))
            line = _Line(row, listing.words, listing.opened, mark)
            before = self._lines.get(row.case_id)
            if before is None:
                new.append(row.case_id)
            changed = changed or line != before
            self._lines[row.case_id] = line
        if new and self._sorted_by is not None:
            self._place(new, self._sorted_by)
        if changed:
            self._sorted = []
            self.changed = True

    def rows(self) -> tuple[CaseRow, ...]:
        """Return every case, in no order."""
        return tuple(line.row for line in self._lines.values())

    def sort(self) -> None:
        """Let the next `select` order the lines anew."""
        self._sorted_by = None

    def select(self, chosen: Filter) -> Worklist:
        """Return the cases under a filter, in its order."""
        found = self._found(chosen)
        counted = Counter([line.mark for line in found])
        marks = {mark: _Mark.read(mark, number) for mark, number in counted.items()}
        shown = {mark for mark, read in marks.items() if read.under(chosen)}
        lanes, states, reasons = _tallies(marks.values(), chosen)
        if len(shown) < len(marks):
            found = [line for line in found if line.mark in shown]
        return Worklist(
            rows=tuple([line.row for line in found]),
            counts={lane: lanes[lane] for lane in LANES},
            states={state: states[state] for state in State},
            reasons=dict(reasons.most_common()),
            filter=chosen,
            size=len(self._lines),
        )

    def _found(self, chosen: Filter) -> list[_Line]:
        """Return the lines with every word; of longer words only among those found last."""
        if self._sorted_by is not chosen.order:
            self._order = []
            self._place(self._lines, chosen.order)
            self._sorted_by = chosen.order
            self._sorted = []
        if not self._sorted:
            self._sorted = [self._lines[placed.case_id] for placed in self._order]
            self._last = ((), self._sorted)
        words = tuple(chosen.text.casefold().split())
        before, found = self._last
        grown = len(words) >= len(before) and all(map(str.startswith, words, before))
        if not grown:
            found = self._sorted
        for word in words:
            found = [line for line in found if word in line.words]
        self._last = (words, found)
        return found

    def _place(self, case_ids: Iterable[str], order: Order) -> None:
        """Put cases among those that have a place, by what each was when it got its own."""
        key = _KEYS[order]
        self._order += [_Placed(key(self._lines[case_id]), case_id) for case_id in case_ids]
        self._order.sort(reverse=order in _LATEST_FIRST)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Lane, state and reasons that a number of cases share."""

    lane: Route
    state: State
    reasons: tuple[str, ...]
    number: int

    @classmethod
    def read(cls, mark: str, number: int) -> "_Mark":
        lane, state, *reasons = mark.split("\n")
        return cls(Route(lane), State(state), tuple(reasons), number)

    def under(self, chosen: Filter, *, but: str = "") -> bool:
        """Return whether the filter lets these cases through, without one part of it."""
        return (
            (but == "lane" or chosen.lane in {None, self.lane})
            and (but == "state" or chosen.state in {None, self.state})
            and (but == "reason" or chosen.reason is None or chosen.reason in self.reasons)
        )


def _tallies(
    marks: Iterable[_Mark], chosen: Filter
) -> tuple[Counter[Route], Counter[State], Counter[str]]:
    lanes: Counter[Route] = Counter()
    states: Counter[State] = Counter()
    reasons: Counter[str] = Counter()
    for mark in marks:
        if mark.under(chosen, but="lane"):
            lanes[mark.lane] += mark.number
        if mark.under(chosen, but="state"):
            states[mark.state] += mark.number
        if mark.under(chosen, but="reason"):
            reasons.update(dict.fromkeys(mark.reasons, mark.number))
    return lanes, states, reasons


_LATEST_FIRST = frozenset({Order.NEWEST, Order.CHANGED})

_KEYS: Mapping[Order, Callable[[_Line], tuple[int | str, ...]]] = {
    Order.LANE: lambda item: (LANES.index(item.row.lane), item.opened),
    Order.ARRIVAL: lambda item: (item.opened,),
    Order.NEWEST: lambda item: (item.opened,),
    Order.CHANGED: lambda item: (item.row.updated, item.opened),
    Order.NAME: lambda item: (item.row.encounter_id.casefold(), item.opened),
    Order.MOST: lambda item: (item.row.decided_count - item.row.suggestion_count, item.opened),
}
