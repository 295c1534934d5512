from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.rows import Rows, merge

CODES = ["K65", "K65.0", "K6A", "K66", "K92", "K95", "S00", "S00.0", "S00.1"]
PARENTS = [-1, 0, -1, -1, -1, -1, -1, 6, 6]
CHARS = ["", "", "", "", "", "", "", "AD", "S"]


@pytest.fixture
def rows() -> Rows:
    return Rows.spread(CODES, PARENTS, CHARS)


def test_seventh_characters_stand_between_their_base_and_the_next_node(rows: Rows) -> None:
    assert rows.first == [1, 2, 3, 4, 5, 6, 7, 8, 11]
    assert rows.last == [2, 2, 3, 4, 5, 6, 12, 10, 12]
    assert rows.leaf == [False, True, True, True, True, True, False, True, True]


def test_a_range_runs_in_tabular_order_and_takes_all_below_its_ends(rows: Rows) -> None:
    # By letters K6A would stand behind K66 and be lost.
    assert rows.between("K65", "K66") == (1, 4)
    assert rows.between("S00", "S00") == (7, 12)
    assert rows.between("K66", "K65") is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("K00", "K93", (1, 5)),  # K93 is not there; K95 is outside
        ("K93", "K95", (6, 6)),
        ("K96", "K99", None),
        ("S00.0", "S00.05", None),
        ("A00", "A09", None),
    ],
)
def test_an_endpoint_that_is_missing_is_clipped(
    rows: Rows, first: str, last: str, expected: tuple[int, int] | None
) -> None:
    assert rows.between(first, last) == expected


def test_nodes_within_a_span_are_those_whose_own_row_is_inside(rows: Rows) -> None:
    assert [CODES[at] for at in rows.within([(2, 4), (9, 12)])] == ["K65.0", "K6A", "K66", "S00.1"]


_SPANS = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda p: (p[0], p[0] + p[1]))
)


@given(_SPANS)
def test_merged_bounds_are_sorted_disjoint_and_complete(spans: list[tuple[int, int]]) -> None:
    bounds = merge(spans)
    pairs = list(zip(bounds[::2], bounds[1::2], strict=True))
    assert all(high + 1 < low for (_, high), (low, _) in pairwise(pairs))
    covered = {row for low, high in pairs for row in range(low, high + 1)}
    assert covered == {row for low, high in spans for row in range(low, high + 1)}
