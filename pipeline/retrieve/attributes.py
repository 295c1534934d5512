"""What the words around a mention say beyond the condition: side and episode of care.

Side decides between siblings of one condition (I.B.13); the episode decides the 7th character of an
injury (I.C.19.a: A while active treatment lasts, D for routine healing, S for sequelae).
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from pipeline.attributes import BOTH, LATER, LEFT, NOW, RIGHT, SEQUELA

_TITLE_SIDE = re.compile(r"\b(right|left|bilateral|unspecified)\b")
_NEUTRAL = ("unspecified", "not applicable", "initial encounter")


class Side(StrEnum):
    """The side of the body a text names; NONE where it names none or both separately."""

    RIGHT = "right"
    LEFT = "left"
    BOTH = "bilateral"
    NONE = ""


def side_of(text: str) -> Side:
    """Return the one side a text names."""
    if BOTH.search(text):
        return Side.BOTH
    right, left = bool(RIGHT.search(text)), bool(LEFT.search(text))
    if right == left:
        return Side.NONE
    return Side.RIGHT if right else Side.LEFT


def told_side(attributes: Sequence[str]) -> Side:
    """Return the side that extraction read for a mention."""
    return next((Side(a.partition("=")[2]) for a in attributes if a.startswith("side=")), Side.NONE)


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
        if "S" in characters and SEQUELA.search(context):
            return "S"
        if "D" in characters and LATER.search(context) and not NOW.search(context):
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
