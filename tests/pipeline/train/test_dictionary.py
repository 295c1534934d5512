"""What is learned from coded mentions: shares of uses, and nothing that only stands near."""

import pytest

from pipeline.terms import LEARNED, Terms, build, learned, lexicon
from pipeline.train.dictionary import learn
from taxonomy import Taxonomy


@pytest.fixture(scope="module")
def known(taxonomy: Taxonomy) -> Terms:
    return build(taxonomy, lexicon())


def test_a_phrase_is_worth_the_share_of_its_uses(known: Terms, taxonomy: Taxonomy) -> None:
    found = learn(
        [("hepatic cyst disease", "K76.89")] * 3 + [("Hepatic  Cyst disease", "Q44.6")],
        known,
        taxonomy,
    )
    assert [(e.text, e.code, e.strength) for e in found] == [
        ("hepatic cyst disease", "K76.89", 0.6),
        ("hepatic cyst disease", "Q44.6", 0.2),
    ]
    assert {e.source for e in found} == {LEARNED}


def test_what_names_no_condition_is_not_learned(known: Terms, taxonomy: Taxonomy) -> None:
    assert learn([("back", "M54.9"), ("count", "D72.829")] * 5, known, taxonomy) == ()


def test_what_the_release_or_the_lexicon_knows_is_not_learned(
    known: Terms, taxonomy: Taxonomy
) -> None:
    """CodiEsp was coded with the codes of 2018; "depression" has had its own code since."""
    assert learn([("depression", "F32.9")] * 9, known, taxonomy) == ()


def test_a_stray_pair_seen_once_is_not_learned(known: Terms, taxonomy: Taxonomy) -> None:
    once = [("sagittal suture stenosis", "J45.909")]
    assert learn(once, known, taxonomy) == ()


def test_a_header_stands_for_its_default_code(known: Terms, taxonomy: Taxonomy) -> None:
    found = learn([("barking cough spells", "R05")] * 2, known, taxonomy)
    assert [e.code for e in found] == ["R05.9"]


def test_the_shipped_phrases_lead_to_codes_that_can_be_reported(taxonomy: Taxonomy) -> None:
    found = learned()
    assert len(found) >= 500
    for entry in found:
        assert 0 < entry.strength < 1
        assert taxonomy.default_leaf(entry.code) == entry.code
