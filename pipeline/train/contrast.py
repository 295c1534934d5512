"""The training loop: a table of token vectors learned by telling a phrase's code from others.

The loss is multiple negatives ranking (Henderson et al., "Efficient Natural Language Response
Suggestion for Smart Reply", 2017) in both directions: in a batch, each phrase must find the name of
its own code among the names of all others, to which as many names from the same category are added.
Names of the same code are no negatives of each other. Seeded, one thread, one order.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn import functional

from pipeline.train.pairs import Corpus

_SAME_CODE = -1e4


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How to train; `scale` is the inverse temperature of the cosine, `dropout` loses tokens."""

    epochs: int = 6
    batch: int = 1024
    rate: float = 0.05
    scale: float = 20.0
    dropout: float = 0.1
    seed: int = 20260401


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokens:
    """The corpus as token ids: queries with their code numbers, and the names of each code."""

    queries: list[list[int]]
    codes: list[int]
    names: list[list[list[int]]]
    near: list[list[int]]


def train(
    embedding: torch.nn.EmbeddingBag, tokenizer: Tokenizer, corpus: Corpus, schedule: Schedule
) -> None:
    """Train the table in place and print the mean loss of each epoch."""
    torch.set_num_threads(1)
    torch.manual_seed(schedule.seed)
    torch.use_deterministic_algorithms(mode=True)
    chance = random.Random(schedule.seed)
    tokens = _tokens(tokenizer, corpus)
    optimizer = torch.optim.SparseAdam(list(embedding.parameters()), lr=schedule.rate)
    per_epoch = len(tokens.queries) // schedule.batch
    steps = per_epoch * schedule.epochs
    step = 0
    for epoch in range(schedule.epochs):
        losses = []
        for rows in _batches(tokens, chance, schedule.batch):
            loss = _loss(embedding, tokens, rows, chance, schedule)
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate * (1 - step / steps)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
            step += 1
        print(f"epoch {epoch + 1} of {schedule.epochs}: loss {np.mean(losses):.3f}", flush=True)


def seen_tokens(tokenizer: Tokenizer, corpus: Corpus) -> NDArray[np.bool_]:
    """Return [vocabulary] True for each token that occurs in the corpus."""
    seen = np.zeros(tokenizer.get_vocab_size(), dtype=np.bool_)
    texts = {text for text, _ in corpus.pairs} | {
        n for names in corpus.names.values() for n in names
    }
    for ids in _ids(tokenizer, sorted(texts)):
        seen[ids] = True
    return seen


def _batches(tokens: _Tokens, chance: random.Random, size: int) -> Iterator[list[int]]:
    order = list(range(len(tokens.queries)))
    chance.shuffle(order)
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]


def _loss(
    embedding: torch.nn.EmbeddingBag,
    tokens: _Tokens,
    rows: Sequence[int],
    chance: random.Random,
    schedule: Schedule,
) -> torch.Tensor:
    asked = [tokens.codes[row] for row in rows]
    offered = asked + [chance.choice(tokens.near[code]) for code in asked]
    texts = [_drop(tokens.queries[row], chance, schedule.dropout) for row in rows]
    texts += [chance.choice(tokens.names[code]) for code in offered]
    vectors = functional.normalize(_bags(embedding, texts), dim=1)
    queries, names = vectors[: len(rows)], vectors[len(rows) :]
    cosines = queries @ names.T * schedule.scale
    right = torch.arange(len(rows))
    same = torch.tensor(asked)[:, None] == torch.tensor(offered)[None, :]
    same[right, right] = False
    cosines = cosines.masked_fill(same, _SAME_CODE)
    return functional.cross_entropy(cosines, right) + functional.cross_entropy(
        cosines[:, : len(rows)].T, right
    )


def _bags(embedding: torch.nn.EmbeddingBag, texts: Sequence[Sequence[int]]) -> torch.Tensor:
    lengths = np.array([len(ids) for ids in texts])
    flat = np.concatenate([np.asarray(ids, dtype=np.int64) for ids in texts])
    bags: torch.Tensor = embedding(
        torch.from_numpy(flat), torch.from_numpy(np.cumsum(lengths) - lengths)
    )
    return bags


def _drop(ids: list[int], chance: random.Random, share: float) -> list[int]:
    if len(ids) <= 2:
        return ids
    return [one for one in ids if chance.random() >= share] or ids


def _tokens(tokenizer: Tokenizer, corpus: Corpus) -> _Tokens:
    codes = sorted(corpus.names)
    number = {code: n for n, code in enumerate(codes)}
    siblings: dict[str, list[int]] = {}
    for code in codes:
        siblings.setdefault(code[:3], []).append(number[code])
    asked = _ids(tokenizer, [text for text, _ in corpus.pairs])
    usable = [n for n, ids in enumerate(asked) if ids]
    return _Tokens(
        queries=[asked[n] for n in usable],
        codes=[number[corpus.pairs[n][1]] for n in usable],
        names=[_ids(tokenizer, corpus.names[code]) for code in codes],
        near=[siblings[code[:3]] for code in codes],
    )


def _ids(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    return [one.ids for one in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
