"""Two small models that read a mention together with a candidate, trained from random numbers.

*Kernels* (late interaction; K-NRM, Xiong et al., SIGIR 2017): the cosines between the tokens of the
mention and those of title and entry, counted by soft bins in both directions. *Transformer* (a
cross-encoder): mention, title and entry in one sequence through two layers; each token comes with
how near the nearest token of the other texts is. Token vectors are those of the embedding that
found the candidates (a fold's for training, so that the model has not seen its mentions either),
turned onto the shipped table; `own` learns a table of its own, and is told of equal tokens only.

The loss is listwise: of the ten, the right one should score highest. Seeded, one thread.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from benchmarks.reranking.material import TEN, Listed
from pipeline.train.logistic import Floats

SEED = 20260401
WIDTH = 64
_KERNELS = tuple(np.linspace(-0.8, 1.0, 10).tolist())
_SHARP, _SOFT = 0.02, 0.1
_MENTION, _TITLE, _ENTRY = 8, 12, 8
"""How many tokens of each text are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Token ids of lists, 0 where there is none: [n, 8], [n, TEN, 12], [n, TEN, 8].

    `part` [n] says whose vectors they have, `there` [n, TEN] which candidates exist.
    """

    mention: torch.Tensor
    title: torch.Tensor
    entry: torch.Tensor
    part: torch.Tensor
    there: torch.Tensor

    def of(self, rows: Any) -> "Tokens":
        """Return these lists only."""
        return Tokens(
            mention=self.mention[rows],
            title=self.title[rows],
            entry=self.entry[rows],
            part=self.part[rows],
            there=self.there[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reranker:
    """A model and the vectors it reads: `tables` [parts, vocabulary, dim], not learned here."""

    kind: str
    net: nn.ModuleDict
    tables: torch.Tensor

    @property
    def size(self) -> int:
        """How many numbers were learned."""
        return sum(one.numel() for one in self.net.parameters())

    def scores(self, tokens: Tokens) -> torch.Tensor:
        """Return the score of each candidate, [n, TEN]."""
        forward = _kernels if self.kind == "kernels" else _transformer
        return forward(self.net, self.tables, tokens).masked_fill(~tokens.there, -1e4)

    def score(self, tokens: Tokens, batch: int = 128) -> Floats:
        """Return the scores as float64 [n, TEN], without learning."""
        self.net.eval()
        with torch.inference_mode():
            parts = [
                self.scores(tokens.of(slice(start, start + batch)))
                for start in range(0, len(tokens.mention), batch)
            ]
        found: Floats = torch.cat(parts).numpy().astype(np.float64)
        return found


def tokenize(tokenizer: Tokenizer, lists: Sequence[Listed]) -> Tokens:
    """Return the token ids of the lists."""

    def ids(texts: Sequence[str], longest: int) -> NDArray[np.int64]:
        found = np.zeros((len(texts), longest), dtype=np.int64)
        for row, one in enumerate(tokenizer.encode_batch(list(texts), add_special_tokens=False)):
            found[row, : len(one.ids)] = one.ids[:longest]
        return found

    def filled(texts: Sequence[str]) -> list[str]:
        return [*texts, *[""] * (TEN - len(texts))]

    titles = ids([text for one in lists for text in filled(one.titles)], _TITLE)
    entries = ids([text for one in lists for text in filled(one.entries)], _ENTRY)
    return Tokens(
        mention=torch.from_numpy(ids([one.text for one in lists], _MENTION)),
        title=torch.from_numpy(titles.reshape(len(lists), TEN, _TITLE)),
        entry=torch.from_numpy(entries.reshape(len(lists), TEN, _ENTRY)),
        part=torch.tensor([one.part for one in lists]),
        there=torch.tensor([[n < len(one.titles) for n in range(TEN)] for one in lists]),
    )


def fit(
    kind: str,
    tables: torch.Tensor,
    tokens: Tokens,
    right: NDArray[np.int64],
    weight: Floats,
    *,
    epochs: int,
    rate: float = 2e-3,
    batch: int = 32,
) -> Reranker:
    """Train a model on lists whose right place is known; `weight` says how often each was seen."""
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    model = Reranker(kind=kind, net=_net(kind, tables), tables=tables)
    optimizer = torch.optim.AdamW(model.net.parameters(), lr=rate, weight_decay=0.01)
    goal = torch.from_numpy(right)
    counts = torch.from_numpy(weight).float()
    order = list(range(len(right)))
    steps, step = epochs * (len(order) // batch), 0
    model.net.train()
    for _ in range(epochs):
        chance.shuffle(order)
        for start in range(0, len(order) - batch + 1, batch):
            rows = torch.tensor(order[start : start + batch])
            losses = functional.cross_entropy(
                model.scores(tokens.of(rows)), goal[rows], reduction="none"
            )
            loss = (losses * counts[rows]).sum() / counts[rows].sum()
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1.0, step / 50) * (1 - step / steps)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.net.parameters(), 1.0)
            optimizer.step()
            step += 1
    return model


def _net(kind: str, tables: torch.Tensor) -> nn.ModuleDict:
    if kind == "kernels":
        bins = 4 * len(_KERNELS)
        return nn.ModuleDict(
            {
                "importance": nn.Linear(1, 1),
                "score": nn.Sequential(
                    nn.LayerNorm(bins), nn.Linear(bins, 32), nn.ReLU(), nn.Linear(32, 1)
                ),
            }
        )
    layer = nn.TransformerEncoderLayer(
        WIDTH, nhead=4, dim_feedforward=2 * WIDTH, dropout=0.1, batch_first=True, norm_first=True
    )
    vectors = (
        nn.Embedding(tables.shape[1], WIDTH, padding_idx=0)
        if kind == "own"
        else nn.Linear(tables.shape[2], WIDTH)
    )
    return nn.ModuleDict(
        {
            "vectors": vectors,
            "nearness": nn.Linear(4, WIDTH),
            "segments": nn.Embedding(3, WIDTH),
            "places": nn.Embedding(_TITLE, WIDTH),
            "layers": nn.TransformerEncoder(layer, 2, enable_nested_tensor=False),
            "score": nn.Sequential(nn.LayerNorm(3 * WIDTH), nn.Linear(3 * WIDTH, 1)),
        }
    )


def _kernels(net: nn.ModuleDict, tables: torch.Tensor, tokens: Tokens) -> torch.Tensor:
    asked, asked_norm = _unit(tables, tokens.part, tokens.mention)
    bins = []
    for ids in (tokens.title, tokens.entry):
        part = tokens.part[:, None].expand(-1, TEN)
        offered, offered_norm = _unit(tables, part, ids)
        cosines = torch.einsum("nmd,nctd->ncmt", asked, offered)
        near = _bins(cosines)
        there, from_here = (ids > 0).float(), (tokens.mention > 0).float()
        forth = torch.log1p(torch.einsum("ncmtk,nct->ncmk", near, there))
        back = torch.log1p(torch.einsum("ncmtk,nm->nctk", near, from_here))
        bins.append(torch.einsum("ncmk,nm->nck", forth, _share(net, asked_norm, tokens.mention)))
        bins.append(torch.einsum("nctk,nct->nck", back, _share(net, offered_norm, ids)))
    return net["score"](torch.cat(bins, dim=-1)).squeeze(-1)


def _bins(cosines: torch.Tensor) -> torch.Tensor:
    middles = torch.tensor(_KERNELS)
    widths = torch.tensor([_SOFT] * (len(_KERNELS) - 1) + [_SHARP])
    return torch.exp(-(((cosines[..., None] - middles) / widths) ** 2) / 2)


def _share(net: nn.ModuleDict, norms: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Return how much each token counts; they sum to 1, and to 0 where there is no token."""
    weights = net["importance"](norms[..., None]).squeeze(-1).masked_fill(ids == 0, -1e4)
    return functional.softmax(weights, dim=-1) * (ids > 0)


