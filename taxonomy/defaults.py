"""The code a coder takes when the text says no more than a header does.

Guidelines I.A.18 and I.B.18: the default code, in the tabular list the child for what is not
specified. It is read from the words. First, a term below the header that says just what the
header says ("Asthma NOS" under J45.909). Else, step by step, the child whose title adds
"unspecified", "uncomplicated" or "without …" to its header's, with the final character 9 or 0 of
unspecified codes as the last word between equals.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from taxonomy.words import fold, stem

_UNSPECIFIED = re.compile(r"\bunspecified\b|\bnot otherwise specified\b|\bNOS\b", re.IGNORECASE)
_HALF = re.compile(r"\b(?:with|or) (?:an )?unspecified\b", re.IGNORECASE)
_PLAIN = re.compile(r"\buncomplicated\b|\bwithout\b|\bnot intractable\b", re.IGNORECASE)
_OTHER = re.compile(r"^other\b(?! and unspecified)", re.IGNORECASE)
_NONESSENTIAL = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_EMPTY = frozenset({"nos", "unspecified", "of", "the", "and", "in", "a"})
_RESIDUAL = frozenset({"other", "specified"})
_LAST_WORD = {"9": 2, "0": 1}
_Words = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A node as the choice sees it. `names` are what its terms say, `unspecified` the "NOS" ones.

    Terms that begin with "Other" name what is left over and not the thing itself.
    """

    code: str
    title: str
    meaning: _Words
    names: frozenset[_Words]
    unspecified: frozenset[_Words]


def branch(code: str, title: str, inclusions: Sequence[str]) -> Branch:
    """Read a node's title and inclusion terms once, for all the headers above it."""
    meaning = _meaning(title)
    terms = [(text, _meaning(text)) for text in inclusions]
    return Branch(
        code=code,
        title=title,
        meaning=meaning,
        names=frozenset(
            words for text, words in ((title, meaning), *terms) if not _OTHER.search(text)
        ),
        unspecified=frozenset(words for text, words in terms if _UNSPECIFIED.search(text)),
    )


def assign_defaults(branches: Sequence[Branch], parents: Sequence[int]) -> list[int]:
    """Return for each node the node that stands for it when nothing more is said.

    A leaf stands for itself; -1 where none stands out. Nodes come in tabular order, `parents`
    are positions among them, -1 for a category.
    """
    children: list[list[int]] = [[] for _ in branches]
    ends = list(range(len(branches)))
    for at in range(len(branches) - 1, -1, -1):
        parent = parents[at]
        if parent >= 0:
            children[parent].insert(0, at)
            ends[parent] = max(ends[parent], ends[at])
    defaults = list(range(len(branches)))
    for at in range(len(branches) - 1, -1, -1):
        if children[at]:
            chosen = _namesake(at, ends[at], branches)
            if chosen is None:
                chosen = _child(branches[at], children[at], branches)
            defaults[at] = -1 if chosen is None else defaults[chosen]
    return defaults


def _namesake(header: int, end: int, branches: Sequence[Branch]) -> int | None:
    """Return the one node below with a term that says what the header says.

    Of a node and its own header both so named, the lower; None where there is no such node or
    more than one line of them.
    """
    meaning = branches[header].meaning
    named = [at for at in range(header + 1, end + 1) if meaning in branches[at].names]
    # In tabular order what stands below a node follows it at once.
    lowest = [
        at
        for at, after in zip_longest(named, named[1:])
        if after is None or not branches[after].code.startswith(branches[at].code)
    ]
    return lowest[0] if len(lowest) == 1 else None


def _child(header: Branch, children: Sequence[int], branches: Sequence[Branch]) -> int | None:
    """Return the child that stands for "not specified", or the only one; None where none does.

    Only what a child's title adds to its header's counts. Failing that, the one child with a
    "NOS" term for the header, failing that the one that is "Other" with its very words.
    """
    if len(children) == 1:
        return children[0]
    ranks = [_rank(branches[at], header) for at in children]
    best = max(ranks)
    if best[0] > 0:
        return children[ranks.index(best)] if ranks.count(best) == 1 else None
    wanted = header.meaning
    named = [at for at in children if any(words <= wanted for words in branches[at].unspecified)]
    other = [
        at
        for at in children
        if _OTHER.search(branches[at].title)
        and branches[at].meaning - _RESIDUAL == wanted - _RESIDUAL
    ]
    return next((found[0] for found in (named, other) if len(found) == 1), None)


def _rank(child: Branch, header: Branch) -> tuple[float, int]:
    """Weigh what a title adds to its header's; "Unspecified …" first counts more."""
    last = _LAST_WORD.get(child.code[-1], 0)
    apart = not child.meaning & header.meaning
    if apart or (_OTHER.search(child.title) and not _UNSPECIFIED.search(child.title)):
        return 0.0, last
    above = _weigh(header.title)
    leads = _UNSPECIFIED.match(child.title) is not None and not _UNSPECIFIED.match(header.title)
    return _weigh(child.title) - above + (leads and above > 0), last


def _weigh(title: str) -> float:
    half = len(_HALF.findall(title))
    whole = len(_UNSPECIFIED.findall(title)) - half
    return 2 * whole + 0.5 * half + len(_PLAIN.findall(title))


def _meaning(text: str) -> _Words:
    words = fold(_NONESSENTIAL.sub(" ", text)).split()
    return frozenset(stem(word) for word in words) - _EMPTY
