"""Fit the ranker's weights: `python -m pipeline.train.ranker --data ../shared/data`.

Learned from CodiEsp train only, mention by mention: the right code should come first among those
the channels found (listwise), and a second fit turns the sum into a score that can be compared
between mentions (logistic on the first candidate). The weights of the side are set by rule and not
learned: guideline I.B.13 wants the side that is documented, and CodiEsp's annotators mostly gave
the code without. Measured on CodiEsp dev, with those weights. Writes
`resources/models/ranker.json`.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

import taxonomy as icd
from pipeline.retrieve import Phrase, Retriever
from pipeline.retrieve.lexical import Lexical
from pipeline.retrieve.rank import FEATURES, Weights
from pipeline.terms import build, learned, lexicon
from pipeline.train.codiesp import Mention, mentions, mentions_by_document
from pipeline.train.dictionary import learn
from pipeline.train.logistic import fit_listwise, fit_logistic

_BATCH = 512
_FOLDS = 5
_BY_RULE = {"side_agrees": 1.5, "side_conflicts": -2.0, "side_unspecified": -0.5}


def main() -> None:
    """Fit, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=user_cache_path("chartproof"))
    parser.add_argument("--out", type=Path, default=Path("resources/models/ranker.json"))
    options = parser.parse_args()
    taxonomy = icd.load(options.cache)
    retriever = Retriever.load(
        taxonomy,
        build(taxonomy, (*lexicon(), *learned())),
        models=options.out.parent,
        cache=options.cache,
        weights=Weights(0.0, dict.fromkeys(FEATURES, 0.0)),
    )
    lists, right = _out_of_fold(retriever, mentions_by_document(options.data, "train", taxonomy))
    free = [name not in _BY_RULE for name in FEATURES]
    weights = np.array([_BY_RULE.get(name, 0.0) for name in FEATURES])
    weights[free] = fit_listwise([rows[:, free] for rows in lists], right)
    firsts, hits = [], []
    for rows, goal in zip(lists, right, strict=True):
        best = int(np.argmax(rows @ weights))
        firsts.append([float(rows[best] @ weights)])
        hits.append(float(best == goal))
    constant, slope = fit_logistic(np.array(firsts), np.array(hits))
    dev = mentions(options.data, "dev", taxonomy)
    measured = _measure(retriever, dev, weights)
    options.out.write_text(
        json.dumps(
            {
                "command": "python -m pipeline.train.ranker --data ../shared/data",
                "data": "CodiEsp English train (CC BY 4.0), mentions whose code was found",
                "lists": len(lists),
                "constant": round(constant, 4),
                "weights": {
                    name: round(float(weight * slope[0]), 4)
                    for name, weight in zip(FEATURES, weights, strict=True)
                },
                "codiesp_dev": measured,
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    print(json.dumps(measured))


def _out_of_fold(
    retriever: Retriever, documents: list[list[Mention]]
) -> tuple[list[np.ndarray], list[int]]:
    """Return the lists of all mentions, each with a dictionary learned from other documents.

    What a phrase was learned from would make its own mention look certain; new notes are not.
    """
    known = build(retriever.taxonomy, lexicon())
    lists, right = [], []
    for fold in range(_FOLDS):
        ours = [one for each in documents[fold::_FOLDS] for one in each]
        rest = [one for n, each in enumerate(documents) if n % _FOLDS != fold for one in each]
        terms = build(retriever.taxonomy, (*lexicon(), *learn(rest, known, retriever.taxonomy)))
        apart = replace(retriever, terms=terms, lexical=Lexical.build(terms.stems))
        more_lists, more_right = _lists(apart, ours)
        lists += more_lists
        right += more_right
    return lists, right


def _lists(retriever: Retriever, found: list[Mention]) -> tuple[list[np.ndarray], list[int]]:
    """Return the candidates' features of each mention whose code is among them, and its index."""
    lists, right = [], []
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH]
        ranked = retriever.rank([Phrase(text) for text, _ in batch])
        for (_, code), scored in zip(batch, ranked, strict=True):
            at = next((n for n, one in enumerate(scored) if one.hit.code == code), None)
            if at is not None:
                lists.append(np.array([one.features for one in scored]))
                right.append(at)
        print(f"{min(start + _BATCH, len(found))}/{len(found)} mentions", flush=True)
    return lists, right


def _measure(retriever: Retriever, found: list[Mention], weights: np.ndarray) -> dict[str, float]:
    """Return R@1, R@10 and R@50 over all mentions, those whose code was not found included."""
    places = []
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH]
        ranked = retriever.rank([Phrase(text) for text, _ in batch])
        for (_, code), scored in zip(batch, ranked, strict=True):
            order = sorted(scored, key=lambda one: -float(np.dot(one.features, weights)))
            places.append(
                next((n for n, one in enumerate(order) if one.hit.code == code), len(order) + 50)
            )
    return {
        "mentions": len(places),
        **{
            f"r_at_{k}": round(sum(place < k for place in places) / len(places), 4)
            for k in (1, 10, 50)
        },
    }


if __name__ == "__main__":
    main()
