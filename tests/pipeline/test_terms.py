"""Titles enter in the forms clinicians write, and lead to the code a coder would take."""

import pytest

from pipeline.terms import LEXICON, Entry, Level, Terms, build, forms, lexicon
from taxonomy import Releases


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
