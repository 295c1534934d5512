"""What the words around a mention say beyond the condition: side and episode of care.

Side decides between siblings of one condition (I.B.13); the episode decides the 7th character of an
injury (I.C.19.a: A while active treatment lasts, D for routine healing, S for sequelae).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

_BOTH = re.compile(
    r"\b(bilateral|bilaterally|both|b/l|right and left|left and right)\b", re.IGNORECASE
)
_PARTS = (
    r"(?= (?:knee|hip|shoulder|elbow|wrist|ankle|foot|hand|heel|thumb|great toe|arm|leg|thigh|"
    r"calf|forearm|eye|ear|breast|lung|kidney|flank|hemi|side|distal|proximal|tibia|femur|humerus|"
    r"radius|ulna|lower|upper))"
)
_RIGHT = re.compile(rf"\b(?i:right|right-sided|rt)\b|\bR{_PARTS}")
_LEFT = re.compile(rf"\b(?i:left|left-sided|lt)\b|\bL{_PARTS}")
_TITLE_SIDE = re.compile(r"\b(right|left|bilateral|unspecified)\b")
_SEQUELA = re.compile(r"\b(sequela|sequelae|late effects?|residual of|old injury)\b", re.IGNORECASE)
_LATER = re.compile(
    r"\b(subsequent encounter|follow[- ]?up (?:of|for|visit)|healing|healed|recheck of|"
    r"(?:cast|suture|staple) removal|\d+ (?:weeks|months) (?:ago|out|post|after))\b",
    re.IGNORECASE,
)
_NOW = re.compile(r"\binitial encounter\b", re.IGNORECASE)
_NEUTRAL = ("unspecified", "not applicable", "initial encounter")


class Side(StrEnum):
    """The side of the body a text names; NONE where it names none or both separately."""

    RIGHT = "right"
    LEFT = "left"
    BOTH = "bilateral"
    NONE = ""


def side_of(text: str) -> Side:
    """Return the one side a text names."""
    if _BOTH.search(text):
        return Side.BOTH
    right, left = bool(_RIGHT.search(text)), bool(_LEFT.search(text))
    if right == left:
        return Side.NONE
    return Side.RIGHT if right else Side.LEFT


@lru_cache(maxsize=65536)
def title_side(title: str) -> str:
    """Return `right`, `left`, `bilateral`, `unspecified`, or nothing where a title has no side."""
    found = set(_TITLE_SIDE.findall(title.lower()))
    for side in ("bilateral", "right", "left"):
        if side in found:
            return "" if side != "bilateral" and {"right", "left"} <= found else side
    return "unspecified" if "unspecified" in found else ""


def seventh(characters: Mapping[str, str], context: str) -> str:
    """Choose the 7th character the context supports; the first neutral one where it says nothing.

    `characters` maps each valid character to its meaning in the tabular list; never empty.
    """
    if "A" in characters:
        if "S" in characters and _SEQUELA.search(context):
            return "S"
        if "D" in characters and _LATER.search(context) and not _NOW.search(context):
            return "D"
        return "A"
    words = context.lower()
    for char, meaning in characters.items():
        if _says(words, meaning.lower()):
            return char
    for neutral in _NEUTRAL:
        for char, meaning in characters.items():
            if neutral in meaning.lower():
                return char
    return min(characters)


def _says(words: str, meaning: str) -> bool:
    """Tell whether a context holds the telling words of a meaning such as "right eye"."""
    telling = meaning.split(",", maxsplit=1)[0].strip()
    return not any(neutral in telling for neutral in _NEUTRAL) and telling in words
