"""A line of the index as a coder opens it: its way, its codes, where it sends, what is below."""

from dataclasses import dataclass

from taxonomy.classification import Taxonomy
from taxonomy.index import ABSENT, Index, IndexPath, IndexSource
from taxonomy.indexbook import IndexBook
from taxonomy.model import TaxonomyError
from taxonomy.page import Link, code_links


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRef:
    """A line as it stands in a list: enough to show it and to open it.

    `codes` are printed, with the dash that asks for more characters.
    """

    index: str
    line: int
    path: tuple[str, ...]
    modifiers: str
    codes: tuple[str, ...]
    see: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCode:
    """A code of a line, as printed, and what it is in the tabular list.

    `role` is `code`, `manifestation` (second of a bracketed pair, sequenced after the first),
    `category` (the line sends to all below), or the heading of a table's column. `code` is ""
    where the release has no such code: an index may be of another year than the list.
    """

    printed: str
    code: str
    title: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Where a "see" or "see also" leads: lines, codes in its words, and the words it does not name.

    A "see" is mandatory, a "see also" is not (I.A.16).
    """

    text: str
    mandatory: bool
    lines: tuple[LineRef, ...]
    links: tuple[Link, ...]
    column: str
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexLine:
    """A line with the lines above it (main term first) and one step below."""

    source: IndexSource
    line: LineRef
    above: tuple[LineRef, ...]
    codes: tuple[LineCode, ...]
    leads: tuple[Lead, ...]
    below: tuple[LineRef, ...]


def index_line(taxonomy: Taxonomy, book: IndexBook, kind: str, number: int) -> IndexLine:
    """Return a line by its index and number; TaxonomyError where there is none such."""
    index = book.get(kind)
    if index is None or not 0 <= number < len(index):
        raise TaxonomyError(
            f"There is no line {number} in the index {kind!r}; import the index, or search again."
        )
    path = index.path(number)
    return IndexLine(
        source=index.source,
        line=_ref(index, path),
        above=tuple(_ref(index, each) for each in index.above(number)),
        codes=_codes(taxonomy, index, path),
        leads=_leads(taxonomy, book, kind, path),
        below=tuple(_ref(index, each) for each in index.below(number)),
    )


def _ref(index: Index, path: IndexPath) -> LineRef:
    entry = path.entry
    printed = (entry.code, *entry.cells, entry.manifestation, entry.category)
    return LineRef(
        index=index.source.kind,
        line=path.number,
        path=path.words,
        modifiers=entry.modifiers,
        codes=tuple(dict.fromkeys(code for code in printed if code and code not in ABSENT)),
        see=entry.see,
    )


def _codes(taxonomy: Taxonomy, index: Index, path: IndexPath) -> tuple[LineCode, ...]:
    entry = path.entry
    roles = [
        ("code", entry.code),
        ("manifestation", entry.manifestation),
        ("category", entry.category),
        *zip(index.source.columns, entry.cells, strict=False),
    ]
    codes: list[LineCode] = []
    for role, printed in roles:
        if printed and printed not in ABSENT:
            found = taxonomy.get(printed.rstrip("-."))
            codes.append(
                LineCode(
                    printed=printed,
                    code="" if found is None else found.code,
                    title="" if found is None else found.title,
                    role=role,
                )
            )
    return tuple(codes)


def _leads(taxonomy: Taxonomy, book: IndexBook, kind: str, path: IndexPath) -> tuple[Lead, ...]:
    leads: list[Lead] = []
    for text, mandatory in ((path.entry.see, True), (path.entry.see_also, False)):
        if not text:
            continue
        followed = book.follow(text, kind=kind)
        index = book.get(followed.kind)
        leads.append(
            Lead(
                text=text,
                mandatory=mandatory,
                lines=() if index is None else tuple(_ref(index, to) for to in followed.paths),
                links=code_links(taxonomy, text),
                column=followed.column,
                rest=followed.rest,
            )
        )
    return tuple(leads)
