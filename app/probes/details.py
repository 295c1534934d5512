"""Words that decide between sibling codes, exchanged: sides, and stage, type or acuity.

What a changed word must lead to is read off the titles: the code whose title is the same but for
the exchanged words. Codes with no such sibling are not asked about.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from taxonomy import Taxonomy

_ASIDE = re.compile(r"\([^)]*\)|\bunspecified\b|\bnot elsewhere classified\b|[^\w\s]")
_SIDE = re.compile(
    r"\b(right|left|rt|lt)\b(?!\s+(?:now|away|here|there|before|after|the|his|her|a|an|against|"
    r"without|untreated|alone|ventric\w*|atri\w*|axis|main|coronary|anterior descending|"
    r"circumflex|heart|shift)\b)",
    re.IGNORECASE,
)
_BOTH = re.compile(r"\b(?:right (?:and|or) left|left (?:and|or) right)\b", re.IGNORECASE)
_OTHER_SIDE = {"right": "left", "left": "right", "rt": "lt", "lt": "rt"}


@dataclass(frozen=True, slots=True)
class Swap:
    """Words of a title and of a note, and what takes their place."""

    title: str
    title_to: str
    note: re.Pattern[str]
    note_to: str


def _swaps(*rows: tuple[str, str, str, str]) -> tuple[Swap, ...]:
    return tuple(Swap(a, b, re.compile(rf"\b(?:{c})\b", re.IGNORECASE), d) for a, b, c, d in rows)


SWAPS = _swaps(
    ("type 2", "type 1", "type 2|type ii", "type 1"),
    ("type 1", "type 2", "type 1|type i", "type 2"),
    ("stage 1", "stage 2", "stage 1|stage i", "stage 2"),
    ("stage 2", "stage 3", "stage 2|stage ii", "stage 3"),
    ("stage 3a", "stage 3b", "stage 3a|stage iiia", "stage 3b"),
    ("stage 3b", "stage 3a", "stage 3b|stage iiib", "stage 3a"),
    ("stage 3", "stage 4", "stage 3|stage iii", "stage 4"),
    ("stage 4", "stage 5", "stage 4|stage iv", "stage 5"),
    ("stage 4", "stage 3", "stage 4|stage iv", "stage 3"),
    ("acute", "chronic", "acute", "chronic"),
    ("chronic", "acute", "chronic", "acute"),
    ("systolic", "diastolic", "systolic", "diastolic"),
    ("diastolic", "systolic", "diastolic", "systolic"),
    ("mild", "severe", "mild", "severe"),
    ("moderate", "severe", "moderate", "severe"),
    ("severe", "mild", "severe", "mild"),
    ("paroxysmal", "permanent", "paroxysmal", "permanent"),
    ("paroxysmal", "persistent", "paroxysmal", "persistent"),
    ("single episode", "recurrent", "single episode", "recurrent"),
    ("upper", "lower", "upper", "lower"),
    ("lower", "upper", "lower", "upper"),
    ("internal", "external", "internal", "external"),
    ("external", "internal", "external", "internal"),
    ("first degree", "second degree", "first degree|first-degree", "second degree"),
    ("second degree", "third degree", "second degree|second-degree", "third degree"),
    ("benign", "malignant", "benign", "malignant"),
    ("bacterial", "viral", "bacterial", "viral"),
    ("viral", "bacterial", "viral", "bacterial"),
    ("displaced", "nondisplaced", "displaced", "nondisplaced"),
    ("nondisplaced", "displaced", "nondisplaced|non-displaced", "displaced"),
    ("closed", "open", "closed", "open"),
    ("iron deficiency", "folate deficiency", "iron deficiency", "folate deficiency"),
)


class Siblings:
    """Billable codes by their titles, words aside that seldom stand in notes."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Index the titles of a release once."""
        found: dict[str, set[str]] = defaultdict(set)
        for code in taxonomy.codes():
            if code.billable:
                found[_plain(code.title)].add(code.code)
        self._by_title: Mapping[str, frozenset[str]] = {
            title: frozenset(codes) for title, codes in found.items()
        }

    def with_title(self, title: str) -> frozenset[str]:
        """Return the codes of a title, of which a reader would take any."""
        return self._by_title.get(_plain(title), frozenset())


def mirrored(title: str) -> tuple[str, ...]:
    """Return the titles that a title becomes on the other side; none where it has no side, or both.

    Where a title names the dominant side there are two: as dominant as before, for a note that says
    so, and the default of I.C.6.a for one that does not (right dominant, left not).
    """
    named = {side.lower() for side in re.findall(r"\b(?:right|left)\b", title, re.IGNORECASE)}
    if len(named) != 1:
        return ()
    other = re.sub(r"\b(?:right|left)\b", lambda m: _other(m.group()), title, flags=re.IGNORECASE)
    dominance = "nondominant" if named == {"right"} else "dominant"
    return tuple(sorted({other, re.sub(r"\b(?:non)?dominant\b", dominance, other)}))


def sides(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield each word of a text that names a side, as a range, and the word for the other side."""
    pairs = [match.span() for match in _BOTH.finditer(text)]
    for match in _SIDE.finditer(text):
        if not any(low <= match.start() < high for low, high in pairs):
            yield match.start(), match.end(), _other(match.group())


def _other(word: str) -> str:
    other = _OTHER_SIDE[word.lower()]
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other


def exchanged(title: str, swap: Swap) -> str | None:
    """Return a title with the words of a swap exchanged; None where it does not have them."""
    pattern = rf"\b{re.escape(swap.title)}\b"
    if not re.search(pattern, title, re.IGNORECASE):
        return None
    return re.sub(pattern, swap.title_to, title, flags=re.IGNORECASE)


def _plain(title: str) -> str:
    return " ".join(sorted(_ASIDE.sub(" ", title.lower()).split()))
