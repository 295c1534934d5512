import pytest

from taxonomy import Taxonomy
from taxonomy.defaults import Branch, choose_child, choose_namesake


@pytest.mark.parametrize(
    ("header", "default"),
    [
        ("E11", "E11.9"),  # "without complications", not "with unspecified complications"
        ("I10", "I10"),
        ("J45", "J45.909"),
        ("I50", "I50.9"),
        ("N18", "N18.9"),
        ("K21", "K21.9"),
        ("G43", "G43.909"),
        ("F17", "F17.200"),
        ("I26", "I26.99"),  # "Other …", but with the term "Pulmonary embolism NOS"
        ("K80", "K80.20"),  # "Cholelithiasis (without cholecystitis)" stands two steps below
        ("S52.50", "S52.509"),
        ("S52.501A", "S52.501"),
        ("M81", "M81.0"),
        ("T14", "T14.90"),
        ("D61.81", "D61.818"),
        ("I48", None),  # fibrillation or flutter: the title does not say
        ("C50", None),
        ("E87", None),
        ("nothing", None),
    ],
)
def test_defaults_a_coder_takes(taxonomy: Taxonomy, header: str, default: str | None) -> None:
    assert taxonomy.default_leaf(header) == default


def test_a_default_is_always_a_base_below_its_header(taxonomy: Taxonomy) -> None:
    for code in taxonomy.codes():
        if code.code == code.base:
            default = taxonomy.default_leaf(code.code)
            if default is not None:
                found = taxonomy.get(default)
                assert found is not None
                assert found.base == found.code
                assert found.billable or taxonomy.seventh_characters(default)
                assert default == code.code or code.code in taxonomy.ancestors(default)


def branch(code: str, title: str, *inclusions: str) -> Branch:
    return Branch(code=code, title=title, inclusions=inclusions)


def test_between_equals_none_is_chosen() -> None:
    twins = [branch("A00.1", "Fever, unspecified"), branch("A00.2", "Fever, unspecified")]
    assert choose_child("Fever", twins) is None
    assert choose_child("Fever", [*twins, branch("A00.9", "Fever, unspecified")]) == "A00.9"


def test_an_only_child_is_chosen_whatever_it_says() -> None:
    assert choose_child("Fever", [branch("A00.1", "Quite another thing")]) == "A00.1"


def test_a_namesake_of_two_lines_is_none() -> None:
    below = [branch("A00.1", "High", "Fever NOS"), branch("A00.2", "Low", "Fever (any)")]
    assert choose_namesake("Fever", below) is None
    assert choose_namesake("Fever", below[:1]) == "A00.1"
