"""The search a coder types into: words cut short in any order, or the beginning of a code.

Words are looked up in the terms of the tabular list, in terms given beside it, and in the lines
of the index and its tables, all in one list; a "see" is followed to the codes it names. Whatever
finds a code, it is shown as the tabular list has it (I.B.1).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice

from taxonomy.classification import Taxonomy
from taxonomy.codestart import CodeStart
from taxonomy.index import ABSENT, IndexPath
from taxonomy.indexbook import IndexBook, Landing
from taxonomy.model import Code, TaxonomyError, Term
from taxonomy.termindex import TermIndex
from taxonomy.words import fold

_CATEGORY = 3
_HEADER_SHARE = 0.94
_DEFAULT_SHARE = 0.97
_BARE_SHARE = 0.9
"""A line without a code counts less than one that has one."""
_COLUMN_SHARE = 0.93
"""Of several columns of a table that may be meant, the first is the likeliest."""
_POOL = 100
_REMEMBERED = 1 << 16
_MOST_OF_ONE_LINE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A code found: `matched` is the term that was found, `kind` its kind or `code`.

    `kind` of a line of an index is that of the index. `score` is in 0..1 and orders the hits of
    one query. `incomplete` says why a code cannot be assigned as it stands: `category` (codes
    are below it), `seventh` (its 7th character is open), `line` (no code at all, but a line of
    an index that leads further), else "". `path` is the way through the index `index` to its
    line number `line`, where one was found; `see` is the reference that was followed from there,
    `see_also` the one that a coder may follow further (I.A.16).
    """

    code: str
    title: str
    billable: bool
    matched: str
    kind: str
    score: float
    incomplete: str = ""
    path: tuple[str, ...] = ()
    index: str = ""
    line: int | None = None
    see: str = ""
    see_also: str = ""

    @property
    def key(self) -> str:
        """Return what tells a hit from the others of its query."""
        return self.code or f"{self.index} {self.line}"


