"""An index or table of the classification as a value: terms, their codes, and where they point.

The Alphabetic Index, the Index to External Causes, the Table of Drugs and the Table of Neoplasms
have one form: main terms with subterms below, each with words, non-essential modifiers, a code
(which may end in "-": more characters are needed), a "see" (mandatory) or "see also" (optional,
I.A.16), in the tables one code a column. A code found here is verified in the tabular list
before it is used (I.B.1).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from taxonomy.termindex import TermIndex
from taxonomy.words import fold, stem

_MODIFIERS = re.compile(r"\([^()]*\)")
_LOOP = 8
_ALIKE = 3
_NO_BRACKETS = str.maketrans("()[]", "    ")
ABSENT = frozenset({"-", "--"})
"""What a table prints where a column has no code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """One line of an index, as printed.

    `parent` is the number of the line above it, -1 for a main term. `modifiers` are the
    non-essential ones, brackets included. `manifestation` is the second code of a bracketed pair
    (etiology first), `category` the category or subcategory a line sends to. `cells` holds a
    table's codes by column, "" where it has none.
    """

    title: str
    level: int
    parent: int
    modifiers: str = ""
    code: str = ""
    manifestation: str = ""
    category: str = ""
    see: str = ""
    see_also: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSource:
    """Which index this is and whose: the year may lag behind the release that uses it.

    `kind` is `index`, `external-causes`, `drugs` or `neoplasms`; `release` is the label it was
    imported for; `year` is None for a file that does not say; `columns` are the headings of a
    table's cells.
    """

    kind: str
    year: int | None
    release: str = ""
    digest: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPath:
    """A line with the words that lead to it, main term first."""

    number: int
    words: tuple[str, ...]
    entry: IndexEntry

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of the line without the closing dash; a manifestation comes last."""
        entry = self.entry
        found = (entry.code, *entry.cells, entry.manifestation)
        return tuple(dict.fromkeys(code.rstrip("-").rstrip(".") for code in found if code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Where a "see" leads: the lines, and the words that name none ("by site", "condition").

    `kind` says in which index or table the lines are, `column` which of a table's columns is
    meant, "" where that is not said.
    """

    paths: tuple[IndexPath, ...]
    rest: tuple[str, ...] = ()
    kind: str = ""
    column: str = ""


