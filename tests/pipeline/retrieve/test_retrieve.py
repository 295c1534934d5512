"""Retrieval over the real release: golden phrases, sides, 7th characters, and its promises."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.engine import Engine
from pipeline.model import Channel
from pipeline.retrieve import SHORTLIST, Phrase, Retriever


@pytest.fixture(scope="module")
def retriever(engine: Engine) -> Retriever:
    return engine.retriever


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hypertension", "I10"),
        ("HTN", "I10"),
        ("type 2 diabetes", "E11.9"),
        ("heart failure", "I50.9"),
        ("left knee pain", "M25.562"),
        ("COPD exacerbation", "J44.1"),
        ("heart attack", "I21.9"),
        ("urinary tract infection", "N39.0"),
        ("CKD stage 4", "N18.4"),
        ("GERD", "K21.9"),
        ("hypothyroidsm", "E03.9"),
    ],
)
def test_golden_phrases_come_first(retriever: Retriever, text: str, code: str) -> None:
    assert retriever.lookup(text, 1)[0].code == code


def test_the_side_of_the_sentence_decides_between_siblings(retriever: Retriever) -> None:
    (found,) = retriever.candidates([Phrase("knee pain", "Right knee pain for a week.")], 1)
    assert found[0].code == "M25.561"
    (found,) = retriever.candidates([Phrase("knee pain", "Knee pain for a week.")], 1)
    assert found[0].code == "M25.569"


def test_injuries_get_the_seventh_character_of_their_context(retriever: Retriever) -> None:
    now, later = retriever.candidates(
        [
            Phrase("left ankle sprain", "Left ankle sprain this morning."),
            Phrase("left ankle sprain", "Follow-up of left ankle sprain."),
        ],
        1,
    )
    assert (now[0].code, later[0].code) == ("S93.402A", "S93.402D")


def test_near_matches_bring_no_external_causes(retriever: Retriever) -> None:
    for text in ("hit by something", "fall weakness", "struck numbness"):
        for candidate in retriever.lookup(text, 50):
            if candidate.code[0] in "VWXY":
                assert Channel.DICTIONARY in candidate.channels


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60))
def test_any_words_give_ordered_existing_codes(retriever: Retriever, text: str) -> None:
    found = retriever.lookup(text, SHORTLIST)
    assert len(found) <= SHORTLIST
    assert len({candidate.code for candidate in found}) == len(found)
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)
    for candidate in found:
        assert candidate.code in retriever.taxonomy
        assert 0 <= candidate.score <= 1
        assert candidate.channels
        assert candidate.reasons


def test_a_phrase_gets_the_same_list_alone_and_in_company(retriever: Retriever) -> None:
    phrases = [Phrase(text) for text in ("gout", "left hip pain", "stroke", "xyzzy")]
    together = retriever.candidates(phrases, SHORTLIST)
    alone = [retriever.candidates([phrase], SHORTLIST)[0] for phrase in phrases]
    assert together == alone
