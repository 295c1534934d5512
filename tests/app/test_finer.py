"""What a code leaves open is read off the titles beside it, for every code of the release."""

import pytest

from app.finer import finer
from taxonomy import Taxonomy


def found(icd: Taxonomy, code: str) -> list[tuple[str, str, str]]:
    return [(each.kind, each.label, each.code) for each in finer(icd, code)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "M25.569",
            [("side", "right", "M25.561"), ("side", "left", "M25.562")],
        ),
        ("M25.561", [("side", "left", "M25.562")]),
        (
            "H66.90",
            [
                ("side", "right", "H66.91"),
                ("side", "left", "H66.92"),
                ("side", "bilateral", "H66.93"),
            ],
        ),
        (
            "I50.30",
            [
                ("detail", "Acute", "I50.31"),
                ("detail", "Chronic", "I50.32"),
                ("detail", "Acute on chronic", "I50.33"),
            ],
        ),
        ("N18.30", [("detail", "stage 3a", "N18.31"), ("detail", "stage 3b", "N18.32")]),
        (
            "O26.90",
            [
                ("detail", "first trimester", "O26.91"),
                ("detail", "second trimester", "O26.92"),
                ("detail", "third trimester", "O26.93"),
            ],
        ),
        (
            "T40.1X1A",
            [
                ("seventh", "subsequent encounter", "T40.1X1D"),
                ("seventh", "sequela", "T40.1X1S"),
            ],
        ),
    ],
)
def test_sides_details_and_sevenths(
    icd: Taxonomy, code: str, expected: list[tuple[str, str, str]]
) -> None:
    assert found(icd, code)[: len(expected)] == expected


def test_a_header_gives_way_to_its_default_code(icd: Taxonomy) -> None:
    assert ("detail", "stage 3", "N18.30") in found(icd, "N18.9")


def test_the_detail_is_looked_for_a_step_above_where_the_own_step_has_none(icd: Taxonomy) -> None:
    assert ("detail", "Paroxysmal", "I48.0") in found(icd, "I48.91")


def test_the_side_of_an_injury_keeps_its_seventh_character(icd: Taxonomy) -> None:
    assert ("side", "left", "S72.002A") in found(icd, "S72.001A")


@pytest.mark.parametrize("code", ["I10", "E11.9", "N18", "XYZ.1", ""])
def test_nothing_is_offered_where_nothing_is_open(icd: Taxonomy, code: str) -> None:
    assert finer(icd, code) == ()


def test_every_choice_of_every_thirtieth_code_can_be_assigned_and_is_another_code(
    icd: Taxonomy,
) -> None:
    for entry in list(icd.codes())[::30]:
        choices = finer(icd, entry.code)
        codes = [each.code for each in choices if each.kind != "detail"]
        assert len(set(codes)) == len(codes), entry.code
        for each in choices:
            other = icd.get(each.code)
            assert other is not None, each
            assert other.billable, each
            assert other.title == each.title
            assert each.code != entry.code
            assert each.label