class Index:
    """The lines of one index, in its order."""

    def __init__(self, source: IndexSource, entries: Sequence[IndexEntry]) -> None:
        self.source = source
        self._entries = tuple(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def path(self, number: int) -> IndexPath:
        """Return a line by its number, from 0."""
        words: list[str] = []
        at = number
        while at >= 0:
            words.append(self._entries[at].title)
            at = self._entries[at].parent
        return IndexPath(number=number, words=tuple(reversed(words)), entry=self._entries[number])

    def paths(self) -> Iterator[IndexPath]:
        """Yield every line in the order of the index."""
        return map(self.path, range(len(self._entries)))

    def above(self, number: int) -> tuple[IndexPath, ...]:
        """Return the lines above a line, main term first."""
        lines: list[IndexPath] = []
        at = self._entries[number].parent
        while at >= 0:
            lines.insert(0, self.path(at))
            at = self._entries[at].parent
        return tuple(lines)

    def below(self, number: int) -> tuple[IndexPath, ...]:
        """Return the subterms one step below a line; -1 gives the main terms."""
        return tuple(map(self.path, self._children.get(number, ())))

    def find(self, words: str, *, limit: int = 20) -> tuple[IndexPath, ...]:
        """Return the lines whose path has these words, in any order and cut short, best first.

        Non-essential modifiers are found too and make no line longer.
        """
        return tuple(self.path(hit.term) for hit in self._search.find(words, limit=limit))

    def follow(self, see: str) -> Followed:
        """Return the lines a "see" or "see also" names, as far as its words can be followed.

        Words are matched step by step with the alternatives of a title ("Infarct, infarction").
        """
        parts = [part for part in map(str.strip, _MODIFIERS.sub(" ", see).split(",")) if part]
        here: list[int] = [-1]
        while parts:
            for size in range(len(parts), 0, -1):
                below = self._matching(here, ", ".join(parts[:size]))
                if below:
                    here, parts = below, parts[size:]
                    break
            else:
                break
        paths = () if here == [-1] else tuple(map(self.path, here))
        return Followed(paths=paths, rest=tuple(parts), kind=self.source.kind)

    def resolve(self, path: IndexPath) -> tuple[IndexPath, ...]:
        """Return the lines with a code that a line leads to: itself, or those its "see" names.

        A "see" that cannot be followed to its end leads nowhere here: a part of the way would
        give a code for something else.
        """
        found: dict[int, IndexPath] = {}
        seen: set[int] = set()
        waiting = [path]
        for _ in range(_LOOP):
            further: list[IndexPath] = []
            for each in waiting:
                if each.number in seen:
                    continue
                seen.add(each.number)
                if each.codes:
                    found[each.number] = each
                elif each.entry.see:
                    followed = self.follow(each.entry.see)
                    further += () if followed.rest else followed.paths
            waiting = further
        return tuple(found.values())

    def _matching(self, parents: Sequence[int], words: str) -> list[int]:
        """Return the lines below any of `parents` that one of these words names."""
        key = _key(words)
        found = [at for parent in parents for at in self._names.get((parent, key), ())]
        if found or parents[0] < 0:
            return found
        # "fixation device" for "fixation device, internal": the beginning of one title only.
        begun = [
            at
            for parent in parents
            for at in self._children.get(parent, ())
            if self._keys[at].startswith(f"{key} ")
        ]
        return begun if len(begun) == 1 else []

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        children: dict[int, list[int]] = {}
        for number, entry in enumerate(self._entries):
            children.setdefault(entry.parent, []).append(number)
        return children

    @cached_property
    def _keys(self) -> list[str]:
        return [_key(entry.title) for entry in self._entries]

    @cached_property
    def _names(self) -> dict[tuple[int, str], list[int]]:
        names: dict[tuple[int, str], list[int]] = {}
        for number, (entry, whole) in enumerate(zip(self._entries, self._keys, strict=True)):
            several = entry.title.split(",") if "," in entry.title else ()
            for key in {whole, *map(_key, several)} - {""}:
                names.setdefault((entry.parent, key), []).append(number)
        return names

    def prepare(self) -> None:
        """Do now what the first search and the first "see" would wait for."""
        _ = self.texts, self.asides, self._children, self._names

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Return what a search reads of each line: the words of its path.

        What makes a line no longer stands in brackets: the other forms of a word ("femur,
        femoral") and the headings of a table's cells.
        """
        heads = _bracketed(" ".join(self.source.columns))
        above = self._down(lambda entry: _forms(entry.title))
        return tuple(
            f"{text} {heads}" if entry.cells else text
            for text, entry in zip(above, self._entries, strict=True)
        )

    @cached_property
    def asides(self) -> tuple[str, ...]:
        """Return the non-essential modifiers on the path of each line."""
        return tuple(self._down(lambda entry: entry.modifiers))

    def _down(self, words: Callable[[IndexEntry], str]) -> list[str]:
        """Return for each line what `words` gives for it and the lines above, main term first."""
        texts: list[str] = []
        for entry in self._entries:
            above = texts[entry.parent] if entry.parent >= 0 else ""
            texts.append(f"{above} {words(entry)}".strip())
        return texts

    @cached_property
    def _search(self) -> TermIndex:
        return TermIndex(self.texts, self.asides)


def _forms(title: str) -> str:
    """Put the further forms of a title's first word in brackets; "Fracture, burst" has none."""
    first, *others = title.split(",")
    if not others:
        return title
    begin = first.strip()[:_ALIKE].casefold()
    same = [each for each in others if each.strip()[:_ALIKE].casefold() == begin]
    rest = [each for each in others if each not in same]
    return " ".join((first, *rest, *map(_bracketed, same)))


def _bracketed(words: str) -> str:
    return f"({words.translate(_NO_BRACKETS).strip()})" if words else ""


@lru_cache(maxsize=1 << 17)
def _key(text: str) -> str:
    plain = _MODIFIERS.sub(" ", text) if "(" in text else text
    return " ".join(map(_stem, fold(plain).split()))


_stem = lru_cache(maxsize=1 << 16)(stem)
