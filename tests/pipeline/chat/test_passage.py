"""A quote counts where it stands; a near one is put right and said so; a look-alike is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.chat.passage import LONGEST, Passage

TEXT = "She has “chronic” kidney\n disease – stage 3b, and Straße pain. Kidney pain again."


@pytest.mark.parametrize(
    ("quote", "words", "repaired"),
    [
        ("stage 3b", "stage 3b", False),
        ("  stage 3b ", "stage 3b", False),
        ("kidney disease", "kidney\n disease", True),
        ("CHRONIC", "chronic", True),
        ('"chronic" kidney', "“chronic” kidney", True),
        ("disease - stage", "disease – stage", True),
        ("ronic", "chronic", True),
        ("tage 3", "stage 3b", True),
        ("STRASSE pain", "Straße pain", True),
    ],
)
def test_a_quote_is_found_or_put_right(quote: str, words: str, *, repaired: bool) -> None:
    place = Passage.plain(TEXT).locate(quote)
    assert place is not None
    assert TEXT[place.start : place.end] == words
    assert place.repaired is repaired


@pytest.mark.parametrize(
    "quote", ["", "  ", "3b", "KIDNEY", "kidney failure", "stagе 3b", "x" * (LONGEST + 1)]
)
def test_what_is_not_there_or_could_be_anywhere_is_no_quote(quote: str) -> None:
    assert Passage.plain(TEXT).locate(quote) is None


@given(st.text(min_size=3, max_size=60), st.data())
def test_any_words_of_a_text_are_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 3))
    end = data.draw(st.integers(start + 3, len(text)))
    place = Passage.plain(text).locate(text[start:end])
    wanted = text[start:end].strip()
    if len(wanted) >= 3:
        assert place is not None
        assert wanted in text[place.start : place.end]
    else:
        assert place is None


@given(st.text(max_size=80), st.text(max_size=30))
def test_a_place_always_lies_in_the_text(text: str, quote: str) -> None:
    place = Passage.plain(text).locate(quote)
    assert place is None or 0 <= place.start < place.end <= len(text)
