"""A note as spaCy sees it: tokens that rebuild the text exactly, and the sentences of a clinician.

Clinical notes break lines for two reasons, to wrap and to list. A line break ends a sentence unless
the next line reads on in small letters or the line was full; a full stop ends one unless it stands
after an abbreviation or a list number.
"""

import re
import string
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate, islice

import spacy
from spacy.attrs import (  # type: ignore[import-not-found]  # no stub
    IS_SPACE,
    LOWER,
    NORM,
    PREFIX,
    SHAPE,
    SUFFIX,
)
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

_TOKEN = re.compile(r"([^\W_]+(?:['’][^\W_]+)?|[^\w\s]|_|\s+)( ?)")
"""A word, a single mark or blanks, and the blank that follows it."""

_ASKED = frozenset({IS_SPACE, LOWER, NORM, PREFIX, SHAPE, SUFFIX})
"""What recogniser and matcher ask of a word; spaCy finds out much more, which takes its time."""

_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_OFTEN = 3
_BREAK = re.compile(r"(?:[.!?]+[)\"'”’]*(?=\s)|\n)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|st|vs|approx|fig|dept|pt|e\.g|i\.e|b\.i\.d|t\.i\.d|q\.d|p\.o|a\.m|p\.m|"
    r"jr|sr|resp|temp|wt|ht|cf|al|inc|ca)|(?:^|\n)\s*\(?\d{1,2}|\b[A-Z])$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*(?:[-*•·–—>#]|\(?\d{1,2}[.)])\s")
_FULL_LINE = 70
_ENDS = ".!?:;"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words, single marks and blanks of a text: as they stand, in small letters, their places.

    `starts` count code points; a single blank after a token is not part of it, `spaces` tells.
    """

    text: str
    texts: list[str]
    lowered: list[str]
    starts: list[int]
    spaces: list[bool]

    @classmethod
    def of(cls, text: str) -> "Tokens":
        """Cut a text; the tokens and the blanks after them rebuild it exactly."""
        pairs = _TOKEN.findall(text)
        texts = [piece for piece, _ in pairs]
        lengths = accumulate((len(piece) + len(blank) for piece, blank in pairs), initial=0)
        return cls(
            text,
            texts,
            [piece.lower() for piece in texts],
            list(islice(lengths, len(texts))),
            [blank == " " for _, blank in pairs],
        )

    def doc(self, vocab: Vocab) -> Doc:
        """Return them as spaCy's."""
        return Doc(vocab, words=self.texts, spaces=self.spaces)

    def run(self, start: int, end: int) -> "Run":
        """Return the tokens that a range of code points touches; it begins and ends with one."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_left(self.starts, end)
        return Run(self, first, last, self.texts[first:last], self.lowered[first:last])


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens `start..end` (half-open) of a note, such as those of a sentence; numbered from 0."""

    note: Tokens
    start: int
    end: int
    texts: list[str]
    lowered: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def place(self, low: int, high: int) -> tuple[int, int]:
        """Return the range of code points in the note that tokens low..high (half-open) take."""
        starts, last = self.note.starts, self.start + high - 1
        return starts[self.start + low], starts[last] + len(self.texts[high - 1])


def language() -> Language:
    """Return a blank English pipeline with our tokeniser; it knows no model and no network."""
    nlp = spacy.blank("en")
    vocab = nlp.vocab
    nlp.tokenizer = lambda text: Tokens.of(text).doc(vocab)
    nlp.max_length = 10_000_000
    getters = vocab.lex_attr_getters  # type: ignore[attr-defined]  # not in its stub
    for attribute in getters.keys() - _ASKED:
        del getters[attribute]
    return nlp


def common(phrases: Iterable[str]) -> set[str]:
    """Return words that notes are likely to have, as they may be written there.

    They are words that come at least three times in `phrases`, words of our own rules, the small
    words of English, and what is one or two marks or figures: never words of a note.
    """
    often = Counter(word for phrase in phrases for word in _LETTERS.findall(phrase))
    found = {word for word, count in often.items() if count >= _OFTEN}
    for file in files("resources").joinpath("rules").iterdir():
        found.update(_LETTERS.findall(file.read_text("utf-8")))
    found |= STOP_WORDS
    found = {form for word in found for form in (word, word.lower(), word.capitalize())}
    return found | {*string.punctuation, "\n", "\n\n", *map(str, range(100))}


def know(vocab: Vocab, words: Iterable[str]) -> None:
    """Let a vocabulary look into words now and keep them, which it does not for those of notes."""
    for word in words:
        vocab[word]


def _goes_on(text: str, line_start: int, line_end: int) -> bool:
    """Tell whether the text after a line break still belongs to the sentence before it."""
    line = text[line_start:line_end].strip()
    rest = text[line_end + 1 :]
    following = rest[: rest.find("\n")] if "\n" in rest else rest
    following = following.strip()
    if not line or not following or line[-1] in _ENDS or _BULLET.match(following + " "):
        return False
    return following[0].islower() or len(line) >= _FULL_LINE


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the sentences as half-open code-point ranges, trimmed and in order."""
    ranges: list[tuple[int, int]] = []
    start = line_start = 0
    for match in _BREAK.finditer(text):
        if match.group() == "\n":
            here, line_begin = match.start(), line_start
            line_start = match.end()
            if _goes_on(text, line_begin, here):
                continue
        elif match.group() == "." and _ABBREVIATION.search(
            text[max(0, match.start() - 8) : match.start()]
        ):
            continue
        ranges.append((start, match.end()))
        start = match.end()
    ranges.append((start, len(text)))
    trimmed = []
    for low, high in ranges:
        piece = text[low:high]
        left = low + len(piece) - len(piece.lstrip())
        right = low + len(piece.rstrip())
        if left < right:
            trimmed.append((left, right))
    return trimmed
