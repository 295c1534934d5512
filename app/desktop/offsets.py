"""Code points here, UTF-16 units in Qt: the one place that converts between them.

A span of the pipeline counts Python code points in the canonical text; a `QTextDocument` counts
UTF-16 units and rewrites some characters as it takes them in. `displayed` makes the text that is
given to Qt: one character for each of the note's, so that only the width in units can differ, and
`Offsets` maps positions both ways. Nothing is ever computed from text read back from a widget.
"""

from bisect import bisect_left
from itertools import accumulate

WIDE = 0xFFFF
"""Last code point that is one UTF-16 unit."""

LONG_TOKEN = 5_000
"""Characters without a space above which word wrap stalls Qt and lines break anywhere instead."""

BIDI_MARKS = {
    "\u202a": "⇒",  # left-to-right embedding
    "\u202b": "⇐",  # right-to-left embedding
    "\u202c": "⇑",  # pop directional formatting
    "\u202d": "⇒",  # left-to-right override
    "\u202e": "⇐",  # right-to-left override
    "\u2066": "⇒",  # left-to-right isolate
    "\u2067": "⇐",  # right-to-left isolate
    "\u2068": "⇔",  # first strong isolate
    "\u2069": "⇑",  # pop directional isolate
}
"""Controls that reorder what is read: shown as an arrow, so the note reads in its logical order."""

_SHOWN = str.maketrans(
    BIDI_MARKS
    | {
        "\ufeff": "\u200b",  # Qt drops a leading byte order mark, and every position with it
        "\r": "\n",  # Qt makes one line end of CR LF
        "\x00": "\ufffd",
    }
)


def displayed(text: str) -> str:
    """Return the text Qt is given: character for character, with nothing Qt drops or joins."""
    return text.translate(_SHOWN)


def bidi_positions(text: str) -> tuple[int, ...]:
    """Return the code-point positions of the characters that are shown as a mark."""
    return tuple(at for at, char in enumerate(text) if char in BIDI_MARKS)


def longest_token(text: str) -> int:
    """Return the length in code points of the longest run without white space."""
    return max(map(len, text.split()), default=0)


class Offsets:
    """Positions of one text in both countings."""

    __slots__ = ("_units",)

    def __init__(self, text: str) -> None:
        self._units = [0, *accumulate(2 if ord(char) > WIDE else 1 for char in text)]

    @property
    def length(self) -> int:
        """Return the number of code points of the text."""
        return len(self._units) - 1

    def to_qt(self, position: int) -> int:
        """Return the UTF-16 unit at a code point, 0 to the text's length; IndexError outside."""
        if position < 0:
            raise IndexError(position)
        return self._units[position]

    def from_qt(self, unit: int) -> int:
        """Return the code point at a UTF-16 unit, inside a surrogate pair the one it belongs to."""
        if not 0 <= unit <= self._units[-1]:
            raise IndexError(unit)
        at = bisect_left(self._units, unit)
        return at if self._units[at] == unit else at - 1
