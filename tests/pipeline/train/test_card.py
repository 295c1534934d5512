from pathlib import Path

from pipeline.retrieve.embedder import MANIFEST, ModelManifest
from pipeline.train.card import _ENTRIES, CARD, card
from pipeline.train.scoring import Scores

SHIPPED = Path(__file__).parents[3] / "resources" / "models" / "embedding"


def test_every_figure_and_digest_stands_in_the_card() -> None:
    lists = ("tabular", "lexicon", "shipped", "with-index")
    one = {
        name: Scores(r_at_1=0.125 + n / 10, r_at_10=0.5, r_at_50=0.75, mrr=0.25)
        for n, name in enumerate(lists)
    }
    text = card(
        {"BM25": one},
        seed=77,
        pairs=1234567,
        mentions=3039,
        sizes={"tabular": 1001, "lexicon": 2002, "shipped": 3003, "with-index": 4004},
        files={"model.safetensors": "abc123"},
    )
    for words in ("1,234,567", "3,039", "1,001", "2,002", "3,003", "4,004", "seed is 77"):
        assert words in text
    assert "| `model.safetensors` | `abc123` |" in text
    for first in ("0.125", "0.225", "0.325", "0.425"):
        assert f"| BM25 | {first} | 0.500 | 0.750 | 0.250 |" in text
    assert "<" not in text


def test_the_shipped_card_names_the_shipped_files() -> None:
    manifest = ModelManifest.model_validate_json((SHIPPED / MANIFEST).read_bytes())
    text = (SHIPPED / CARD).read_text("utf-8")
    for name, digest in manifest.files.items():
        assert f"| `{name}` | `{digest}` |" in text


def test_the_shipped_card_says_what_training_writes_today() -> None:
    """A card kept from an earlier training would claim other data and other weights."""
    shipped = (SHIPPED / CARD).read_text("utf-8").splitlines()
    empty = card({}, seed=0, pairs=0, mentions=0, sizes=dict.fromkeys(_ENTRIES, 0), files={})
    changing = ("|", "The seed is", "Learned from", "On ", "0 entries")
    said = [line for line in empty.splitlines() if line and not line.startswith(changing)]
    assert len(said) > 25
    assert [line for line in said if line not in shipped] == []
