"""Spans that read like a condition: a small spaCy entity recogniser, trained by `pipeline.train`.

It knows one label: words that an annotator would give a code. It finds wordings that no dictionary
has, and says nothing of which code they mean. The weights are one file of msgpack (spaCy's
`to_bytes`), checked against the digest in its card before it is read.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from importlib.resources import files

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc
from thinc.api import NumpyOps

from pipeline.extract.document import language
from pipeline.model import PipelineError

LABEL = "CONDITION"
WEIGHTS = "spans.bin"
CARD = "spans.json"

_PIECE = 8_000

_OPS = NumpyOps(use_blis=False)
"""numpy's own matrix products take a third of the time of those of blis."""

_CONFIG = {
    "model": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": {
            "@architectures": "spacy.HashEmbedCNN.v2",
            "pretrained_vectors": None,
            "width": 96,
            "depth": 4,
            "embed_size": 3000,
            "window_size": 1,
            "maxout_pieces": 3,
            "subword_features": True,
        },
    }
}


def recogniser() -> tuple[Language, EntityRecognizer]:
    """Return a pipeline with our tokeniser and a recogniser without labels and weights."""
    nlp = language()
    ner = nlp.add_pipe("ner", config=_CONFIG)
    assert isinstance(ner, EntityRecognizer)
    for node in ner.model.walk():
        node.ops = _OPS
    return nlp, ner


def read() -> Language:
    """Return a pipeline with our tokeniser and the trained recogniser.

    Raises `PipelineError` where a file is missing or the weights are not those of the card.
    """
    folder = files("resources").joinpath("models")
    try:
        weights = folder.joinpath(WEIGHTS).read_bytes()
        digest = json.loads(folder.joinpath(CARD).read_text("utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PipelineError(
            f"The recogniser ({WEIGHTS}, {CARD}) cannot be read; reinstall Chartproof."
        ) from error
    if hashlib.sha256(weights).hexdigest() != digest:
        raise PipelineError(
            f"{WEIGHTS} is not the file its card {CARD} names; reinstall Chartproof."
        )
    nlp, ner = recogniser()
    ner.from_bytes(weights)
    return nlp


def conditions(nlp: Language, doc: Doc) -> list[tuple[int, int]]:
    """Return the spans a trained pipeline finds, as half-open code-point ranges in text order.

    Blanks at their ends are left off. A long text is read in pieces, so that memory stays bounded.
    """
    length = doc[-1].idx + len(doc[-1]) if len(doc) else 0
    if length <= _PIECE:  # has its words already
        pieces: Iterable[tuple[int, str | Doc]] = ((0, doc),)
    else:
        pieces = _pieces(doc.text)
    found = []
    for start, piece in pieces:
        for span in nlp(piece).ents:
            low = start + span.end_char - len(span.text.lstrip())
            if words := span.text.strip():
                found.append((low, low + len(words)))
    return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield the pieces of a text with their offsets, 8,000 letters at most.

    They end with a line, where a line is longer with a word, and only then anywhere.
    """
    start = 0
    while start < len(text):
        end = start + _PIECE
        if end < len(text):
            last = (text.rfind(mark, start, end) for mark in "\n ")
            end = next((at + 1 for at in last if at >= 0), end)
        yield start, text[start:end]
        start = end
