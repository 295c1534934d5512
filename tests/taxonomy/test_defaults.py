import pytest

from taxonomy import Taxonomy
from taxonomy.defaults import assign_defaults, branch


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


def chosen(header: str, *children: tuple[str, str, str]) -> str | None:
    """Return the child chosen below one header; children are code, title, inclusion term."""
    nodes = [branch("A00", header, ())]
    nodes += [branch(code, title, [term] if term else []) for code, title, term in children]
    at = assign_defaults(nodes, [-1] + [0] * len(children))[0]
    return nodes[at].code if at >= 0 else None


def test_between_equals_none_is_chosen() -> None:
    twins = [("A00.1", "Fever, unspecified, left", ""), ("A00.2", "Fever, unspecified, right", "")]
    assert chosen("Fever", *twins) is None
    assert chosen("Fever", *twins, ("A00.9", "Fever, unspecified, both", "")) == "A00.9"


def test_an_only_child_is_chosen_whatever_it_says() -> None:
    assert chosen("Fever", ("A00.1", "Quite another thing", "")) == "A00.1"


def test_a_namesake_of_two_lines_is_none() -> None:
    high, low = ("A00.1", "High", "Fever (all)"), ("A00.2", "Low", "Fever (any)")
    assert chosen("Fever", high, low) is None
    assert chosen("Fever", high, ("A00.2", "Low", "")) == "A00.1"


def test_of_a_header_and_its_child_of_the_same_name_the_child_counts() -> None:
    nodes = [
        branch("A00", "Fever", ()),
        branch("A00.1", "Low", ["Fever NOS"]),
        branch("A00.10", "Very low", ["Fever"]),
        branch("A00.11", "Rather low", ()),
        branch("A00.2", "High fever", ()),
    ]
    assert assign_defaults(nodes, [-1, 0, 1, 1, 0]) == [2, -1, 2, 3, 4]


def test_what_is_said_to_be_other_is_not_the_thing_itself() -> None:
    other = ("A00.8", "Other fever", "")
    assert chosen("Fever", other, ("A00.9", "Fever, unspecified", "")) == "A00.9"
    assert chosen("Fever", other, ("A00.1", "Yellow fever", "")) == "A00.8"


def test_an_unspecified_complication_is_a_complication() -> None:
    assert (
        chosen(
            "Diabetes",
            ("A00.8", "Diabetes with unspecified complications", ""),
            ("A00.9", "Diabetes without complications", ""),
        )
        == "A00.9"
    )
