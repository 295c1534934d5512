import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from pipeline.model import PipelineError
from pipeline.retrieve.embedder import Embedder, ModelFileError

SHIPPED = Path(__file__).parents[3] / "resources" / "models" / "embedding"
SENTENCES = [
    "Type 2 diabetes mellitus with diabetic polyneuropathy",
    "broken wrist",
    "CKD stage 3b",
    "",
    "  \t",
    "Sjögren’s syndrome",
    "ataque cardíaco",
    "心不全",
    "🫀🫁",
    "a" * 500,
]


@pytest.fixture(scope="module")
def shipped() -> Embedder:
    return Embedder.load(SHIPPED)


def test_rows_have_length_one(shipped: Embedder) -> None:
    rows = shipped.encode(["heart failure", "fracture of left femur"])
    assert rows.dtype == np.float32
    assert rows.shape == (2, shipped.dim)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_a_synonym_is_nearer_than_another_organ(shipped: Embedder) -> None:
    attack, infarction, kidney = shipped.encode(
        ["heart attack", "acute myocardial infarction", "chronic kidney disease"]
    )
    assert attack @ infarction > attack @ kidney


def test_text_without_a_known_token_is_a_row_of_zeros(shipped: Embedder) -> None:
    assert not shipped.encode(["", " \n\t", "\x00", "🫀🫁"]).any()
    assert shipped.encode([]).shape == (0, shipped.dim)


@given(texts=st.lists(st.text(max_size=40) | st.sampled_from(SENTENCES), max_size=12))
def test_a_row_depends_on_its_text_alone(shipped: Embedder, texts: list[str]) -> None:
    together = shipped.encode(texts)
    for row, text in zip(together, texts, strict=True):
        assert row.tobytes() == shipped.encode([text])[0].tobytes()


def test_rows_are_the_same_across_chunks(make_model: Callable[..., Path]) -> None:
    embedder = Embedder.load(make_model())
    words = ["acute pain", "left knee", "", "chronic kidney disease stage 2"]
    many = embedder.encode(words * 2500)
    assert (many.reshape(2500, 4, -1) == embedder.encode(words)).all()


def test_a_lone_surrogate_is_encoded_and_does_not_raise(shipped: Embedder) -> None:
    assert np.isfinite(shipped.encode(["heart \ud800 failure"])).all()


@pytest.mark.parametrize("name", ["manifest.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped", "empty", "folder"])
def test_a_damaged_model_is_refused_by_name(
    make_model: Callable[..., Path], name: str, damage: str
) -> None:
    folder = make_model()
    path = folder / name
    raw = bytearray(path.read_bytes())
    path.unlink()
    match damage:
        case "truncated":
            path.write_bytes(raw[: len(raw) // 2])
        case "flipped":
            raw[len(raw) // 2] ^= 0x10
            path.write_bytes(raw)
        case "empty":
            path.touch()
        case "folder":
            path.mkdir()
    with pytest.raises(ModelFileError, match="reinstall the program") as caught:
        Embedder.load(folder)
    assert isinstance(caught.value, PipelineError)
    assert name.removesuffix(".json") in str(caught.value)


@pytest.mark.parametrize("change", ["dim", "vocabulary", "nan", "no-table"])
def test_a_table_unlike_its_manifest_is_refused(
    make_model: Callable[..., Path], change: str
) -> None:
    folder = make_model()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    table = np.ones((manifest["vocabulary"], manifest["dim"]), dtype=np.float16)
    if change == "nan":
        table[3, 3] = np.nan
    if change in {"dim", "vocabulary"}:
        manifest[change] += 1
    raw = save({"weights" if change == "no-table" else "embedding.weight": table})
    (folder / "model.safetensors").write_bytes(raw)
    manifest["files"]["model.safetensors"] = hashlib.sha256(raw).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelFileError):
        Embedder.load(folder)


def test_the_digest_names_both_files(make_model: Callable[..., Path]) -> None:
    one, same, other = make_model("one"), make_model("same"), make_model("other", seed=8)
    digests = [Embedder.load(folder).digest for folder in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]


def test_the_shipped_folder_is_small_and_whole() -> None:
    names = {path.name for path in SHIPPED.rglob("*") if path.is_file()}
    assert {"manifest.json", "model.safetensors", "tokenizer.json", "README.md"} <= names
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*")) <= 20_000_000


def test_run_time_needs_no_torch() -> None:
    code = (
        "import sys; import pipeline.retrieve.dense; "
        "print({'torch', 'sentence_transformers', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_vectors_are_those_of_sentence_transformers(shipped: Embedder, tmp_path: Path) -> None:
    if importlib.util.find_spec("sentence_transformers") is None:
        pytest.skip("sentence-transformers is not installed (extra 'train')")
    out = tmp_path / "vectors.npy"
    code = (
        "import json, sys, numpy as np\n"
        "from sentence_transformers import SentenceTransformer\n"
        "model = SentenceTransformer(sys.argv[1], device='cpu')\n"
        "texts = json.loads(sys.argv[3])\n"
        "np.save(sys.argv[2], np.asarray(model.encode(texts), dtype=np.float32))\n"
    )
    texts = [text for text in SENTENCES if text.strip()]
    subprocess.run(
        [sys.executable, "-c", code, str(SHIPPED), str(out), json.dumps(texts)],
        capture_output=True,
        check=True,
        env={"PATH": "", "HF_HUB_OFFLINE": "1", "HOME": str(tmp_path)},
    )
    theirs = np.load(out)
    ours = shipped.encode(texts)
    norms = np.linalg.norm(theirs, axis=1)
    assert ((norms > 0) == ours.any(axis=1)).all()
    cosines = np.sum(ours * theirs, axis=1)[norms > 0] / norms[norms > 0]
    assert (cosines > 0.999).all()
