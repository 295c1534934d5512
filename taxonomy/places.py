"""Where everything stands: from the columns of a release to its tree, spans and inheritance."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from taxonomy.layout import Spans, inherit, lay_spans, node_name, only, reach
from taxonomy.model import Code, TabularNote, Targets, UnknownCodeError
from taxonomy.rows import Rows
from taxonomy.sevenths import full_code
from taxonomy.tables import CHAPTER, NODE, Tables

_CATEGORY = 3
_FULL_LENGTH = 7
_NO_TERM = re.compile(r"[.:]$|\b[A-Z][0-9][0-9A-Z]\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A row of the release: a node, and which of its 7th characters (-1 for the node itself)."""

    node: int
    seventh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Look-ups over `Tables`; derived when a release is loaded, never stored.

    `spans` are the rows of chapters, sections and nodes by level; `inherited` the numbers of the
    notes that apply to each node, nearest first, and `excluding` the type 1 excludes among
    them, whose targets together are `reach`; `notes_at` the notes by node name and kind.
    """

    tables: Tables
    rows: Rows
    children: list[list[int]]
    spans: Spans
    inherited: list[tuple[int, ...]]
    excluding: list[tuple[int, ...]]
    reach: list[Targets]
    notes_at: dict[tuple[str, str], list[int]]
    targets: list[Targets]

    @classmethod
    def derive(cls, tables: Tables) -> "Places":
        """Lay out the tree and pass notes down from chapters, sections and headers."""
        rows = tables.rows()
        children: list[list[int]] = [[] for _ in tables.codes]
        for at, parent in enumerate(tables.parents):
            if parent >= 0:
                children[parent].append(at)
        spans = lay_spans(tables, rows)
        inherited = inherit(tables, spans)
        known = [Targets(bounds=tuple(bounds)) for bounds in tables.bounds]
        reasons = {
            point: Targets(unresolved=point) for point in tables.points if isinstance(point, str)
        }
        targets = [
            reasons[point] if isinstance(point, str) else known[point] for point in tables.points
        ]
        excluding = only(inherited, tables, "excludes1")
        notes_at: dict[tuple[str, str], list[int]] = {}
        for note, kind in enumerate(tables.kinds):
            notes_at.setdefault((node_name(tables, note), kind), []).append(note)
        return cls(
            tables=tables,
            rows=rows,
            children=children,
            spans=spans,
            inherited=inherited,
            excluding=excluding,
            reach=reach(excluding, targets),
            notes_at=notes_at,
            targets=targets,
        )

    def find(self, code: str) -> Place | None:
        """Return the place of a code in any spelling; None where the release has none such."""
        node = self.rows.index.get(code)
        if node is not None:
            return Place(node=node, seventh=-1)
        code = normal(code)
        node = self.rows.index.get(code)
        if node is not None:
            return Place(node=node, seventh=-1)
        return self._find_full(code)

    def place(self, code: str) -> Place:
        """Return the place of a code; UnknownCodeError where the release has none such."""
        found = self.find(code)
        if found is None:
            raise UnknownCodeError(
                f"{code} is no ICD-10-CM code of this release; check its spelling and its date."
            )
        return found

    def superseded(self, before: "Places") -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the nodes that made billable codes in the list before and make none of their own.

        Each with the nodes below it that do now, none where it is gone; in the order before.
        """
        here = {self.tables.codes[at] for at in self.making(0, len(self.tables.codes))}
        for at in before.making(0, len(before.tables.codes)):
            code = before.tables.codes[at]
            if code in here:
                continue
            node = self.rows.index.get(code)
            if node is None:
                yield code, ()
                continue
            end = node + 1
            while end < len(self.rows.first) and self.rows.first[end] <= self.rows.last[node]:
                end += 1
            yield code, tuple(self.tables.codes[below] for below in self.making(node, end))

    def making(self, low: int, high: int) -> Iterator[int]:
        """Yield the nodes that are billable codes, or are with a 7th character."""
        return (at for at in range(low, high) if self.rows.leaf[at] or self.rows.chars[at])

    def order(self, place: Place) -> int:
        """Return the order number of a row."""
        return self.rows.first[place.node] + place.seventh + 1

    def code(self, place: Place) -> str:
        """Return the code of a row, with the dot."""
        base = self.tables.codes[place.node]
        if place.seventh < 0:
            return base
        return full_code(base, self.rows.chars[place.node][place.seventh])

    def at_order(self, order: int) -> Place:
        """Return the row with this order number (from 1)."""
        node = bisect_right(self.rows.first, order) - 1
        return Place(node=node, seventh=order - self.rows.first[node] - 1)

    def all_places(self) -> Iterator[Place]:
        """Yield every row in tabular order."""
        for node, chars in enumerate(self.rows.chars):
            for seventh in range(-1, len(chars)):
                yield Place(node=node, seventh=seventh)

    def value(self, place: Place) -> Code:
        """Return a row as the program knows it."""
        tables, node = self.tables, place.node
        base, title, parent = tables.codes[node], tables.titles[node], tables.parents[node]
        depth, above = 0, parent
        while above >= 0:
            depth, above = depth + 1, tables.parents[above]
        if place.seventh < 0:
            return Code(
                code=base,
                title=title,
                billable=self.billable(place),
                order=self.order(place),
                parent=tables.codes[parent] if parent >= 0 else None,
                base=base,
                depth=depth,
            )
        return Code(
            code=self.code(place),
            title=f"{title}, {tables.extensions[tables.sevenths[node]][place.seventh][1]}",
            billable=True,
            order=self.order(place),
            parent=base,
            base=base,
            depth=depth + 1,
        )

    def billable(self, place: Place) -> bool:
        """Say whether a row is a valid code: nothing below it and no 7th character missing."""
        return place.seventh >= 0 or (
            self.rows.leaf[place.node] and not self.rows.chars[place.node]
        )

    def note(self, number: int) -> TabularNote:
        """Return a note by its number in the tables."""
        tables = self.tables
        level, holder = tables.levels[number], tables.holders[number]
        if level == NODE:
            name = "category" if tables.parents[holder] < 0 else "code"
        else:
            name = "chapter" if level == CHAPTER else "section"
        return TabularNote(
            node=node_name(tables, number),
            level=name,
            kind=tables.kinds[number],
            number=tables.numbers[number],
            text=tables.texts[number],
        )

    def number(self, node: str, kind: str, number: int) -> int | None:
        """Return where a note stands in the tables; None where there is no such note."""
        found = self.notes_at.get((node, kind)) or self.notes_at.get((normal(node), kind)) or []
        return found[number - 1] if 0 < number <= len(found) else None

    def inclusions(self, code: str) -> list[str]:
        """Return the inclusion terms of a node."""
        return [
            self.tables.texts[note]
            for note in self.notes_at.get((code, "inclusion_term"), ())
            if self.tables.levels[note] == NODE
        ]

    def included(self, code: str) -> list[str]:
        """Return the includes notes of a category or code that are terms and nothing else."""
        return [
            self.tables.texts[note]
            for note in self.notes_at.get((code, "includes"), ())
            if self.tables.levels[note] == NODE and not _NO_TERM.search(self.tables.texts[note])
        ]

    def _find_full(self, code: str) -> Place | None:
        bare = code.replace(".", "")
        if len(bare) != _FULL_LENGTH:
            return None
        base = bare[:-1]
        while len(base) >= _CATEGORY:
            node = self.rows.index.get(dotted(base))
            if node is not None and self.rows.chars[node]:
                seventh = self.rows.chars[node].find(bare[-1])
                return Place(node=node, seventh=seventh) if seventh >= 0 else None
            if not base.endswith("X"):
                return None
            base = base[:-1]
        return None


def normal(code: str) -> str:
    """Return a code as the tabular list writes it: upper case, no blanks, the dot in place."""
    joined = "".join(code.split()).upper()
    return joined if joined.count(".") > 1 else dotted(joined.replace(".", ""))


def dotted(bare: str) -> str:
    """Put the dot after the category."""
    return f"{bare[:_CATEGORY]}.{bare[_CATEGORY:]}" if len(bare) > _CATEGORY else bare
