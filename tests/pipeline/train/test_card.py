from pathlib import Path

from pipeline.retrieve.embedder import MANIFEST, ModelManifest
from pipeline.train.card import CARD, card
from pipeline.train.scoring import Scores

SHIPPED = Path(__file__).parents[3] / "resources" / "models" / "embedding"


def test_every_figure_and_digest_stands_in_the_card() -> None:
    lists = ("tabular", "shipped", "with-index")
    one = {
        name: Scores(r_at_1=0.125 + n / 10, r_at_10=0.5, r_at_50=0.75, mrr=0.25)
        for n, name in enumerate(lists)
    }
    text = card(
        "distilled",
        {"BM25": one},
        seed=77,
        pairs=1234567,
        mentions=3039,
        sizes={"tabular": 1001, "shipped": 2002, "with-index": 3003},
        files={"model.safetensors": "abc123"},
    )
    said = ("1,234,567", "3,039", "1,001", "2,002", "3,003", "| `model.safetensors` | `abc123` |")
    for words in (*said, "seed is 77", "a distillation of all-MiniLM-L6-v2"):
        assert words in text
    for first in ("0.125", "0.225", "0.325"):
        assert f"| BM25 | {first} | 0.500 | 0.750 | 0.250 |" in text
    assert "<" not in text


def test_the_shipped_card_names_the_shipped_files() -> None:
    manifest = ModelManifest.model_validate_json((SHIPPED / MANIFEST).read_bytes())
    text = (SHIPPED / CARD).read_text("utf-8")
    for name, digest in manifest.files.items():
        assert f"| `{name}` | `{digest}` |" in text
