"""What orders candidates and what they are worth, by the names of the features."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Finder
from pipeline.retrieve.attributes import Side
from pipeline.retrieve.lexical import Lexical
from pipeline.retrieve.nodes import Facts, Hit
from pipeline.retrieve.rank import (
    FEATURES,
    MATCH,
    WORTH,
    Weights,
    features,
    in_context,
    rest_of_titles,
    worth,
)
from pipeline.terms import Level
from pipeline.words import stems

_LEXICAL = Lexical.build([("knee", "pain"), ("pain",), ("left", "knee"), ("gout",)])


def facts(title: str, *, header: bool = False, seen: float = 0.0, place: int = 0) -> Facts:
    return Facts.of(title, stems(title), needs_seventh=False, header=header, seen=seen, place=place)


def rows(
    *found: tuple[Hit, str], mention: str = "knee pain", context: str = "", side: Side = Side.NONE
) -> list[dict[str, float]]:
    """Return the features by name, one dictionary for each hit."""
    said = [facts(title) for _, title in found]
    hits = [hit for hit, _ in found]
    alone = features(hits, said, mention=stems(mention), side=side, lexical=_LEXICAL)
    rest = rest_of_titles(said, stems(mention))
    matrix = in_context(alone, rest, frozenset(stems(context)), _LEXICAL)
    return [dict(zip(FEATURES, row, strict=True)) for row in matrix.tolist()]


def test_nothing_found_has_no_rows_but_all_columns() -> None:
    matrix = features([], [], mention=(), side=Side.NONE, lexical=_LEXICAL)
    assert matrix.shape == (0, len(FEATURES))


def test_no_feature_is_named_twice() -> None:
    assert len(set(FEATURES)) == len(FEATURES)
    assert len(set(WORTH)) == len(WORTH)


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (Level.EXACT, "exact"),
        (Level.UNSPECIFIED, "exact_unspecified"),
        (Level.DEFAULT, "exact_default"),
        (None, ""),
    ],
)
def test_a_level_stands_in_a_column_of_its_own(level: Level | None, name: str) -> None:
    (row,) = rows((Hit("M25.569", level), "Pain in knee"))
    said = {each for each in FEATURES if each.startswith("exact") and row[each]}
    assert said == ({name} - {""})


def test_what_the_channels_said_stands_under_its_name() -> None:
    hit = Hit("R52", learned=0.1, lexical=0.2, dense=0.3, vote=0.4, from_lexicon=True)
    (row,) = rows((hit, "Pain, unspecified"))
    assert (row["learned"], row["lexical"], row["dense"]) == (0.1, 0.2, 0.3)
    assert (row["lexicon"], row["symptom"], row["unspecified"]) == (1, 1, 1)
    assert (row["other"], row["header"], row["needs_seventh"]) == (0, 0, 0)
    assert row["vote"] == 1.0, "its share of all votes"


def test_titles_and_words_cover_each_other_by_how_telling_they_are() -> None:
    hit = Hit("M25.562", entry=("left", "knee"))
    (row,) = rows((hit, "Pain in left knee"), mention="knee swelling", context="left leg")
    weight = _LEXICAL.weight
    assert row["entry_covered"] == pytest.approx(weight("knee") / (weight("left") + weight("knee")))
    swelling = stems("swelling")[0]
    assert row["mention_covered"] == pytest.approx(
        weight("knee") / (weight("knee") + weight(swelling))
    )
    assert row["title_covered"] == pytest.approx(weight("knee") / (weight("knee") + weight("pain")))
    assert row["title_in_context"] == 0, "the side is no content of a title"
    assert row["title_length"] == pytest.approx(4 / 15)


def test_what_only_the_sentence_says_counts_apart() -> None:
    (row,) = rows((Hit("M25.5"), "Gout of knee"), mention="knee", context="knee of gout")
    assert row["title_in_context"] == 1
    assert 0 < row["title_covered"] < 1


@pytest.mark.parametrize(
    ("title", "side", "expected"),
    [
        ("Pain in left knee", Side.LEFT, "side_agrees"),
        ("Pain in right knee", Side.LEFT, "side_conflicts"),
        ("Pain in left knee", Side.NONE, "side_conflicts"),
        ("Pain, bilateral knees", Side.RIGHT, "side_conflicts"),
        ("Pain in unspecified knee", Side.LEFT, "side_unspecified"),
        ("Pain in unspecified knee", Side.NONE, ""),
        ("Pain in knee", Side.LEFT, ""),
    ],
)
def test_the_side_agrees_conflicts_or_is_left_open(title: str, side: Side, expected: str) -> None:
    (row,) = rows((Hit("M25.5"), title), side=side)
    assert {name for name in FEATURES if name.startswith("side") and row[name]} == (
        {expected} - {""}
    )


def test_candidates_are_compared_with_the_best_of_the_others() -> None:
    one, two, three = rows(
        (Hit("A00.0", dense=0.9, lexical=0.1, vote=3.0), "Gout"),
        (Hit("A00.1", dense=0.7, lexical=0.6, vote=1.0, learned=0.5), "Gout"),
        (Hit("A00.9", Level.EXACT, dense=0.7), "Gout"),
    )
    assert [row["dense_first"] for row in (one, two, three)] == [1, 0.5, 0.5]
    assert [round(row["dense_gap"], 6) for row in (one, two)] == [0, -0.2]
    assert [round(row["lexical_gap"], 6) for row in (one, two, three)] == [-0.5, 0, -0.6]
    assert [row["vote"] for row in (one, two, three)] == [0.75, 0.25, 0]
    assert [row["learned_first"] for row in (one, two, three)] == [0, 1, 0]
    assert [row["exact_but_learned"] for row in (one, two, three)] == [0, 0, 1]
    assert [row["dense_but_learned"] for row in (one, two)] == [0.9, 0.7]
    assert [row["dense_but_exact"] for row in (one, three)] == [0.9, 0.7]


def test_where_nothing_was_learned_nothing_is_held_against_it() -> None:
    for row in rows((Hit("A00.0", Level.EXACT, dense=0.9), "Gout"), (Hit("A00.1"), "Gout")):
        assert not any(row[name] for name in FEATURES if name.endswith("_learned"))
        assert row["learned_first"] == 0


def test_the_rows_of_candidates_follow_them_in_any_order() -> None:
    found = [
        (Hit("A00.0", dense=0.9, vote=1.0), "Gout"),
        (Hit("A00.1", Level.EXACT, lexical=0.6, learned=0.5), "Pain in left knee"),
        (Hit("A00.9", dense=0.2, vote=2.0), "Other gout"),
    ]
    forth, back = rows(*found), rows(*found[::-1])
    assert forth == back[::-1]


def value(
    hit: Hit,
    *,
    words: int = 2,
    finders: Finder = Finder.WINDOW,
    order: float = 1.5,
    lead: float = 0.25,
) -> dict[str, float]:
    """Return what a candidate is worth, by the names of the weights."""
    fact = facts("Gout", seen=200)
    found = worth(hit, fact, order=order, lead=lead, words=words, finders=finders)
    return dict(zip(WORTH, found, strict=True))


def test_worth_says_how_the_words_were_found() -> None:
    names = ("dictionary", "recognised", "touched", "window", "split")
    for finders, expected in (
        (Finder.NONE, set()),
        (Finder.WINDOW, {"window"}),
        (Finder.WINDOW | Finder.DICTIONARY, {"dictionary"}),
        (Finder.RECOGNISED | Finder.DICTIONARY, {"dictionary", "recognised"}),
        (Finder.SPLIT | Finder.TOUCHED, {"split", "touched"}),
    ):
        found = value(Hit("M10.9"), finders=finders)
        assert {name for name in names if found[name]} == expected


def test_worth_says_how_such_words_were_coded_before() -> None:
    hit = Hit("M10.9", Level.EXACT, learned=0.6, rate=0.5, seen=20, dense=0.7, from_lexicon=True)
    found = value(hit, finders=Finder.RECOGNISED)
    assert (found["order"], found["lead"], found["strength"]) == (1.5, 0.25, 0.6)
    assert (found["known"], found["rate"], found["seen"]) == (1, 0.5, 1)
    assert (found["recognised_known"], found["recognised_rate"]) == (1, 0.5)
    assert (found["exact"], found["lexicon"], found["dense"], found["common"]) == (1, 1, 0.7, 1)
    unread = value(hit, finders=Finder.DICTIONARY)
    assert (unread["recognised_known"], unread["recognised_rate"]) == (0, 0)
    assert value(Hit("M10.9"), finders=Finder.RECOGNISED)["known"] == 0


@pytest.mark.parametrize(
    ("code", "name"), [("R05.9", "symptom"), ("Z79.4", "status"), ("S01.0", "injury")]
)
def test_worth_knows_the_kind_of_code(code: str, name: str) -> None:
    found = value(Hit(code))
    assert {each for each in ("symptom", "status", "injury") if found[each]} == {name}


@pytest.mark.parametrize(("lead", "kept"), [(99.0, 6.0), (-99.0, -6.0), (0.5, 0.5)])
def test_a_lead_is_bounded(lead: float, kept: float) -> None:
    assert value(Hit("M10.9"), lead=lead)["lead"] == kept


@pytest.mark.parametrize(
    ("words", "one", "many"), [(0, 0, 0), (1, 1, 0), (3, 0, 0), (4, 0, 1), (9, 0, 1)]
)
def test_worth_counts_words(words: int, one: int, many: int) -> None:
    found = value(Hit("M10.9"), words=words)
    assert (found["one_word"], found["many_words"]) == (one, many)


def weights(constant: float = 0.0, **given: float) -> Weights:
    return Weights(
        order={name: given.get(f"order_{name}", 0.0) for name in FEATURES},
        worth={name: given.get(name, 0.0) for name in WORTH},
        worth_constant=constant,
        match={name: given.get(f"match_{name}", 0.0) for name in MATCH},
        match_constant=constant,
    )


def test_a_score_is_the_logistic_of_its_weighted_sum() -> None:
    asked = tuple(value(Hit("M10.9")).values())
    assert weights().score(asked, meant=False) == weights().score(asked, meant=True) == 0.5
    expected = pytest.approx(1 / (1 + np.exp(-4.0)))
    assert weights(constant=1.0, order=2.0).score(asked, meant=False) == expected
    halfway = pytest.approx(np.sqrt(0.5 / (1 + np.exp(-2.0))))
    assert weights(match_order=2 / 1.5).score(asked, meant=True) == halfway


def test_words_that_are_meant_are_drawn_to_their_match() -> None:
    asked = tuple(value(Hit("M10.9")).values())
    surely = weights(order=-4.0, match_order=4.0)
    assert surely.score(asked, meant=False) < surely.score(asked, meant=True) < 0.5
    hardly = weights(order=4.0, match_order=-4.0)
    assert hardly.score(asked, meant=False) > hardly.score(asked, meant=True)


@pytest.mark.parametrize("constant", [-1e6, 1e6])
def test_a_score_of_extremes_is_a_number_between_0_and_1(constant: float) -> None:
    assert 0 < weights(constant=constant).score([0.0] * len(WORTH), meant=False) <= 1


def test_a_weight_is_taken_by_its_name_and_not_by_its_place() -> None:
    asked = tuple(value(Hit("M10.9")).values())
    one = weights(lead=3.0, order=-1.0)
    turned = Weights(
        order=dict(reversed(list(one.order.items()))),
        worth=dict(reversed(list(one.worth.items()))),
        match=dict(reversed(list(one.match.items()))),
    )
    for meant in (True, False):
        assert turned.score(asked, meant=meant) == one.score(asked, meant=meant)
    assert turned.places(np.eye(len(FEATURES))).tolist() == [0.0] * len(FEATURES)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=8))
def test_more_order_is_never_worth_less_where_its_weight_is_positive(
    orders: Sequence[float],
) -> None:
    one = weights(order=0.7)
    scores = [
        one.score(tuple(value(Hit("M10.9"), order=n).values()), meant=False) for n in sorted(orders)
    ]
    assert scores == sorted(scores)


def test_places_are_the_weighted_sums_of_the_rows() -> None:
    matrix = np.zeros((2, len(FEATURES)))
    matrix[1, FEATURES.index("dense")] = 2.0
    assert weights(order_dense=1.5).places(matrix).tolist() == [0.0, 3.0]


def test_the_shipped_weights_are_there_for_each_feature() -> None:
    shipped = Weights.read()
    assert tuple(shipped.order) == FEATURES
    assert tuple(shipped.worth) == WORTH
    assert tuple(shipped.match) == MATCH
    assert shipped.order["side_agrees"] > 0 > shipped.order["side_conflicts"], "I.B.13"


@pytest.mark.parametrize(
    ("title", "side", "unspecified", "other"),
    [
        ("Pain in left knee", "left", False, False),
        ("Pain in unspecified knee", "unspecified", True, False),
        ("Other specified arthritis, right hip", "right", False, True),
        ("Contusion NOS", "", True, False),
        ("Conditions of other organs", "", False, False),
    ],
)
def test_a_title_tells_its_facts(title: str, side: str, *, unspecified: bool, other: bool) -> None:
    found = facts(title)
    assert (found.side, found.unspecified, found.other) == (side, unspecified, other)
    assert not {"left", "right", "unspecified", "other"} & set(found.content)


def test_how_common_a_code_is_grows_and_is_bounded() -> None:
    found = [facts("Gout", seen=seen).common for seen in (0, 1, 20, 200, 5000)]
    assert found[0] == 0
    assert found == sorted(found)
    assert found[-2:] == [1, 1]
