import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

SENTENCE = (
    "[UNK] acute chronic heart failure kidney disease stage pain chest left right knee "
    "fracture of femur asthma mild severe type 2 diabetes mellitus with neuropathy "
    "hypertension anemia"
)
WORDS = {word: number for number, word in enumerate(SENTENCE.split())}


def write_model(folder: Path, *, dim: int = 16, seed: int = 7) -> Path:
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    table = np.random.default_rng(seed).normal(size=(len(WORDS), dim)).astype(np.float16)
    table[0] = 0
    contents = {
        "model.safetensors": save({"embedding.weight": table}),
        "tokenizer.json": tokenizer.to_str().encode(),
    }
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    manifest = {
        "format": "chartproof-embedding-1",
        "dim": dim,
        "vocabulary": len(WORDS),
        "files": {name: hashlib.sha256(raw).hexdigest() for name, raw in contents.items()},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str = "model", **options: int) -> Path:
        return write_model(tmp_path / name, **options)

    return make
