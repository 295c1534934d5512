"""Intervals hold what they should, come out the same, and treat a document as one draw."""

import numpy as np
import pytest

from app import intervals
from app.intervals import counts, difference, gap, micro
from tests.app.builders import failed, scored, suggestion


def table(*rows: tuple[int, int, int]) -> intervals.Counts:
    return np.array(rows, dtype=np.float64)


def test_a_document_is_counted_once_with_all_its_codes() -> None:
    documents = [scored({"I10": (), "E11.9": ()}, suggestion("I10")), failed("N18.30")]
    assert counts(documents).tolist() == [[1, 1, 2], [0, 0, 1]]
    assert counts([]).shape == (0, 3)


def test_intervals_hold_the_figure_and_come_out_the_same() -> None:
    rng = np.random.default_rng(1)
    rows = [(int(t), int(t) + 2, int(t) + 3) for t in rng.integers(0, 9, 80)]
    found = micro(table(*rows))
    right, assigned, gold = (sum(row[at] for row in rows) for at in range(3))
    low, high = found["f1"]
    assert low < 2 * right / (assigned + gold) < high
    assert found["precision"][0] < right / assigned < found["precision"][1]
    assert found["recall"][0] < right / gold < found["recall"][1]
    assert found["resamples"] == 1000
    assert micro(table(*rows)) == found


def test_an_interval_is_as_wide_as_theory_says() -> None:
    # 400 documents with one code each, half of them right: the standard error is 0.025.
    low, high = micro(table(*[(1, 1, 1), (0, 1, 1)] * 200))["precision"]
    assert high - low == pytest.approx(2 * 1.96 * 0.025, rel=0.15)


def test_codes_of_one_document_do_not_count_as_many_draws() -> None:
    apart = micro(table(*[(1, 1, 1), (0, 1, 1)] * 200))["f1"]
    together = micro(table(*[(50, 50, 50), (0, 50, 50)] * 4))["f1"]
    assert together[1] - together[0] > 5 * (apart[1] - apart[0])


def test_nothing_to_draw_from_is_no_interval() -> None:
    assert micro(counts([]))["f1"] is None
    assert gap([failed("I10")]) == {"gap": None, "interval": None, "holds_zero": None}
    assert difference(counts([]), counts([]))["f1"] is None
    assert micro(table((0, 0, 0)))["f1"] == [0.0, 0.0]


def test_a_difference_is_paired() -> None:
    rng = np.random.default_rng(2)
    before = table(*[(int(t), 12, 12) for t in rng.integers(0, 10, 60)])
    after = before + np.array([1, 0, 0])
    found = difference(before, after)
    assert found["f1"] == pytest.approx(1 / 12, abs=1e-4)
    # Each document gained exactly one right code, so no draw can tell otherwise.
    assert found["interval"] == pytest.approx([1 / 12, 1 / 12], abs=1e-4)
    assert found["holds_zero"] is False
    assert difference(before, before) == {"f1": 0.0, "interval": [0.0, 0.0], "holds_zero": True}


def test_the_gap_is_mean_confidence_less_precision() -> None:
    documents = [
        scored({"I10": ()}, suggestion("I10", confidence=0.9), suggestion("E11.9", confidence=0.6)),
        scored({"I10": ()}, suggestion("I10", confidence=0.6)),
        scored({"I10": ()}),
    ]
    found = gap(documents)
    assert found["gap"] == round((0.9 + 0.6 + 0.6) / 3 - 2 / 3, 4)
    low, high = found["interval"]
    assert low <= found["gap"] <= high
    assert found["holds_zero"] is True


def test_a_program_too_sure_of_itself_is_told() -> None:
    documents = [
        scored({}, suggestion("I10", confidence=0.9)),
        scored({"I10": ()}, suggestion("I10", confidence=0.9)),
    ] * 40
    found = gap(documents)
    assert found["gap"] == 0.4
    assert found["interval"][0] > 0.2
    assert found["holds_zero"] is False
