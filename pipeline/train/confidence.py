"""Fit the confidence: `python -m pipeline.train.confidence --data ../shared/data --folds FOLDS`.

Learned from CodiEsp train in scope `documented`, each part read by an engine made without it
(`folds`): every code that validation leaves is a row, and the question is whether the annotators
gave it, 7th character left off. Beside the features each word of a mention and each category of
codes that comes three times has a small weight of its own.

Case reports are not visits. Scope `reportable` has the weights of the features that mean the same
there (`SHARED`), fitted on the same rows, moved and stretched by two numbers fitted on the 40
tuning visits of `tests/golden/visits`, a third one for codes that rules read from words, and then
lowered, since the rules were written on these visits: to the precision that was measured on the
half of them that nobody had read yet (`docs/evaluation.md`).

Measured on CodiEsp dev: expected calibration error over ten bins of the codes that are suggested.
Writes `resources/models/confidence.json`, and with `--trials` what `pipeline.train.certify` reads.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

import taxonomy as icd
from pipeline.engine import Engine, EngineSettings, load
from pipeline.model import Encounter, Note, Progress, Scope
from pipeline.route import CATEGORY, FEATURES, LEAST, WORDING, Confidence, Row, rows, stratum
from pipeline.run import propose
from pipeline.train.certify import write_trials
from pipeline.train.codiesp import Labelled, base_code, documents
from pipeline.train.folds import unseen
from pipeline.train.logistic import fit_logistic

UNREAD = 0.702
"""Precision on 20 visits nobody had read when the rules were written."""

SHARED = (
    "score",
    "together",
    "margin",
    "dictionary",
    "exact",
    "agreement",
    "learned",
    "coded",
    "often",
    "mentions",
    "assessed",
    "possible",
    "historical",
    "symptom",
    "status",
    "injury",
    "external",
)
"""The features that mean the same for a visit as for a case report."""

_PENALTY = 10.0
_LEAST_SEEN = 3
_BINS = 10
_VISITS = Path(__file__).parents[2] / "tests" / "golden" / "visits"


@dataclass(frozen=True, slots=True)
class Trial:
    """A proposed code of a coded note: what is known of it, whether it is right, its stratum."""

    row: Row
    right: float
    stratum: str


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
    seen, folds = _out_of_fold(engine, options.data, options.folds)
    documented = fit(seen)
    shared = fit(seen, SHARED)
    visits = load(options.cache, taxonomy=engine.taxonomy, settings=EngineSettings())
    read = _trials(visits, tuning_visits(options.data))
    dev = _trials(engine, list(documents(options.data, "dev")))
    measured = _measure(
        [one for one in _told(documented, dev) if one[0] >= LEAST[Scope.DOCUMENTED]]
    )
    if options.trials:
        kept = [
            (confidence, one)
            for confidence, one in zip(cross_fitted(seen, folds), seen, strict=True)
            if confidence >= LEAST[Scope.DOCUMENTED]
        ]
        write_trials(
            options.trials,
            np.array([confidence for confidence, _ in kept]),
            np.array([one.right for _, one in kept]),
            [one.stratum for _, one in kept],
        )
    card = {
        "command": "python -m pipeline.train.confidence --data ../shared/data --folds FOLDS",
        "data": "CodiEsp English train (CC BY 4.0), scope documented, out of fold; "
        "40 visits (ACI-Bench, CC BY 4.0) with labels of our own for scope reportable",
        "rows": {"documented": len(seen), "reportable": len(read)},
        "codiesp_dev": measured,
        "scopes": {
            "documented": asdict(documented),
            "reportable": asdict(for_visits(shared, read)),
        },
    }
    options.out.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(measured))


def fit(trials: Sequence[Trial], features: Sequence[str] = ()) -> Confidence:
    """Return the weights of these features; where none is named of all, words and categories too.

    Features are penalised as if each had variance one, a word or category ten times as much.
    """
    at = [FEATURES.index(name) for name in features or FEATURES]
    x = np.array([one.row.values for one in trials])[:, at]
    words = [] if features else _common(one.row.words for one in trials)
    groups = [] if features else _common({one.row.category} for one in trials)
    bags = np.array(
        [
            [word in one.row.words for word in words] + [one.row.category == c for c in groups]
            for one in trials
        ],
        dtype=float,
    ).reshape(len(trials), -1)
    constant, weights = fit_logistic(
        np.hstack([x, bags]),
        np.array([one.right for one in trials]),
        penalty=np.concatenate([x.var(axis=0) + 1e-6, np.full(bags.shape[1], _PENALTY)]),
    )
    own, of_words, of_groups = np.split(weights.round(4), [len(at), len(at) + len(words)])
    means = dict(zip((FEATURES[n] for n in at), own * x.mean(axis=0), strict=True))
    if not features:
        share = bags.mean(axis=0)
        means[WORDING] = of_words @ share[: len(words)]
        means[CATEGORY] = of_groups @ share[len(words) :]
    return Confidence(
        constant=round(constant, 4),
        weights=dict(zip((FEATURES[n] for n in at), own.tolist(), strict=True)),
        words=dict(zip(words, of_words.tolist(), strict=True)),
        categories=dict(zip(groups, of_groups.tolist(), strict=True)),
        means={name: round(float(mean), 4) for name, mean in means.items()},
    )


def for_visits(shared: Confidence, read: Sequence[Trial]) -> Confidence:
    """Return the confidence of scope `reportable`, from that of case reports and the 40 visits."""
    by_rule = FEATURES.index("by_rule")
    x = np.array([[shared.log_odds(one.row), one.row.values[by_rule]] for one in read])
    y = np.array([one.right for one in read])
    shift, (slope, rule) = fit_logistic(x, y)
    shift += math.log(UNREAD / (1 - UNREAD)) - math.log(y.mean() / (1 - y.mean()))
    weights = {name: round(slope * weight, 4) for name, weight in shared.weights.items()}
    means = {name: round(slope * mean, 4) for name, mean in shared.means.items()}
    return Confidence(
        constant=round(shift + slope * shared.constant, 4),
        weights={**weights, "by_rule": round(rule, 4)},
        means={**means, "by_rule": round(rule * float(x[:, 1].mean()), 4)},
    )


def cross_fitted(trials: Sequence[Trial], folds: NDArray[np.int64]) -> list[float]:
    """Return the confidence of each trial by weights fitted on the trials of the other folds."""
    found = [0.0] * len(trials)
    for fold in np.unique(folds):
        confidence = fit([one for one, part in zip(trials, folds, strict=True) if part != fold])
        for number in np.flatnonzero(folds == fold).tolist():
            found[number] = confidence.chance(trials[number].row)
    return found


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


def _out_of_fold(engine: Engine, data: Path, folds: Path) -> tuple[list[Trial], NDArray[np.int64]]:
    """Return the trials of CodiEsp train, each part read by an engine made without it.

    Beside them the part that each comes from, [trials].
    """
    parts = []
    for reader, reports in unseen(engine, data, folds):
        parts.append(_trials(reader, reports))
        print(f"part {len(parts)}", flush=True)
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return [one for part in parts for one in part], owner


def _trials(engine: Engine, reports: Sequence[Labelled]) -> list[Trial]:
    """Return what is known of every proposed code, and whether the annotators gave it."""
    found = []
    for document in reports:
        note = Note(note_id=document.doc_id, text=document.text, sha256="")
        chart = Encounter(encounter_id=document.doc_id, notes=(note,))
        gold = {base_code(code, engine.taxonomy) or code for code in document.codes}
        _, validation = propose(chart, engine, _quiet)
        known = rows(chart, validation.kept)
        found += [
            Trial(row, float(base_code(one.code, engine.taxonomy) in gold), stratum(one))
            for one, row in zip(validation.kept, known, strict=True)
        ]
    return found


def _common(groups: Iterable[AbstractSet[str]]) -> list[str]:
    """Return what stands in at least three of the groups, in order."""
    seen = Counter(word for group in groups for word in group)
    return sorted(word for word, count in seen.items() if count >= _LEAST_SEEN)


def _told(confidence: Confidence, trials: Sequence[Trial]) -> list[tuple[float, float]]:
    return [(confidence.chance(one.row), one.right) for one in trials]


def _measure(told: Sequence[tuple[float, float]]) -> dict[str, float]:
    confidence, right = np.array(told).T
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
