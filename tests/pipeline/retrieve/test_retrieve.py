"""Retrieval over the real release: golden phrases, sides, 7th characters, and its promises."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.engine import Engine
from pipeline.model import Channel, Finder
from pipeline.retrieve import SHORTLIST, Phrase, Retriever
from pipeline.retrieve.attributes import Side
from pipeline.retrieve.channels import Channels
from pipeline.retrieve.nodes import Hit
from pipeline.retrieve.rank import FEATURES, WORTH
from pipeline.terms import Level, learned


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


_SENTENCES = (
    "",
    "Left hip fracture this morning.",
    "Follow-up of hip fracture, healing.",
    "Chronic kidney disease with hypertension, stage 4.",
    "Type 2 diabetes with chronic kidney disease and heart failure.",
    "Displaced intertrochanteric fracture, open, sequela of a fall.",
    "Acute on chronic diastolic heart failure.",
    "Knee pain, osteoarthritis of both knees.",
    "Diabetic neuropathy and retinopathy of the right eye.",
    "Unspecified.",
    "Primary hypertension, secondary hyperparathyroidism.",
)


@given(
    st.lists(
        st.builds(
            Phrase,
            text=st.sampled_from(
                ["hip fracture", "hypertension", "diabetes", "heart failure", "knee pain"]
            ),
            context=st.sampled_from(_SENTENCES),
            finders=st.sampled_from(
                [Finder.RECOGNISED, Finder.WINDOW, Finder.DICTIONARY | Finder.TOUCHED]
            ),
            meant=st.booleans(),
            side=st.sampled_from([Side.NONE, Side.LEFT]),
        ),
        min_size=1,
        max_size=20,
    )
)
@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_remembered_is_what_would_be_found_anew(
    retriever: Retriever, phrases: list[Phrase]
) -> None:
    fresh = replace(retriever, _remembered=OrderedDict())
    together = retriever.candidates(phrases, SHORTLIST)
    for phrase, found in zip(phrases, together, strict=True):
        fresh._remembered.clear()
        assert fresh.candidates([phrase], SHORTLIST) == [found]
        assert retriever.candidates([phrase], SHORTLIST) == [found]


def test_what_is_remembered_stays_small(retriever: Retriever) -> None:
    fresh = replace(retriever, _remembered=OrderedDict())
    fresh.candidates([Phrase("gout", finders=Finder(n)) for n in range(1, 30)], SHORTLIST)
    (field,) = fresh._remembered.values()
    assert 1 <= len(field.shortlists) <= 8
    fresh._remembered.update({(str(n), Side.NONE): field for n in range(2_999)})
    fresh.candidates([Phrase("gout")], 1)
    fresh.candidates([Phrase("asthma"), Phrase("cough")], 1)
    assert len(fresh._remembered) == 3_000
    assert ("gout", Side.NONE) in fresh._remembered


def test_a_phrase_gets_the_same_list_whatever_side_others_of_its_words_have(
    retriever: Retriever,
) -> None:
    phrases = [
        Phrase("knee pain", "Left knee pain."),
        Phrase("knee pain", "Knee pain."),
        Phrase("knee pain", "Right knee pain."),
    ]
    alone = [retriever.candidates([phrase], SHORTLIST)[0] for phrase in phrases]
    assert retriever.candidates(phrases, SHORTLIST) == alone
    assert [found[0].code for found in alone] == ["M25.562", "M25.569", "M25.561"]


class _Found(Channels):
    """Channels that found what a test says they did."""

    def near(self, texts: Sequence[str]) -> Iterator[dict[str, Hit]]:
        for text in texts:
            yield {code: Hit(code, Level.EXACT, dense=0.9) for code in text.split()}


@pytest.fixture(scope="module")
def told(retriever: Retriever) -> Retriever:
    known = retriever.channels
    return replace(
        retriever,
        channels=_Found(
            taxonomy=known.taxonomy,
            terms=known.terms,
            lexical=known.lexical,
            dense=known.dense,
            rows=known.rows,
        ),
    )


def test_a_header_gives_way_to_its_default_code_once(told: Retriever) -> None:
    (found,) = told.candidates([Phrase("I50")], SHORTLIST)
    codes = [candidate.code for candidate in found]
    assert "I50" not in codes
    assert codes.count("I50.9") == 1


def test_a_header_without_a_default_code_leads_to_nothing_of_its_own(told: Retriever) -> None:
    header = next(
        code.code
        for code in told.taxonomy.codes()
        if not code.billable
        and not told.taxonomy.seventh_characters(code.code)
        and told.taxonomy.default_leaf(code.code) is None
    )
    assert told.complete(header, "") is None
    (found,) = told.candidates([Phrase(header)], SHORTLIST)
    assert header not in [candidate.code for candidate in found]
    assert header in [candidate.code for candidate in told.lookup(header, 50)]


def test_what_is_looked_up_may_be_a_header(told: Retriever) -> None:
    found = [candidate.code for candidate in told.lookup("I50", 50)]
    assert "I50" in found
    assert len(found) == len(set(found))


def test_an_injury_is_looked_up_with_a_seventh_character(told: Retriever) -> None:
    assert told.lookup("S93.402", 1)[0].code == "S93.402A"


def test_a_limit_is_kept(told: Retriever) -> None:
    (found,) = told.candidates([Phrase("I50 J45 E11 K76 M10")], 3)
    assert len(found) == 3
    assert len(told.lookup("I50 J45 E11 K76 M10", 4)) == 4


def test_whatever_node_is_found_only_a_code_that_can_be_reported_comes_of_it(
    retriever: Retriever,
) -> None:
    taxonomy = retriever.taxonomy
    wrong = []
    for node in {code.base for code in taxonomy.codes()}:
        code = retriever.complete(node, "Right eye, initial encounter.")
        found = taxonomy.get(code) if code else None
        if code is not None and (found is None or not found.billable):
            wrong.append((node, code))
    assert wrong == []


def test_scores_fall_from_the_first_to_the_last(retriever: Retriever) -> None:
    for text in ("heart failure", "pain", "fracture of the wrist", "xyzzy disease", "cancer"):
        (ranked,) = retriever.rank([Phrase(text, f"She has {text}.", Finder.WINDOW)])
        scores = [one.score for one in ranked]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        assert len({one.hit.code for one in ranked}) == len(ranked) <= 40
        assert all(one.features.shape == (len(FEATURES),) for one in ranked)
        assert all(len(one.worth) == len(WORTH) for one in ranked[:12])
        assert all(one.worth == () for one in ranked[12:])


def test_only_the_lead_of_the_first_is_above_the_others(retriever: Retriever) -> None:
    lead = WORTH.index("lead")
    (ranked,) = retriever.rank([Phrase("heart failure")])
    leads = [one.worth[lead] for one in ranked if one.worth]
    assert leads[0] >= 0
    assert all(one <= 0 for one in leads[1:])


def test_a_lone_candidate_is_as_far_ahead_as_one_can_be(told: Retriever) -> None:
    (ranked,) = told.rank([Phrase("J45.909")])
    assert [one.hit.code for one in ranked] == ["J45.909"]
    assert ranked[0].worth[WORTH.index("lead")] == 6.0


def test_words_without_any_meaning_find_nothing_or_what_exists(retriever: Retriever) -> None:
    assert retriever.rank([]) == []
    for found in retriever.candidates([Phrase(""), Phrase("...")], SHORTLIST):
        assert all(candidate.code in retriever.taxonomy for candidate in found)


def test_how_words_were_coded_before_is_told(retriever: Retriever) -> None:
    entry = max(
        (e for e in learned() if len(e.text.split()) > 1), key=lambda e: (e.strength, e.text)
    )
    found = retriever.lookup(entry.text, 50)
    (ours,) = [one for one in found if one.code.startswith(entry.code)][:1]
    told = dict(reason.split("=") for reason in ours.reasons if "=" in reason)
    assert float(told["learned"]) == pytest.approx(entry.strength, abs=0.006)
    assert told.keys() >= {"coded", "seen"}
    assert Channel.DICTIONARY in ours.channels
