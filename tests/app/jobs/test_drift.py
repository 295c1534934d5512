"""Does a mix look like the one before?"""

from collections import Counter
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs.drift import Mix, compare, ks, ks_bound, mix_of, psi, uncovered
from app.jobs.ledger import Line

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 1000), min_size=1)


def test_psi_by_hand() -> None:
    expected = (0.8 - 0.5) * log(0.8 / 0.5) + (0.2 - 0.5) * log(0.2 / 0.5)
    assert psi({"a": 80, "b": 20}, {"a": 50, "b": 50}) == pytest.approx(expected)


@given(COUNTS, COUNTS, st.integers(2, 9))
def test_psi_is_zero_for_one_mix_symmetric_and_blind_to_size(
    one: dict[str, int], other: dict[str, int], times: int
) -> None:
    assert psi(one, one) == 0
    assert psi(one, {key: times * count for key, count in one.items()}) == pytest.approx(0)
    assert psi(one, other) == pytest.approx(psi(other, one))
    assert psi(one, other) >= 0


def test_ks_by_hand() -> None:
    assert ks([0.1, 0.2, 0.3, 0.4], [0.3, 0.4, 0.5, 0.6]) == pytest.approx(0.5)
    assert ks([0.1], []) == 0
    assert ks_bound(100, 100) == pytest.approx(0.1923, abs=1e-4)


@given(st.lists(st.floats(0, 1), min_size=1), st.lists(st.floats(0, 1), min_size=1))
def test_ks_lies_between_none_and_all(one: list[float], other: list[float]) -> None:
    assert ks(one, one) == 0
    assert 0 <= ks(one, other) <= 1
    assert ks(one, other) == pytest.approx(ks(other, one))


def line(number: int, lane: str, chapter: str, confidence: float, outcome: str = "done") -> Line:
    mix = {"chapters": {chapter: 1}, "sections": {"plan": 1}, "confidences": [confidence]}
    return Line(
        key=str(number), outcome=outcome, case_id="c", lane=lane, seconds=0.1, at=1.0, mix=mix
    )


def test_a_mix_that_changed_is_told_and_one_that_did_not_is_not() -> None:
    before = mix_of(line(n, "review", str(9 + n % 2), n % 10 / 10) for n in range(200))
    same = {row["what"]: row["verdict"] for row in compare(before, before)}
    assert set(same.values()) == {"steady"}
    now = mix_of(line(n, "confirm", str(9 + n % 2), 0.9) for n in range(200))
    changed = {row["what"]: row["verdict"] for row in compare(now, before)}
    assert changed == {
        "lanes": "changed",
        "chapters": "steady",
        "sections": "steady",
        "confidences": "changed",
    }


def test_a_handful_says_nothing_and_failures_are_not_counted() -> None:
    few = mix_of(line(n, "review", "9", 0.5) for n in range(50))
    assert {row["verdict"] for row in compare(few, few)} == {"too few"}
    assert mix_of([line(1, "review", "9", 0.5, outcome="failed")]) == Mix()


def test_what_the_golden_set_lacks_is_named() -> None:
    assert uncovered(Counter(a=2, b=1), ["a"]) == {"b": 1}
