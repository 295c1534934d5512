"""Engines that never saw the documents they read: what weights and confidences are fitted on.

CodiEsp train is cut into three parts by document number. For each part there are a recogniser and
an embedding trained without it (`python -m pipeline.train.spans --fold K/3 --out FOLDS/K`,
`… embedding --fold K/3 --out FOLDS/K/embedding`); the dictionary is learned from the other parts on
the spot. A new note is read by parts that never saw it, and so must be the notes that weights are
fitted on.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.engine import Engine
from pipeline.extract import Extractor
from pipeline.extract.spans import WEIGHTS, recogniser
from pipeline.retrieve import Retriever
from pipeline.terms import build, lexicon
from pipeline.train.codiesp import Labelled, documents, left_out
from pipeline.train.dictionary import learn

FOLDS = 3


def unseen(engine: Engine, data: Path, folds: Path) -> Iterator[tuple[Engine, list[Labelled]]]:
    """Yield each part of CodiEsp train with an engine that was made without it."""
    reports = list(documents(data, "train"))
    known = build(engine.taxonomy, lexicon())
    for fold in range(FOLDS):
        rest = left_out(reports, f"{fold}/{FOLDS}")
        terms = build(engine.taxonomy, (*lexicon(), *learn(rest, known, engine.taxonomy)))
        nlp, ner = recogniser()
        ner.from_bytes((folds / str(fold) / WEIGHTS).read_bytes())
        with tempfile.TemporaryDirectory() as cache:
            retriever = Retriever.load(
                engine.taxonomy,
                terms,
                models=folds / str(fold),
                cache=Path(cache),
                scope=engine.retriever.scope,
                weights=engine.retriever.weights,
            )
        yield (
            replace(engine, extractor=Extractor.over(nlp, terms), retriever=retriever),
            reports[fold::FOLDS],
        )
