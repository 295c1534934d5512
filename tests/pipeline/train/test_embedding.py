"""The training script, where its libraries are installed, always in a process of its own.

No test process imports torch: it is slow, and it warns.
"""

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.retrieve.embedder import Embedder

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "sentence_transformers")),
    reason="torch and sentence-transformers are not installed (extra 'train')",
)

PROLOGUE = """
import sys
from pathlib import Path
import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers
from pipeline.train import embedding
from pipeline.train.contrast import Schedule
from pipeline.train.pairs import Corpus
work = Path(sys.argv[1])
words = "[PAD] [UNK] [CLS] [SEP] [MASK] heart attack infarction kidney stone calculus never".split()
tokenizer = Tokenizer(models.WordLevel({w: n for n, w in enumerate(words)}, unk_token="[UNK]"))
tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
corpus = Corpus(
    names={"I21.9": ("infarction",), "N20.0": ("kidney calculus", "calculus")},
    pairs=(("heart attack", "I21.9"), ("kidney stone", "N20.0"), ("stone", "N20.0")) * 4,
)
start = np.random.default_rng(1).normal(size=(len(words), 8))
schedule = Schedule(epochs=30, batch=4)
"""


def _run(code: str, work: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROLOGUE + code, str(work)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _margins(model: Embedder) -> list[float]:
    attack, stone, infarction, calculus = model.encode(
        ["heart attack", "stone", "infarction", "calculus"]
    )
    return [attack @ infarction - attack @ calculus, stone @ calculus - stone @ infarction]


def test_training_brings_a_phrase_to_its_name_and_is_the_same_twice(tmp_path: Path) -> None:
    _run(
        "for name in ('one', 'two'):\n"
        "    table = embedding.learn(start, tokenizer, corpus, schedule)\n"
        "    assert (table[-1] == start[-1].astype(np.float32)).all()\n"
        "    embedding.save(table, tokenizer, work / name)\n"
        "embedding.save(start, tokenizer, work / 'start')\n",
        tmp_path,
    )
    model, before = Embedder.load(tmp_path / "one"), Embedder.load(tmp_path / "start")
    assert min(_margins(model)) > 0.2 > min(_margins(before))
    assert not model.encode(["[SEP] unheard"]).any()
    files = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]
    assert model.digest != before.digest


def test_a_saved_folder_names_its_files_and_is_in_half_precision(tmp_path: Path) -> None:
    _run("embedding.save(start, tokenizer, work / 'model')", tmp_path)
    folder = tmp_path / "model"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["dim"] == 8
    assert manifest["vocabulary"] == 12
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert (folder / "model.safetensors").stat().st_size < 12 * 8 * 2 + 200
    assert (folder / "modules.json").is_file()
    assert Embedder.load(folder).encode(["heart"]).dtype == np.float32
