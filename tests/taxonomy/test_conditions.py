import pytest

from taxonomy.conditions import condition_rows
from taxonomy.rows import Rows

CODES = ["T40", "T40.1", "T40.1X1", "T40.1X5", "T40.91", "T40.95", "S02", "S02.0"]
PARENTS = [-1, 0, 1, 1, 0, 0, -1, 6]
CHARS = ["", "", "AD", "AD", "AD", "AD", "", "ABD"]


@pytest.fixture
def rows() -> Rows:
    return Rows.spread(CODES, PARENTS, CHARS)


def codes(condition: str, rows: Rows) -> list[str]:
    spans = sorted(set(condition_rows(condition, [(1, rows.last[-1])], rows)))
    return [CODES[at] for at in rows.within(spans)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("fifth or sixth character 5", ["T40.1X5", "T40.95"]),
        ("fifth or six character 1-4", ["T40.1X1", "T40.91"]),
        ("fifth or sixth character 1-4 or 5", ["T40.1X1", "T40.1X5", "T40.91", "T40.95"]),
        ("sixth character 1", ["T40.1X1"]),
        ("5th character .1", ["T40.91"]),
        ("final character 5", ["T40.1X5", "T40.95"]),
        ("fifth to sixth characters X5", ["T40.1X5"]),
        (".9", []),
        (".1-", ["T40.1", "T40.1X1", "T40.1X5"]),
        (".1, .91", ["T40.1", "T40.1X1", "T40.1X5", "T40.91"]),
    ],
)
def test_conditions(rows: Rows, condition: str, expected: list[str]) -> None:
    assert codes(condition, rows) == expected


def test_a_seventh_character_is_a_row_of_its_own(rows: Rows) -> None:
    base = rows.first[CODES.index("S02.0")]
    spans = condition_rows("7th character B or D", [(1, rows.last[-1])], rows)
    assert (base + 2, base + 2) in spans
    assert (base + 1, base + 1) not in spans


@pytest.mark.parametrize(
    "condition",
    [
        "ketoacidosis",
        "open fracture 7th character",
        ".A1-.B2",
        "eighth character 1",
        "fifth character",
        "",
        ".",
    ],
)
def test_an_unknown_form_gives_nothing(rows: Rows, condition: str) -> None:
    assert condition_rows(condition, [(1, rows.last[-1])], rows) == []
