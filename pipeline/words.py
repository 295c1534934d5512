"""Words of a text with their places, folded and stemmed the way terms are.

A word is a run of letters and digits. Folding works on one word at a time, so a word's place in the
canonical text is never in doubt, whatever folding does to its length.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from taxonomy.words import fold, stem

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

_LETTER = "A"

FILLERS = frozenset({"a", "an", "the", "of"})
"""Words that carry nothing in a term and may be missing from it."""


class Word(NamedTuple):
    """One word: its stem and its half-open code-point range."""

    stem: str
    start: int
    end: int


@lru_cache(maxsize=65536)
def _stem(raw: str) -> str:
    return stem(fold(raw).replace(" ", ""))


def words(text: str) -> list[Word]:
    """Return the words of a text in order; those that fold to nothing are left out.

    A capital A that does not begin the text is a letter of its own ("influenza A"), no article.
    """
    found: list[Word] = []
    for match in _WORD.finditer(text):
        raw = match.group()
        stemmed = _LETTER if found and raw == _LETTER else _stem(raw)
        if stemmed:
            found.append(Word(stemmed, *match.span()))
    return found


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words, fillers left out."""
    raw = _WORD.findall(text)
    found = [
        _LETTER if number and word == _LETTER else _stem(word) for number, word in enumerate(raw)
    ]
    return tuple(word for word in found if word and word not in FILLERS)
