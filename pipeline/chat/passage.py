"""Words of a note as they were sent, and the way from a quote back to where it stands.

A quote counts where it stands in the text that was sent, word for word. One that differs in blanks,
letter case, or the shape of quotation marks and dashes, or that begins or ends inside a word, is
snapped to the words it means, if they stand there once; that is a repair and is said. Anything else
is no quote: a letter of another alphabet that looks alike is another letter.
"""

from dataclasses import dataclass

SHORTEST = 3
LONGEST = 400
"""Characters of a quote that can prove anything."""

_SHAPES = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """A half-open range of the original text; `repaired` says that the quote was snapped to it."""

    start: int
    end: int
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A text as it was sent, with the range of the original that each character stands for."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def plain(cls, text: str) -> "Passage":
        """Return a text that is sent as it is."""
        return cls(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))

    def between(self, start: int, end: int) -> str:
        """Return what a range of the original reads as in the text that was sent.

        Empty where any of it was replaced: what cannot be read cannot be asked about.
        """
        inside = [
            at
            for at, (low, high) in enumerate(zip(self.starts, self.ends, strict=True))
            if low < end and start < high
        ]
        whole = all(self.ends[at] - self.starts[at] == 1 for at in inside)
        return self.text[inside[0] : inside[-1] + 1] if whole and len(inside) == end - start else ""

    def locate(self, quote: str) -> Place | None:
        """Return where a quote stands in the original; None where it does not, or not surely."""
        wanted = quote.strip()
        if not SHORTEST <= len(wanted) <= LONGEST:
            return None
        at = self.text.find(wanted)
        if at >= 0:
            return self._place(at, at + len(wanted), repaired=False)
        folded, origin = _folded(self.text)
        sought, _ = _folded(wanted)
        at = folded.find(sought)
        if not sought or at < 0 or folded.find(sought, at + 1) >= 0:
            return None
        return self._place(origin[at], origin[at + len(sought) - 1] + 1, repaired=True)

    def _place(self, low: int, high: int, *, repaired: bool) -> Place:
        """Return the place of a range, grown to whole words."""
        first, last = low, high
        while first > 0 and self.text[first - 1].isalnum() and self.text[first].isalnum():
            first -= 1
        while last < len(self.text) and self.text[last - 1].isalnum() and self.text[last].isalnum():
            last += 1
        grown = repaired or (first, last) != (low, high)
        return Place(self.starts[first], self.ends[last - 1], grown)


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text in one case, with single blanks and plain marks, and whence each came."""
    kept: list[str] = []
    origin: list[int] = []
    for at, letter in enumerate(text.translate(_SHAPES)):
        if letter.isspace():
            if kept and kept[-1] != " ":
                kept.append(" ")
                origin.append(at)
            continue
        for part in letter.casefold():
            kept.append(part)
            origin.append(at)
    return "".join(kept), origin
