"""Titles enter in the forms clinicians write, and lead to the code a coder would take."""

import pytest

from pipeline.terms import (
    LEARNED,
    LEAST_RATE,
    LEXICON,
    Entry,
    Level,
    Terms,
    build,
    by_rarest,
    forms,
    lexicon,
)
from taxonomy import Releases
from tests.pipeline.builders import terms_of


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Heart failure, unspecified", ["Heart failure, unspecified", "Heart failure"]),
        (
            "Essential (primary) hypertension",
            ["Essential (primary) hypertension", "Essential hypertension"],
        ),
        (
            "Type 2 diabetes mellitus without complications",
            ["Type 2 diabetes mellitus without complications", "Type 2 diabetes mellitus"],
        ),
        (
            "Contusion of unspecified hip, initial encounter",
            [
                "Contusion of unspecified hip, initial encounter",
                "Contusion of hip, initial encounter",
            ],
        ),
        ("Other specified disorders of ear", ["Other specified disorders of ear"]),
    ],
)
def test_forms_of_a_title(title: str, expected: list[str]) -> None:
    assert [text for text, _ in forms(title)] == expected


def test_a_shorter_form_counts_less() -> None:
    levels = [level for _, level in forms("Migraine, unspecified, not intractable")]
    assert levels == sorted(levels)
    assert levels[0] is Level.EXACT


def test_the_lexicon_is_large_and_has_no_empty_row() -> None:
    found = lexicon()
    assert len({entry.text for entry in found}) >= 600
    assert all(entry.text.strip() and entry.code and entry.source == LEXICON for entry in found)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("hypertension", "I10"),
        ("failure of the heart", "I50.9"),
        ("Type II diabetes mellitus", "E11.9"),
        ("HTN", "I10"),
        ("asthma", "J45.909"),
        ("pain in left knee", "M25.562"),
        ("heart attack", "I21.9"),
    ],
)
def test_a_phrase_leads_first_to_the_code_a_coder_takes(
    terms: Terms, words: str, code: str
) -> None:
    found = terms.lookup(words)
    assert found
    assert terms.entries[found[0]].code == code


def test_an_entry_for_capitals_is_not_found_in_small_letters(terms: Terms) -> None:
    caps = next(entry for entry in terms.entries if entry.caps and entry.text.isupper())
    assert any(terms.entries[n].text == caps.text for n in terms.lookup(caps.text))
    assert not any(terms.entries[n] == caps for n in terms.lookup(caps.text.lower()))


def test_phrases_of_running_text_come_longest_first(terms: Terms) -> None:
    for found in terms.phrases.values():
        lengths = [len(key) for key in found]
        assert lengths == sorted(lengths, reverse=True)


def test_our_own_phrases_follow_a_code_that_became_a_header(at_hand: Releases) -> None:
    ours = [
        Entry("floppy heart", "I42.0", Level.EXACT, LEXICON),
        Entry("odd heart", "I42.8", Level.EXACT, LEXICON),
        Entry("plantar fasciitis", "M72.2", Level.EXACT, LEXICON),
        Entry("high pressure", "I10", Level.EXACT, LEXICON),
    ]

    def codes(label: str) -> dict[str, str]:
        entries = build(at_hand.get(label), ours).entries
        return {entry.text: entry.code for entry in entries if entry.source == LEXICON}

    assert codes("FY2026") == {entry.text: entry.code for entry in ours}
    # I42.00 says no more than I42.0 did, I42.89 all that I42.8 did; the list itself has the third.
    assert codes("FY2027-provisional") == {
        "floppy heart": "I42.00",
        "odd heart": "I42.89",
        "high pressure": "I10",
    }


def learned(text: str, *, rate: float, apart: float) -> Entry:
    return Entry(text, "X", Level.DEFAULT, LEARNED, strength=0.5, rate=rate, apart=apart, seen=3)


@pytest.mark.parametrize(
    ("rate", "apart", "together", "split"),
    [
        (0.9, 0.9, True, True),
        (LEAST_RATE, LEAST_RATE, True, True),
        (0.9, LEAST_RATE - 0.001, True, False),
        (LEAST_RATE - 0.001, 0.9, False, True),
        (0.0, 0.0, False, False),
    ],
)
def test_a_learned_phrase_is_looked_for_as_it_was_coded(
    rate: float,
    apart: float,
    together: bool,  # noqa: FBT001 - a column of the table
    split: bool,  # noqa: FBT001 - a column of the table
) -> None:
    terms = terms_of(learned("swollen knee", rate=rate, apart=apart))
    key = terms.stems[0]
    assert terms.phrases == ({key[0]: ((len(key), frozenset({key})),)} if together else {})
    assert [found for keys in terms.apart.values() for found in keys] == ([key] if split else [])
    assert terms.lookup("knee swollen") == (0,), "looked up it is whatever its rate"


def test_one_word_cannot_stand_apart() -> None:
    assert terms_of(learned("gout", rate=0.9, apart=0.9)).apart == {}


def test_what_was_not_learned_is_never_split() -> None:
    terms = terms_of(Entry("swollen knee", "X", Level.EXACT, LEXICON))
    assert (len(terms.phrases), terms.apart) == (1, {})


def test_printed_and_own_entries_come_before_learned_ones() -> None:
    old = learned("swollen knee", rate=0.9, apart=0.9)
    own = Entry("knee swollen", "Y", Level.EXACT, LEXICON)
    terms = terms_of(old, own)
    assert [terms.entries[n].code for n in terms.lookup("swollen knee")] == ["Y", "X"]


def test_phrases_are_kept_by_the_word_that_the_fewest_have() -> None:
    keys = [("pain", "knee"), ("pain", "hip"), ("pain", "hip", "night"), ("pain",), ("pain", "hip")]
    assert by_rarest(keys) == {
        "knee": (("pain", "knee"),),
        "hip": (("pain", "hip"),),
        "night": (("pain", "hip", "night"),),
        "pain": (("pain",),),
    }
    assert list(by_rarest([("b", "a"), ("a", "c", "d"), ("c", "e")])["b"]) == [("b", "a")]
    assert by_rarest([]) == {}


def test_of_phrases_with_one_rarest_word_the_longest_comes_first() -> None:
    found = by_rarest([("a", "z"), ("a", "b", "z"), ("a", "x"), ("b", "x"), ("b", "y")])
    assert found["z"] == (("a", "b", "z"), ("a", "z"))
