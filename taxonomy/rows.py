"""Rows of the order file by code: the number line on which references are ranges.

Every node owns a contiguous range of rows: its own, those of the nodes below it, and the codes
that 7th characters make of them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Span = tuple[int, int]
_CATEGORY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The nodes of a release with the rows they own; all sequences in tabular order.

    `first[i]` is the row of node i, `last[i]` the last row below it; `chars[i]` are the 7th
    characters a node takes, in row order, "" for none; `leaf[i]` says that no node is below.
    """

    codes: Sequence[str]
    first: Sequence[int]
    last: Sequence[int]
    leaf: Sequence[bool]
    chars: Sequence[str]
    index: dict[str, int] = field(default_factory=dict)

    @classmethod
    def spread(cls, codes: Sequence[str], parents: Sequence[int], chars: Sequence[str]) -> "Rows":
        """Number the rows: each node, then its 7th-character codes, then the nodes below."""
        first: list[int] = []
        row = 0
        for char in chars:
            row += 1
            first.append(row)
            row += len(char)
        last = [start + len(char) for start, char in zip(first, chars, strict=True)]
        leaf = [True] * len(codes)
        for at in range(len(codes) - 1, -1, -1):
            parent = parents[at]
            if parent >= 0:
                last[parent] = max(last[parent], last[at])
                leaf[parent] = False
        index = {code: at for at, code in enumerate(codes)}
        return cls(codes=codes, first=first, last=last, leaf=leaf, chars=chars, index=index)

    def below(self, code: str) -> Span | None:
        """Return the rows of a node and everything below; None where there is no such node."""
        at = self.index.get(code)
        return None if at is None else (self.first[at], self.last[at])

    def between(self, first: str, last: str) -> Span | None:
        """Return the rows from one code to another, both with all below.

        An endpoint that the release has not (K00-K93) is clipped to the nearest code inside the
        range; None where nothing is left.
        """
        start = self.below(first) or self._nearest(first, after=True)
        end = self.below(last) or self._nearest(last, after=False)
        if start is None or end is None or start[0] > end[1]:
            return None
        return (start[0], end[1])

    def within(self, spans: Iterable[Span]) -> Iterator[int]:
        """Yield the nodes whose own row lies in any of the spans."""
        for low, high in spans:
            # A row made by a 7th character belongs to a node before `low`, which is not inside.
            yield from range(bisect_right(self.first, low - 1), bisect_right(self.first, high))

    def _nearest(self, code: str, *, after: bool) -> Span | None:
        # Among the codes of the same length with the same beginning, which for letters in
        # third place (C4A) is only a rule of thumb; no missing endpoint of FY2026 has one.
        family = code[0] if len(code) == _CATEGORY else code[: _CATEGORY + 1]
        relatives = [
            at
            for at, other in enumerate(self.codes)
            if other.startswith(family) and len(other) == len(code)
        ]
        inside = [at for at in relatives if (self.codes[at] > code) == after]
        if not inside:
            return None
        at = inside[0] if after else inside[-1]
        return (self.first[at], self.last[at])


def merge(spans: Iterable[Span]) -> tuple[int, ...]:
    """Return spans as flat bounds: sorted, disjoint, touching ones joined."""
    bounds: list[int] = []
    for low, high in sorted(spans):
        if bounds and low <= bounds[-1] + 1:
            bounds[-1] = max(bounds[-1], high)
        else:
            bounds += [low, high]
    return tuple(bounds)
