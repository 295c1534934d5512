"""The index and the tables beside it as one book, in which a "see" leads from one to another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from taxonomy.index import Followed, Index, IndexPath
from taxonomy.words import fold

_NEOPLASMS = ("neoplasm", "neoplasms", "table of neoplasms")
_DRUGS = ("table of drugs and chemicals", "table of drugs and biologicals")
_EXTERNAL = ("index to external causes", "external cause of injuries index")
_INDEX = ("index to diseases and injuries", "alphabetic index")
_COLUMNS: Mapping[str, str] = {
    "malignant": "Malignant Primary",
    "primary": "Malignant Primary",
    "malignant primary": "Malignant Primary",
    "secondary": "Malignant Secondary",
    "malignant secondary": "Malignant Secondary",
    "in situ": "Ca in situ",
    "benign": "Benign",
    "uncertain behavior": "Uncertain Behavior",
    "unspecified behavior": "Unspecified Behavior",
    "poisoning": "Poisoning Accidental (unintentional)",
    "accident": "Poisoning Accidental (unintentional)",
    "adverse effect": "Adverse effect",
    "underdosing": "Underdosing",
}
"""What a "see" calls a column of the tables. Poisoning of unknown intent counts as accidental
(guideline I.C.19.e)."""


_KINDS: Mapping[str, str] = {
    "index": "index",
    "external-causes": "external_causes",
    "drugs": "drugs",
    "neoplasms": "neoplasms",
}
"""The kinds of index and table, each with the field of a book that holds it."""
_STEPS = 8
"""How often one "see" may lead to the next before it counts as leading nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """A line with a code that a "see" leads to: in which index, and which column where said."""

    kind: str
    path: IndexPath
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexBook:
    """The index and tables that are at hand; None for one that is not."""

    index: Index | None = None
    external_causes: Index | None = None
    drugs: Index | None = None
    neoplasms: Index | None = None

    def follow(self, see: str, *, kind: str = "index") -> Followed:
        """Return where a "see" found in the index or table `kind` leads, in whichever it is.

        The one it was found in comes first where it has all the words; then the one it names by
        its title or, as "Neoplasm, skin, benign" does, by its main term; then the Alphabetic
        Index where that has all the words.
        """
        home = self.get(kind)
        there = Followed(paths=(), rest=(see,)) if home is None else home.follow(see)
        if there.paths and not there.rest:
            return there
        for table, heads, main in self._named():
            further = _in_table(table, heads, main, see)
            if further is not None:
                return further
        elsewhere = self.index.follow(see) if self.index is not None else there
        return elsewhere if elsewhere.paths and not elsewhere.rest else there

    def resolve(self, path: IndexPath, *, kind: str = "index") -> tuple[Landing, ...]:
        """Return the lines with a code that a line leads to: itself, or those its "see" names.

        A "see" that names a line of no code leads on to what that line sees. One that cannot be
        followed to its end leads nowhere, and so does a circle.
        """
        found: dict[tuple[str, int], Landing] = {}
        seen: set[tuple[str, int]] = set()
        waiting = [Landing(kind=kind, path=path)]
        for _ in range(_STEPS):
            further: list[Landing] = []
            for each in waiting:
                at = (each.kind, each.path.number)
                if at in seen:
                    continue
                seen.add(at)
                if each.path.codes:
                    found[at] = each
                elif each.path.entry.see:
                    led = self.follow(each.path.entry.see, kind=each.kind)
                    further += [
                        Landing(kind=led.kind, path=to, column=led.column)
                        for to in led.paths
                        if not led.rest
                    ]
            waiting = further
        return tuple(found.values())

    def indexes(self) -> tuple[Index, ...]:
        """Return the index and the tables that are at hand."""
        return tuple(each for each in map(self.get, _KINDS) if each is not None)

    def get(self, kind: str) -> Index | None:
        """Return an index or table by its kind; None where it is not at hand."""
        name = _KINDS.get(kind)
        found: Index | None = None if name is None else getattr(self, name)
        return found

    def _named(self) -> Iterator[tuple[Index, tuple[str, ...], str]]:
        """Yield each index with the names a "see" may call it by, and its one main term."""
        for table, heads, main in (
            (self.neoplasms, _NEOPLASMS, "Neoplasm"),
            (self.drugs, _DRUGS, ""),
            (self.external_causes, _EXTERNAL, ""),
            (self.index, _INDEX, ""),
        ):
            if table is not None:
                yield table, heads, main


def _in_table(table: Index, heads: tuple[str, ...], main: str, see: str) -> Followed | None:
    """Follow the words after a table's name in it; None where the words do not begin with it."""
    first, *words = (part.strip() for part in see.split(","))
    if fold(first) not in heads:
        return None
    columns = [_COLUMNS[fold(word)] for word in words if fold(word) in _COLUMNS]
    column = next((name for name in columns if name in table.source.columns), "")
    left = [word for word in words if not (column and fold(word) in _COLUMNS)]
    followed = table.follow(", ".join((*((main,) if main else ()), *left)))
    return Followed(paths=followed.paths, rest=followed.rest, kind=table.source.kind, column=column)
