"""Every figure against one worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import scores
from pipeline.model import Route, Support
from tests.app.builders import failed, scored, suggestion, trace


def base(code: str) -> str:
    return code[:7] if len(code) == 8 else code


def test_code_sets_are_scored_micro_and_under_each_key() -> None:
    documents = [
        scored({"I10": (), "R07.9": (), "E11.9": ()}, suggestion("I10"), suggestion("E11.65")),
        scored({"R05.9": ()}, suggestion("R05.9"), suggestion("J45.909")),
        failed("N18.30"),
    ]
    exact = scores.codes(documents, scores.exact)
    assert (exact["true"], exact["assigned"], exact["gold"]) == (2, 4, 5)
    assert (exact["precision"], exact["recall"], exact["f1"]) == (0.5, 0.4, 0.4444)
    assert scores.codes(documents, scores.category)["true"] == 3
    assert scores.codes(documents, scores.without_symptoms) == {
        "precision": 0.3333,
        "recall": 0.3333,
        "f1": 0.3333,
        "true": 1,
        "assigned": 3,
        "gold": 3,
    }


def test_two_codes_of_one_category_count_once_a_document() -> None:
    documents = [scored({"E11.9": (), "E11.65": ()}, suggestion("E11.22"))]
    assert scores.codes(documents, scores.category)["gold"] == 1


def test_evidence_is_right_when_it_meets_a_span_of_the_same_code() -> None:
    documents = [
        scored(
            {"I10": ((0, 10), (50, 60)), "E11.9": ((20, 30),)},
            suggestion("I10", (9, 12), (10, 20)),
            suggestion("J45.909", (20, 30)),
        )
    ]
    assert scores.evidence(documents) == {
        "precision": 0.3333,
        "recall": 0.3333,
        "f1": 0.3333,
        "spans": 3,
        "gold_spans": 3,
        "matched": {"precision": 0.5, "recall": 0.5, "f1": 0.5, "spans": 2, "gold_spans": 2},
    }


def test_stages_count_what_each_still_holds() -> None:
    document = scored(
        {"S52.501A": ((0, 5),), "I10": ((10, 15),), "E11.9": (), "J45.909": ((90, 95),)},
        suggestion("S52.501A", (0, 5)),
        traces=(
            trace(0, 6, "S52.501D", "S52.502A", taken="S52.501A"),
            trace(12, 13, "E11.9", *[f"Z{n:02}" for n in range(9)], "I10", taken="E11.9"),
            trace(70, 80, "J45.909", taken="J45.909", support=Support.REFUTED),
        ),
    )
    assert scores.stages([document, failed("N18.30")], base) == {
        "gold": 5,
        "with_evidence": 3,
        "extraction": 2,
        "retrieval": 3,
        "verification": 2,
        "validation": 1,
    }


def test_calibration_error_is_the_weighted_distance_of_the_bins() -> None:
    documents = [
        scored(
            {"I10": ()},
            suggestion("I10", confidence=0.95),
            suggestion("E11.9", confidence=0.91),
            suggestion("J45.909", confidence=1.0),
            suggestion("N18.30", confidence=0.2),
        )
    ]
    figures = scores.calibration(documents)
    bins = figures["bins"]
    assert isinstance(bins, list)
    assert [each["count"] for each in bins] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 3]
    assert bins[9]["confidence"] == round(2.86 / 3, 4)
    assert bins[9]["precision"] == 0.3333
    assert figures["ece"] == round((0.2 + (2.86 - 1)) / 4, 4)


def test_thresholds_trade_coverage_for_precision() -> None:
    documents = [
        scored(
            {"I10": (), "N18.30": ()},
            suggestion("I10", confidence=0.9, route=Route.AUTO),
            suggestion("E11.9", confidence=0.6),
        )
    ]
    figures = scores.automatic(documents)
    thresholds = figures["thresholds"]
    assert isinstance(thresholds, list)
    by_threshold = {each["threshold"]: each for each in thresholds}
    wide = {"threshold": 0.6, "count": 2, "coverage": 1.0, "precision": 0.5, "recall": 0.5}
    narrow = {"threshold": 0.65, "count": 1, "coverage": 0.5, "precision": 1.0, "recall": 0.5}
    assert (by_threshold[0.6], by_threshold[0.65]) == (wide, narrow)
    assert by_threshold[0.95]["precision"] is None
    assert figures["routed"] == {"count": 1, "coverage": 0.5, "precision": 1.0, "recall": 0.5}


def test_nothing_assigned_gives_figures_and_no_division_by_zero() -> None:
    documents = [failed("I10")]
    assert scores.codes(documents, scores.exact)["f1"] == 0.0
    assert scores.evidence(documents)["f1"] == 0.0
    assert scores.calibration(documents)["ece"] is None
    assert scores.seconds([]) == {"p50": None, "p95": None}
    assert scores.ranking([])["mrr"] is None


def test_ranks_give_recall_and_reciprocal_rank() -> None:
    assert scores.ranking([1, 2, 11, None]) == {
        "pairs": 4,
        "r_at_1": 0.25,
        "r_at_10": 0.5,
        "r_at_50": 0.75,
        "mrr": round((1 + 0.5 + 1 / 11) / 4, 4),
    }


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_percentiles_are_times_that_were_measured(times: list[float]) -> None:
    figures = scores.seconds(times)
    p50, p95 = figures["p50"], figures["p95"]
    assert isinstance(p50, float)
    assert isinstance(p95, float)
    assert p50 <= p95 <= round(max(times), 4)
    assert p50 in {round(each, 4) for each in times}


@pytest.mark.parametrize(("count", "p50", "p95"), [(1, 1, 1), (20, 10, 19), (100, 50, 95)])
def test_percentiles_are_of_nearest_rank(count: int, p50: int, p95: int) -> None:
    times = [float(n) for n in range(1, count + 1)]
    assert scores.seconds(times) == {"p50": p50, "p95": p95}
