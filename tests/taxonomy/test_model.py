from hypothesis import given
from hypothesis import strategies as st

from taxonomy import Targets
from taxonomy.rows import merge

_SPANS = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda p: (p[0], p[0] + p[1]))
)


@given(_SPANS, st.integers(0, 80))
def test_targets_cover_exactly_the_rows_of_their_spans(
    spans: list[tuple[int, int]], order: int
) -> None:
    targets = Targets(bounds=merge(spans))
    assert targets.covers(order) == any(low <= order <= high for low, high in spans)


def test_a_note_without_targets_covers_nothing() -> None:
    assert not Targets(unresolved="words").covers(1)
