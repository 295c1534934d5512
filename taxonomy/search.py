"""The search a coder types into: words cut short in any order, or the beginning of a code."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from taxonomy.classification import Taxonomy
from taxonomy.model import Code, TaxonomyError, Term
from taxonomy.places import normal
from taxonomy.termindex import TermIndex

_CODE_START = re.compile(r"[A-Z](?=[A-Z]?[0-9])[0-9A-Z.]+")
_HEADER_SHARE = 0.94
_DEFAULT_SHARE = 0.97
_POOL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A code found: `matched` is the term that was found, `kind` its kind or `code`.

    `score` is in 0..1 and orders the hits of one query.
    """

    code: str
    title: str
    billable: bool
    matched: str
    kind: str
    score: float


class CodeSearch:
    """Find codes of a release by words or by code, over its terms and those given in `extra`.

    Building reads every term once; a query reads only postings. TaxonomyError where an extra
    term names a code the release has not.
    """

    def __init__(self, taxonomy: Taxonomy, extra: Iterable[Term] = ()) -> None:
        self._taxonomy = taxonomy
        self._terms = [*taxonomy.terms(), *(_known(taxonomy, term) for term in extra)]
        self._index = TermIndex([term.text for term in self._terms])
        self._bare = sorted({term.code.replace(".", "") for term in self._terms})

    def search(self, text: str, *, limit: int = 20) -> tuple[Hit, ...]:
        """Return up to `limit` codes for words or the beginning of a code, best first.

        The beginning of a code gives the codes that begin so, in tabular order, and nothing
        else. A header found by words is preceded by the code a coder takes when nothing more is
        said. Blank text gives (); TaxonomyError for a limit below 1.
        """
        if limit < 1:
            raise TaxonomyError(f"A search for {limit} codes is not possible; ask for at least 1.")
        codes = islice(self._from_code(text), limit)
        hits = tuple(_hit(code, code.code, "code", 1.0) for code in codes)
        return hits or tuple(self._from_words(text, pool=max(_POOL, 4 * limit))[:limit])

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
        """Return hits by words; among equals a leaf goes before its header, then tabular order."""
        best: dict[str, Hit] = {}
        for found in self._index.find(text, limit=pool):
            term = self._terms[found.term]
            code = self._taxonomy.get(term.code)
            if code is None:
                continue
            leaf = self._taxonomy.default_leaf(code.code)
            is_leaf = leaf == code.base
            score = found.score if is_leaf else found.score * _HEADER_SHARE
            _keep(best, _hit(code, term.text, term.kind, score))
            if leaf is not None and not is_leaf:
                chosen = self._taxonomy.get(leaf)
                if chosen is not None:
                    _keep(best, _hit(chosen, term.text, term.kind, found.score * _DEFAULT_SHARE))
        order = self._taxonomy.order
        return sorted(best.values(), key=lambda hit: (-hit.score, order(hit.code)))


def _known(taxonomy: Taxonomy, term: Term) -> Term:
    if term.code not in taxonomy:
        raise TaxonomyError(
            f"The search term for {term.code} names no code of {taxonomy.release.label}; "
            "correct or remove it."
        )
    return term


def _keep(best: dict[str, Hit], hit: Hit) -> None:
    known = best.get(hit.code)
    if known is None or hit.score > known.score:
        best[hit.code] = hit


def _hit(code: Code, matched: str, kind: str, score: float) -> Hit:
    return Hit(
        code=code.code,
        title=code.title,
        billable=code.billable,
        matched=matched,
        kind=kind,
        score=round(score, 4),
    )