def _transformer(net: nn.ModuleDict, tables: torch.Tensor, tokens: Tokens) -> torch.Tensor:
    lists = len(tokens.mention)
    mention = tokens.mention[:, None].expand(-1, TEN, -1)
    ids = torch.cat([mention, tokens.title, tokens.entry], dim=2)
    unit, norms = _unit(tables, tokens.part[:, None].expand(-1, TEN), ids)
    segment, place = _where()
    own = isinstance(net["vectors"], nn.Embedding)
    near = (ids[..., None] == ids[:, :, None]).float() if own else unit @ unit.transpose(2, 3)
    near = near.masked_fill((ids == 0)[:, :, None], 0.0)
    nearest = [
        near.masked_fill(segment[None, None, None] != other, 0.0).max(dim=3).values
        for other in range(3)
    ]
    nearness = torch.stack([*nearest, norms * (not own)], dim=3)
    vectors = net["vectors"](ids if own else unit * norms[..., None])
    inner = vectors + net["nearness"](nearness) + net["segments"](segment) + net["places"](place)
    empty = (ids == 0).flatten(0, 1)
    outer = net["layers"](
        inner.flatten(0, 1), src_key_padding_mask=empty & ~empty.all(dim=1, keepdim=True)
    )
    means = []
    for number in range(3):
        mask = ((segment == number)[None] & ~empty).float()
        means.append((outer * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1))
    return net["score"](torch.cat(means, dim=1)).view(lists, TEN)


def _where() -> tuple[torch.Tensor, torch.Tensor]:
    lengths = [_MENTION, _TITLE, _ENTRY]
    segment = torch.cat([torch.full((length,), n) for n, length in enumerate(lengths)])
    place = torch.cat([torch.arange(length) for length in lengths])
    return segment, place


def _unit(
    tables: torch.Tensor, part: torch.Tensor, ids: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the vectors of tokens scaled to length 1, and their lengths."""
    vectors = tables[part[..., None], ids]
    norms = vectors.norm(dim=-1)
    return vectors / norms.clamp(min=1e-6)[..., None], norms
