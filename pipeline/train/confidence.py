"""Fit the confidence: `python -m pipeline.train.confidence --data ../shared/data --folds FOLDS`.

Learned from CodiEsp train in scope `documented`, each part read by an engine made without it
(`folds`): every code that validation leaves is a row, and the question is whether the annotators
gave it, 7th character left off. Case reports are not visits: for scope `reportable` the log-odds
are moved and stretched by two numbers fitted on the 40 tuning visits of `tests/golden/visits`, and
then lowered, since the rules were written on these visits: to the precision that was measured on
the half of them that nobody had read yet (`docs/evaluation.md`). Measured on CodiEsp dev: expected
calibration error over ten bins. Writes `resources/models/confidence.json`, and with `--trials` what
`pipeline.train.certify` reads.
"""

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

import taxonomy as icd
from pipeline.engine import Engine, EngineSettings, load
from pipeline.model import Encounter, Note, Progress, Scope
from pipeline.route import CONFIDENCE_FEATURES, confidence_features, stratum
from pipeline.run import propose
from pipeline.train.certify import cross_fitted, write_trials
from pipeline.train.codiesp import Labelled, base_code, documents
from pipeline.train.folds import unseen
from pipeline.train.logistic import Floats, fit_logistic

UNREAD = 0.702
"""Precision on 20 visits nobody had read when the rules were written."""

_BINS = 10
_VISITS = Path(__file__).parents[2] / "tests" / "golden" / "visits"


def main() -> None:
    """Fit, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=user_cache_path("chartproof"))
    parser.add_argument("--out", type=Path, default=Path("resources/models/confidence.json"))
    parser.add_argument("--trials", type=Path, help="Where to write out-of-fold predictions.")
    options = parser.parse_args()
    engine = load(
        options.cache,
        taxonomy=icd.load(options.cache),
        settings=EngineSettings(scope=Scope.DOCUMENTED),
    )
    x, y, strata, folds = _out_of_fold(engine, options.data, options.folds)
    constant, weights = fit_logistic(x, y)
    if options.trials:
        write_trials(options.trials, cross_fitted(x, y, folds), y, strata)
    visits = load(options.cache, taxonomy=engine.taxonomy, settings=EngineSettings())
    x_visits, y_visits, _ = _rows(visits, tuning_visits(options.data))
    shift, slope = fit_logistic((constant + x_visits @ weights)[:, None], y_visits)
    shift += math.log(UNREAD / (1 - UNREAD)) - math.log(y_visits.mean() / (1 - y_visits.mean()))
    x_dev, y_dev, _ = _rows(engine, list(documents(options.data, "dev")))
    measured = _measure(1 / (1 + np.exp(-(constant + x_dev @ weights))), y_dev)
    options.out.write_text(
        json.dumps(
            {
                "command": "python -m pipeline.train.confidence --data ../shared/data "
                "--folds FOLDS",
                "data": "CodiEsp English train (CC BY 4.0), scope documented, out of fold; "
                "40 visits (ACI-Bench, CC BY 4.0) with labels of our own for scope reportable",
                "rows": {"documented": len(y), "reportable": len(y_visits)},
                "constant": round(constant, 4),
                "weights": {
                    name: round(float(weight), 4)
                    for name, weight in zip(CONFIDENCE_FEATURES, weights, strict=True)
                },
                "means": {
                    name: round(float(mean), 4)
                    for name, mean in zip(CONFIDENCE_FEATURES, x.mean(axis=0), strict=True)
                },
                "scopes": {
                    "documented": {"shift": 0.0, "slope": 1.0},
                    "reportable": {
                        "shift": round(shift, 4),
                        "slope": round(float(slope[0]), 4),
                    },
                },
                "codiesp_dev": measured,
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    print(json.dumps(measured))


def tuning_visits(data: Path) -> list[Labelled]:
    """Return the 40 tuning visits with our labels; the locked ones are not looked at."""
    part = set(json.loads((_VISITS / "split.json").read_text("utf-8"))["tuning"])
    texts = {}
    for line in (data / "notes" / "aci_train.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["note_id"] in part:
            texts[row["note_id"]] = row["text"]
    found = []
    for line in (_VISITS / "final.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["note_id"] in part:
            codes = {
                label["code"]: tuple((low, high) for low, high in label["evidence"])
                for label in row["labels"]
            }
            name = row["note_id"]
            found.append(Labelled(doc_id=name, text=texts[name], codes=codes, mentions={}))
    return found


def _out_of_fold(
    engine: Engine, data: Path, folds: Path
) -> tuple[Floats, Floats, list[str], NDArray[np.int64]]:
    """Return the rows of CodiEsp train, each part read by an engine made without it.

    Beside features and answers: the stratum of each row and the fold of its document.
    """
    parts = []
    for reader, reports in unseen(engine, data, folds):
        parts.append(_rows(reader, reports))
        print(f"part {len(parts)}", flush=True)
    return (
        np.vstack([x for x, _, _ in parts]),
        np.concatenate([y for _, y, _ in parts]),
        [name for _, _, strata in parts for name in strata],
        np.repeat(np.arange(len(parts)), [len(y) for _, y, _ in parts]),
    )


def _rows(engine: Engine, reports: Sequence[Labelled]) -> tuple[Floats, Floats, list[str]]:
    """Return features of every proposed code, whether the annotators gave it, and its stratum."""
    rows, right, strata = [], [], []
    for document in reports:
        note = Note(note_id=document.doc_id, text=document.text, sha256="")
        chart = Encounter(encounter_id=document.doc_id, notes=(note,))
        gold = {base_code(code, engine.taxonomy) or code for code in document.codes}
        _, validation = propose(chart, engine, _quiet)
        for proposal in validation.kept:
            rows.append(confidence_features(proposal))
            right.append(float(base_code(proposal.code, engine.taxonomy) in gold))
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
