"""BM25 against its formula written out, and spelling mended only towards words that exist."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.retrieve.lexical import Lexical

_ENTRIES = (
    ("heart", "failure"),
    ("heart", "block"),
    ("kidney", "failure", "acute"),
    ("hypothyroidism",),
    ("failure", "to", "thrive"),
)
_INDEX = Lexical.build(_ENTRIES)


def bm25(query: tuple[str, ...], entry: tuple[str, ...]) -> float:
    """Okapi BM25 with k1 = 1.2, b = 0.5 and every word once, as in its textbook form."""
    mean = sum(map(len, _ENTRIES)) / len(_ENTRIES)
    total = 0.0
    for word in set(query):
        holding = sum(word in other for other in _ENTRIES)
        idf = math.log(1 + (len(_ENTRIES) - holding + 0.5) / (holding + 0.5))
        times = min(1, Counter(entry)[word])
        total += idf * times * 2.2 / (times + 1.2 * (0.5 + 0.5 * len(entry) / mean))
    return total


@given(
    st.lists(
        st.sampled_from(sorted({word for entry in _ENTRIES for word in entry})),
        min_size=1,
        max_size=4,
        unique=True,
    ).map(tuple)
)
def test_the_order_is_that_of_the_formula(query: tuple[str, ...]) -> None:
    found = _INDEX.search(query, len(_ENTRIES))
    expected = sorted(
        (n for n, entry in enumerate(_ENTRIES) if set(query) & set(entry)),
        key=lambda n: (-round(bm25(query, _ENTRIES[n]), 5), n),
    )
    assert [number for number, _ in found] == expected
    ideal = sum(_INDEX.weight(word) for word in query)
    for number, score in found:
        assert score == pytest.approx(min(1.0, bm25(query, _ENTRIES[number]) / ideal), rel=1e-4)


def test_the_limit_keeps_the_best() -> None:
    assert [n for n, _ in _INDEX.search(("heart", "failure"), 1)] == [0]


def test_no_common_word_is_no_result() -> None:
    assert _INDEX.search(("spleen",), 5) == []
    assert _INDEX.search((), 5) == []


@pytest.mark.parametrize(
    ("word", "mended"),
    [
        ("hypothyroidsm", "hypothyroidism"),
        ("falure", "failure"),
        ("heart", "heart"),
        ("hart", "hart"),
        ("hyperthermia", "hyperthermia"),
        ("123456", "123456"),
    ],
)
def test_spelling_is_mended_only_when_near(word: str, mended: str) -> None:
    assert _INDEX.mend(word) == mended
