"""What the words in and around a mention say of the condition besides its name.

Each attribute is an id of its own, so that no word of a note gets into the log: `side=left`,
`acuity=acute-on-chronic`, `stage=3b`, `severity=moderate`, `episode=subsequent`. Words inside the
mention count first. Outside it the nearest word of its clause does, unless another mention stands
between (`side` may come from the rest of the sentence where that names one side only). They decide
between codes of one family: side by guideline I.B.13, acuity by I.B.8, stage and severity by the
tabular list, the episode of care by I.C.19.a.
"""

import re
from collections.abc import Sequence

Place = tuple[int, int]
"""A half-open range of code points."""

_PARTS = (
    r"(?= (?:knee|hip|shoulder|elbow|wrist|ankle|foot|hand|heel|thumb|great toe|arm|leg|thigh|"
    r"calf|forearm|eye|ear|breast|lung|kidney|flank|hemi|side|distal|proximal|tibia|femur|humerus|"
    r"radius|ulna|lower|upper))"
)
BOTH = re.compile(
    r"\b(bilateral|bilaterally|both|b/l|right and left|left and right)\b", re.IGNORECASE
)
RIGHT = re.compile(rf"\b(?i:right|right-sided|rt)\b|\bR{_PARTS}")
LEFT = re.compile(rf"\b(?i:left|left-sided|lt)\b|\bL{_PARTS}")
SEQUELA = re.compile(r"\b(sequela|sequelae|late effects?|residual of|old injury)\b", re.IGNORECASE)
LATER = re.compile(
    r"\b(subsequent encounter|follow[- ]?up (?:of|for|visit)|healing|healed|recheck of|"
    r"(?:cast|suture|staple) removal|\d+ (?:weeks|months) (?:ago|out|post|after))\b",
    re.IGNORECASE,
)
NOW = re.compile(r"\binitial encounter\b", re.IGNORECASE)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


_STAGE = r"(?:stage|grade|class|ckd|g)[ -]?"
_VALUES = (
    ("side", (("bilateral", BOTH), ("right", RIGHT), ("left", LEFT))),
    (
        "acuity",
        (
            ("acute-on-chronic", _words(r"acute(?:[- ]on[- ]| and | exacerbation of )chronic")),
            ("subacute", _words("sub-?acute")),
            ("acute", _words("acute|acutely")),
            ("chronic", _words("chronic|chronically|long-?standing")),
            ("recurrent", _words("recurrent|recurring")),
        ),
    ),
    (
        "stage",
        (
            ("end", _words("end[- ]stage")),
            ("1", _words(f"{_STAGE}(?:1|i)")),
            ("2", _words(f"{_STAGE}(?:2|ii)")),
            ("3", _words(f"{_STAGE}(?:3|iii)")),
            ("3a", _words(f"{_STAGE}(?:3a|iiia)")),
            ("3b", _words(f"{_STAGE}(?:3b|iiib)")),
            ("4", _words(f"{_STAGE}(?:4|iv)")),
            ("5", _words(f"{_STAGE}(?:5|v)")),
        ),
    ),
    (
        "severity",
        (
            ("mild", _words("mild|mildly")),
            ("moderate", _words("moderate|moderately")),
            ("severe", _words("severe|severely")),
        ),
    ),
    ("episode", (("sequela", SEQUELA), ("subsequent", LATER), ("initial", NOW))),
)
_ANY = re.compile(
    r"\b(?:{})".format(
        "|".join(
            f"(?i:{pattern.pattern})" if pattern.flags & re.IGNORECASE else f"(?:{pattern.pattern})"
            for _, values in _VALUES
            for _, pattern in values
        )
    )
)
"""What fits one of the values, each of which begins with a word; most sentences name none."""
_WHOLE_SENTENCE = frozenset({"side", "episode"})
"""Attributes that a sentence gives all its mentions where it names one value only."""

_MARK = re.compile(r"[;:.,()\n]|\b(?:and|but|with)\b")


Hit = tuple[int, int, str]
"""Where a value stands, and the value."""


def attributes(text: str, mentions: Sequence[Place]) -> list[tuple[str, ...]]:
    """Return what a sentence says of each of its mentions, given as ranges in it.

    The attributes of a mention are in the order side, acuity, stage, severity, episode.
    """
    if not mentions or not _ANY.search(text):
        return [()] * len(mentions)
    found: list[list[str]] = [[] for _ in mentions]
    for name, values in _VALUES:
        hits = _longest(
            [
                (match.start(), match.end(), value)
                for value, pattern in values
                for match in pattern.finditer(text)
            ]
        )
        named = {value for _, _, value in hits}
        for ours, mention in zip(found, mentions, strict=True) if hits else ():
            value = _nearest(text, mention, mentions, hits)
            if value is None and name in _WHOLE_SENTENCE and len(named) == 1:
                value = next(iter(named))
            if value is not None:
                ours.append(f"{name}={value}")
    return [tuple(each) for each in found]


def _nearest(text: str, mention: Place, others: Sequence[Place], hits: Sequence[Hit]) -> str | None:
    """Return the value inside a mention, else the nearest one that nothing parts from it.

    None where a mention itself names several.
    """
    low, high = mention
    inside = {value for start, end, value in hits if low <= start and end <= high}
    if inside:
        return inside.pop() if len(inside) == 1 else None
    near = sorted(
        (low - end if end <= low else start - high, value)
        for start, end, value in hits
        if (end <= low or high <= start) and not _parted(text, mention, (start, end), others)
    )
    return near[0][1] if near else None


def _longest(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits that lie in no longer one ("acute" in "acute on chronic")."""
    return [
        one
        for one in hits
        if not any(
            other[0] <= one[0] and one[1] <= other[1] and other[1] - other[0] > one[1] - one[0]
            for other in hits
        )
    ]


def _parted(text: str, mention: Place, hit: Place, others: Sequence[Place]) -> bool:
    """Tell whether a mark, a joining word or another mention stands between."""
    low, high = (hit[1], mention[0]) if hit[1] <= mention[0] else (mention[1], hit[0])
    if _MARK.search(text, low, high):
        return True
    return any(low <= a and b <= high for a, b in others)
