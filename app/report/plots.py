"""Plots of an evaluation as SVG text: small, without scripts, in the colours of the page.

Colours are CSS classes that the page defines (`app.report`), so that one plot serves a light and a
dark screen. Every word is escaped here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import sqrt
from typing import Any

_SIDE = 320
_LEFT, _TOP, _RIGHT, _BELOW = 52, 12, 14, 84
_STRIP = 34
_LARGEST = 11.0
_ROW = 26
_NAMES = 270
_WIDTH = 900
_NUMBERS = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row of a bar chart: the whole bar, the part of it that is filled, words at its end."""

    name: str
    whole: int
    part: int
    told: str


def reliability(bins: Sequence[Mapping[str, Any]]) -> str:
    """Return precision against confidence, a dot a bin as large as its count, and the counts below.

    On the diagonal a confidence means what it says; below it the program is too sure.
    """
    filled = [each for each in bins if each["count"]]
    most = max((each["count"] for each in filled), default=1)
    marks: list[str] = []
    for tick in range(0, 11, 2):
        at = tick / 10
        marks.append(_line(_x(0), _y(at), _x(1), _y(at), "grid"))
        marks.append(_line(_x(at), _y(0), _x(at), _y(1), "grid"))
        marks.append(_text(_LEFT - 8, _y(at) + 4, f"{at:.1f}", "tick end"))
        marks.append(_text(_x(at), _y(0) + 16, f"{at:.1f}", "tick middle"))
    marks.append(_line(_x(0), _y(0), _x(1), _y(1), "diagonal"))
    floor = _y(0) + 22 + _STRIP
    for each in filled:
        x, y = _x(each["confidence"]), _y(each["precision"])
        radius = 2.5 + (_LARGEST - 2.5) * sqrt(each["count"] / most)
        told = (
            f"{each['count']} codes, mean confidence {each['confidence']:.2f}, "
            f"precision {each['precision']:.2f}"
        )
        marks.append(_line(x, _y(each["confidence"]), x, y, "gap"))
        marks.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
            f"<title>{escape(told)}</title></circle>"
        )
        left, right = _x(each["lower"]) + 1.5, _x(each["upper"]) - 1.5
        height = _STRIP * each["count"] / most
        marks.append(
            f'<rect class="count" x="{left:.1f}" y="{floor - height:.1f}" '
            f'width="{right - left:.1f}" height="{height:.1f}"/>'
        )
    marks.append(_line(_x(0), floor, _x(1), floor, "axis"))
    marks.append(_text(_x(0.5), floor + 18, "confidence (bars: how many codes)", "label middle"))
    middle = _y(0.5)
    marks.append(
        f'<text class="label middle" transform="rotate(-90 14 {middle:.1f})" '
        f'x="14" y="{middle:.1f}">share that is right</text>'
    )
    width, height = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BELOW
    return _svg(width, height, "Reliability of the confidence", marks)


def bars(rows: Sequence[Bar], title: str) -> str:
    """Return horizontal bars on one scale, each with its filled part and words at its end."""
    longest = max((row.whole for row in rows), default=0) or 1
    room = _WIDTH - _NAMES - _NUMBERS
    marks: list[str] = []
    for number, row in enumerate(rows):
        y = number * _ROW
        marks.append(_text(0, y + 17, _short(row.name), "name", full=row.name))
        for count, kind in ((row.whole, "whole"), (row.part, "part")):
            width = room * count / longest
            marks.append(
                f'<rect class="{kind}" x="{_NAMES}" y="{y + 5}" width="{width:.1f}" '
                f'height="{_ROW - 10}" rx="2"/>'
            )
        end = _NAMES + room * row.whole / longest
        marks.append(_text(end + 8, y + 17, row.told, "told"))
    return _svg(_WIDTH, max(1, len(rows)) * _ROW + 2, title, marks)


def _short(name: str) -> str:
    """Return a name that fits beside its bar; the whole of it is shown on hovering."""
    most = 36
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _svg(width: float, height: float, title: str, marks: Sequence[str]) -> str:
    said = escape(title)
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        f'aria-label="{said}">{"".join(marks)}</svg>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, kind: str, *, full: str = "") -> str:
    hover = f"<title>{escape(full)}</title>" if full else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{hover}{escape(words)}</text>'


def _x(value: float) -> float:
    return _LEFT + _SIDE * value


def _y(value: float) -> float:
    return _TOP + _SIDE * (1 - value)
