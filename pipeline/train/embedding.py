"""Train our static embedding: `python -m pipeline.train.embedding --data … --out …`.

A table of token vectors that starts as random numbers, so that nothing of other weights is in it
(`docs/decisions.md` 43), learned from the pairs of `pairs.collect`: index, tables, terms, our
lexicon, and the mentions of CodiEsp train. Measured on the mentions of CodiEsp dev. With
`--fold K/N` every N-th document of train is left out and fewer epochs are run: what a ranker may be
fitted on. `--dim` makes a wider table, to see what it would give (`docs/evaluation.md`).
"""

import argparse
import hashlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from platformdirs import user_cache_path
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer

import taxonomy as icd
from pipeline.retrieve.embedder import MANIFEST, TABLE, TOKENIZER, Embedder, ModelManifest
from pipeline.terms import Level, build, lexicon
from pipeline.train.card import CARD, card
from pipeline.train.codiesp import left_out, mentions, mentions_by_document
from pipeline.train.contrast import Schedule, seen_tokens, train
from pipeline.train.pairs import INDEX, Corpus, Pair, collect, index_pairs, index_rows, resolver
from pipeline.train.scoring import Scores, score_vectors, score_words

DIM = 256
SEED = 20260401
FOLD_EPOCHS = 3

_FORMAT = "chartproof-embedding-1"
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_SHIPPED = Path("resources/models/embedding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a table is scored on: mentions, and the lists of entries by name."""

    mentions: list[Pair]
    entries: dict[str, list[Pair]]

    def scores(self, embedder: Embedder) -> dict[str, Scores]:
        """Score a model on each list of entries."""
        return {
            name: score_vectors(embedder, entries, self.mentions)
            for name, entries in self.entries.items()
        }


def main() -> None:
    """Train a table, measure it and write it with its card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=_SHIPPED)
    parser.add_argument("--fold", default="", help="K/N: leave out every N-th document, from K on")
    parser.add_argument("--dim", type=int, default=DIM, help="length of a vector")
    parser.add_argument("--cache", type=Path, default=user_cache_path("chartproof"))
    options = parser.parse_args()
    began = time.monotonic()
    tokenizer = read_tokenizer(_SHIPPED)
    corpus, trial = _collect(options.data, options.cache, options.fold)
    print(f"{len(corpus.pairs)} pairs, {len(trial.mentions)} mentions", flush=True)
    schedule = Schedule(seed=SEED, epochs=FOLD_EPOCHS) if options.fold else Schedule(seed=SEED)
    start = np.random.default_rng(SEED).normal(size=(tokenizer.get_vocab_size(), options.dim))
    table = learn(start, tokenizer, corpus, schedule)
    table[~seen_tokens(tokenizer, corpus)] = 0  # still the numbers it began with
    with tempfile.TemporaryDirectory() as work:
        save(table, tokenizer, Path(work))
        publish(Path(work), options.out)
    if options.fold:
        return
    scores = {
        "BM25": {name: score_words(e, trial.mentions) for name, e in trial.entries.items()},
        "embedding": trial.scores(Embedder.load(options.out)),
    }
    for name, measured in scores.items():
        print(name, measured, flush=True)
    text = card(
        scores,
        seed=SEED,
        pairs=len(corpus.pairs),
        mentions=len(trial.mentions),
        sizes={name: len(entries) for name, entries in trial.entries.items()},
        files=ModelManifest.model_validate_json((options.out / MANIFEST).read_bytes()).files,
    )
    (options.out / CARD).write_text(text, encoding="utf-8")
    print(f"wrote {options.out} after {time.monotonic() - began:.0f} s")


def read_tokenizer(folder: Path) -> Tokenizer:
    """Return the WordPiece tokenizer of a model's folder, without padding and truncation."""
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def learn(
    start: NDArray[np.float64], tokenizer: Tokenizer, corpus: Corpus, schedule: Schedule
) -> NDArray[np.float32]:
    """Return the table after training; rows of tokens that the corpus never has are unchanged."""
    embedding = torch.nn.EmbeddingBag.from_pretrained(
        torch.tensor(start, dtype=torch.float32), freeze=False, mode="mean", sparse=True
    )
    train(embedding, tokenizer, corpus, schedule)
    table: NDArray[np.float32] = embedding.weight.detach().numpy().copy()
    return table


def save(table: NDArray[np.floating], tokenizer: Tokenizer, folder: Path) -> None:
    """Write a sentence-transformers folder in half precision, with our manifest.

    Special tokens, the unknown one among them, lose their vector: they must not move a text.
    """
    table = table.copy()
    vocabulary = tokenizer.get_vocab()
    table[[vocabulary[token] for token in _SPECIAL]] = 0
    module = StaticEmbedding(tokenizer, embedding_weights=table.astype(np.float16))
    SentenceTransformer(modules=[module], device="cpu").save(str(folder), create_model_card=False)
    manifest = ModelManifest(
        format=_FORMAT,
        dim=table.shape[1],
        vocabulary=table.shape[0],
        files={
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in (TABLE, TOKENIZER)
        },
    )
    text = manifest.model_dump_json(indent=1) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def publish(folder: Path, out: Path) -> None:
    """Copy the files of a model into `out`, the manifest last."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST):
        (out / path.name).write_bytes(path.read_bytes())


def _collect(data: Path, cache: Path, fold: str) -> tuple[Corpus, Trial]:
    taxonomy = icd.load(cache)
    lay = lexicon()
    tabular = build(taxonomy)
    taught = [
        pair
        for each in left_out(mentions_by_document(data, "train", taxonomy), fold)
        for pair in each
    ]
    corpus = collect(data, taxonomy, tabular, [(entry.text, entry.code) for entry in lay], taught)
    # The entries of the dense channel: a phrase shortened to its default is left to the dictionary.
    plain, ours = (
        [(entry.text, entry.code) for entry in terms.entries if entry.level is not Level.DEFAULT]
        for terms in (tabular, build(taxonomy, lay))
    )
    return corpus, Trial(
        mentions=mentions(data, "dev", taxonomy),
        entries={
            "tabular": plain,
            "lexicon": ours,
            "shipped": [*ours, *dict.fromkeys(taught)],
            "with-index": [
                *plain,
                *index_pairs(index_rows(data / INDEX), resolver(taxonomy)),
            ],
        },
    )


if __name__ == "__main__":
    main()
