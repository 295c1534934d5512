"""Train the spans of conditions: `python -m pipeline.train.spans --data ../shared/data`.

A small spaCy entity recogniser (hashed embeddings, four convolutions, transitions) over our own
tokeniser learns one label: words that an annotator of CodiEsp train gave a code. A mention in
several pieces that stand close together is one span from its first word to its last; pieces far
apart are spans of their own. Measured on CodiEsp dev. Writes `spans.bin` and its card into
`resources/models`.
"""

import argparse
import hashlib
import json
import random
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Span
from spacy.training import Example
from thinc.api import fix_random_seed
from thinc.schedules import compounding

from pipeline.extract.spans import CARD, LABEL, WEIGHTS, conditions, recogniser
from pipeline.train.codiesp import Labelled, documents, left_out

EPOCHS = 14
SEED = 20260401
_FARTHEST = 60
_DROPOUT = 0.25


def main() -> None:
    """Train, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("resources/models"))
    parser.add_argument("--fold", default="", help="K/N: leave out every N-th document from K on")
    options = parser.parse_args()
    began = time.monotonic()
    reports = left_out(list(documents(options.data, "train")), options.fold)
    nlp = train(reports)
    weights = nlp.get_pipe("ner").to_bytes()  # type: ignore[attr-defined]
    measured = measure(nlp, list(documents(options.data, "dev")))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / WEIGHTS).write_bytes(weights)
    card = {
        "command": "python -m pipeline.train.spans --data ../shared/data",
        "data": "CodiEsp English train (CC BY 4.0), words that were given a code",
        "documents": len(reports),
        "epochs": EPOCHS,
        "seed": SEED,
        "codiesp_dev": measured,
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    (options.out / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(measured), f"after {time.monotonic() - began:.0f} s")


def train(reports: Sequence[Labelled]) -> Language:
    """Return a pipeline whose recogniser has learned the spans of these reports."""
    fix_random_seed(SEED)
    chance = random.Random(SEED)
    nlp, ner = recogniser()
    ner.add_label(LABEL)
    examples = [_example(nlp, one) for one in reports]
    optimizer = nlp.initialize(lambda: examples)
    for epoch in range(EPOCHS):
        chance.shuffle(examples)
        losses: dict[str, float] = {}
        sizes = iter(compounding(4.0, 24.0, 1.005))
        rest = iter(examples)
        while batch := list(islice(rest, int(next(sizes)))):
            nlp.update(batch, drop=_DROPOUT, sgd=optimizer, losses=losses)
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {losses['ner']:.0f}", flush=True)
    with nlp.use_params(optimizer.averages):
        averaged = ner.to_bytes()
    ner.from_bytes(averaged)
    return nlp


def measure(nlp: Language, reports: Sequence[Labelled]) -> dict[str, float]:
    """Return precision, recall and F1 of exact spans, and the share of gold spans touched."""
    right = found = wanted = touched = 0
    for one in reports:
        gold = {(s.start_char, s.end_char) for s in _example(nlp, one).reference.ents}
        ours = set(conditions(nlp, nlp.make_doc(one.text)))
        right += len(gold & ours)
        found += len(ours)
        wanted += len(gold)
        touched += sum(any(low < d and c < high for c, d in ours) for low, high in gold)
    return {
        "precision": round(right / found, 4),
        "recall": round(right / wanted, 4),
        "f1": round(2 * right / (found + wanted), 4),
        "touched": round(touched / wanted, 4),
    }


def places(report: Labelled) -> list[tuple[int, int]]:
    """Return the spans to learn: whole mentions where their pieces are close, else the pieces."""
    found: set[tuple[int, int]] = set()
    for mentions in report.mentions.values():
        for pieces in mentions:
            low, high = pieces[0][0], max(end for _, end in pieces)
            close = high - low <= _FARTHEST and "\n" not in report.text[low:high]
            found.update([(low, high)] if close else pieces)
    return sorted(found, key=lambda place: (place[0] - place[1], place))


def _example(nlp: Language, report: Labelled) -> Example:
    """Return the text as it is read at run time, beside the spans to learn, the longest first."""
    reference = nlp.make_doc(report.text)
    spans: list[Span] = []
    for low, high in places(report):
        span = reference.char_span(low, high, label=LABEL, alignment_mode="expand")
        if span is not None and not any(s.start < span.end and span.start < s.end for s in spans):
            spans.append(span)
    reference.set_ents(spans)
    return Example(nlp.make_doc(report.text), reference)


if __name__ == "__main__":
    main()
