"""Exchanged sides and stages lead to the sibling code that the titles name."""

import pytest

from app.probes.details import SWAPS, Siblings, exchanged, mirrored, sides
from taxonomy import Taxonomy


def swapped(text: str) -> str:
    for start, end, word in reversed(list(sides(text))):
        text = text[:start] + word + text[end:]
    return text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Pain in the left knee.", "Pain in the right knee."),
        ("RIGHT hip fracture; Left wrist well.", "LEFT hip fracture; Right wrist well."),
        ("Rt ankle sprain.", "Lt ankle sprain."),
        ("He left the clinic right away.", "He left the clinic right away."),
        ("Left ventricular function is normal.", "Left ventricular function is normal."),
        ("Both right and left knees.", "Both right and left knees."),
    ],
)
def test_sides_are_exchanged_where_they_are_sides(before: str, after: str) -> None:
    assert swapped(before) == after


@pytest.mark.parametrize(
    ("code", "other"), [("M25.561", {"M25.562"}), ("G81.91", {"G81.92", "G81.94"})]
)
def test_a_mirrored_title_is_that_of_the_other_side(
    icd: Taxonomy, code: str, other: set[str]
) -> None:
    siblings = Siblings(icd)
    found = {c for title in mirrored(icd.title(code)) for c in siblings.with_title(title)}
    assert found == other


def test_a_title_without_a_side_has_no_mirror(icd: Taxonomy) -> None:
    assert mirrored(icd.title("I10")) == ()
    assert mirrored("Right and left knee") == ()


@pytest.mark.parametrize(
    ("code", "words", "other"),
    [
        ("E11.9", "type 2", "E10.9"),
        ("N18.30", "stage 3", "N18.4"),
        ("L89.153", "stage 3", "L89.154"),
        ("I50.22", "chronic", "I50.21"),
        ("J01.00", "acute", "J32.0"),
    ],
)
def test_a_changed_word_leads_to_the_sibling(
    icd: Taxonomy, code: str, words: str, other: str
) -> None:
    siblings = Siblings(icd)
    titles = [exchanged(icd.title(code), swap) for swap in SWAPS if swap.title == words]
    assert any(other in siblings.with_title(title) for title in titles if title)
