"""A note as spaCy sees it: tokens that rebuild the text exactly, and the sentences of a clinician.

Clinical notes break lines for two reasons, to wrap and to list. A line break ends a sentence unless
the next line reads on in small letters or the line was full; a full stop ends one unless it stands
after an abbreviation or a list number.
"""

import re

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[^\w\s]|_|\s+")
_BREAK = re.compile(r"(?:[.!?]+[)\"'”’]*(?=\s)|\n)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|st|vs|approx|fig|dept|pt|e\.g|i\.e|b\.i\.d|t\.i\.d|q\.d|p\.o|a\.m|p\.m|"
    r"jr|sr|resp|temp|wt|ht|cf|al|inc|ca)|(?:^|\n)\s*\(?\d{1,2}|\b[A-Z])$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*(?:[-*•·–—>#]|\(?\d{1,2}[.)])\s")
_FULL_LINE = 70
_ENDS = ".!?:;"


def _tokenise(vocab: Vocab, text: str) -> Doc:
    """Cut a text into words, single marks and blanks whose offsets are those of the text."""
    words: list[str] = []
    spaces: list[bool] = []
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece.startswith(" ") and words and not spaces[-1] and not words[-1].isspace():
            spaces[-1] = True
            piece = piece[1:]
        if piece:
            words.append(piece)
            spaces.append(False)
    return Doc(vocab, words=words, spaces=spaces)


def language() -> Language:
    """Return a blank English pipeline with our tokeniser; it knows no model and no network."""
    nlp = spacy.blank("en")
    vocab = nlp.vocab
    nlp.tokenizer = lambda text: _tokenise(vocab, text)
    nlp.max_length = 10_000_000
    return nlp


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
