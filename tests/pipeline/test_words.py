"""Words keep their places whatever folding does to them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.words import FILLERS, stems, words


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_every_word_lies_where_it_says(text: str) -> None:
    found = words(text)
    for before, after in pairwise(found):
        assert before.end <= after.start
    for word in found:
        assert 0 <= word.start < word.end <= len(text)
        assert word.stem
        assert not any(letter.isspace() for letter in text[word.start : word.end])


def test_case_accents_plurals_and_possessives_do_not_matter() -> None:
    assert stems("Crohn's DISEASES") == stems("crohn disease")
    assert stems("Sjögren syndromes") == stems("sjogren syndrome")


def test_fillers_are_left_out_of_stems_and_kept_as_words() -> None:
    assert [word.stem for word in words("fracture of the wrist")] == [
        "fracture",
        "of",
        "the",
        "wrist",
    ]
    assert not FILLERS.intersection(stems("fracture of the wrist"))


def test_a_ligature_keeps_the_place_of_the_text_it_came_from() -> None:
    text = "the ﬁbrosis"
    last = words(text)[-1]
    assert text[last.start : last.end] == "ﬁbrosis"
    assert last.stem == "fibrosis"


def test_a_capital_a_within_a_text_is_a_letter_and_no_article() -> None:
    assert stems("influenza A") == ("influenza", "A")
    assert stems("A fever of a day") == ("fever", "day")
    assert [word.stem for word in words("A case of hepatitis A")][-1] == "A"
