"""Fit the confidence: `python -m pipeline.train.confidence --data ../shared/data`.

Learned from CodiEsp train in scope `documented`: every code that validation leaves is a row, and
the question is whether the annotators gave it. Each document is read with a dictionary learned from
the others, as a new note would be. Measured on CodiEsp dev: expected calibration error
over ten bins, and precision where the confidence is at least the confirm line. Case reports are not
visits: what this says of scope `reportable` is stated in `docs/evaluation.md`. Writes
`resources/models/confidence.json`, and with `--trials` what `pipeline.train.certify` reads.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

import taxonomy as icd
from pipeline.engine import Engine, EngineSettings, load
from pipeline.model import Encounter, Note, Progress, Scope
from pipeline.retrieve.lexical import Lexical
from pipeline.route import CONFIDENCE_FEATURES, confidence_features, stratum
from pipeline.run import propose
from pipeline.terms import build, lexicon
from pipeline.train.certify import cross_fitted, write_trials
from pipeline.train.codiesp import Labelled, documents, mentions_by_document
from pipeline.train.dictionary import learn
from pipeline.train.logistic import Floats, fit_logistic

_BINS = 10
_FOLDS = 5


def main() -> None:
    """Fit, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=user_cache_path("chartproof"))
    parser.add_argument("--out", type=Path, default=Path("resources/models/confidence.json"))
    parser.add_argument("--trials", type=Path, help="Where to write out-of-fold predictions.")
    options = parser.parse_args()
    engine = load(
        options.cache,
        taxonomy=icd.load(options.cache),
        settings=EngineSettings(scope=Scope.DOCUMENTED),
    )
    x, y, strata, folds = _out_of_fold(engine, options.data)
    constant, weights = fit_logistic(x, y)
    if options.trials:
        write_trials(options.trials, cross_fitted(x, y, folds), y, strata)
    x_dev, y_dev, _ = _rows(engine, list(documents(options.data, "dev")))
    measured = _measure(1 / (1 + np.exp(-(constant + x_dev @ weights))), y_dev)
    options.out.write_text(
        json.dumps(
            {
                "command": "python -m pipeline.train.confidence --data ../shared/data",
                "data": "CodiEsp English train (CC BY 4.0), scope documented",
                "rows": len(y),
                "constant": round(constant, 4),
                "weights": {
                    name: round(float(weight), 4)
                    for name, weight in zip(CONFIDENCE_FEATURES, weights, strict=True)
                },
                "means": {
                    name: round(float(mean), 4)
                    for name, mean in zip(CONFIDENCE_FEATURES, x.mean(axis=0), strict=True)
                },
                "codiesp_dev": measured,
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    print(json.dumps(measured))


def _out_of_fold(engine: Engine, data: Path) -> tuple[Floats, Floats, list[str], NDArray[np.int64]]:
    """Return the rows of CodiEsp train, each document read without the phrases it taught.

    Beside features and answers: the stratum of each row and the fold of its document.
    """
    reports = list(documents(data, "train"))
    taught = mentions_by_document(data, "train", engine.taxonomy)
    known = build(engine.taxonomy, lexicon())
    parts = []
    for fold in range(_FOLDS):
        rest = [one for n, each in enumerate(taught) if n % _FOLDS != fold for one in each]
        terms = build(engine.taxonomy, (*lexicon(), *learn(rest, known, engine.taxonomy)))
        retriever = replace(engine.retriever, terms=terms, lexical=Lexical.build(terms.stems))
        apart = replace(
            engine, retriever=retriever, extractor=replace(engine.extractor, terms=terms)
        )
        parts.append(_rows(apart, reports[fold::_FOLDS]))
        print(f"fold {fold + 1} of {_FOLDS}", flush=True)
    return (
        np.vstack([x for x, _, _ in parts]),
        np.concatenate([y for _, y, _ in parts]),
        [name for _, _, strata in parts for name in strata],
        np.repeat(np.arange(_FOLDS), [len(y) for _, y, _ in parts]),
    )


def _rows(engine: Engine, reports: Sequence[Labelled]) -> tuple[Floats, Floats, list[str]]:
    """Return features of every proposed code, whether the annotators gave it, and its stratum."""
    rows, right, strata = [], [], []
    for document in reports:
        note = Note(note_id=document.doc_id, text=document.text, sha256="")
        chart = Encounter(encounter_id=document.doc_id, notes=(note,))
        _, validation = propose(chart, engine, _quiet)
        for proposal in validation.kept:
            rows.append(confidence_features(proposal))
            right.append(float(proposal.code in document.codes))
            strata.append(stratum(proposal))
    return np.array(rows), np.array(right), strata


def _measure(confidence: Floats, right: Floats) -> dict[str, float]:
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    error = sum(
        abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(_BINS)
        if (bins == b).any()
    )
    return {"rows": len(right), "ece": round(float(error), 4), "precision": round(right.mean(), 4)}


def _quiet(_step: Progress) -> None:
    """Report to nobody."""


if __name__ == "__main__":
    main()
