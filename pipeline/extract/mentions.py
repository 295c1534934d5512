"""Where a note names a condition: phrases of the dictionary, and windows around words that do.

Both kinds may overlap; a later stage chooses, because only retrieval knows which of two readings
leads to a code. Positions count words of the note (`pipeline.words`), so a phrase is found whatever
its case, plural, accents or the punctuation inside it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pipeline.model import Finder
from pipeline.terms import ByFirst, Terms
from pipeline.words import FILLERS, Word
from resources import read_json
from taxonomy.words import fold, stem

_GAP = re.compile(r"[^\S\n]*[-/'’(),\[\]]{0,2}[^\S\n]*\n?[^\S\n]*")
_TIGHT = re.compile(r"[ \t]?[-/'’]?[ \t]?(?:\n[ \t]*)?")
_MAX_WORDS = 12


_FARTHEST_APART = 6

Place = tuple[int, int]
"""A half-open range of code points."""


@dataclass(frozen=True, slots=True)
class Found:
    """How a range was found; `words` are those to look up where they are not all of it."""

    finder: Finder
    words: str = ""


@dataclass(frozen=True, slots=True)
class Lexis:
    """The words that shape a window: what names a condition, what ends or joins a phrase."""

    heads: frozenset[str]
    suffixes: tuple[str, ...]
    not_heads: frozenset[str]
    stops: frozenset[str]
    joiners: frozenset[str]
    fillers: frozenset[str]
    sites: frozenset[str]
    left: int
    right: int

    @classmethod
    def read(cls) -> "Lexis":
        """Read the words from the rules."""
        data = read_json("rules/mentions.json")

        def stemmed(key: str) -> frozenset[str]:
            return frozenset(stem(fold(word)) for word in data[key])

        return cls(
            heads=stemmed("heads"),
            suffixes=tuple(data["suffixes"]),
            not_heads=stemmed("suffix_exceptions"),
            stops=stemmed("stops"),
            joiners=stemmed("joiners"),
            fillers=stemmed("fillers"),
            sites=stemmed("sites"),
            left=data["left"],
            right=data["right"],
        )

    def is_head(self, word: str) -> bool:
        """Tell whether a stem names a condition by itself or by how it ends."""
        if word in self.heads:
            return True
        return len(word) > 5 and word not in self.not_heads and word.endswith(self.suffixes)  # noqa: PLR2004 - "-itis" alone is no condition


def find(
    text: str, words: Sequence[Word], barred: Sequence[Place], terms: Terms, lexis: Lexis
) -> dict[Place, Found]:
    """Return the half-open ranges of `text` that name a condition, and how each was found.

    `words` are those of one sentence, in order; no window grows over a word in `barred`, the places
    of assertion triggers ("denies", "mother").
    """
    found: dict[Place, Found] = {}
    for _, ours in split(words, terms.apart):
        low, high = words[ours[0]].start, words[ours[-1]].end
        looked_up = " ".join(text[words[n].start : words[n].end] for n in ours)
        found.setdefault((low, high), Found(Finder.SPLIT, looked_up))
    for low, high, key in phrases(text, words, terms.phrases):
        if len(key) > 1 or key[0] not in lexis.stops:
            found[low, high] = Found(Finder.DICTIONARY)
    for place in _capitals(text, words, terms):
        found[place] = Found(Finder.DICTIONARY)
    shut = {n for low, high in barred for n, word in enumerate(words) if low <= word.start < high}
    for place in _windows(text, words, shut, lexis):
        before = found.get(place, Found(Finder.NONE))
        found[place] = Found(before.finder | Finder.WINDOW, before.words)
    return found


def split(
    words: Sequence[Word], known: Mapping[str, tuple[tuple[str, ...], ...]]
) -> Iterator[tuple[tuple[str, ...], list[int]]]:
    """Yield each phrase whose words stand apart in one sentence: its stems, and where they are.

    `known` holds the stems of phrases by the rarest of them. The words may come in any order, with
    a few others between them; each is the one nearest to the rarest.
    """
    at: dict[str, list[int]] = {}
    for number, word in enumerate(words):
        at.setdefault(word.stem, []).append(number)
    for number, word in enumerate(words):
        for key in known.get(word.stem, ()):
            if any(part not in at for part in key):
                continue
            ours = sorted({number, *(min(at[part], key=lambda n: abs(n - number)) for part in key)})
            between = ours[-1] - ours[0] + 1 - len(ours)
            if len(ours) == len(set(key)) and 0 < between <= _FARTHEST_APART:
                yield key, ours


def _joined(text: str, words: Sequence[Word], first: int, last: int, gap: re.Pattern[str]) -> bool:
    """Tell whether nothing but `gap` stands between the words first..last (inclusive)."""
    return all(
        gap.fullmatch(text, words[n].end, words[n + 1].start) is not None
        for n in range(first, last)
    )


def phrases(
    text: str, words: Sequence[Word], known: ByFirst
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield the longest phrase that begins at each word, not inside a longer one, and its stems.

    Fillers between the words of a phrase do not count.
    """
    reach = -1
    telling = [n for n, word in enumerate(words) if word.stem not in FILLERS]
    stems = [words[n].stem for n in telling]
    for at, first in enumerate(telling):
        for length, keys in known.get(stems[at], ()):
            key = tuple(stems[at : at + length])
            if key not in keys:
                continue
            last = telling[at + length - 1]
            if last <= reach or not _joined(text, words, first, last, _GAP):
                continue
            reach = last
            yield words[first].start, words[last].end, key
            break


def _capitals(text: str, words: Sequence[Word], terms: Terms) -> Iterator[Place]:
    """Yield abbreviations that count only as they are written."""
    for first, word in enumerate(words):
        if text[word.start : word.end] in terms.caps_begin:
            for last in words[first : first + 3]:
                if text[word.start : last.end] in terms.caps:
                    yield word.start, last.end


def _windows(
    text: str, words: Sequence[Word], shut: AbstractSet[int], lexis: Lexis
) -> Iterator[Place]:
    """Yield the phrase around each word that names a condition, short and with what it joins."""
    for at, word in enumerate(words):
        if at in shut or not lexis.is_head(word.stem):
            continue
        first = at
        while (
            first > 0
            and first - 1 not in shut
            and at - first < lexis.left
            and words[first - 1].stem not in lexis.stops
            and words[first - 1].stem not in lexis.joiners
            and _joined(text, words, first - 1, first, _TIGHT)
        ):
            first -= 1
        last = at
        while (
            last + 1 < len(words)
            and lexis.is_head(words[last + 1].stem)
            and _joined(text, words, last, last + 1, _TIGHT)
        ):
            last += 1
        yield words[first].start, words[last].end
        longer = _extend(text, words, last, shut, lexis)
        if longer > last and longer - first < _MAX_WORDS:
            yield words[first].start, words[longer].end


def _extend(
    text: str, words: Sequence[Word], last: int, shut: AbstractSet[int], lexis: Lexis
) -> int:
    """Return the index of the last word of a phrase grown right ("… of the left hip")."""
    end = last
    at = last + 1
    content = 0
    while (
        at < len(words)
        and at not in shut
        and content < lexis.right
        and _joined(text, words, at - 1, at, _TIGHT)
    ):
        stem_ = words[at].stem
        if stem_ in lexis.joiners or stem_ in lexis.fillers:
            at += 1
            continue
        if stem_ in lexis.stops or (end == last and at == last + 1):
            break
        end = at
        content += 1
        at += 1
    return end
