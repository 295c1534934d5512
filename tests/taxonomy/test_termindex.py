import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.termindex import TermIndex

TEXTS = (
    "Fracture of distal end of radius",
    "Fractures of radius",
    "Hepatitis B",
    "Hepatitis",
    "Bilateral hepatitis of two things (acute) (chronic)",
    "Type 2 diabetes mellitus",
    "Type 20 nothing",
    "Asthma, unspecified",
    "Asthma of the lung and heart",
)


@pytest.fixture(scope="module")
def index() -> TermIndex:
    return TermIndex(TEXTS)


def found(index: TermIndex, text: str) -> list[str]:
    return [TEXTS[each.term] for each in index.find(text, limit=9)]


def test_words_cut_short_in_any_order(index: TermIndex) -> None:
    assert found(index, "radi dist frac") == [TEXTS[0]]
    assert found(index, "frac radi") == [TEXTS[1], TEXTS[0]]


def test_a_plural_finds_the_singular_and_the_other_way(index: TermIndex) -> None:
    assert set(found(index, "fractures radius")) == set(found(index, "fracture radius"))


def test_a_number_or_a_letter_is_a_whole_word(index: TermIndex) -> None:
    assert found(index, "type 2") == [TEXTS[5]]
    assert found(index, "hepatitis b") == [TEXTS[2]]


def test_the_term_that_says_no_more_than_the_query_is_first(index: TermIndex) -> None:
    assert found(index, "hepatitis")[0] == "Hepatitis"
    assert found(index, "asthma")[0] == "Asthma, unspecified"
    assert index.find("asthma", limit=1)[0].score == pytest.approx(1.0)


def test_a_word_that_nothing_has_leaves_the_rest(index: TermIndex) -> None:
    assert found(index, "hepatitis xylophone")[0] == "Hepatitis"
    assert index.find("hepatitis xylophone", limit=1)[0].score < 0.6
    assert found(index, "xylophone") == []


def test_words_that_stand_nowhere_together_still_find_the_rarer(index: TermIndex) -> None:
    assert found(index, "asthma radius lung") == [TEXTS[8]]


def test_small_words_make_no_difference(index: TermIndex) -> None:
    assert found(index, "fracture of the radius") == found(index, "fracture radius")


def test_without_terms_or_words_nothing_is_found(index: TermIndex) -> None:
    assert TermIndex(()).find("asthma", limit=5) == []
    assert TermIndex(("", "—")).find("asthma", limit=5) == []
    assert index.find(" - ", limit=5) == []


@given(st.text(max_size=30), st.integers(1, 9))
def test_any_text_gives_terms_with_falling_scores(index: TermIndex, text: str, limit: int) -> None:
    hits = index.find(text, limit=limit)
    assert len(hits) <= limit
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


@given(
    st.lists(st.sampled_from(("fracture", "radius", "distal", "end")), min_size=1, unique=True),
    st.integers(3, 8),
)
def test_every_cut_of_a_terms_words_finds_it(index: TermIndex, words: list[str], cut: int) -> None:
    assert TEXTS[0] in found(index, " ".join(word[:cut] for word in words))
