from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import Taxonomy
from taxonomy.references import resolve
from taxonomy.rows import Rows


@pytest.fixture(scope="module")
def rows(taxonomy: Taxonomy) -> Rows:
    return taxonomy._places.rows


def covered(text: str, rows: Rows) -> set[str]:
    """Return the categories and codes whose own row a note points to."""
    bounds = resolve(text, rows).bounds
    spans = zip(bounds[::2], bounds[1::2], strict=True)
    return {rows.codes[at] for at in rows.within(spans)}


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("exact (A18.32)", {"A18.32"}, {"A18.31", "A18.3"}),
        ("all below (A04.7-)", {"A04.7", "A04.71", "A04.72"}, {"A04.8"}),
        ("all below (A05.-)", {"A05", "A05.9"}, {"A06"}),
        ("two dashes (H60.--)", {"H60", "H60.01"}, {"H61"}),
        ("bare category (L89)", {"L89", "L89.90"}, {"L88"}),
        ("range (P35-P39)", {"P35", "P36.9", "P39.9"}, {"P29", "P50"}),
        ("mixed dashes (E05.0-E05.9-)", {"E05.0", "E05.90"}, {"E05", "E06"}),
        ("blank (B65.0 -B83.9)", {"B65.0", "B83.9"}, {"B65", "B85"}),
        ("list (J91.0, K50.01-, L40.5-)", {"J91.0", "K50.011", "L40.50"}, {"K50.00"}),
        ("semicolon (J00-J06; J20-J22)", {"J06.9", "J21.9"}, {"J18.9"}),
        ("words in a list (F10, F13 and F19 with .26, .96)", {"F10.26", "F19.96"}, {"F10.27"}),
        ("unbalanced (J91.0))", {"J91.0"}, set()),
        ("curly (E87.8}", {"E87.8"}, set()),
        ("open (Z89.52-", {"Z89.52", "Z89.521"}, set()),
        ("trailing comma (K50.013, K50.113,)", {"K50.013", "K50.113"}, set()),
        ("stops (I60.-. I61.-, I62.-)", {"I60.9", "I61.9", "I62.9"}, {"I63.9"}),
        ("conditions classified to Q67.0-Q67.4", {"Q67.0", "Q67.4"}, {"Q67.5"}),
        ("torticollis NOS M43.6", {"M43.6"}, {"M43.5"}),
        ("code (B95-B97) to identify infectious agent", {"B95.0", "B97.89"}, {"B99"}),
    ],
)
def test_references(rows: Rows, text: str, inside: set[str], outside: set[str]) -> None:
    found = covered(text, rows)
    assert inside <= found
    assert not outside & found


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("(E08-E13 with .42)", {"E08.42", "E09.42", "E10.42", "E11.42", "E13.42"}),
        ("(I69. with final characters -90)", {f"I69.{kind}90" for kind in "012389"}),
        ("(J96. with 5th character 2)", {"J96.02", "J96.12", "J96.22", "J96.92"}),
        ("(A37 with fifth-character 1)", {"A37.01", "A37.11", "A37.81", "A37.91"}),
        ("(T39.0-, with sixth character 5)", {"T39.015", "T39.095"}),
        ("(E08-E13 with .51-.52)", {f"E{of}.5{end}" for of in ("08", "09", "10", "11", "13")
                                    for end in "12"}),
    ],
)  # fmt: skip
def test_conditions_on_characters(rows: Rows, text: str, codes: set[str]) -> None:
    assert covered(text, rows) == codes


def test_the_intent_of_a_drug_code_is_its_sixth_or_fifth_character(rows: Rows) -> None:
    found = covered("drug (T36-T50 with fifth or sixth character 5)", rows)
    assert {"T36.0X5", "T36.95", "T41.205"} <= found
    assert all(code.endswith("5") for code in found)
    assert "T50" not in {code[:3] for code in found} or "T51" not in {code[:3] for code in found}


