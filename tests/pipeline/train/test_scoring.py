import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from pipeline.retrieve.embedder import Embedder
from pipeline.train.scoring import Scores, score_vectors, score_words

ENTRIES = [
    ("heart failure", "I50.9"),
    ("heart", "I51.9"),
    ("failure", "R69"),
    ("asthma", "J45.909"),
    ("asthma", "J45.998"),
]


@pytest.fixture
def embedder() -> Embedder:
    words = {"[UNK]": 0, "heart": 1, "failure": 2, "asthma": 3}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    table = np.vstack([np.zeros(3), np.eye(3)]).astype(np.float32)
    return Embedder(table, tokenizer, "digest")


def test_ranks_count_distinct_codes_and_what_is_not_found_counts_as_missed(
    embedder: Embedder,
) -> None:
    mentions = [
        ("heart failure", "I50.9"),  # 1st
        ("heart failure", "R69"),  # 3rd: after "heart", which is as near and comes first
        ("asthma", "J45.998"),  # 2nd: one phrase, two codes
        ("heart", "Z99.9"),  # nowhere
    ]
    scores = score_vectors(embedder, ENTRIES, mentions)
    assert scores.r_at_1 == 0.25
    assert scores.r_at_10 == 0.75
    assert scores.r_at_50 == 0.75
    assert scores.mrr == pytest.approx((1 + 1 / 3 + 1 / 2 + 0) / 4)


def test_words_are_scored_on_the_same_terms(embedder: Embedder) -> None:
    mentions = [("failing hearts", "I51.9"), ("heart failure", "I50.9"), ("rash", "I50.9")]
    scores = score_words(ENTRIES, mentions)
    assert [scores.r_at_1, scores.r_at_10, scores.r_at_50, scores.mrr] == [2 / 3] * 4


def test_a_row_of_the_card_has_three_decimals() -> None:
    row = Scores(r_at_1=0.5, r_at_10=0.75, r_at_50=1, mrr=1 / 3).row("ours")
    assert row == "| ours | 0.500 | 0.750 | 1.000 | 0.333 |"
