"""Fit the ranker: `python -m pipeline.train.ranker --data ../shared/data --folds FOLDS`.

Learned from CodiEsp train only, each part read by an engine made without it (`folds`). *Order*:
mention by mention the right code should come first among those the channels found (listwise), once
with the sentence around it and once without. The weights of the side are set by rule: guideline
I.B.13 wants the side that is documented, and CodiEsp's annotators mostly gave the code without.
*Worth*: over everything extraction finds in those notes that is asserted, whether the first
candidate is a code that annotators gave to overlapping words, 7th character left off (logistic).
*Match*: over the gold mentions, whether the first candidate is their code (logistic).
Measured on CodiEsp dev with the files that ship. Writes `resources/models/ranker.json`.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

import taxonomy as icd
from pipeline.engine import Engine, EngineSettings, load
from pipeline.extract.document import sentences
from pipeline.model import Assertion, Encounter, Note, Scope
from pipeline.retrieve import Phrase, Retriever, Scored
from pipeline.retrieve.rank import FEATURES, MATCH, WORTH, Weights, matching
from pipeline.train.codiesp import Labelled, Place, base_code, documents
from pipeline.train.folds import unseen
from pipeline.train.logistic import Floats, fit_listwise, fit_logistic

_BY_RULE = {"side_agrees": 1.5, "side_conflicts": -2.0, "side_unspecified": -0.5}
_DEPTH = 50
_ASSERTED = frozenset({Assertion.PRESENT, Assertion.POSSIBLE, Assertion.HISTORICAL})


@dataclass(frozen=True, slots=True)
class Asked:
    """A gold mention: its words, its sentence and its base code."""

    text: str
    context: str
    code: str


def main() -> None:
    """Fit, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=user_cache_path("chartproof"))
    parser.add_argument("--out", type=Path, default=Path("resources/models/ranker.json"))
    options = parser.parse_args()
    engine = load(
        options.cache,
        taxonomy=icd.load(options.cache),
        settings=EngineSettings(scope=Scope.DOCUMENTED),
    )
    apart = list(unseen(engine, options.data, options.folds))
    lists, right = [], []
    for reader, reports in apart:
        found = _lists(reader.retriever, list(_asked(reports, reader)))
        lists += [rows for rows, _ in found]
        right += [goal for _, goal in found]
        print(f"{len(lists)} lists", flush=True)
    order = fit_order(lists, right)
    bare = Weights(order=order, worth=dict.fromkeys(WORTH, 0.0), match=dict.fromkeys(MATCH, 0.0))
    rows, hits, matches, matched = [], [], [], []
    for reader, reports in apart:
        ordered = _with(reader, bare)
        for values, hit in worths(ordered, reports):
            rows.append(values)
            hits.append(hit)
        for values, hit in firsts(ordered.retriever, list(_asked(reports, reader))):
            matches.append(values)
            matched.append(hit)
        print(f"{len(rows)} rows", flush=True)
    constant, slopes = fit_logistic(np.array(rows), np.array(hits))
    level, steps = fit_logistic(np.array(matches), np.array(matched))
    weights = Weights(
        order=order,
        worth=dict(zip(WORTH, np.round(slopes, 4).tolist(), strict=True)),
        worth_constant=round(constant, 4),
        match=dict(zip(MATCH, np.round(steps, 4).tolist(), strict=True)),
        match_constant=round(level, 4),
    )
    measured = _measure(
        _with(engine, weights).retriever,
        [replace(a, context="") for a in _asked(documents(options.data, "dev"), engine)],
    )
    card = {
        "command": "python -m pipeline.train.ranker --data ../shared/data --folds FOLDS",
        "data": "CodiEsp English train (CC BY 4.0), out of fold",
        "lists": len(lists),
        "rows": len(rows),
        "order": weights.order,
        "worth_constant": weights.worth_constant,
        "worth": weights.worth,
        "match_constant": weights.match_constant,
        "match": weights.match,
        "codiesp_dev": measured,
    }
    options.out.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(measured))


