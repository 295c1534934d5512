"""Sets of codes as the tables write them."""

import random

import pytest

from pipeline.validate import shapes
from pipeline.validate.selectors import Selectors
from taxonomy import Taxonomy


def members(texts: list[str], taxonomy: Taxonomy, among: list[str]) -> set[str]:
    selectors = Selectors.compile([texts], taxonomy)
    return {code for code in among if selectors.of(code, taxonomy.order(code))}


@pytest.mark.parametrize(
    ("texts", "inside", "outside"),
    [
        (["R65.2"], ["R65.20", "R65.21"], ["R65.10", "R65.11"]),
        (["V00-Y99"], ["V00.111A", "Y99.9", "W19.XXXA"], ["T88.9XXA", "Z00.00"]),
        # Tabular order, not letters: C4A stands between C43 and C44, D3A after D36.
        (["C43-C44"], ["C4A.0", "C43.9", "C44.91"], ["C45.0"]),
        (["D37-D44"], ["D37.9", "D44.9"], ["D3A.00"]),
        (["Z00", "!Z00.6"], ["Z00.00"], ["Z00.6"]),
        (["T36-T50/5"], ["T36.0X5A", "T38.3X5D"], ["T36.0X1A", "T36.0X6A"]),
        (["T51-T65/1-4"], ["T59.91XA", "T58.11XA", "T56.892A"], []),
        (["S00-T88#S"], ["S52.501S"], ["S52.501A"]),
        (["O36#12345"], ["O36.0131"], ["O36.0130"]),
    ],
)
def test_what_is_in_a_set(
    taxonomy: Taxonomy, texts: list[str], inside: list[str], outside: list[str]
) -> None:
    assert members(texts, taxonomy, [*inside, *outside]) == set(inside)


def test_sets_compiled_together_answer_as_each_alone(taxonomy: Taxonomy) -> None:
    sets = shapes.read().sets
    together = Selectors.compile(sets, taxonomy)
    billable = [code for code in taxonomy.codes() if code.billable]
    asked = random.Random(5).sample(billable, 150)
    for number in random.Random(6).sample(range(len(sets)), 40):
        alone = Selectors.compile([sets[number]], taxonomy)
        for code in asked:
            assert (number in together.of(code.code, code.order)) == bool(
                alone.of(code.code, code.order)
            )


def test_a_node_the_release_has_not_is_left_out(taxonomy: Taxonomy) -> None:
    assert members(["Q99.Z", "I10"], taxonomy, ["I10"]) == {"I10"}


def test_a_table_that_names_no_set_is_refused(taxonomy: Taxonomy) -> None:
    with pytest.raises(ValueError, match="names no set"):
        Selectors.compile([["I10 to I15"]], taxonomy)
