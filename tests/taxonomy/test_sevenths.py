import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import Taxonomy
from taxonomy.sevenths import assign, full_code
from taxonomy.tabular import parse


def test_the_nearest_definition_replaces_the_one_above(small: bytes) -> None:
    numbers, sets = assign(parse(small).nodes)
    assert numbers == [-1, -1, -1, -1, -1, 0, 1]
    assert [[char for char, _ in pairs] for pairs in sets] == [["1"], ["A", "D"]]


@pytest.mark.parametrize(
    ("base", "char", "code"),
    [("W19", "A", "W19.XXXA"), ("S00.00", "D", "S00.00XD"), ("S52.501", "S", "S52.501S")],
)
def test_gaps_are_filled_with_placeholders(base: str, char: str, code: str) -> None:
    assert full_code(base, char) == code


@given(st.from_regex(r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,3})?", fullmatch=True), st.sampled_from("ADS12"))
def test_a_seventh_character_always_stands_seventh(base: str, char: str) -> None:
    bare = full_code(base, char).replace(".", "")
    assert len(bare) == 7
    assert bare[6] == char
    assert bare.startswith(base.replace(".", ""))


def test_injuries_that_ended_in_death_have_no_later_encounter(taxonomy: Taxonomy) -> None:
    # S06 says so in a note in words only; the exception takes 76 codes away.
    assert dict(taxonomy.seventh_characters("S06.2X6")).keys() == {"A", "D", "S"}
    assert dict(taxonomy.seventh_characters("S06.2X7")).keys() == {"A"}
    assert "S06.2X8A" in taxonomy
    assert "S06.2X8D" not in taxonomy


def test_torus_fractures_take_fewer_characters_than_their_category(taxonomy: Taxonomy) -> None:
    assert "".join(taxonomy.seventh_characters("S52.521")) == "ADGKPS"
    assert "".join(taxonomy.seventh_characters("S52.501")) == "ABCDEFGHJKMNPQRS"


def test_a_complete_code_takes_no_further_character(taxonomy: Taxonomy) -> None:
    assert not taxonomy.seventh_characters("C44.1021")
    assert not taxonomy.seventh_characters("H54.0X33")
