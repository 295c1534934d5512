"""Tests of what the values of the pipeline know of themselves."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import EvidenceSpan

_PLACES = st.integers(min_value=0, max_value=6)


@given(
    notes=st.tuples(st.sampled_from("ab"), st.sampled_from("ab")),
    one=st.tuples(_PLACES, _PLACES).map(sorted).filter(lambda pair: pair[0] < pair[1]),
    other=st.tuples(_PLACES, _PLACES).map(sorted).filter(lambda pair: pair[0] < pair[1]),
)
def test_spans_meet_where_they_share_a_character_of_one_note(
    notes: tuple[str, str], one: list[int], other: list[int]
) -> None:
    mine = EvidenceSpan(note_id=notes[0], start=one[0], end=one[1])
    theirs = EvidenceSpan(note_id=notes[1], start=other[0], end=other[1])
    shared = set(range(*one)) & set(range(*other)) if notes[0] == notes[1] else set()
    assert mine.meets(theirs) == theirs.meets(mine) == bool(shared)
