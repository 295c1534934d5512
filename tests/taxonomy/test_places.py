import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import Taxonomy
from taxonomy.places import dotted, normal


@pytest.mark.parametrize(
    ("text", "code"),
    [("e119", "E11.9"), ("E11 .9", "E11.9"), (" i10 ", "I10"), ("w19xxxa", "W19.XXXA"),
     ("E11.", "E11"), ("\te11.9\n", "E11.9")],
)  # fmt: skip
def test_spelling(text: str, code: str) -> None:
    assert normal(text) == code


@given(st.text(max_size=12))
def test_spelling_is_settled_after_once(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def test_a_category_has_no_dot() -> None:
    assert dotted("I10") == "I10"
    assert dotted("E119") == "E11.9"


@given(order=st.integers(1, 98_186))
def test_order_and_place_are_one_to_one(taxonomy: Taxonomy, order: int) -> None:
    places = taxonomy._places
    place = places.at_order(order)
    assert places.order(place) == order
    assert places.find(places.code(place)) == place
