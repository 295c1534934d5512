import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import Taxonomy, UnknownCodeError

ORDERS = st.integers(1, 98_186)


def code_at(taxonomy: Taxonomy, order: int) -> str:
    return taxonomy._places.code(taxonomy._places.at_order(order))


def test_the_totals_are_the_published_ones(taxonomy: Taxonomy) -> None:
    codes = list(taxonomy.codes())
    assert len(codes) == len(taxonomy) == 98_186
    assert sum(code.billable for code in codes) == 74_719
    assert [code.order for code in codes] == list(range(1, 98_187))


def test_every_row_equals_the_order_file(taxonomy: Taxonomy, shared: Path) -> None:
    path = shared / "fy2026-apr" / "icd10cm-order-2026-derived.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    ours = [
        [f"{code.order:05}", code.code.replace(".", ""), str(int(code.billable)), code.title]
        for code in taxonomy.codes()
    ]
    assert ours == rows


def test_order_numbers_equal_the_official_poa_list(taxonomy: Taxonomy, shared: Path) -> None:
    path = shared / "fy2026-apr" / "POAexemptCodesFY26.txt.gz"
    with gzip.open(path, "rt", encoding="latin-1", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and row[0].isdecimal()]
    assert len(rows) == 38_349
    for row in rows:
        assert taxonomy.order(row[1]) == int(row[0])


@given(order=ORDERS)
def test_a_code_is_found_however_it_is_written(taxonomy: Taxonomy, order: int) -> None:
    code = code_at(taxonomy, order)
    expected = taxonomy.get(code)
    assert expected is not None
    assert expected.order == taxonomy.order(code) == order
    for spelling in (code.lower(), code.replace(".", ""), f" {code} ", code.replace(".", " .")):
        assert spelling in taxonomy
        assert taxonomy.get(spelling) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "E", "E1", "E11.99", "S52.501Z", "S52.501AA", "W19.A", "W19XA", "I10A", "..",
     "E.11.9", "é11", "C44.1021A", "S52A", "X", "XXXXXXX", "E11.9X", "S00.00A", "S52.501XA"],
)  # fmt: skip
def test_what_is_no_code_is_none(taxonomy: Taxonomy, text: str) -> None:
    assert taxonomy.get(text) is None


@given(text=st.text(max_size=9))
def test_any_text_is_a_code_or_none(taxonomy: Taxonomy, text: str) -> None:
    found = taxonomy.get(text)
    assert (text in taxonomy) == (found is not None)
    assert found is None or found.code in taxonomy


@given(order=ORDERS)
def test_the_tree_reads_the_same_upwards_and_downwards(taxonomy: Taxonomy, order: int) -> None:
    code = taxonomy.get(code_at(taxonomy, order))
    assert code is not None
    above = taxonomy.ancestors(code.code)
    assert len(above) == code.depth
    assert (above[0] if above else None) == code.parent
    if code.parent is not None:
        assert code.code in taxonomy.children(code.parent)
        assert taxonomy.chapter(code.code) == taxonomy.chapter(code.parent)
        assert taxonomy.section(code.code) == taxonomy.section(code.parent)
    assert code.billable == (not taxonomy.children(code.code))


def test_the_billable_codes_below_the_categories_are_all_of_them(taxonomy: Taxonomy) -> None:
    below = [
        leaf for code in taxonomy.codes() if code.depth == 0 for leaf in taxonomy.leaves(code.code)
    ]
    assert below == [code.code for code in taxonomy.codes() if code.billable]
    assert taxonomy.leaves("I10") == ("I10",)
    assert taxonomy.leaves("S52.501A") == ("S52.501A",)


@given(order=ORDERS, char=st.sampled_from("ABDGKS1239XQ0"))
def test_a_seventh_character_is_taken_where_it_is_listed(
    taxonomy: Taxonomy, order: int, char: str
) -> None:
    code = taxonomy.get(code_at(taxonomy, order))
    assert code is not None
    characters = taxonomy.seventh_characters(code.code)
    full = taxonomy.with_seventh(code.code, char)
    assert (full is not None) == (char in characters)
    if full is not None:
        found = taxonomy.get(full)
        assert found is not None
        assert found.billable
        assert found.base == code.base
        assert found.title.endswith(f", {characters[char]}")


def test_a_seventh_character_is_one_letter(taxonomy: Taxonomy) -> None:
    assert taxonomy.with_seventh("s52501", " a ") == "S52.501A"
    assert taxonomy.with_seventh("S52.501", "") is None
    assert taxonomy.with_seventh("S52.501", "AB") is None
    assert taxonomy.with_seventh("S52", "A") is None
    assert taxonomy.with_seventh("nothing", "A") is None
    assert not taxonomy.seventh_characters("nothing")


