"""Where conditions are found: phrases of the dictionary and windows around words that name one."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.mentions import Lexis, find
from pipeline.terms import Terms
from pipeline.words import words

_LEXIS = Lexis.read()


def found(text: str, terms: Terms, barred: tuple[tuple[int, int], ...] = ()) -> list[str]:
    return [text[a:b] for a, b in find(text, words(text), barred, terms, _LEXIS)]


def test_phrases_are_found_whatever_their_case_and_plural(terms: Terms) -> None:
    assert "ESSENTIAL HYPERTENSION" in found("ESSENTIAL HYPERTENSION noted", terms)
    assert "Kidney Stones" in found("Kidney Stones again", terms)


def test_a_phrase_is_not_found_across_a_sentence_mark(terms: Terms) -> None:
    assert "heart. Failure" not in found("heart. Failure to thrive", terms)


def test_windows_take_modifiers_and_what_they_are_joined_to(terms: Terms) -> None:
    text = "He has severe stenosis of the right carotid artery today"
    assert "severe stenosis of the right carotid artery" in found(text, terms)
    assert "severe stenosis" in found(text, terms)


def test_a_window_does_not_swallow_a_trigger(terms: Terms) -> None:
    text = "FH dad hepatitis"
    assert "FH dad hepatitis" in found(text, terms)
    assert found(text, terms, ((3, 6),)) == ["hepatitis"]


def test_words_that_only_look_like_conditions_are_none(terms: Terms) -> None:
    assert found("The diagnosis and prognosis were discussed.", terms) == []


@settings(deadline=None)
@given(st.text(alphabet="abc é-\n.,’ñ😀 stroke fever", max_size=120))
def test_ranges_are_ordered_unrepeated_and_inside(terms: Terms, text: str) -> None:
    ranges = list(find(text, words(text), (), terms, _LEXIS))
    assert all(0 <= a < b <= len(text) for a, b in ranges)
    assert all(one < other for one, other in pairwise(ranges))
