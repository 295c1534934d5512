"""A confidence is a probability of features, and tells which of them moved it."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    Encounter,
    EvidenceSpan,
    Mention,
    MentionTrace,
    Note,
    Proposal,
    Scope,
    Support,
    Verdict,
)
from pipeline.route import CATEGORY, FEATURES, WORDING, Confidence, Row, rows

_TEXT = "Severe asthma attack. Asthma and obesity were treated."
_CHART = Encounter(encounter_id="e1", notes=(Note(note_id="n1", text=_TEXT, sha256=""),))
_SHIPPED = Confidence.read(Scope.DOCUMENTED)


def trace(
    code: str,
    words: str,
    score: float,
    *reasons: str,
    second: float = 0.0,
    assertion: Assertion = Assertion.PRESENT,
) -> MentionTrace:
    start = _TEXT.index(words)
    span = EvidenceSpan(note_id="n1", start=start, end=start + len(words))
    found = [Candidate(code=code, score=score, channels=tuple(Channel), reasons=reasons)]
    if second:
        found.append(Candidate(code="Z00.00", score=second, channels=(Channel.DENSE,)))
    return MentionTrace(
        mention=Mention(span=span, section="assessment", assertion=assertion),
        candidates=tuple(found),
        code=code,
        verdict=Verdict(support=Support.SUPPORTED),
    )


def values(*proposals: Proposal) -> list[dict[str, float]]:
    return [dict(zip(FEATURES, row.values, strict=True)) for row in rows(_CHART, proposals)]


def test_other_readings_of_the_same_words_count_against_each_other() -> None:
    short = Proposal(code="J45.909", traces=(trace("J45.909", "asthma", 0.5),))
    long = Proposal(code="J45.901", traces=(trace("J45.901", "Severe asthma attack", 0.8),))
    apart = Proposal(code="E66.9", traces=(trace("E66.9", "obesity", 0.9),))
    inner, outer, other = values(short, long, apart)
    assert (inner["overlap"], inner["inside"], inner["family"]) == (0.8, 0.8, 0.8)
    assert inner["outdone"] == pytest.approx(0.3)
    assert (outer["overlap"], outer["inside"], outer["outdone"]) == (0.5, 0.0, 0.0)
    assert (other["overlap"], other["inside"], other["family"]) == (0.0, 0.0, 0.0)


def test_what_retrieval_measured_is_read_from_the_reasons_of_the_best_mention() -> None:
    told = ("term-exact", "lexicon", "learned=0.75", "coded=0.50", "seen=30", "dense=0.91")
    more = ("order=4.25", "lead=1.50", "common=0.20", "found=dictionary+recognised", "header")
    one = trace("J45.909", "asthma", 0.5, *told, *more, second=0.3)
    (row,) = values(Proposal(code="J45.909", traces=(one, trace("J45.909", "Asthma", 0.4))))
    assert row["exact"] == row["lexicon"] == row["known"] == row["header"] == 1
    assert (row["learned"], row["coded"], row["often"]) == (0.75, 0.5, 1.0)
    assert (row["dense"], row["order"], row["lead"], row["common"]) == (0.91, 4.25, 1.5, 0.2)
    assert row["phrase"] == row["recognised"] == row["recognised_known"] == 1
    assert row["recognised_coded"] == 0.5
    assert (row["touched"], row["window"], row["split"]) == (0, 0, 0)
    assert row["margin"] == pytest.approx(0.2)
    assert row["places"] == pytest.approx(math.log(2))
    assert row["together"] == pytest.approx(math.log(0.7 / 0.3))
    assert (row["one_word"], row["many_words"], row["by_rule"]) == (1, 0, 0)


def test_a_code_that_a_rule_read_from_words_is_marked() -> None:
    (row,) = values(
        Proposal(code="Z79.4", traces=(trace("Z79.4", "treated", 0.9, "long-term-drug"),))
    )
    assert row["by_rule"] == 1
    assert row["status"] == 1


@pytest.mark.parametrize("assertion", [Assertion.POSSIBLE, Assertion.HISTORICAL])
def test_doubt_counts_only_where_no_mention_is_without_it(assertion: Assertion) -> None:
    doubted = trace("E66.9", "obesity", 0.9, assertion=assertion)
    plain = trace("E66.9", "obesity", 0.9)
    (row,) = values(Proposal(code="E66.9", traces=(doubted, doubted)))
    (mixed,) = values(Proposal(code="E66.9", traces=(doubted, plain)))
    assert (row[assertion.value], mixed[assertion.value]) == (1, 0)


_ROWS = st.builds(
    Row,
    values=st.tuples(*[st.floats(-5, 5)] * len(FEATURES)),
    words=st.frozensets(st.sampled_from(["asthma", "fever", "pain", "unheard"])),
    category=st.sampled_from(["J45", "R50", "Q99"]),
)


@given(_ROWS)
def test_a_confidence_is_a_probability_to_four_places(row: Row) -> None:
    found = _SHIPPED.chance(row)
    assert 0 <= found <= 1
    assert found == round(found, 4)


@given(_ROWS)
def test_contributions_and_the_average_add_up_to_the_log_odds(row: Row) -> None:
    average = _SHIPPED.constant + sum(_SHIPPED.means.values())
    total = average + sum(value for _, value in _SHIPPED.contributions(row))
    assert total == pytest.approx(_SHIPPED.log_odds(row), abs=1e-6)


@given(_ROWS)
def test_the_strongest_part_comes_first_and_no_word_is_told(row: Row) -> None:
    found = _SHIPPED.contributions(row)
    sizes = [abs(value) for _, value in found]
    assert sizes == sorted(sizes, reverse=True)
    assert {name for name, _ in found} == {*FEATURES, WORDING, CATEGORY}


def test_the_few_parts_that_moved_it_are_told() -> None:
    known = Confidence(
        constant=0.0,
        weights={"score": 2.0, "assessed": -1.0, "margin": 0.01},
        words={"asthma": 0.7},
        means={"score": 1.0},
    )
    (row,) = rows(_CHART, [Proposal(code="J45.909", traces=(trace("J45.909", "asthma", 0.9),))])
    # 2.0 · log-odds of 0.9 - 1.0 = 3.4
    assert known.parts(row) == ("raises=score:3.4", "lowers=assessed:1.0", "raises=wording:0.7")


def test_a_better_match_is_never_less_confident_all_else_equal() -> None:
    (row,) = rows(_CHART, [Proposal(code="J45.909", traces=(trace("J45.909", "asthma", 0.9),))])
    at = FEATURES.index("score")
    chances: Sequence[float] = [
        Confidence(constant=0.0, weights={"score": 1.0}).chance(
            replace(row, values=(*row.values[:at], odds, *row.values[at + 1 :]))
        )
        for odds in range(-4, 5)
    ]
    assert chances == sorted(chances)
