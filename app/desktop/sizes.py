"""How large the type of the whole window is, against the usual; one process shows one window."""

import re

STEPS = (0.9, 1.0, 1.1, 1.25, 1.4, 1.6)
"""Sizes to choose from, as shares of the usual one."""

_POINTS = re.compile(r"(?<=font-size: )([\d.]+)(?=pt)")
_now = {"scale": 1.0}


def scale() -> float:
    """Return the size in force, 1 for the usual one."""
    return _now["scale"]


def choose(wanted: float) -> None:
    """Take the size nearest to the one that is wanted."""
    _now["scale"] = min(STEPS, key=lambda step: abs(step - wanted))


def step(by: int) -> None:
    """Take a larger (`1`) or smaller (`-1`) size as far as there is one, or with 0 the usual."""
    at = STEPS.index(scale()) + by if by else STEPS.index(1.0)
    _now["scale"] = STEPS[min(max(at, 0), len(STEPS) - 1)]


def points(usual: float) -> float:
    """Return a size of type in points as it is now."""
    return usual * scale()


def scaled(sheet: str) -> str:
    """Return a style sheet with its sizes of type (`font-size: 9pt`) as they are now."""
    return _POINTS.sub(lambda found: f"{points(float(found[0])):.2f}", sheet)
