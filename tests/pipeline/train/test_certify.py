"""The bound against published values, the search against what luck would do to it."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.model import Scope
from pipeline.train import certify as module
from pipeline.train.certify import (
    TARGETS,
    Target,
    certify,
    certify_strata,
    lower_bound,
    read_trials,
    smallest_sample,
    tail,
    write_trials,
)

_SURE = Target(seen=0.95, vouched=0.95)


@pytest.mark.parametrize(
    ("errors", "target", "count"),
    [
        (0, 0.95, 59),
        (1, 0.95, 93),
        (2, 0.95, 124),
        (5, 0.95, 208),
        (0, 0.98, 149),
        (1, 0.98, 236),
        (0, 0.99, 299),
        (1, 0.99, 473),
    ],
)
def test_samples_to_certify_are_those_of_the_binomial_tables(
    errors: int, target: float, count: int
) -> None:
    assert smallest_sample(target, errors=errors) == count


@pytest.mark.parametrize(
    ("hits", "count", "alpha", "bound"),
    [
        (10, 10, 0.05, 0.05 ** (1 / 10)),  # Beta(n, 1) has the quantile alpha^(1/n)
        (1, 10, 0.05, 1 - 0.95 ** (1 / 10)),  # Beta(1, n)
        (1, 1, 0.05, 0.05),
        (9, 10, 0.025, 0.5550),  # two-sided 95 % of 9 in 10: 0.5550 to 0.9975
        (7, 20, 0.025, 0.1539),  # two-sided 95 % of 7 in 20: 0.1539 to 0.5922
        (0, 10, 0.05, 0.0),
    ],
)
def test_the_bound_is_that_of_clopper_and_pearson(
    hits: int, count: int, alpha: float, bound: float
) -> None:
    assert lower_bound(hits, count, alpha) == pytest.approx(bound, abs=5e-5)


def test_the_tail_is_the_sum_of_the_binomial() -> None:
    assert tail(2, 3, 0.5) == pytest.approx(0.5)
    assert tail(0, 3, 0.1) == 1.0
    assert tail(3, 3, 0.1) == pytest.approx(0.001)
    assert (tail(1, 3, 0.0), tail(3, 3, 1.0)) == (0.0, 1.0)
    assert tail(1900, 2000, 0.95) == pytest.approx(0.53, abs=0.02)


def test_the_lowest_threshold_that_passes_is_kept() -> None:
    confidences = np.repeat([0.97, 0.9, 0.6], [200, 200, 200])
    right = np.concatenate([np.ones(400), np.tile([1.0, 0.0], 100)])
    found = certify(confidences, right, _SURE)
    # From 0.90 down to 0.61 the same 400 are meant; at 0.60 half of 200 more are wrong.
    assert (found.threshold, found.right, found.count) == (0.61, 400, 400)
    assert found.bound == pytest.approx(0.05 ** (1 / 400), abs=1e-4)


def test_what_is_vouched_for_must_have_been_seen_as_well() -> None:
    """Of 900 codes 846 are right: the bound is above 92 %, the share is not yet 95 %."""
    confidences = np.repeat([0.95, 0.8], [500, 400])
    right = np.concatenate([np.ones(480), np.zeros(20), np.ones(366), np.zeros(34)])
    assert lower_bound(846, 900) > 0.92
    found = certify(confidences, right, Target(seen=0.95, vouched=0.92))
    assert (found.threshold, found.right, found.count) == (0.81, 480, 500)
    found = certify(confidences, right, Target(seen=0.97, vouched=0.92))
    assert (found.threshold, found.right, found.count) == (None, 480, 500)


def test_a_failure_ends_the_search_though_a_lower_threshold_would_pass() -> None:
    confidences = np.repeat([0.9, 0.7], [150, 5000])
    right = np.concatenate([np.tile([1.0, 1.0, 0.0], 50), np.ones(5000)])
    found = certify(confidences, right, _SURE)
    assert (found.threshold, found.reason) == (None, "precision too low")
    assert (found.right, found.count) == (100, 150)


def test_a_small_sample_certifies_nothing_however_right_it_is() -> None:
    found = certify(np.full(80, 0.99), np.ones(80), _SURE)
    assert (found.threshold, found.reason, found.count) == (None, "sample too small", 80)
    assert certify(np.array([]), np.array([]), _SURE).threshold is None


def test_luck_certifies_no_more_often_than_was_promised() -> None:
    """Where every code is right at exactly the target, a threshold is wrong to be given."""
    rng = np.random.default_rng(7)
    runs = 400
    wrong = 0
    for _ in range(runs):
        confidences = rng.uniform(0.5, 1, 600)
        right = (rng.uniform(size=600) < 0.95).astype(float)
        wrong += certify(confidences, right, _SURE).threshold is not None
    assert wrong / runs <= 0.05 + 2 * (0.05 * 0.95 / runs) ** 0.5


def test_strata_are_certified_apart() -> None:
    confidences = np.full(600, 0.9)
    right = np.concatenate([np.ones(300), np.tile([1.0, 0.0], 150)])
    found = certify_strata(confidences, right, ["b/agreed"] * 300 + ["a/near"] * 300)
    assert list(found) == ["a/near", "b/agreed"]
    assert found["b/agreed"]["auto"].threshold == 0.5
    assert found["a/near"]["confirm"].threshold is None
    assert set(found["a/near"]) == set(TARGETS)


def test_the_command_writes_what_the_router_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trials, out = tmp_path / "trials.jsonl", tmp_path / "thresholds.json"
    write_trials(trials, np.full(200, 0.81234), np.ones(200), ["condition/agreed"] * 200)
    assert read_trials(trials)[0][0] == 0.8123
    for scope in Scope:
        monkeypatch.setattr(
            "sys.argv", ["certify", str(trials), "--scope", scope, "--out", str(out)]
        )
        module.main()
    written = json.loads(out.read_text("utf-8"))
    assert set(written["scopes"]) == set(Scope), "another scope is added to, not replaced"
    lines = written["scopes"]["reportable"]["strata"]["condition/agreed"]
    assert lines["auto"] == {
        "threshold": 0.5,
        "count": 200,
        "right": 200,
        "bound": round(0.05 ** (1 / 200), 4),
        "reason": "certified",
    }
    assert "condition/agreed" in capsys.readouterr().out
