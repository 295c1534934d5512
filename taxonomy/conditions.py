"""The conditions that narrow a reference: "E08-E13 with .42", "T36-T50 with fifth or sixth …".

About a dozen patterns stand in the tabular list. A condition of any other form is answered with
no rows, and the caller leaves its note to be read by a person.
"""

import re
from collections.abc import Callable, Iterable
from itertools import chain

from taxonomy.rows import Rows, Span

_CATEGORY = 3
_INTENT_LENGTHS = (5, 6)
_SUFFIX = re.compile(
    r"(?:final characters?\s*)?(\.[0-9A-Z]{1,3}-?(?:[\s,.-]|or|and|\.[0-9A-Z]{1,3})*)"
)
_SUFFIX_RANGE = re.compile(r"\.([0-9]{1,3})-\.([0-9]{1,3})")
_SUFFIX_VALUE = re.compile(r"\.([0-9A-Z]{1,3})")
_PLACE = re.compile(
    r"(fifth or six(?:th)?|fifth to sixth|fifth|sixth|seventh|final|5th|6th|7th)"
    r"[ -]characters?\s+[.-]?([0-9A-Z]{1,2}(?:(?:\s*-\s*|\s*,\s*|\s+or\s+)[0-9A-Z]{1,2})*)\s*\.?"
)
_VALUE = re.compile(r"([0-9A-Z]{1,2})(?:\s*-\s*([0-9A-Z]))?")
_POSITIONS = {
    "fifth": (4, 5),
    "5th": (4, 5),
    "sixth": (5, 6),
    "6th": (5, 6),
    "fifth to sixth": (4, 6),
}


def condition_rows(condition: str, spans: Iterable[Span], rows: Rows) -> list[Span]:
    """Return the rows within `spans` that meet a condition; [] where it is of no known form."""
    text = condition.strip()
    if _SUFFIX.fullmatch(text):
        return _with_suffix(text, spans, rows)
    place = _PLACE.fullmatch(text)
    if place is None:
        return []
    values = _values(place.group(2))
    name = place.group(1)
    if name in {"seventh", "7th"}:
        return _with_seventh(values, spans, rows)
    if name in _POSITIONS:
        start, end = _POSITIONS[name]
        return _nodes(spans, rows, lambda bare, _: len(bare) == end and bare[start:end] in values)
    if name == "final":
        # "-90" are the last characters after the 4th: I69.090, but not I69.90.
        return _nodes(
            spans,
            rows,
            lambda bare, leaf: (
                leaf
                and any(bare.endswith(value) and len(bare) >= 4 + len(value) for value in values)
            ),
        )
    # The intent of a drug code stands in 6th place, or in 5th where the 6th is a placeholder.
    return _nodes(
        spans,
        rows,
        lambda bare, leaf: leaf and len(bare) in _INTENT_LENGTHS and bare[-1] in values,
    )


def _values(text: str) -> set[str]:
    values: set[str] = set()
    for value in _VALUE.finditer(text):
        first, last = value.groups()
        if last is None:
            values.add(first)
        else:
            values.update(chr(char) for char in range(ord(first), ord(last) + 1))
    return values


def _with_suffix(text: str, spans: Iterable[Span], rows: Rows) -> list[Span]:
    ranges = _SUFFIX_RANGE.findall(text)
    if len(ranges) != text.count("-."):
        return []
    suffixes = {value.group(1) for value in _SUFFIX_VALUE.finditer(text)}
    for first, last in ranges:
        suffixes.update(str(number) for number in range(int(first), int(last) + 1))
    categories = [rows.codes[at] for at in rows.within(spans) if len(rows.codes[at]) == _CATEGORY]
    found = (rows.below(f"{category}.{suffix}") for category in categories for suffix in suffixes)
    return [span for span in found if span is not None]


def _with_seventh(values: set[str], spans: Iterable[Span], rows: Rows) -> list[Span]:
    def of_node(at: int) -> list[Span]:
        start = rows.first[at] + 1
        return [
            (start + place, start + place)
            for place, char in enumerate(rows.chars[at])
            if char in values
        ]

    return list(chain.from_iterable(of_node(at) for at in rows.within(spans)))


def _nodes(spans: Iterable[Span], rows: Rows, meets: Callable[[str, bool], bool]) -> list[Span]:
    return [
        (rows.first[at], rows.last[at])
        for at in rows.within(spans)
        if meets(rows.codes[at].replace(".", ""), rows.leaf[at])
    ]
