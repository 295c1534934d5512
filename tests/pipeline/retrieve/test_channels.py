"""The channels over the real release: what a header, a side and a crowd of hits lead to."""

import pytest

from pipeline.engine import Engine
from pipeline.retrieve.attributes import Side
from pipeline.retrieve.channels import Channels
from pipeline.retrieve.nodes import Hit
from pipeline.terms import Level


@pytest.fixture(scope="module")
def channels(engine: Engine) -> Channels:
    return engine.retriever.channels


def widened(channels: Channels, *hits: Hit, side: Side = Side.NONE) -> dict[str, Hit]:
    found = channels.widen({hit.code: hit for hit in hits}, side)
    assert len({hit.code for hit in found}) == len(found)
    return {hit.code: hit for hit in found}


def test_a_header_stays_and_what_is_below_shares_what_it_was_found_by(channels: Channels) -> None:
    found = widened(channels, Hit("I50", lexical=0.5, dense=0.4, rate=0.3, seen=7))
    assert {"I50", "I50.9", "I50.22"} <= set(found)
    assert found["I50.22"] == Hit("I50.22", lexical=0.5, dense=0.4, rate=0.3, seen=7)
    assert all(code.startswith("I50") for code in found)


def test_a_code_found_by_itself_keeps_its_own(channels: Channels) -> None:
    """A header before it in the list must not take away or give what the channels said of it."""
    found = widened(channels, Hit("I50", dense=0.9), Hit("I50.9", dense=0.2, lexical=0.1))
    assert found["I50.9"] == Hit("I50.9", dense=0.2, lexical=0.1)


def test_below_a_header_of_injuries_are_codes_without_seventh_character(
    channels: Channels,
) -> None:
    found = widened(channels, Hit("S93.40", dense=0.8))
    assert {"S93.401", "S93.402", "S93.409"} <= set(found)
    assert not any(len(code) == 8 for code in found), "S93.401A is made later, by its context"


@pytest.mark.parametrize(
    ("side", "there", "absent"),
    [
        (Side.LEFT, {"M25.562"}, {"M25.561"}),
        (Side.RIGHT, {"M25.561"}, {"M25.562"}),
        (Side.NONE, set(), {"M25.561", "M25.562"}),
    ],
)
def test_the_sibling_of_the_side_shares_what_the_unspecified_one_was_found_by(
    channels: Channels, side: Side, there: set[str], absent: set[str]
) -> None:
    found = widened(channels, Hit("M25.569", Level.EXACT, dense=0.9, learned=0.5), side=side)
    assert {"M25.569"} | there <= set(found)
    assert not absent & set(found)
    for code in there:
        assert found[code] == Hit(code, Level.EXACT, dense=0.9, learned=0.5)


def test_a_sibling_is_never_worse_than_it_was_by_itself(channels: Channels) -> None:
    found = widened(
        channels,
        Hit("M25.569", Level.DEFAULT, dense=0.4, lexical=0.9),
        Hit("M25.562", Level.EXACT, dense=0.8, lexical=0.2),
        side=Side.LEFT,
    )
    assert found["M25.562"] == Hit("M25.562", Level.EXACT, dense=0.8, lexical=0.9)


def test_a_code_without_a_side_has_no_siblings(channels: Channels) -> None:
    assert set(widened(channels, Hit("J45.909", dense=0.5), side=Side.LEFT)) == {"J45.909"}


def test_the_other_phrase_with_these_words_finds_what_the_first_one_found(
    channels: Channels,
) -> None:
    """What is widened for one side must not stay behind for the next."""
    near = {
        "M25.569": Hit("M25.569", Level.EXACT, dense=0.9),
        "M25.562": Hit("M25.562", dense=0.3),
    }
    before = {code: repr(hit) for code, hit in near.items()}
    channels.widen(near, Side.LEFT)
    assert {code: repr(hit) for code, hit in near.items()} == before


def test_what_is_widened_is_bounded_and_keeps_the_most_promising(channels: Channels) -> None:
    codes = [code.code for code in channels.taxonomy.codes() if code.code[0] == "M"][:300]
    near = {code: Hit(code, dense=1 - n / 1000) for n, code in enumerate(codes)}
    found = channels.widen(near, Side.LEFT)
    assert len(found) == 28
    assert found[0].code == codes[0]
    promises = [hit.promise() for hit in found]
    assert promises == sorted(promises, reverse=True)


def test_a_code_the_release_has_not_brings_nothing_with_it(channels: Channels) -> None:
    assert set(widened(channels, Hit("Q99.999", dense=0.5), side=Side.LEFT)) == {"Q99.999"}


def test_no_text_asks_no_channel(channels: Channels) -> None:
    assert list(channels.near([])) == []


def test_what_the_dictionary_says_is_told_apart(channels: Channels) -> None:
    (hits,) = channels.near(["HTN"])
    assert hits["I10"].level is Level.EXACT
    assert hits["I10"].from_lexicon
    assert hits["I10"].entry


def test_a_misspelt_word_is_found_by_the_word_it_misspells(channels: Channels) -> None:
    (hits,) = channels.near(["hypothyroidsm"])
    assert hits["E03.9"].lexical > 0.6


def test_a_cause_of_injury_is_found_by_its_own_words_only(channels: Channels) -> None:
    for hits in channels.near(["fall weakness", "struck numbness", "hit by something"]):
        for code, hit in hits.items():
            assert code[0] not in "VWXY" or hit.level is not None or hit.learned