@pytest.mark.parametrize(
    ("code", "chapter", "section"),
    [("E11.9", "4", "E08-E13"), ("U07.1", "22", "U00-U49"), ("C4A.9", "2", "C43-C44"),
     ("S52.501A", "19", "S50-S59"), ("QA0.0141", "17", "QA0"), ("J45.909", "10", "J40-J4A")],
)  # fmt: skip
def test_chapters_and_sections(taxonomy: Taxonomy, code: str, chapter: str, section: str) -> None:
    assert taxonomy.chapter(code) == chapter
    assert taxonomy.section(code) == section


def test_titles_of_codes_sections_and_chapters(taxonomy: Taxonomy) -> None:
    assert taxonomy.title("E08-E13") == "Diabetes mellitus (E08-E13)"
    assert taxonomy.title("4").startswith("Endocrine, nutritional and metabolic diseases")
    assert taxonomy.title("i10") == "Essential (primary) hypertension"
    assert taxonomy.title("T07") == "Unspecified multiple injuries"
    with pytest.raises(UnknownCodeError):
        taxonomy.title("E08-E14")


@pytest.mark.parametrize(
    "ask",
    [Taxonomy.order, Taxonomy.children, Taxonomy.ancestors, Taxonomy.chapter, Taxonomy.section,
     Taxonomy.leaves, Taxonomy.notes],
)  # fmt: skip
def test_a_place_is_not_made_up(taxonomy: Taxonomy, ask: Callable[[Taxonomy, str], object]) -> None:
    with pytest.raises(UnknownCodeError, match=r"J99\.99 is no ICD-10-CM code of this release"):
        ask(taxonomy, "J99.99")


def test_notes_come_nearest_first(taxonomy: Taxonomy) -> None:
    levels = [note.level for note in taxonomy.notes("S52.501A")]
    assert levels == sorted(levels, key=["code", "category", "section", "chapter"].index)
    assert {"category", "section", "chapter"} <= set(levels)
    own = taxonomy.notes("S52.501A", inherited=False)
    assert own == tuple(note for note in taxonomy.notes("S52.501") if note.node == "S52.501")


def test_notes_of_umbrella_sections_apply_by_range(taxonomy: Taxonomy) -> None:
    assert "M00-M25" in {note.node for note in taxonomy.notes("M17.9", "includes")}
    assert "V00-V99" in {note.node for note in taxonomy.notes("V43.52XA", "excludes1")}
    assert "T20-T32" in {note.node for note in taxonomy.notes("T23.001A")}
    assert "Y62-Y84" in {note.node for note in taxonomy.notes("Y83.1", "includes")}
    assert "M00-M25" not in {note.node for note in taxonomy.notes("M45.9")}


def test_a_section_reaches_as_far_as_its_codes(taxonomy: Taxonomy) -> None:
    # J4A stands before J45 and J47, so that the id J40-J4A as a range would lose both.
    for code in ("J40", "J4A.0", "J45.909", "J47.9"):
        assert "J40-J4A" in {note.node for note in taxonomy.notes(code, "excludes2")}


def test_a_section_and_its_only_category_count_their_notes_together(taxonomy: Taxonomy) -> None:
    notes = [note for note in taxonomy.notes("T07", "excludes1") if note.node == "T07"]
    assert [(note.level, note.number) for note in notes] == [
        ("category", 5),
        ("section", 1),
        ("section", 2),
        ("section", 3),
        ("section", 4),
    ]
    assert [note.text for note in notes if note.number == 5] == ["injury NOS (T14.90)"]


def test_every_note_is_found_again_by_its_place(taxonomy: Taxonomy) -> None:
    places = taxonomy._places
    for number in range(len(places.tables.texts)):
        note = places.note(number)
        assert taxonomy.note_at(note.node, note.kind, note.number) == note
    assert taxonomy.note_at("E11", "excludes1", 0) is None
    assert taxonomy.note_at("E11", "excludes1", 99) is None
    assert taxonomy.note_at("nowhere", "excludes1", 1) is None


def test_terms_name_bases_and_headers(taxonomy: Taxonomy) -> None:
    terms = list(taxonomy.terms())
    kinds = {kind: [term for term in terms if term.kind == kind] for kind in
             ("title", "inclusion", "includes")}  # fmt: skip
    assert len(kinds["title"]) == 46_881
    assert len(kinds["inclusion"]) == 12_569
    assert len(terms) == sum(map(len, kinds.values()))
    assert all(term.text for term in terms)
    assert ("high blood pressure", "I10") in {(term.text, term.code) for term in kinds["includes"]}
    # "any condition in I50.- or I51.4-I51.7 … due to hypertension" names no condition.
    assert not any("I50" in term.text for term in kinds["includes"])
