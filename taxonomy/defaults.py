"""The code a coder takes when the text says no more than a header does.

Guidelines I.A.18 and I.B.18: the default code, which in the tabular list is the child for what
is not specified. It is read from the words of titles and inclusion terms: "unspecified", "NOS",
"not otherwise specified", "uncomplicated", "without complications", with the final character 9
(or 0) of unspecified codes as the last word between equals.
"""

import re
from collections.abc import Sequence

_UNSPECIFIED = re.compile(r"\bunspecified\b|\bnot otherwise specified\b|\bNOS\b", re.IGNORECASE)
_PLAIN = re.compile(r"\buncomplicated\b|\bwithout (?:mention of |any )?[a-z]", re.IGNORECASE)
_OTHER = re.compile(r"^other\b", re.IGNORECASE)


def choose_default(
    children: Sequence[str], titles: Sequence[str], inclusions: Sequence[Sequence[str]]
) -> int | None:
    """Return which child stands for "not specified", None where none does or two do equally.

    `inclusions` are the inclusion terms of each child.
    """
    if len(children) == 1:
        return 0
    ranks = [
        _rank(code, title, terms)
        for code, title, terms in zip(children, titles, inclusions, strict=True)
    ]
    best = max(ranks)
    if best[:2] == (0, 0) or ranks.count(best) > 1:
        return None
    return ranks.index(best)


def _rank(code: str, title: str, terms: Sequence[str]) -> tuple[int, int, int]:
    unspecified = len(_UNSPECIFIED.findall(title))
    named = any(_UNSPECIFIED.search(term) for term in terms)
    plain = bool(_PLAIN.search(title))
    if _OTHER.search(title) and not unspecified:
        return (0, 0, 0)
    return (2 * unspecified + named, plain, {"9": 2, "0": 1}.get(code[-1], 0))
