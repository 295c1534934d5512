"""The ledger of a job: one line for each encounter or file that was dealt with, appended.

A line that was cut short by a killed process is passed over: what it stood for is asked of the
store again. `Tally` is what the lines add up to.
"""

import json
import os
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

DONE, KNOWN, FAILED, QUARANTINED = "done", "known", "failed", "quarantined"
OUTCOMES = (DONE, KNOWN, FAILED, QUARANTINED)
"""Coded and recorded; there already; analysis failed; input that could not be read."""

_RECENT = 500
_FLUSH = 1.0
_TAIL = 200
"""Bytes that hold the line of an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one encounter or file, by its keyed digest."""

    key: str
    outcome: str
    case_id: str
    lane: str
    seconds: float
    at: float
    mix: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a ledger adds up to; `rate` is encounters a second over the newest lines of a run.

    `counts` has how many came to each outcome, `lanes` how many coded encounters lie in each lane.
    There may be millions of lines: of each no more than its key, outcome and lane is held.
    """

    counts: Counter[str] = field(default_factory=Counter)
    lanes: Counter[str] = field(default_factory=Counter)
    total: int = 0
    finished: bool = False
    began: float = 0.0
    ended: float = 0.0
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _ends: dict[str, "_End"] = field(default_factory=dict)
    _shared: dict["_End", "_End"] = field(default_factory=dict)

    @property
    def dealt(self) -> int:
        """Return how many encounters and files were dealt with."""
        return len(self._ends)

    @property
    def rate(self) -> float:
        """Return encounters a second, 0 where that cannot be said yet."""
        if len(self.recent) < 2 or self.recent[-1] <= self.recent[0]:  # noqa: PLR2004 - a span
            return 0.0
        return (len(self.recent) - 1) / (self.recent[-1] - self.recent[0])

    @property
    def seconds_left(self) -> int | None:
        """Return how long the rest will take at the rate of late, None where that is not known."""
        return round(self.left / self.rate) if self.rate else None

    @property
    def left(self) -> int:
        """Return how many are still to be dealt with."""
        return max(0, self.total - self.dealt)

    def take(self, value: Mapping[str, Any]) -> None:
        """Add a line of the ledger."""
        kind, at = value.get("e"), float(value.get("at", 0.0))
        if kind == "run":
            self.total, self.finished, self.began = int(value["n"]), False, at
            self.recent.clear()
            self.recent.append(at)
        elif kind == "end":
            self.finished = True
        elif kind in OUTCOMES:
            self._end(str(value["k"]), _End(str(kind), str(value["l"])))
            if at:
                self.recent.append(at)
        self.ended = at or self.ended

    def _end(self, key: str, end: "_End") -> None:
        before = self._ends.get(key)
        if not _stands(end.outcome, before.outcome if before else None):
            return
        if before:
            self._count(before, -1)
        self._ends[key] = self._shared.setdefault(end, end)
        self._count(end, 1)

    def _count(self, end: "_End", by: int) -> None:
        self.counts[end.outcome] += by
        if end.outcome in {DONE, KNOWN}:
            self.lanes[end.lane] += by
            if not self.lanes[end.lane]:
                del self.lanes[end.lane]

    def keys(self, *outcomes: str) -> frozenset[str]:
        """Return the keys that came to one of some outcomes."""
        return frozenset(key for key, end in self._ends.items() if end.outcome in outcomes)


class _End(NamedTuple):
    """What became of an encounter or file; there are few different ones, which lines share."""

    outcome: str
    lane: str


class Ledger:
    """Appends to and reads the ledger of a job."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None
        self._flushed = 0.0

    def open(self) -> None:
        """Open for appending; a line that was cut short is ended first."""
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = os.fstat(self._handle).st_size
        if size and os.pread(self._handle, 1, size - 1) != b"\n":
            os.write(self._handle, b"\n")

    def close(self) -> None:
        """Flush to the disk and close."""
        if self._handle is not None:
            os.fsync(self._handle)
            os.close(self._handle)
            self._handle = None

    def begin(self, total: int) -> None:
        """Note that a run began, and how many encounters and files the job has now."""
        self._append({"e": "run", "n": total, "at": time.time()})

    def end(self) -> None:
        """Note that all was dealt with."""
        self._append({"e": "end", "at": time.time()})

    def add(
        self,
        key: str,
        *,
        outcome: str,
        case_id: str,
        lane: str,
        seconds: float,
        mix: Mapping[str, Any],
    ) -> None:
        """Note what became of an encounter; it is in the store already."""
        line: dict[str, Any] = {"e": outcome, "k": key, "c": case_id, "l": lane}
        line |= {"s": round(seconds, 4), "at": round(time.time(), 3)}
        if mix:
            line["m"] = mix
        self._append(line)

    def _append(self, value: Mapping[str, Any]) -> None:
        if self._handle is None:
            raise ValueError("the ledger is not open")
        os.write(self._handle, json.dumps(value, separators=(",", ":")).encode() + b"\n")
        if time.monotonic() - self._flushed > _FLUSH:
            os.fsync(self._handle)
            self._flushed = time.monotonic()

    def tally(self) -> Tally:
        """Return what the lines add up to; an empty tally where there are none."""
        tally = Tally()
        for value in self._lines():
            tally.take(value)
        return tally

    @property
    def size(self) -> int:
        """Return its bytes, 0 where there is none."""
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def at_end(self) -> bool:
        """Return whether its last line says that all was dealt with."""
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, self.size - _TAIL))
                last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
        except FileNotFoundError:
            return False
        return (_value(last) or {}).get("e") == "end"

    def standing(self) -> Iterator[Line]:
        """Yield the line of each key that stands, with its mix, holding no more than their places.

        The second pass meets what the first one met: a ledger only grows, and what a running job
        has added meanwhile is left out.
        """
        last: dict[str, int] = {}
        done: set[str] = set()
        for number, value in enumerate(self._lines()):
            if value.get("e") in OUTCOMES:
                key, outcome = str(value["k"]), str(value["e"])
                if _stands(outcome, DONE if key in done else None):
                    last[key] = number
                    (done.add if outcome == DONE else done.discard)(key)
        for number, value in enumerate(self._lines()):
            if value.get("e") in OUTCOMES and last.get(str(value["k"])) == number:
                yield _line(value)

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return
        with file:
            for raw in file:
                value = _value(raw)
                if value is not None:
                    yield value


class Follower:
    """Adds up a ledger that another process writes, reading no line twice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._tally = Tally()

    def look(self) -> Tally:
        """Return what the lines add up to by now; one that is not whole yet is left to wait."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return self._tally
        with file:
            file.seek(self._offset)
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                self._offset += len(raw)
                value = _value(raw)
                if value is not None:
                    self._tally.take(value)
        return self._tally


def _value(raw: bytes) -> dict[str, Any] | None:
    """Return what stands on a line; None for one that was cut short."""
    try:
        value = json.loads(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _stands(outcome: str, before: str | None) -> bool:
    """Tell whether a line takes the place of an earlier one of its key.

    Asked again after a kill, the store knows an encounter: it stays this job's own work.
    """
    return not (before == DONE and outcome == KNOWN)


def _line(value: Mapping[str, Any]) -> Line:
    return Line(
        key=str(value["k"]),
        outcome=str(value["e"]),
        case_id=str(value["c"]),
        lane=str(value["l"]),
        seconds=float(value["s"]),
        at=float(value.get("at", 0.0)),
        mix=value.get("m", {}),
    )