def fit_order(lists: Sequence[Floats], right: Sequence[int]) -> dict[str, float]:
    """Return the weight of each feature; those of the side are set by rule."""
    free = np.array([name not in _BY_RULE for name in FEATURES])
    weights = np.array([_BY_RULE.get(name, 0.0) for name in FEATURES])
    weights[free] = fit_listwise([rows[:, free] for rows in lists], list(right))
    return dict(zip(FEATURES, np.round(weights, 4).tolist(), strict=True))


def worths(
    engine: Engine, reports: Iterable[Labelled]
) -> Iterable[tuple[tuple[float, ...], float]]:
    """Yield what the first candidate of each asserted mention is worth, and whether it is right."""
    for report in reports:
        gold: dict[str | None, tuple[Place, ...]] = {}
        for given, where in report.codes.items():
            base = base_code(given, engine.taxonomy)
            gold[base] = (*gold.get(base, ()), *where)  # two codes may differ in their 7th alone
        note = Note(note_id=report.doc_id, text=report.text, sha256="")
        chart = Encounter(encounter_id=report.doc_id, notes=(note,))
        extraction = engine.extractor.extract(chart)
        phrases = engine.retriever.phrases(chart, extraction)
        ranked = engine.retriever.rank(phrases)
        for mention, phrase, found in zip(extraction.mentions, phrases, ranked, strict=True):
            if not found or mention.assertion not in _ASSERTED:
                continue
            code = engine.retriever.complete(found[0].hit.code, phrase.context)
            places = gold.get(base_code(code or "", engine.taxonomy) or "")
            span = mention.span
            yield (
                found[0].worth,
                float(
                    places is not None
                    and (not places or any(a < span.end and span.start < b for a, b in places))
                ),
            )


def firsts(
    retriever: Retriever, asked: Sequence[Asked]
) -> Iterable[tuple[tuple[float, ...], float]]:
    """Yield how well the first candidate of each gold mention matches, and whether it is right."""
    ranked = retriever.rank([Phrase(one.text, one.context) for one in asked])
    for one, found in zip(asked, ranked, strict=True):
        if found:
            yield matching(found[0].worth), float(found[0].hit.code == one.code)


def _with(engine: Engine, weights: Weights) -> Engine:
    return replace(engine, retriever=replace(engine.retriever, weights=weights))


def _asked(reports: Iterable[Labelled], engine: Engine) -> Iterable[Asked]:
    """Yield the gold mentions whose code still exists."""
    for report in reports:
        places = sentences(report.text)
        for given, found in report.mentions.items():
            code = base_code(given, engine.taxonomy)
            for pieces in found if code is not None else ():
                here = (p for p in places if p[0] <= pieces[0][0] < p[1])
                low, high = next(here, (0, 0))
                yield Asked(
                    " ".join(report.text[a:b] for a, b in pieces),
                    report.text[low:high],
                    code or "",
                )


def _lists(retriever: Retriever, asked: Sequence[Asked]) -> list[tuple[Floats, int]]:
    """Return the candidates' features of each mention whose code is among them, and its index."""
    found = []
    for context in (True, False):
        phrases = [Phrase(one.text, one.context if context else "") for one in asked]
        for one, ranked in zip(asked, retriever.rank(phrases), strict=True):
            at = _place(ranked, one.code)
            if at is not None:
                found.append((np.array([each.features for each in ranked]), at))
    return found


def _measure(retriever: Retriever, asked: Sequence[Asked]) -> dict[str, float]:
    """Return R@1, R@10 and R@50 over all mentions, those whose code was not found included."""
    ranked = retriever.rank([Phrase(one.text) for one in asked])
    places = [_place(found, one.code) for one, found in zip(asked, ranked, strict=True)]
    return {
        "mentions": len(places),
        **{
            f"r_at_{k}": round(sum(p is not None and p < k for p in places) / len(places), 4)
            for k in (1, 10, _DEPTH)
        },
    }


def _place(ranked: Sequence[Scored], code: str) -> int | None:
    return next((n for n, one in enumerate(ranked) if one.hit.code == code), None)


if __name__ == "__main__":
    main()
