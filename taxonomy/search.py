"""The search a coder types into: words cut short in any order, or the beginning of a code.

Words are looked up in the terms of the tabular list, in terms given beside it, and in the lines
of the index and its tables, all in one list; a "see" is followed to the codes it names. Whatever
finds a code, it is shown as the tabular list has it (I.B.1).
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from taxonomy.classification import Taxonomy
from taxonomy.index import ABSENT, IndexPath
from taxonomy.indexbook import IndexBook, Landing
from taxonomy.model import Code, TaxonomyError, Term
from taxonomy.places import normal
from taxonomy.termindex import TermIndex
from taxonomy.words import fold

_CODE_START = re.compile(r"[A-Z](?=[A-Z]?[0-9])[0-9A-Z.]+")
_CATEGORY = 3
_HEADER_SHARE = 0.94
_DEFAULT_SHARE = 0.97
_BARE_SHARE = 0.9
"""A line without a code counts less than one that has one."""
_COLUMN_SHARE = 0.93
"""Of several columns of a table that may be meant, the first is the likeliest."""
_POOL = 100
_REMEMBERED = 4096
_MOST_OF_ONE_LINE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A code found: `matched` is the term that was found, `kind` its kind or `code`.

    `kind` of a line of an index is that of the index. `score` is in 0..1 and orders the hits of
    one query. `incomplete` says why a code cannot be assigned as it stands: `category` (codes
    are below it), `seventh` (its 7th character is open), `line` (no code at all, but a line of
    an index that leads further), else "". `path` is the way through the index `index` to its
    line number `line`, where one was found; `see` the reference that was followed from there.
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
        self._bare = sorted({term.code.replace(".", "") for term in self._terms})
        texts = [term.text for term in self._terms]
        asides = [""] * len(texts)
        self._starts: list[int] = []
        for index in self._book.indexes():
            index.prepare()
            self._starts.append(len(texts))
            texts += index.texts
            asides += index.asides
        self._index = TermIndex(texts, asides)
        self._resolved = lru_cache(maxsize=_REMEMBERED)(self._resolve)

    def search(self, text: str, *, limit: int = 20) -> tuple[Hit, ...]:
        """Return up to `limit` codes for words or the beginning of a code, best first.

        The beginning of a code gives the codes that begin so, in tabular order, and nothing
        else; where no code begins so and no words are found, the nearest place above. A header
        found by words is preceded by the code a coder takes when nothing more is said. Blank
        text gives (); TaxonomyError for a limit below 1.
        """
        if limit < 1:
            raise TaxonomyError(f"A search for {limit} codes is not possible; ask for at least 1.")
        hits = tuple(map(self._jump, islice(self._from_code(text), limit)))
        hits = hits or tuple(self._from_words(text, pool=max(_POOL, 4 * limit))[:limit])
        return hits or tuple(map(self._jump, islice(self._above(text), limit)))

    def _jump(self, code: Code) -> Hit:
        return self._hit(code, code.code, "code", 1.0)

    def _from_code(self, text: str) -> Iterator[Code]:
        """Yield the codes that begin like `text`, in tabular order; none for words."""
        typed = normal(text)
        if not _CODE_START.fullmatch(typed):
            return
        bare = typed.replace(".", "")
        exact = self._taxonomy.get(typed)
        if exact is not None and exact.code != exact.base:
            yield exact
            return
        low = bisect_left(self._bare, bare)
        high = bisect_left(self._bare, bare + "\U0010ffff")
        nodes = sorted(map(normal, self._bare[low:high]), key=self._taxonomy.order)
        for node in nodes or self._with_placeholder(bare):
            yield from self._with_sevenths(node, bare)

    def _above(self, text: str) -> Iterator[Code]:
        """Yield the codes at the nearest place above a code that does not exist."""
        typed = normal(text)
        if not _CODE_START.fullmatch(typed):
            return
        bare = typed.replace(".", "")
        for size in range(len(bare) - 1, _CATEGORY - 1, -1):
            if bare[:size] in self._taxonomy:
                yield from self._from_code(bare[:size])
                return

    def _with_placeholder(self, bare: str) -> list[str]:
        """Return the base of which `bare` is the beginning of a full code (S00.00X)."""
        base = self._taxonomy.get(bare.rstrip("X"))
        return [base.code] if base is not None and bare.endswith("X") else []

    def _with_sevenths(self, node: str, bare: str) -> Iterator[Code]:
        codes = [node, *self._taxonomy.children(node)] if self._open(node) else [node]
        for code in codes:
            found = self._taxonomy.get(code)
            if found is not None and code.replace(".", "").startswith(bare):
                yield found

    def _open(self, node: str) -> bool:
        return bool(self._taxonomy.seventh_characters(node))

    def _from_words(self, text: str, *, pool: int) -> list[Hit]:
        """Return hits by words; among equals a leaf goes before its header, then tabular order.

        A code that a line of the index led to says so, whatever term it was found by.
        """
        best: dict[str, Hit] = {}
        ways: dict[str, Hit] = {}
        for found in self._index.find(text, limit=pool):
            if not self._starts or found.term < self._starts[0]:
                term = self._terms[found.term]
                hits = self._at_code(term.code, term.text, term.kind, found.score)
            else:
                hits = self._at_line(found.term, text, found.score)
                _keep(ways, hits)
            _keep(best, hits)
        order = self._taxonomy.order
        return sorted(
            (_with_way(hit, ways.get(hit.code)) for hit in best.values()),
            key=lambda hit: (-hit.score, not hit.code, order(hit.code) if hit.code else 0),
        )

    def _at_code(self, node: str, matched: str, kind: str, score: float) -> list[Hit]:
        """Return the hit of a code, after that of the code that stands for it by default."""
        code = self._taxonomy.get(node)
        if code is None:
            return []
        leaf = self._taxonomy.default_leaf(code.code)
        if leaf == code.base:
            return [self._hit(code, matched, kind, score)]
        hits = [self._hit(code, matched, kind, score * _HEADER_SHARE)]
        chosen = None if leaf is None else self._taxonomy.get(leaf)
        if chosen is not None:
            hits.insert(0, self._hit(chosen, matched, kind, score * _DEFAULT_SHARE))
        return hits

    def _at_line(self, term: int, text: str, score: float) -> list[Hit]:
        """Return the hits of a line of an index: its codes, else the line itself."""
        at = max(at for at, start in enumerate(self._starts) if start <= term)
        index = self._book.indexes()[at]
        path = index.path(term - self._starts[at])
        kind = index.source.kind
        hits: dict[str, Hit] = {}
        for landing in self._resolved(kind, path.number)[:_MOST_OF_ONE_LINE]:
            for number, code in enumerate(self._codes(landing, text)):
                share = _COLUMN_SHARE if number else 1.0
                _keep(hits, self._at_code(code, _joined(path), kind, score * share))
        if not hits and (path.entry.see or path.entry.see_also or path.entry.level == 0):
            hits[""] = Hit(
                code="",
                title=_joined(path),
                billable=False,
                matched=_joined(path),
                kind=kind,
                score=round(score * _BARE_SHARE, 4),
                incomplete="line",
            )
        see = "" if path.codes else path.entry.see
        way: dict[str, Any] = {"path": path.words, "index": kind, "line": path.number, "see": see}
        return [replace(hit, **way) for hit in hits.values()]

    def _resolve(self, kind: str, number: int) -> tuple[Landing, ...]:
        index = self._book.get(kind)
        return () if index is None else self._book.resolve(index.path(number), kind=kind)

    def _codes(self, landing: Landing, text: str) -> list[str]:
        """Return the codes of a line; of a table's those of the column that is meant, else all."""
        path, index = landing.path, self._book.get(landing.kind)
        if not path.entry.cells or index is None:
            found = path.codes or (path.entry.category,)
            return [code.rstrip("-.") for code in found if code]
        cells = dict(zip(index.source.columns, path.entry.cells, strict=False))
        if landing.column:
            chosen = [landing.column]
        else:
            asked = [word for word in fold(text).split() if len(word) >= _CATEGORY]
            fits = {name: _fit(asked, name) for name in cells}
            most = max(fits.values(), default=0)
            chosen = [name for name, fit in fits.items() if fit == most]
        return [
            cells[name].rstrip("-.") for name in chosen if cells.get(name, "") not in {"", *ABSENT}
        ]

    def _hit(self, code: Code, matched: str, kind: str, score: float) -> Hit:
        incomplete = ""
        if not code.billable:
            incomplete = "seventh" if self._open(code.code) else "category"
        return Hit(
            code=code.code,
            title=code.title,
            billable=code.billable,
            matched=matched,
            kind=kind,
            score=round(score, 4),
            incomplete=incomplete,
        )


def _known(taxonomy: Taxonomy, term: Term) -> Term:
    if term.code not in taxonomy:
        raise TaxonomyError(
            f"The search term for {term.code} names no code of {taxonomy.release.label}; "
            "correct or remove it."
        )
    return term


def _keep(best: dict[str, Hit], hits: Iterable[Hit]) -> None:
    for hit in hits:
        known = best.get(hit.key)
        if known is None or hit.score > known.score:
            best[hit.key] = hit


def _with_way(hit: Hit, way: Hit | None) -> Hit:
    if way is None or hit.path:
        return hit
    return replace(hit, path=way.path, index=way.index, line=way.line, see=way.see)


def _joined(path: IndexPath) -> str:
    return " › ".join(path.words)


def _fit(asked: list[str], column: str) -> int:
    """Return how many words of a query begin a word of a column's heading."""
    heading = fold(column).split()
    return sum(any(word.startswith(each) for word in heading) for each in asked)
