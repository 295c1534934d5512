"""Certify thresholds: `python -m pipeline.train.certify TRIALS.jsonl --scope documented`.

A trial is a suggested code of a note no part of which taught the confidence: the confidence,
whether a coder gave the code, and its stratum (`pipeline.route.stratum`); they are written by
`pipeline.train.confidence --trials`. For each stratum and target the lowest threshold is sought
for which the precision of all codes at or above it is what the route asks for, and the exact lower
bound on it (Clopper and Pearson 1934, one-sided, 95 %) is no less than what the route needs
vouched for.

To look at many thresholds and keep the lowest that passes would certify by luck. So they are tested
in an order fixed beforehand, from the top down, and the first failure ends it (fixed sequence
testing, as in Angelopoulos et al. 2021, "Learn then Test", §5): the chance that any threshold of a
stratum is wrongly certified stays at 5 %. The steps are hundredths. The first is the highest with
at least 100 codes at or above it, and with enough that two errors could still be certified; that
depends on confidences, not on answers. Each stratum and target is a claim of its own: of twenty
such claims one may be wrong.

The bound takes trials as independent draws from the notes to come. Codes of one note are not quite
independent, and notes of another kind are other notes: what is certified on case reports says
nothing of visits, which is why a threshold counts for its scope alone. Null is an answer: the
sample vouches for no threshold. Writes `resources/models/thresholds.json`.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, lgamma, log
from pathlib import Path

import numpy as np

from pipeline.model import Scope
from pipeline.train.logistic import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The precision that a route asks of the trials, and what the bound on it must reach."""

    seen: float
    vouched: float


ALPHA = 0.05
TARGETS = {"auto": Target(seen=0.95, vouched=0.93), "confirm": Target(seen=0.70, vouched=0.70)}
"""What each route asks for; 0.70 is how far two expert teams agree on such codes.

To vouch for 95 % takes a sample that is right in 96 or 97 of 100; 500 case reports have too few.
"""

_STEPS = [step / 100 for step in range(99, 49, -1)]
_LEAST = 100
_ERRORS = 2
"""Size of the first test and errors it can bear: one odd label should not end every search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What the sample of a stratum says of one target.

    With a threshold, `count`, `right` and `bound` are of the codes at or above it; without one, of
    those at the first threshold tested, or of the whole stratum where it is too small to test.
    """

    threshold: float | None
    count: int
    right: int
    bound: float
    reason: str


def main() -> None:
    """Certify and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trials", type=Path)
    parser.add_argument("--scope", type=Scope, choices=list(Scope), required=True)
    parser.add_argument("--data", default="CodiEsp English train (CC BY 4.0), out of fold")
    parser.add_argument("--out", type=Path, default=Path("resources/models/thresholds.json"))
    options = parser.parse_args()
    found = certify_strata(*read_trials(options.trials))
    written = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {}
    document = {
        "command": f"python -m pipeline.train.certify TRIALS.jsonl --scope {options.scope}",
        "confidence": 1 - ALPHA,
        "targets": {name: asdict(target) for name, target in TARGETS.items()},
        "scopes": {
            **written.get("scopes", {}),
            str(options.scope): {
                "data": options.data,
                "strata": {
                    name: {line: asdict(one) for line, one in lines.items()}
                    for name, lines in found.items()
                },
            },
        },
    }
    options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    for name, lines in found.items():
        for line, one in lines.items():
            shown = "none" if one.threshold is None else f"{one.threshold:.2f}"
            print(f"{name:20} {line:8} {shown:5} {one.right}/{one.count} {one.reason}")


def certify_strata(
    confidences: Floats, right: Floats, strata: Sequence[str]
) -> dict[str, dict[str, Certificate]]:
    """Return the certificate of each stratum, by name, and of each target."""
    members: Mapping[str, list[int]] = defaultdict(list)
    for at, name in enumerate(strata):
        members[name].append(at)
    return {
        name: {
            line: certify(confidences[members[name]], right[members[name]], target)
            for line, target in TARGETS.items()
        }
        for name in sorted(members)
    }


def certify(confidences: Floats, right: Floats, target: Target) -> Certificate:
    """Return the lowest certified threshold of one stratum; both arrays are [n]."""
    least = max(_LEAST, smallest_sample(target.vouched, errors=_ERRORS))
    passed: tuple[float, int, int] | None = None
    failed: tuple[int, int] | None = None
    for step in _STEPS:
        inside = confidences >= step
        count, hits = int(inside.sum()), int(right[inside].sum())
        if count < least:
            continue
        if tail(hits, count, target.vouched) > ALPHA:
            failed = failed or (hits, count)
            break
        if hits >= target.seen * count:
            passed = (step, hits, count)
        else:
            failed = failed or (hits, count)
    if passed is not None:
        return _certificate(passed[0], passed[1], passed[2], "certified")
    if failed is not None:
        return _certificate(None, *failed, "precision too low")
    return _certificate(None, int(right.sum()), len(right), "sample too small")


def _certificate(threshold: float | None, hits: int, count: int, reason: str) -> Certificate:
    bound = round(lower_bound(hits, count), 4)
    return Certificate(threshold=threshold, count=count, right=hits, bound=bound, reason=reason)


def smallest_sample(target: float, *, errors: int) -> int:
    """Return how many trials with this many errors it takes to certify a target precision."""
    count = errors + 1
    while tail(count - errors, count, target) > ALPHA:
        count += 1
    return count


def lower_bound(hits: int, count: int, alpha: float = ALPHA) -> float:
    """Return the one-sided Clopper-Pearson bound: below it, so many hits have a chance < `alpha`.

    It is the `alpha` quantile of Beta(hits, count - hits + 1), found by bisection on the binomial
    tail to 1e-12; 0 without a hit.
    """
    if hits == 0:
        return 0.0
    low, high = 0.0, 1.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        if tail(hits, count, middle) < alpha:
            low = middle
        else:
            high = middle
    return low


def tail(hits: int, count: int, p: float) -> float:
    """Return the chance of at least so many hits in `count` independent trials of chance `p`."""
    if hits <= 0:
        return 1.0
    if p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    whole = lgamma(count + 1)
    return min(
        1.0,
        sum(
            exp(
                whole
                - lgamma(k + 1)
                - lgamma(count - k + 1)
                + k * log(p)
                + (count - k) * log(1 - p)
            )
            for k in range(hits, count + 1)
        ),
    )


def write_trials(path: Path, confidences: Floats, right: Floats, strata: Sequence[str]) -> None:
    """Write one JSON line for each trial."""
    with path.open("w", encoding="utf-8") as file:
        for confidence, answer, name in zip(confidences, right, strata, strict=True):
            row = {"confidence": round(float(confidence), 4), "right": int(answer), "stratum": name}
            file.write(json.dumps(row) + "\n")


def read_trials(path: Path) -> tuple[Floats, Floats, list[str]]:
    """Return confidences, answers (1 or 0) and strata of a file of trials."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return (
        np.array([row["confidence"] for row in rows]),
        np.array([float(row["right"]) for row in rows]),
        [row["stratum"] for row in rows],
    )


if __name__ == "__main__":
    main()
