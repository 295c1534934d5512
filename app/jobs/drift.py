"""Does what comes in still look like what came before? PSI for mixes, KS for confidences.

    PSI = Σ (p - q) · ln(p / q)   over the shares p now and q before, empty ones counted as half a
                                  case; under 0.1 steady, from 0.25 changed (Siddiqi 2006).
    KS  = sup |F - G|             over the two distributions of confidences; moved where it exceeds
                                  1.36 · sqrt((n + m) / (n · m)), the 5 % bound (Smirnov 1948),
                                  changed at twice that.

With a handful of cases either swings by chance: under `FEWEST` on one side nothing is said.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log, sqrt

from app.jobs.ledger import DONE, KNOWN, Line

MOVED, CHANGED = 0.1, 0.25
FEWEST = 100
_KS = 1.36


@dataclass(slots=True, kw_only=True)
class Mix:
    """The mix of what some encounters were coded with."""

    lanes: Counter[str] = field(default_factory=Counter)
    chapters: Counter[str] = field(default_factory=Counter)
    sections: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    confidences: "array[float]" = field(default_factory=lambda: array("d"))


def mix_of(lines: Iterable[Line]) -> Mix:
    """Return the mix of the coded encounters among some lines."""
    mix = Mix()
    for line in lines:
        if line.outcome in {DONE, KNOWN}:
            mix.lanes[line.lane] += 1
            mix.chapters.update(line.mix.get("chapters", {}))
            mix.sections.update(line.mix.get("sections", {}))
            mix.kinds.update(line.mix.get("kinds", {}))
            mix.confidences.extend(line.mix.get("confidences", ()))
    return mix


def psi(now: Mapping[str, int], before: Mapping[str, int]) -> float:
    """Return the population stability index of two counts of the same things."""
    names = sorted({*now, *before})
    ours = sum(max(now.get(name, 0), 0.5) for name in names)
    theirs = sum(max(before.get(name, 0), 0.5) for name in names)
    total = 0.0
    for name in names:
        p, q = max(now.get(name, 0), 0.5) / ours, max(before.get(name, 0), 0.5) / theirs
        total += (p - q) * log(p / q)
    return total


def ks(now: Sequence[float], before: Sequence[float]) -> float:
    """Return the greatest distance of two distributions; 0 where one of them is empty."""
    ours, theirs = sorted(now), sorted(before)
    if not ours or not theirs:
        return 0.0
    return max(
        abs(bisect_right(ours, x) / len(ours) - bisect_right(theirs, x) / len(theirs))
        for x in {*ours, *theirs}
    )


def ks_bound(n: int, m: int) -> float:
    """Return what KS exceeds by chance in one of twenty pairs of samples of these sizes."""
    return _KS * sqrt((n + m) / (n * m))


def compare(now: Mix, before: Mix) -> list[dict[str, object]]:
    """Return what was compared, each with its figure, its thresholds and its verdict."""
    rows: list[dict[str, object]] = []
    for name in ("lanes", "chapters", "sections"):
        ours, theirs = getattr(now, name), getattr(before, name)
        enough = min(ours.total(), theirs.total()) >= FEWEST
        value = psi(ours, theirs) if enough else None
        rows.append(
            {
                "what": name,
                "measure": "PSI",
                "value": None if value is None else round(value, 4),
                "limit": CHANGED,
                "verdict": _verdict(value, MOVED, CHANGED),
            }
        )
    n, m = len(now.confidences), len(before.confidences)
    distance, bound = None, None
    if min(n, m) >= FEWEST:
        distance, bound = ks(now.confidences, before.confidences), ks_bound(n, m)
    rows.append(
        {
            "what": "confidences",
            "measure": "KS",
            "value": None if distance is None else round(distance, 4),
            "limit": None if bound is None else round(bound, 4),
            "verdict": "too few" if bound is None else _verdict(distance, bound, 2 * bound),
        }
    )
    return rows


def _verdict(value: float | None, moved: float, changed: float) -> str:
    if value is None:
        return "too few"
    return "changed" if value >= changed else "moved" if value >= moved else "steady"


def uncovered(now: Mapping[str, int], known: Iterable[str]) -> dict[str, int]:
    """Return what is seen in traffic and absent from the golden set, with its count."""
    there = set(known)
    return {name: count for name, count in sorted(now.items()) if name not in there}