def test_a_condition_on_the_seventh_character_picks_single_rows(taxonomy: Taxonomy) -> None:
    note = next(
        note for note in taxonomy.notes("F07.81", "excludes1") if "seventh character A" in note.text
    )
    targets = taxonomy.targets(note)
    assert targets.covers(taxonomy.order("S06.0X1A"))
    assert not targets.covers(taxonomy.order("S06.0X1D"))
    assert not targets.covers(taxonomy.order("S06.0X1"))


@pytest.mark.parametrize(
    ("first", "last", "inside", "outside"),
    [
        ("D37", "D44", "D44.9", "D3A.00"),
        ("C40", "C49", "C4A.9", "C50.011"),
        ("C69", "C79", "C7A.00", "C80.1"),
        ("J40", "J47", "J4A.0", "J60"),
        ("C96.0", "C96.9", "C96.Z", "C97"),
        ("Y93.0", "Y93.A", "Y93.A9", "Y93.B1"),
    ],
)
def test_ranges_run_in_tabular_order(
    rows: Rows, first: str, last: str, inside: str, outside: str
) -> None:
    # By the order of letters each of the six would swallow or lose codes.
    found = covered(f"({first}-{last})", rows)
    assert inside in found
    assert outside not in found


@pytest.mark.parametrize("text", ["(K00-K93)", "(R10.1-R10.4)", "(A00-Y89)", "(I60-I64)"])
def test_a_range_with_a_missing_end_is_clipped(rows: Rows, text: str) -> None:
    assert resolve(text, rows).bounds


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("anemia in G6PD deficiency", "words"),
        ("pneumonia due to [M. pneumoniae] (2)", "words"),
        ("deficiency of vitamin B12", "words"),
        ("deficiency (B12)", "words"),
        ("current injury - see Injury of spine", "words"),
        ("underlying disease, such as:", "lead-in"),
        ("code, if applicable, for codes G31.0-G31.83, to identify:", "lead-in"),
        ("acidosis - see categories E08-E10, E13 with ketoacidosis", "qualifier"),
        ("open fracture (S52.- with open fracture 7th character)", "qualifier"),
        ("poisoning (T51-T65 with fifth or sixth character to indicate intent)", "qualifier"),
        ("all of it (A00-B99 except A09)", "qualifier"),
        ("gone (G31.90)", "dangling"),
        ("backwards (K20-K10)", "dangling"),
    ],
)
def test_what_cannot_be_read_whole_is_not_read_in_part(rows: Rows, text: str, reason: str) -> None:
    targets = resolve(text, rows)
    assert targets.unresolved == reason
    assert not targets.bounds


_PIECES = st.lists(
    st.sampled_from(
        ("(", ")", "E11", "I10-", "T36-T50", "E08.0", "-", ".-", "--", ", ", "; ", " and ", " to ",
         " with ", ".42", ".A1-.B2", ".51-.52", "fifth or sixth character ", "7th character ",
         "final characters ", "1-4", "A-1", "B or C", "G6PD", "Z99.99", ":", "except", "é", "}")
    ),
    max_size=14,
)  # fmt: skip


@given(pieces=_PIECES)
def test_any_text_is_resolved_or_has_a_reason(rows: Rows, pieces: list[str]) -> None:
    targets = resolve("".join(pieces), rows)
    assert bool(targets.bounds) != bool(targets.unresolved)
    assert list(targets.bounds) == sorted(targets.bounds)


def test_how_many_excludes1_notes_of_codes_are_read(taxonomy: Taxonomy) -> None:
    tables = taxonomy._places.tables
    notes = [
        taxonomy._places.note(at) for at, kind in enumerate(tables.kinds) if kind == "excludes1"
    ]
    reasons = Counter(
        taxonomy.targets(note).unresolved for note in notes if note.level in {"category", "code"}
    )
    assert sum(reasons.values()) == 5_253
    assert reasons == {"": 5_135, "words": 64, "lead-in": 52, "qualifier": 2}


def test_every_bound_is_a_row_of_the_release(taxonomy: Taxonomy) -> None:
    for bounds in taxonomy._places.tables.bounds:
        assert bounds == sorted(bounds)
        assert bounds[0] >= 1
        assert bounds[-1] <= len(taxonomy)
