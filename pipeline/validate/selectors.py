"""Sets of codes as the tables under `resources/rules` write them, and which codes are in them.

    I10            the node and everything below it
    V00-Y99        from one node to another, both with everything below, in tabular order
    T36-T50/5      those whose intent, the 5th or 6th character, is 5; also /1-4
    S00-T88#AB     those whose 7th character is one of these
    !Z00.6         none of these, whatever else is named

Each set is turned into ranges of order numbers once; a code then finds all its sets with one
bisection.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taxonomy import Taxonomy

_SELECTOR = re.compile(
    r"(!?)([A-Z][0-9A-Z.]+)(?:-([A-Z][0-9A-Z.]+))?(?:/([0-9])(?:-([0-9]))?)?(?:#([0-9A-Z]+))?"
)
_FULL_LENGTH = 7
_INTENT_PLACE = 5


@dataclass(frozen=True, slots=True)
class _Part:
    """One range of a set, with the conditions on characters."""

    number: int
    excluded: bool
    intents: str
    sevenths: str

    def takes(self, bare: str) -> bool:
        if self.sevenths and (len(bare) != _FULL_LENGTH or bare[-1] not in self.sevenths):
            return False
        return not self.intents or _intent(bare) in self.intents


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The sets that a stretch of rows is in: whatever its codes, or by their characters."""

    always: tuple[int, ...]
    sometimes: tuple[_Part, ...]

    @classmethod
    def of(cls, parts: Sequence[_Part]) -> "_Stretch":
        plain = [part for part in parts if not part.sevenths and not part.intents]
        never = frozenset(part.number for part in plain if part.excluded)
        numbers = dict.fromkeys(part.number for part in plain if part.number not in never)
        sometimes = tuple(p for p in parts if (p.sevenths or p.intents) and p.number not in never)
        return cls(tuple(numbers), sometimes)

    def numbers(self, bare: str) -> Sequence[int]:
        found = [part for part in self.sometimes if part.takes(bare)]
        out = {part.number for part in found if part.excluded}
        every = dict.fromkeys((*self.always, *(part.number for part in found)))
        return [number for number in every if number not in out]


@dataclass(frozen=True, slots=True)
class Selectors:
    """Many sets of codes over one release."""

    starts: list[int]
    stretches: list[_Stretch]

    @classmethod
    def compile(cls, sets: Sequence[Sequence[str]], taxonomy: Taxonomy) -> "Selectors":
        """Lay the sets over the rows of a release; a node the release has not is left out."""
        edges: dict[int, list[tuple[bool, _Part]]] = {}
        for number, texts in enumerate(sets):
            for text in texts:
                first, last, part = _read(text, number)
                if first not in taxonomy or last not in taxonomy:
                    continue
                edges.setdefault(taxonomy.order(first), []).append((True, part))
                edges.setdefault(_last_row(last, taxonomy) + 1, []).append((False, part))
        starts, stretches, open_parts = [], [], list[_Part]()
        for row in sorted(edges):
            for opens, part in edges[row]:
                if opens:
                    open_parts.append(part)
                else:
                    open_parts.remove(part)
            starts.append(row)
            stretches.append(_Stretch.of(open_parts))
        return cls(starts, stretches)

    def of(self, code: str, order: int) -> Sequence[int]:
        """Return the numbers of the sets a code is in."""
        at = bisect_right(self.starts, order) - 1
        if at < 0:
            return ()
        stretch = self.stretches[at]
        return stretch.numbers(code.replace(".", "")) if stretch.sometimes else stretch.always


def nodes(texts: Iterable[str]) -> list[str]:
    """Return every node that a set names, so that a test can hold them against a release."""
    named = (_read(text, 0) for text in texts)
    return [node for first, last, _ in named for node in (first, last)]


def _read(text: str, number: int) -> tuple[str, str, _Part]:
    match = _SELECTOR.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} in a table of rules names no set of codes.")
    out, first, last, low, high, sevenths = match.groups()
    intents = "" if low is None else "".join(map(str, range(int(low), int(high or low) + 1)))
    return first, last or first, _Part(number, bool(out), intents, sevenths or "")


def _last_row(node: str, taxonomy: Taxonomy) -> int:
    below = taxonomy.children(node)
    while below:
        node = below[-1]
        below = taxonomy.children(node)
    return taxonomy.order(node)


def _intent(bare: str) -> str:
    """Return the intent of a drug code: the 6th character, or the 5th where that is X."""
    intent = bare[_INTENT_PLACE : _INTENT_PLACE + 1]
    return bare[_INTENT_PLACE - 1 : _INTENT_PLACE] if intent in {"", "X"} else intent
