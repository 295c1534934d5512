"""The classification as a value: every question the rest of the program asks of a release."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, takewhile
from types import MappingProxyType

from taxonomy.excludes import find_excludes1
from taxonomy.model import (
    Code,
    Excludes1,
    Release,
    Superseded,
    TabularNote,
    Targets,
    Term,
    UnknownCodeError,
)
from taxonomy.places import Places, normal
from taxonomy.sevenths import full_code
from taxonomy.tables import NODE, Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """One release of ICD-10-CM, immutable. Make one with `load`.

    `before` is the release it was compared with, where it was (see `after`).

    Codes are taken in any spelling (case, missing dot, blanks) and given in the official one.
    Questions with an answer for "no such code" (None, empty) give it; the others raise
    UnknownCodeError.
    """

    release: Release
    _places: Places = field(repr=False, compare=False)
    before: Release | None = None
    _superseded: tuple[Superseded, ...] = field(default=(), repr=False, compare=False)

    @classmethod
    def from_tables(cls, release: Release, tables: Tables) -> "Taxonomy":
        """Make the value of a release from its compiled columns."""
        return cls(release=release, _places=Places.derive(tables))

    def after(self, older: "Taxonomy") -> "Taxonomy":
        """Return the same release, knowing which codes of an older one are no longer billable."""
        before = older._places  # noqa: SLF001 - another value of this class
        return replace(
            self,
            before=older.release,
            _superseded=tuple(
                Superseded(code=code, before=older.release.label, successors=successors)
                for code, successors in self._places.superseded(before)
            ),
        )

    def superseded(self, code: str) -> Superseded | None:
        """Return what a code was, or takes the place of, that was billable in the release before.

        None for a code that did not change, and where no release before is known (see `after`).
        """
        bare = normal(code) if self._superseded else ""
        return next((each for each in self._superseded if bare.startswith(each.code)), None)

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self._places.find(code) is not None

    def __len__(self) -> int:
        return self._places.rows.last[-1]

    def get(self, code: str) -> Code | None:
        """Return a header or billable code; None where the release has none such."""
        place = self._places.find(code)
        return None if place is None else self._places.value(place)

    def codes(self) -> Iterator[Code]:
        """Yield every row of the release in tabular order, headers included."""
        return map(self._places.value, self._places.all_places())

    def order(self, code: str) -> int:
        """Return the number of a code in tabular order, from 1; sorts codes as the book does."""
        return self._places.order(self._places.place(code))

    def children(self, code: str) -> tuple[str, ...]:
        """Return the codes one step below: nodes of the list, or the 7th-character codes."""
        place = self._places.place(code)
        if place.seventh >= 0:
            return ()
        below = self._places.children[place.node]
        if below:
            return tuple(self._places.tables.codes[node] for node in below)
        return tuple(
            full_code(self._places.tables.codes[place.node], char)
            for char in self._places.rows.chars[place.node]
        )

    def at(self, order: int) -> Code:
        """Return the row with this number in tabular order; UnknownCodeError where none has it."""
        if not 1 <= order <= len(self):
            raise UnknownCodeError(f"{self.release.label} has no row {order}.")
        return self._places.value(self._places.at_order(order))

    def siblings(self, code: str) -> tuple[str, ...]:
        """Return the codes on a code's own step, itself among them, in tabular order.

        Those below the same header; for a category, the categories of its section.
        """
        above = self.ancestors(code)
        if above:
            return self.children(above[0])
        tables = self._places.tables
        home = tables.homes[self._places.place(code).node]
        columns = zip(tables.codes, tables.parents, tables.homes, strict=True)
        return tuple(each for each, parent, at in columns if parent < 0 and at == home)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the codes above, nearest first, up to the category."""
        place = self._places.place(code)
        tables = self._places.tables
        at = place.node if place.seventh >= 0 else tables.parents[place.node]
        above: list[str] = []
        while at >= 0:
            above.append(tables.codes[at])
            at = tables.parents[at]
        return tuple(above)

    def chapter(self, code: str) -> str:
        """Return the number of a code's chapter, "1" to "22"."""
        tables = self._places.tables
        home = tables.homes[self._places.place(code).node]
        return tables.chapter_names[tables.section_chapters[home]]

    def section(self, code: str) -> str:
        """Return the id of the section a code stands in, such as "E08-E13"."""
        tables = self._places.tables
        return tables.section_names[tables.homes[self._places.place(code).node]]

    def title(self, node: str) -> str:
        """Return the title of a chapter number, section id or code.

        An id that is both a section and its only category (T07) gives the category's title.
        """
        tables = self._places.tables
        place = self._places.find(node)
        if place is not None:
            bare = place.seventh < 0
            return tables.titles[place.node] if bare else self._places.value(place).title
        headings = chain(
            zip(tables.chapter_names, tables.chapter_titles, strict=True),
            zip(tables.section_names, tables.section_titles, strict=True),
        )
        for name, title in headings:
            if name == node:
                return title
        raise UnknownCodeError(f"{node} is no chapter, section or code of this release.")

    def notes(self, code: str, *kinds: str, inherited: bool = True) -> tuple[TabularNote, ...]:
        """Return the notes that apply to a code, nearest first, then sections and chapter.

        Umbrella sections apply by range. Without `kinds` notes of every kind; with
        `inherited=False` only those of the node itself.
        """
        node = self._places.place(code).node
        tables = self._places.tables
        applying: Iterable[int] = self._places.inherited[node]
        if not inherited:
            # The nearest come first, so that a node's own stand together.
            applying = takewhile(
                lambda note: tables.levels[note] == NODE and tables.holders[note] == node, applying
            )
        return tuple(
            self._places.note(note) for note in applying if not kinds or tables.kinds[note] in kinds
        )

    def note_at(self, node: str, kind: str, number: int) -> TabularNote | None:
        """Return the note with this number (from 1) and kind at a node; None where none is."""
        at = self._places.number(node, kind, number)
        return None if at is None else self._places.note(at)

    def targets(self, note: TabularNote) -> Targets:
        """Return the rows a note of this release points to, or why it points to none."""
        at = self._places.number(note.node, note.kind, note.number)
        return Targets(unresolved="no-target") if at is None else self._places.targets[at]

    def excludes1(self, a: str, b: str) -> Excludes1 | None:
        """Return the type 1 excludes note that keeps two codes apart; None where none does.

        Tested in both directions, with inheritance, by ranges in tabular order (I.A.12.a). A
        note does not speak of what it stands above itself (D72), and a code-first,
        use-additional or code-also note at a more specific node takes precedence.
        """
        first, second = self._places.find(a), self._places.find(b)
        if first is None or second is None:
            return None
        return find_excludes1(self._places, first, second)

    def seventh_characters(self, code: str) -> Mapping[str, str]:
        """Return the 7th characters a base or full code may take, with their meaning."""
        place = self._places.find(code)
        number = -1 if place is None else self._places.tables.sevenths[place.node]
        pairs = self._places.tables.extensions[number] if number >= 0 else []
        return MappingProxyType({pair[0]: pair[1] for pair in pairs})

    def with_seventh(self, base: str, char: str) -> str | None:
        """Return a base code with this 7th character, placeholders filled; None if not valid."""
        place = self._places.find(base)
        wanted = char.strip().upper()
        if place is None or len(wanted) != 1 or wanted not in self._places.rows.chars[place.node]:
            return None
        return full_code(self._places.tables.codes[place.node], wanted)

    def leaves(self, code: str) -> tuple[str, ...]:
        """Return the billable codes below a code, or the code itself where it is billable."""
        place = self._places.place(code)
        if place.seventh >= 0:
            return (self._places.code(place),)
        low, high = self._places.spans[NODE][place.node]
        below = (self._places.at_order(order) for order in range(low, high + 1))
        return tuple(self._places.code(each) for each in below if self._places.billable(each))

    def default_leaf(self, code: str) -> str | None:
        """Return the base code a coder takes when the text says no more (I.A.18, I.B.18).

        The base itself where no node is below it, its 7th character still open; else the node
        below that says no more than the header, found by its words (see `taxonomy.defaults`);
        None where none stands out.
        """
        place = self._places.find(code)
        tables = self._places.tables
        at = -1 if place is None else tables.defaults[place.node]
        return tables.codes[at] if at >= 0 else None

    def terms(self) -> Iterator[Term]:
        """Yield titles, inclusion terms and includes notes of all nodes, headers too.

        None has a 7th character. Includes notes that name codes, open a list or are sentences
        are no terms and left out.
        """
        tables = self._places.tables
        for code, title in zip(tables.codes, tables.titles, strict=True):
            yield Term(text=title, code=code, kind="title")
            for text in self._places.inclusions(code):
                yield Term(text=text, code=code, kind="inclusion")
            for text in self._places.included(code):
                yield Term(text=text, code=code, kind="includes")
