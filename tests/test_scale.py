"""The plan on paper follows from the two costs it names."""

import re
from math import ceil
from pathlib import Path

PLAN = (Path(__file__).parents[1] / "docs" / "scale.md").read_text()

CORE_HOUR, GIGABYTE = 0.05, 0.02
"""USD, as assumed there; a gigabyte is for a month."""

SIZES = ((15_000, 24), (1_500_000, 4), (1_000_000_000, 14 * 24))
"""Notes, and the hours for them: one hospital, a health system, a payer's look-back."""


def cost(row: str) -> float:
    """Return what a row of a table gives in milliseconds or kilobytes."""
    (found,) = re.findall(rf"^\| {row} \| ([0-9.]+) (?:ms|kB) \|", PLAN, re.MULTILINE)
    return float(found)


def short(value: float) -> str:
    """Return a number in two digits."""
    return f"{float(f'{value:.1e}'):,.10g}"


def hours(notes: int, milliseconds: float) -> float:
    return notes * milliseconds / 3_600_000


def lines() -> list[str]:
    """Return the rows that are computed."""
    worker, writer, size = cost("a worker"), cost("the writer"), cost("size of the store a note")
    takes = {commit: 1000 / (writer + commit) for commit in (6, 36)}
    million = hours(1_000_000, worker + writer)
    each = [
        (hours(notes, worker), hours(notes, worker) / time, notes / time / 3600, notes)
        for notes, time in SIZES
    ]
    return [
        f"| a million notes | {short(million)} core-hours, {short(million * CORE_HOUR)} USD; "
        f"{short(size)} GB of store, {short(size * GIGABYTE)} USD a month |",
        *(
            f"| one writer takes at most, where a commit takes {commit} ms | "
            f"{short(rate)} notes/s, which {short(rate * worker / 1000)} workers give |"
            for commit, rate in takes.items()
        ),
        f"| two workers on two cores, times one | at most {2 / (1 + writer / worker):.2f} |",
        "| worker hours | " + " | ".join(short(spent) for spent, *_ in each) + " |",
        "| cores of workers | " + " | ".join(short(cores) for _, cores, *_ in each) + " |",
        "| notes/s | " + " | ".join(short(rate) for _, _, rate, _ in each) + " |",
        "| writers and stores, at least | "
        + " | ".join(str(ceil(rate / takes[6])) for _, _, rate, _ in each)
        + " |",
        "| analysis, USD | "
        + " | ".join(short(hours(n, worker + writer) * CORE_HOUR) for *_, n in each)
        + " |",
    ]


def test_the_plan_says_what_follows_from_its_costs() -> None:
    missing = [line for line in lines() if f"\n{line}\n" not in PLAN]
    assert not missing, "docs/scale.md should say:\n" + "\n".join(missing)
