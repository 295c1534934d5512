"""Words one slip of the finger away from a word: the four edits of Damerau (CACM 7(3), 1964).

A letter left out, put in, wrong, or two changed over. What is asked is the other way round: which
known words, whole or begun, could have been meant. All edits of the typed word are looked up in
the sorted vocabulary, which costs some hundred bisections and no table.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LEAST = 5
"""Shorter words are an edit away from too many others."""
_BEGUN_LEAST = 4
_LAST = "\U0010ffff"

Slice = tuple[int, int]


def near(word: str, words: Sequence[str]) -> tuple[list[Slice], bool]:
    """Return slices of the sorted `words` that a mistyped `word` may mean, and whether whole.

    Whole words where there are any, else those that begin like an edit. Digits are never edited:
    a wrong number is another thing and not a slip. The first letter may change places or be
    missing, but no other letter takes its place.
    """
    if len(word) < _LEAST or not word.isalpha():
        return [], False
    edits = set(_edits(word)) - {word}
    whole = sorted({at for each in edits if (at := _at(each, words)) >= 0})
    if whole:
        return [(at, at + 1) for at in whole], True
    begun: set[Slice] = set()
    for each in edits:
        if len(each) >= _BEGUN_LEAST:
            low = bisect_left(words, each)
            if low < len(words) and words[low].startswith(each):
                begun.add((low, bisect_left(words, each + _LAST)))
    return sorted(begun), False


def _at(word: str, words: Sequence[str]) -> int:
    at = bisect_left(words, word)
    return at if at < len(words) and words[at] == word else -1


def _edits(word: str) -> Iterator[str]:
    for at in range(len(word)):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _LETTERS:
            if at:
                yield head + letter + tail[1:]
            yield head + letter + tail
    yield from (word + letter for letter in _LETTERS)
