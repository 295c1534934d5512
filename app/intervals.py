"""Bootstrap intervals over documents: how far a figure would move on other notes of the same kind.

Documents are drawn with replacement, not codes: codes of one note stand and fall together. 1,000
resamples, a fixed seed, percentiles 2.5 and 97.5 (Efron and Tibshirani 1993, chapter 13). The same
documents in the same order give the same intervals.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.scores import Figures, Scored

RESAMPLES = 1000
SEED = 20261125
PLACES = 4

Counts = NDArray[np.float64]
"""[documents, 3]: codes right, codes assigned and codes of the gold."""

Interval = list[float]
"""Lower and upper end."""


def counts(documents: Sequence[Scored]) -> Counts:
    """Return codes right, assigned and gold of each document."""
    return np.array(
        [
            (len(each.assigned & each.gold.codes.keys()), len(each.assigned), len(each.gold.codes))
            for each in documents
        ],
        dtype=np.float64,
    ).reshape(-1, 3)


def micro(table: Counts) -> Figures:
    """Return the intervals of micro precision, recall and F1; None without a document."""
    if not len(table):
        return {"resamples": RESAMPLES, "precision": None, "recall": None, "f1": None}
    sums = table[_draws(len(table))].sum(axis=1)
    right, assigned, gold = sums.T
    return {
        "resamples": RESAMPLES,
        "precision": _interval(_ratio(right, assigned)),
        "recall": _interval(_ratio(right, gold)),
        "f1": _interval(_ratio(2 * right, assigned + gold)),
    }


def difference(before: Counts, after: Counts) -> Figures:
    """Return by how much micro F1 grew, with the interval over the same draws of documents.

    Rows of both are the same documents in the same order; `holds_zero` says that the sample does
    not tell the runs apart.
    """
    if not len(after):
        return {"f1": None, "interval": None, "holds_zero": None}
    draws = _draws(len(after))
    grown = _f1(after[draws].sum(axis=1)) - _f1(before[draws].sum(axis=1))
    whole = _f1(after.sum(axis=0)[None]) - _f1(before.sum(axis=0)[None])
    low, high = _interval(grown)
    return {
        "f1": round(float(whole[0]), PLACES),
        "interval": [low, high],
        "holds_zero": bool(low <= 0 <= high),
    }


def gap(documents: Sequence[Scored]) -> Figures:
    """Return mean confidence minus observed precision over all suggestions, with its interval.

    Above zero the program is surer than it should be. None without a suggestion; a draw of
    documents that have none tells nothing and is left out.
    """
    table = np.array(
        [
            (
                sum(s.confidence for s in each.suggestions),
                sum(s.code in each.gold.codes for s in each.suggestions),
                len(each.suggestions),
            )
            for each in documents
        ],
        dtype=np.float64,
    ).reshape(-1, 3)
    if not table[:, 2].sum():
        return {"gap": None, "interval": None, "holds_zero": None}
    sums = table[_draws(len(table))].sum(axis=1)
    sums = sums[sums[:, 2] > 0]
    low, high = _interval((sums[:, 0] - sums[:, 1]) / sums[:, 2])
    confidence, right, count = table.sum(axis=0)
    return {
        "gap": round(float((confidence - right) / count), PLACES),
        "interval": [low, high],
        "holds_zero": bool(low <= 0 <= high),
    }


def _draws(documents: int) -> NDArray[np.int64]:
    """Return [resamples, documents] of row numbers."""
    return np.random.default_rng(SEED).integers(0, documents, (RESAMPLES, documents))


def _f1(sums: Counts) -> Counts:
    return _ratio(2 * sums[:, 0], sums[:, 1] + sums[:, 2])


def _ratio(above: Counts, below: Counts) -> Counts:
    """Divide; nothing of nothing is 0, as in the figures themselves."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _interval(values: Counts) -> Interval:
    low, high = np.percentile(values, (2.5, 97.5))
    return [round(float(low), PLACES), round(float(high), PLACES)]
