"""Where conditions are found: phrases of the dictionary and windows around words that name one."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.mentions import Found, Lexis, find, phrases, split
from pipeline.model import Finder
from pipeline.terms import LEARNED, LEXICON, Entry, Level, Terms, by_first, by_rarest
from pipeline.words import stems, words
from tests.pipeline.builders import terms_of

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


def apart(text: str, *known: str) -> list[tuple[str, str]]:
    """Return the window of each split phrase, and its own words in the order of the text."""
    found = words(text)
    return [
        (
            text[found[ours[0]].start : found[ours[-1]].end],
            " ".join(text[found[n].start : found[n].end] for n in ours),
        )
        for _, ours in split(found, by_rarest(map(stems, known)))
    ]


def test_words_of_a_phrase_may_stand_apart_and_in_any_order() -> None:
    assert apart("Pain in the back and the left knee.", "left knee pain") == [
        ("Pain in the back and the left knee", "Pain left knee")
    ]
    assert apart("The knee on the left gave her pain.", "left knee pain") == [
        ("knee on the left gave her pain", "knee left pain")
    ]


def test_words_that_stand_together_are_no_split_phrase() -> None:
    assert apart("Left knee pain.", "left knee pain") == []


def test_a_phrase_is_not_split_where_a_word_of_it_is_missing() -> None:
    assert apart("Pain in the back and the knee.", "left knee pain") == []


@pytest.mark.parametrize(("between", "count"), [(1, 1), (6, 1), (7, 0)])
def test_words_far_apart_are_no_phrase(between: int, count: int) -> None:
    text = f"rash {'and so ' * 4}".split()[: between + 1]
    assert len(apart(" ".join([*text, "wrist"]), "wrist rash")) == count


def test_of_repeated_words_the_nearest_to_the_rarest_is_taken() -> None:
    text = "pain now, no pain at the knee, some pain"
    assert apart(text, "knee pain", "pain chest") == [("knee, some pain", "knee pain")]


def test_each_place_of_the_rarest_word_is_a_phrase_of_its_own() -> None:
    text = "knee has pain, then the elbow, and knee has pain"
    assert apart(text, "knee pain", "pain chest") == [("knee has pain", "knee pain")] * 2


def test_a_phrase_that_says_a_word_twice_needs_it_once() -> None:
    assert apart("burn on the hand", "burn hand burn") == [("burn on the hand", "burn hand")]
    assert apart("burn and burn", "burn burn") == []


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "bee", "sea", "of", "dee"]), max_size=14).map(" ".join))
def test_a_split_phrase_has_each_of_its_words_once_and_in_order(text: str) -> None:
    found = words(text)
    for key, ours in split(found, by_rarest([("bee", "sea"), ("bee", "dee", "sea")])):
        assert ours == sorted(set(ours))
        assert sorted(found[n].stem for n in ours) == sorted(key)
        assert 0 < ours[-1] - ours[0] + 1 - len(ours) <= 6


def learned(text: str, code: str, *, rate: float = 0.0, apart: float = 0.0) -> Entry:
    return Entry(text, code, Level.DEFAULT, LEARNED, strength=0.5, rate=rate, apart=apart, seen=4)


def test_a_split_phrase_is_looked_up_by_its_own_words() -> None:
    text = "Pain in the back and the left knee"
    known = terms_of(learned("pain left knee", "M25.562", apart=0.6))
    found = find(text, words(text), (), known, _LEXIS)
    assert found[0, len(text)] == Found(Finder.SPLIT, "Pain left knee")


def test_a_whole_phrase_of_the_same_words_needs_no_other_words() -> None:
    text = "rash of the left wrist"
    known = terms_of(
        learned("rash wrist", "R21", apart=0.6), Entry(text, "L30.9", Level.EXACT, LEXICON)
    )
    found = find(text, words(text), (), known, _LEXIS)[0, len(text)]
    assert (Finder.DICTIONARY in found.finder, found.words) == (True, "")


def test_how_a_place_was_found_adds_up() -> None:
    text = "severe stenosis"
    known = terms_of(Entry(text, "I77.1", Level.EXACT, LEXICON))
    found = find(text, words(text), (), known, _LEXIS)
    assert found == {(0, len(text)): Found(Finder.DICTIONARY | Finder.WINDOW)}
    assert find(text, words(text), (), terms_of(), _LEXIS) == {(0, len(text)): Found(Finder.WINDOW)}


def test_a_phrase_inside_a_longer_one_is_not_found() -> None:
    text = "chronic kidney disease stage 4"
    known = by_first([stems(text), ("kidney",)])
    assert list(phrases(text, words(text), known)) == [(0, len(text), stems(text))]


@settings(deadline=None)
@given(st.text(alphabet="abc é-\n.,’ñ😀 stroke fever", max_size=120))
def test_ranges_are_ordered_unrepeated_and_inside(terms: Terms, text: str) -> None:
    ranges = list(find(text, words(text), (), terms, _LEXIS))
    assert all(0 <= a < b <= len(text) for a, b in ranges)
    assert all(one < other for one, other in pairwise(ranges))
