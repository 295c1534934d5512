"""The code a coder takes when the text says no more than a header does.

Guidelines I.A.18 and I.B.18: the default code, in the tabular list the child for what is not
specified. It is read from the words. First, a term below the header that says just what the
header says ("Asthma NOS" under J45.909). Else, step by step, the child whose title adds
"unspecified", "uncomplicated" or "without …" to its header's, with the final character 9 or 0 of
unspecified codes as the last word between equals.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from taxonomy.words import fold, stem

_UNSPECIFIED = re.compile(r"\bunspecified\b|\bnot otherwise specified\b|\bNOS\b", re.IGNORECASE)
_HALF = re.compile(r"\b(?:with|or) (?:an )?unspecified\b", re.IGNORECASE)
_PLAIN = re.compile(r"\buncomplicated\b|\bwithout\b|\bnot intractable\b", re.IGNORECASE)
_OTHER = re.compile(r"^other\b(?! and unspecified)", re.IGNORECASE)
_NONESSENTIAL = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_EMPTY = frozenset({"nos", "unspecified", "of", "the", "and", "in", "a"})
_RESIDUAL = frozenset({"other", "specified"})
_LAST_WORD = {"9": 2, "0": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A node as the choice sees it: its code, title and inclusion terms."""

    code: str
    title: str
    inclusions: Sequence[str]


def choose_namesake(title: str, below: Iterable[Branch]) -> str | None:
    """Return the one node below a header with a term that says just what its title says.

    Of a node and its own header both so named, the lower; None where there is no such node or
    more than one line of them.
    """
    meaning = _meaning(title)
    named = [
        branch.code
        for branch in below
        if any(
            _meaning(text) == meaning and not _OTHER.search(text)
            for text in (branch.title, *branch.inclusions)
        )
    ]
    lowest = [
        code
        for code in named
        if not any(other != code and other.startswith(code) for other in named)
    ]
    return lowest[0] if len(lowest) == 1 else None


def choose_child(header: str, children: Sequence[Branch]) -> str | None:
    """Return the child that stands for "not specified", or the only one; None where none does.

    `header` is the title above: only what a child's title adds to it counts. Failing that, the
    one child with a "NOS" term for it, failing that the one that is "Other" with its very words.
    """
    if len(children) == 1:
        return children[0].code
    wanted = _meaning(header)
    ranks = [
        (_added(child.title, header) if _meaning(child.title) & wanted else 0.0, _last(child.code))
        for child in children
    ]
    best = max(ranks)
    if best[0] > 0:
        return children[ranks.index(best)].code if ranks.count(best) == 1 else None
    named = [child.code for child in children if _names(child, wanted)]
    other = [
        child.code
        for child in children
        if _OTHER.search(child.title) and _meaning(child.title) - _RESIDUAL == wanted - _RESIDUAL
    ]
    return next((found[0] for found in (named, other) if len(found) == 1), None)


def _added(title: str, header: str) -> float:
    """Weigh what a title adds to its header's; "Unspecified …" first counts more."""
    if _OTHER.search(title) and not _UNSPECIFIED.search(title):
        return 0.0
    leads = _UNSPECIFIED.match(title) is not None and _UNSPECIFIED.match(header) is None
    return _weigh(title) - _weigh(header) + (leads and _weigh(header) > 0)


def _names(branch: Branch, wanted: frozenset[str]) -> bool:
    return any(_UNSPECIFIED.search(term) and _meaning(term) <= wanted for term in branch.inclusions)


def _last(code: str) -> int:
    return _LAST_WORD.get(code[-1], 0)


def _weigh(title: str) -> float:
    half = len(_HALF.findall(title))
    whole = len(_UNSPECIFIED.findall(title)) - half
    return 2 * whole + 0.5 * half + len(_PLAIN.findall(title))


@lru_cache(maxsize=16384)  # a header is asked about the titles its own headers were asked about
def _meaning(text: str) -> frozenset[str]:
    words = fold(_NONESSENTIAL.sub(" ", text)).split()
    return frozenset(stem(word) for word in words) - _EMPTY
