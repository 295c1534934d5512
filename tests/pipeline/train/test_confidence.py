"""The confidence is fitted on rows that nothing else taught, each scope in its own way."""

import numpy as np
import pytest

from pipeline.route import CATEGORY, FEATURES, WORDING, Row
from pipeline.train.confidence import SHARED, UNREAD, Trial, cross_fitted, fit, for_visits


def trial(
    right: float, *, score: float = 0.0, by_rule: float = 0.0, word: str = "", category: str = "J45"
) -> Trial:
    values = dict.fromkeys(FEATURES, 0.0) | {"score": score, "by_rule": by_rule}
    row = Row(tuple(values[name] for name in FEATURES), frozenset({word} - {""}), category)
    return Trial(row, right, "condition/agreed")


def test_a_feature_that_tells_right_from_wrong_gets_the_weight() -> None:
    found = fit([trial(1.0, score=1.0), trial(0.0, score=-1.0)] * 100)
    weights = dict(found.weights)
    assert weights.pop("score") > 1
    assert max(map(abs, weights.values())) < 0.01
    assert found.chance(trial(1.0, score=1.0).row) > 0.8


def test_words_and_categories_count_where_they_come_three_times() -> None:
    good = [trial(1.0, word="asthma")] * 40
    bad = [trial(0.0, word="cough", category="R05")] * 40
    rare = [trial(0.0, word="unheard", category="Q99")] * 2
    found = fit([*good, *bad, *rare])
    assert set(found.words) == {"asthma", "cough"}
    assert set(found.categories) == {"J45", "R05"}
    assert found.words["asthma"] > 0 > found.words["cough"]
    assert found.chance(good[0].row) > 0.5 > found.chance(bad[0].row)
    assert {WORDING, CATEGORY} <= set(found.means)


def test_where_features_are_named_nothing_else_counts() -> None:
    found = fit([trial(1.0, score=1.0, word="asthma"), trial(0.0, score=-1.0)] * 50, SHARED)
    assert set(found.weights) == set(SHARED)
    assert (found.words, found.categories) == ({}, {})
    assert WORDING not in found.means


def test_a_row_is_judged_by_weights_that_never_saw_its_fold() -> None:
    # In fold 1 the feature means the opposite of what it means in fold 0.
    rows = [trial(1.0, score=1.0), trial(0.0, score=-1.0)] * 20
    rows += [trial(0.0, score=1.0), trial(1.0, score=-1.0)] * 20
    confidences = cross_fitted(rows, np.repeat([0, 1], 40))
    assert all(c < 0.5 for c, one in zip(confidences, rows, strict=True) if one.right)


def test_visits_are_as_right_on_average_as_notes_that_nobody_had_read() -> None:
    shared = fit([trial(1.0, score=1.0), trial(0.0, score=-1.0)] * 50, SHARED)
    read = [trial(1.0, score=1.0)] * 40 + [trial(0.0, score=-1.0)] * 10
    read += [trial(1.0, by_rule=1.0)] * 15 + [trial(0.0, by_rule=1.0)] * 15
    found = for_visits(shared, read)
    odds = np.array([found.log_odds(one.row) for one in read])
    measured = sum(one.right for one in read) / len(read)
    # Moved by what the precision fell by, in log-odds, from notes read to notes not read.
    back = np.log(measured / (1 - measured)) - np.log(UNREAD / (1 - UNREAD))
    assert (1 / (1 + np.exp(-(odds + back)))).mean() == pytest.approx(measured, abs=0.01)
    assert found.chance(read[0].row) > found.chance(read[-1].row)