class CodeSearch:
    """Find codes of a release by words or by code.

    Over its terms, those given in `extra`, and the lines of `book`. Building reads every term
    once; a query reads only postings. TaxonomyError where an extra term names a code the release
    has not.
    """

    def __init__(
        self, taxonomy: Taxonomy, extra: Iterable[Term] = (), book: IndexBook | None = None
    ) -> None:
        self._taxonomy = taxonomy
        self._book = book or IndexBook()
        self._terms = [*taxonomy.terms(), *(_known(taxonomy, term) for term in extra)]
        self._codes_from = CodeStart(taxonomy, {term.code for term in self._terms})
        texts = [term.text for term in self._terms]
        asides = [""] * len(texts)
        self._starts: list[int] = []
        self._indexes = self._book.indexes()
        for index in self._indexes:
            index.prepare()
            self._starts.append(len(texts))
            texts += index.texts
            asides += index.asides
        self._index = TermIndex(texts, asides)
        # A query meets the same codes and lines again and again while it is typed.
        self._standing = lru_cache(maxsize=_REMEMBERED)(self._stand)
        self._resolved = lru_cache(maxsize=_REMEMBERED)(self._resolve)

    def search(self, text: str, *, limit: int = 20) -> tuple[Hit, ...]:
        """Return up to `limit` codes for words or the beginning of a code, best first.

        The beginning of a code gives the codes that begin so, in tabular order, and nothing
        else; where none begins so, what is typed like a code, with its dot, leads to the nearest
        place above. A header found by words is preceded by the code a coder takes when nothing
        more is said. Blank text gives (); TaxonomyError for a limit below 1.
        """
        if limit < 1:
            raise TaxonomyError(f"A search for {limit} codes is not possible; ask for at least 1.")
        codes = tuple(islice(self._codes_from.find(text), limit))
        if codes:
            return tuple(self._hit(code, code.code, "code", 1.0) for code in codes)
        return tuple(self._from_words(text, limit=limit))

    def _from_words(self, text: str, *, limit: int) -> Iterator[Hit]:
        """Yield hits by words; among equals a leaf goes before its header, then tabular order.

        A code that a line of the index led to says so, whatever term it was found by.
        """
        best: dict[str, _Find] = {}
        ways: dict[str, _Find] = {}
        asked = [word for word in fold(text).split() if len(word) >= _CATEGORY]
        for found in self._index.find(text, limit=max(_POOL, 4 * limit)):
            of_line = bool(self._starts) and found.term >= self._starts[0]
            if of_line:
                stands = self._line_codes(found.term, asked)
            else:
                stands = self._standing(self._terms[found.term].code)
            for code, share, order in stands:
                score = round(found.score * share, 4)
                _keep(best, code, (score, order, found.term))
                if of_line:
                    _keep(ways, code, (score, order, found.term))
        ranked = sorted(best.items(), key=lambda each: (-each[1][0], each[1][1]))
        return (self._from_find(code, found, ways.get(code)) for code, found in ranked[:limit])

    def _from_find(self, code: str, found: "_Find", way: "_Find | None") -> Hit:
        score, _, term = found
        if self._starts and term >= self._starts[0]:
            kind, path = self._line(term)
            matched = " › ".join(path.words)
        else:
            kind, matched = self._terms[term].kind, self._terms[term].text
        value = self._taxonomy.get(code)
        if value is None:
            hit = Hit(
                code="",
                title=matched,
                billable=False,
                matched=matched,
                kind=kind,
                score=score,
                incomplete="line",
            )
        else:
            hit = self._hit(value, matched, kind, score)
        if way is None:
            return hit
        kind, path = self._line(way[2])
        return replace(
            hit,
            path=path.words,
            index=kind,
            line=path.number,
            see="" if path.codes else path.entry.see,
            see_also=path.entry.see_also,
        )

    def _stand(self, node: str) -> tuple["_Stand", ...]:
        """Return what a term of a code stands for: the code, and what is taken by default."""
        code = self._taxonomy.get(node)
        if code is None:
            return ()
        leaf = self._taxonomy.default_leaf(code.code)
        if leaf == code.base:
            return ((code.code, 1.0, code.order),)
        stands = [(code.code, _HEADER_SHARE, code.order)]
        if leaf is not None:
            stands.append((leaf, _DEFAULT_SHARE, self._taxonomy.order(leaf)))
        return tuple(stands)

    def _line_codes(self, term: int, asked: list[str]) -> tuple["_Stand", ...]:
        """Return the codes a line of an index leads to; where it has none, the line itself."""
        kind, path = self._line(term)
        stands = [
            (code, share * column, order)
            for landing in self._resolved(kind, path.number)[:_MOST_OF_ONE_LINE]
            for node, column in self._codes(landing, asked)
            for code, share, order in self._standing(node)
        ]
        entry = path.entry
        if not stands and (path.codes or entry.see or entry.see_also or entry.level == 0):
            stands.append((f"{kind} {path.number}", _BARE_SHARE, len(self._taxonomy) + term))
        return tuple(stands)

    def _line(self, term: int) -> tuple[str, IndexPath]:
        at = bisect_right(self._starts, term) - 1
        index = self._indexes[at]
        return index.source.kind, index.path(term - self._starts[at])

    def _resolve(self, kind: str, number: int) -> tuple[Landing, ...]:
        index = self._book.get(kind)
        return () if index is None else self._book.resolve(index.path(number), kind=kind)

    def _codes(self, landing: Landing, asked: list[str]) -> list[tuple[str, float]]:
        """Return the codes of a line; of a table's those of the column that is meant, else all."""
        path, index = landing.path, self._book.get(landing.kind)
        if not path.entry.cells or index is None:
            found = path.codes or (path.entry.category,)
            return [(code.rstrip("-."), 1.0) for code in found if code]
        columns = index.source.columns
        if landing.column:
            chosen = {landing.column}
        else:
            fits = [_fit(asked, name) for name in columns]
            chosen = {name for name, fit in zip(columns, fits, strict=True) if fit == max(fits)}
        cells = [
            cell.rstrip("-.")
            for name, cell in zip(columns, path.entry.cells, strict=False)
            if name in chosen and cell and cell not in ABSENT
        ]
        return [(cell, _COLUMN_SHARE if at else 1.0) for at, cell in enumerate(cells)]

    def _hit(self, code: Code, matched: str, kind: str, score: float) -> Hit:
        incomplete = ""
        if not code.billable:
            open_ = bool(self._taxonomy.seventh_characters(code.code))
            incomplete = "seventh" if open_ else "category"
        return Hit(
            code=code.code,
            title=code.title,
            billable=code.billable,
            matched=matched,
            kind=kind,
            score=score,
            incomplete=incomplete,
        )


_Stand = tuple[str, float, int]
"""A code or a line, its share of a term's score, and where it stands among equals."""
_Find = tuple[float, int, int]
"""Score, place among equals, and the term that found it."""


def _known(taxonomy: Taxonomy, term: Term) -> Term:
    if term.code not in taxonomy:
        raise TaxonomyError(
            f"The search term for {term.code} names no code of {taxonomy.release.label}; "
            "correct or remove it."
        )
    return term


def _keep(best: dict[str, _Find], code: str, find: _Find) -> None:
    if code not in best or find[0] > best[code][0]:
        best[code] = find


def _fit(asked: list[str], column: str) -> int:
    """Return how many words of a query begin a word of a column's heading."""
    heading = _heading(column)
    return sum(any(word.startswith(each) for word in heading) for each in asked)


@cache
def _heading(column: str) -> tuple[str, ...]:
    return tuple(fold(column).split())
