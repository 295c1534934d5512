"""Try rerankers and wider embeddings; print a table of quality against milliseconds and megabytes.

    OMP_NUM_THREADS=1 python benchmarks/rerankers.py DATA --folds FOLDS --work DIR [--wider DIR …]

DATA is the shared data folder, FOLDS the models of `pipeline.train.folds`; DIR keeps the lists of
candidates between runs. Each `--wider` is a folder made by `python -m pipeline.train.embedding
--data DATA --dim N --out …`. Everything starts from random numbers (extra `train`).

A reranker is trained on CodiEsp train, candidates out of fold. *Alone* it orders the first ten by
itself. *As a feature* it joins the features of the ranker in a listwise fit over the first ten; for
that, the scores of each fold come from a model that was trained on the two others. Beside it stands
the same fit without it. Figures on train are out of fold, but for what ships, which was fitted on
all of it. Settings were set beforehand; dev is measured without the sentence around a mention. A
wider embedding takes the place of the shipped one under the weights that ship, which were fitted on
the shipped width.

Milliseconds are of the processor, one thread, for mentions that were not seen before; those of a
reranker come on top of the ranker's. A note is the shipped analysis of the dev notes of 350 to 450
words and the reranker's time for each of its mentions. The rule: a row ships if R@1 on dev is at
least a point above the shipped one and a note takes at most 0.06 s at p95.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from platformdirs import user_cache_path
from safetensors.numpy import load as load_tensors

import taxonomy as icd
from benchmarks.note_speed import HIGH, LIMIT, LOW, WARM, timed
from benchmarks.reranking.material import SHIPPED, TEN, Listed, gather, listed
from benchmarks.reranking.models import Reranker, Tokens, fit, tokenize
from pipeline.engine import Engine, EngineSettings, load
from pipeline.model import Scope
from pipeline.retrieve import Phrase, Retriever
from pipeline.retrieve.channels import dense_rows
from pipeline.retrieve.dense import DenseIndex, Embedder
from pipeline.retrieve.embedder import TABLE, WEIGHT
from pipeline.retrieve.rank import FEATURES, Weights
from pipeline.train.codiesp import Mention, mentions
from pipeline.train.embedding import read_tokenizer
from pipeline.train.folds import FOLDS
from pipeline.train.logistic import Floats, fit_listwise

MODELS = Path(__file__).parents[1] / "resources" / "models"
GAIN = 0.01
_TIMED, _BATCH = 320, 32
_LINKS = 144  # bytes a node of the graph takes beside its vector (M = 16)
_BY_RULE = ("side_agrees", "side_conflicts", "side_unspecified")
EPOCHS = {"kernels": 8, "transformer": 2, "own": 2}
NAMES = {
    "kernels": "late interaction over token cosines",
    "transformer": "cross-encoder, two layers, vectors of the embedding",
    "own": "cross-encoder, two layers, vectors of its own",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table: R@1 out of fold on train (NaN where there is none) and on dev."""

    name: str
    train: float
    first: float
    ten: float
    milliseconds: float
    note: float
    megabytes: float
    index: float

    def line(self, base: "Row") -> str:
        """Return the line, with what the rule says against the shipped row."""
        verdict = "no" if self.first < base.first + GAIN or self.note > LIMIT else "yes"
        train = "–" if np.isnan(self.train) else f"{self.train:.3f}"
        return (
            f"| {self.name} | {train} | {self.first:.3f} | {self.ten:.3f} | "
            f"{self.milliseconds:.2f} | {self.note:.3f} | {self.megabytes:.1f} | "
            f"{self.index:.0f} | {'–' if self is base else verdict} |"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Seconds and mentions of each note of the usual length."""

    seconds: Floats
    mentions: Floats

    def p95(self, milliseconds: float) -> float:
        """Return the seconds of a note whose mentions each take so much more."""
        return float(np.quantile(self.seconds + self.mentions * milliseconds / 1000, 0.95))


def main() -> None:
    """Train, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--wider", type=Path, nargs="*", default=[])
    parser.add_argument("--kinds", nargs="*", choices=list(EPOCHS), default=list(EPOCHS))
    parser.add_argument("--cache", type=Path, default=user_cache_path("chartproof"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    options.work.mkdir(parents=True, exist_ok=True)
    engine = load(
        options.cache,
        taxonomy=icd.load(options.cache),
        settings=EngineSettings(scope=Scope.DOCUMENTED),
    )
    lists = gather(engine, options.data, options.folds, options.work / "lists.json")
    print(
        "| | train R@1 | dev R@1 | dev R@10 | ms a mention | note p95 s "
        "| MB learned | MB index | ships |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    asked = mentions(options.data, "dev", engine.taxonomy)
    base, notes = _measured(engine, options.data, asked, MODELS / "embedding")
    first = np.mean([one.right == 0 for one in lists if one.part != SHIPPED])
    base = replace(base, name="what ships", train=float(first))
    print(base.line(base), flush=True)
    for folder in options.wider:
        row, _ = _measured(_wider(engine, folder), options.data, asked, folder)
        print(row.line(base), flush=True)
    tables = _tables(options.folds)
    tokens = tokenize(read_tokenizer(MODELS / "embedding"), lists)
    print(_fitted(lists, None, base).line(base), flush=True)
    for kind in options.kinds:
        began = time.process_time()
        scores, model = stacked(kind, tables, tokens, lists)
        taken = time.process_time() - began
        cost = 1000 * _seconds(model, tokens, lists)
        size = 2 * model.size / 1e6  # in half precision, as the embedding is kept
        for row in (_alone(kind, lists, scores, base), _fitted(lists, scores, base, kind)):
            done = replace(
                row, milliseconds=cost, note=notes.p95(cost), megabytes=base.megabytes + size
            )
            print(done.line(base), flush=True)
        print(f"({kind}: {model.size} numbers, {size:.2f} MB, four trainings in {taken:.0f} s)")


def stacked(
    kind: str, tables: torch.Tensor, tokens: Tokens, lists: Sequence[Listed]
) -> tuple[Floats, Reranker]:
    """Return the scores of all lists, [n, TEN], each by a model that did not see it.

    And the model that was trained on all of train and has scored dev.
    """
    scores = np.zeros((len(lists), TEN))
    parts = np.array([one.part for one in lists])
    models = []
    for part in (SHIPPED, *range(FOLDS)):
        seen: dict[tuple[str, int, int], list[int]] = {}
        for number, one in enumerate(lists):
            if one.part not in (part, SHIPPED) and one.right >= 0 and len(one.titles) > 1:
                seen.setdefault((one.text.lower(), one.part, one.right), []).append(number)
        rows = [numbers[0] for numbers in seen.values()]
        model = fit(
            kind,
            tables,
            tokens.of(torch.tensor(rows)),
            np.array([lists[row].right for row in rows]),
            np.array([float(len(numbers)) for numbers in seen.values()]),
            epochs=EPOCHS[kind],
        )
        here = np.flatnonzero(parts == part)
        scores[here] = model.score(tokens.of(torch.from_numpy(here)))
        models.append(model)
    return scores, models[0]


def _alone(kind: str, lists: Sequence[Listed], scores: Floats, base: Row) -> Row:
    first = [int(row.argmax()) == one.right for row, one in zip(scores, lists, strict=True)]
    return _row(f"{NAMES[kind]}, alone", lists, first, base)


def _fitted(lists: Sequence[Listed], scores: Floats | None, base: Row, kind: str = "") -> Row:
    """Fit the ranker over the first ten, with the scores as one feature more where given.

    What is measured on train was fitted on the two other parts. The sides keep their weights by
    rule, which are large and few, by staying out of the fit.
    """
    free = [n for n, name in enumerate(FEATURES) if name not in _BY_RULE]
    ruled = [FEATURES.index(name) for name in _BY_RULE]
    shipped = Weights.read().order
    fixed = np.array([shipped[name] for name in _BY_RULE])
    every = []
    for number, one in enumerate(lists):
        rows = np.array(one.rows).reshape(len(one.rows), len(FEATURES))
        own = rows[:, free]
        if scores is not None:
            score = scores[number, : len(rows)]
            score = score - score.max(initial=-1e4)
            own = np.column_stack([own, np.clip(score, -10, 0) / 5])
        every.append((own, rows[:, ruled] @ fixed))
    first = np.zeros(len(lists), dtype=bool)
    parts = np.array([one.part for one in lists])
    for part in (*range(FOLDS), SHIPPED):
        taught = [
            n for n, one in enumerate(lists) if one.part not in (part, SHIPPED) and one.right >= 0
        ]
        weights = fit_listwise([every[n][0] for n in taught], [lists[n].right for n in taught])
        for n in np.flatnonzero(parts == part).tolist():
            sums = every[n][0] @ weights + every[n][1]
            first[n] = len(sums) > 0 and int(sums.argmax()) == lists[n].right
    if scores is None:
        return _row("ranker fitted anew over its first ten, for comparison", lists, first, base)
    return _row(f"{NAMES[kind]}, as a feature", lists, first, base)


def _row(
    name: str, lists: Sequence[Listed], first: Sequence[bool] | NDArray[np.bool_], base: Row
) -> Row:
    dev = np.array([one.part == SHIPPED for one in lists])
    found = np.array(first)
    return replace(base, name=name, train=float(found[~dev].mean()), first=float(found[dev].mean()))


def _measured(
    engine: Engine, data: Path, asked: Sequence[Mention], embedding: Path
) -> tuple[Row, Notes]:
    """Measure an engine: first its retriever, which remembers nothing yet, then the notes."""
    old = engine.retriever
    retriever = Retriever(
        taxonomy=old.taxonomy,
        channels=old.channels,
        weights=old.weights,
        seen=old.seen,
        scope=old.scope,
    )
    phrases = [Phrase(text) for text in dict.fromkeys(text for text, _ in asked)]
    retriever.rank(phrases[:WARM])
    began = time.process_time()
    for phrase in phrases[WARM : WARM + _TIMED]:
        retriever.rank([phrase])
    milliseconds = 1000 * (time.process_time() - began) / _TIMED
    places = [one.right for one in listed(retriever, asked, SHIPPED)]
    notes = _notes(replace(engine, retriever=retriever), data)
    sizes = [path.stat().st_size for path in MODELS.rglob("*") if path.is_file()]
    table = (embedding / TABLE).stat().st_size - (MODELS / "embedding" / TABLE).stat().st_size
    row = Row(
        name=f"embedding of {old.dense.embedder.dim} numbers, weights that ship",
        train=float("nan"),
        first=float(np.mean([place == 0 for place in places])),
        ten=float(np.mean([place >= 0 for place in places])),
        milliseconds=milliseconds,
        note=notes.p95(0),
        megabytes=(sum(sizes) + table) / 1e6,
        index=old.dense.count * (4 * old.dense.embedder.dim + _LINKS) / 1e6,
    )
    return row, notes


def _wider(engine: Engine, folder: Path) -> Engine:
    """Return the engine with another embedding in its dense channel."""
    channels = engine.retriever.channels
    with tempfile.TemporaryDirectory() as cache:
        index = DenseIndex.build(
            list(dense_rows(channels.terms)), Embedder.load(folder), Path(cache) / "dense.hnsw"
        )
    return replace(
        engine, retriever=replace(engine.retriever, channels=replace(channels, dense=index))
    )


def _notes(engine: Engine, data: Path) -> Notes:
    """Analyse the notes of dev once; count the words of each that no note before it had."""
    known: set[str] = set()
    seconds, counts = [], []
    path = data / "codiesp_en" / "codiesp_en_dev.jsonl.gz"
    for number, (chart, taken, words) in enumerate(timed(engine, path)):
        phrases = engine.retriever.phrases(chart, engine.extractor.extract(chart))
        new = {phrase.text for phrase in phrases} - known
        known |= new
        if number >= WARM and LOW <= words <= HIGH:
            seconds.append(taken)
            counts.append(float(len(new)))
    return Notes(seconds=np.array(seconds), mentions=np.array(counts))


def _tables(folds: Path) -> torch.Tensor:
    """Return the token vectors of each fold, turned onto those that ship, and these: float32."""
    shipped = _table(MODELS / "embedding")
    turned = []
    for part in range(FOLDS):
        table = _table(folds / str(part) / "embedding")
        left, _, right = np.linalg.svd(table.T @ shipped)  # orthogonal: cosines stay as they are
        turned.append(table @ (left @ right))
    stacked_ = np.stack([*turned, shipped])
    stacked_[:, 0] = 0  # padding
    norms = np.linalg.norm(stacked_, axis=2)
    return torch.from_numpy(stacked_ / norms[norms > 0].mean())


def _table(folder: Path) -> NDArray[np.float32]:
    table: NDArray[np.float32] = load_tensors((folder / TABLE).read_bytes())[WEIGHT].astype(
        np.float32
    )
    return table


def _seconds(model: Reranker, tokens: Tokens, lists: Sequence[Listed]) -> float:
    """Return the seconds a mention takes, a note's worth of mentions at a time."""
    rows = [n for n, one in enumerate(lists) if one.part == SHIPPED][: _TIMED + _BATCH]
    model.score(tokens.of(torch.tensor(rows[:_BATCH])), _BATCH)
    began = time.process_time()
    model.score(tokens.of(torch.tensor(rows[_BATCH:])), _BATCH)
    return (time.process_time() - began) / (len(rows) - _BATCH)


if __name__ == "__main__":
    main()
