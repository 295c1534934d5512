"""The page of a code: against the taxonomy's own answers, over all chapters."""

from datetime import date
from pathlib import Path

import pytest

from taxonomy import CodePage, Taxonomy, UnknownCodeError
from taxonomy.loading import load_provisional
from taxonomy.model import POINTING_KINDS
from taxonomy.page import code_links, code_page


@pytest.fixture(scope="module")
def sample(taxonomy: Taxonomy) -> list[CodePage]:
    """Every 199th row, and the first of each chapter."""
    first: dict[str, str] = {}
    for code in taxonomy.codes():
        if code.depth == 0:
            first.setdefault(taxonomy.chapter(code.code), code.code)
    codes = {*first.values(), *(taxonomy.at(row).code for row in range(1, len(taxonomy), 199))}
    assert len(first) == 22
    return [code_page(taxonomy, code) for code in codes]


def kinds(page: CodePage, node: str) -> list[str]:
    return list(dict.fromkeys(note.note.kind for note in page.notes if note.note.node == node))


def test_a_page_says_where_a_code_stands_and_what_is_beside_it(taxonomy: Taxonomy) -> None:
    page = code_page(taxonomy, "e1165")
    assert page.code.code == "E11.65"
    assert [step.node for step in page.trail] == ["4", "E08-E13", "E11", "E11.6"]
    assert page.trail[1].title == "Diabetes mellitus (E08-E13)"
    assert [code.code for code in page.siblings][-3:] == ["E11.64", "E11.65", "E11.69"]
    assert (page.children, page.sevenths, page.incomplete) == ((), (), "")
    assert page.release.label == "FY2026"


def test_own_notes_come_first_and_inherited_ones_say_from_where(taxonomy: Taxonomy) -> None:
    page = code_page(taxonomy, "J44.0")
    assert [note.own for note in page.notes] == sorted(note.own for note in page.notes)[::-1]
    assert kinds(page, "J44.0") == ["code_also"]
    assert "excludes2" in kinds(page, "J44")
    places = list(dict.fromkeys(note.note.node for note in page.notes))
    assert places[0] == "J44.0"
    assert places[-1] == "10", "the chapter comes last"
    chapter = next(note for note in page.notes if note.note.level == "chapter")
    assert chapter.place == "Chapter 10 Diseases of the respiratory system (J00-J99)"


def test_inclusion_terms_of_a_header_are_not_passed_down(taxonomy: Taxonomy) -> None:
    for code in ("I42.0", "E11.610"):
        assert {n.own for n in code_page(taxonomy, code).notes if n.note.kind == "inclusion_term"}
    for page in (code_page(taxonomy, "S72.001A"), code_page(taxonomy, "E11.65")):
        assert all(note.own for note in page.notes if note.note.kind == "inclusion_term")


def test_the_notes_of_an_umbrella_section_apply_by_range(taxonomy: Taxonomy) -> None:
    assert "M00-M25" in {note.note.node for note in code_page(taxonomy, "M17.0").notes}


def test_notes_of_a_base_are_those_of_its_full_codes(taxonomy: Taxonomy) -> None:
    assert code_page(taxonomy, "H35.3111").notes == code_page(taxonomy, "H35.311").notes


def test_every_note_that_applies_is_on_the_page(taxonomy: Taxonomy, sample: list[CodePage]) -> None:
    for page in sample:
        all_notes = set(taxonomy.notes(page.code.code))
        own = set(taxonomy.notes(page.code.base, inherited=False))
        shown = {note.note for note in page.notes}
        assert shown <= all_notes
        assert {note.kind for note in all_notes - shown} <= {"inclusion_term"}
        assert {note.note for note in page.notes if note.own} == own


def test_every_link_of_a_page_resolves(taxonomy: Taxonomy, sample: list[CodePage]) -> None:
    links = 0
    for page in sample:
        for note in page.notes:
            for link in note.links:
                assert note.note.text[link.start : link.end] == link.code
                assert taxonomy.get(link.code) is not None
                links += 1
            for target in note.targets:
                assert taxonomy.order(target.first) <= taxonomy.order(target.last)
    assert links > 1_000


def test_targets_are_the_rows_the_note_points_to(
    taxonomy: Taxonomy, sample: list[CodePage]
) -> None:
    for page in sample:
        for note in page.notes:
            resolved = taxonomy.targets(note.note)
            rows: list[int] = []
            for target in note.targets:
                last = target.last
                while below := taxonomy.children(last):
                    last = below[-1]
                rows += [taxonomy.order(target.first), taxonomy.order(last)]
            assert tuple(rows) == resolved.bounds
            pointing = note.note.kind in POINTING_KINDS
            assert note.unresolved == (resolved.unresolved if pointing else "")
            assert bool(note.targets) != bool(resolved.unresolved)


@pytest.mark.parametrize(
    ("code", "words", "targets"),
    [
        ("E11.9", "gestational diabetes", [("O24.4", "O24.4")]),
        ("E11.9", "transitory endocrine", [("P70", "P74")]),
        ("T36.0X5A", "underdosing of medication", [("Z91.12", "Z91.13")]),
    ],
)
def test_a_range_is_named_by_its_shortest_codes(
    taxonomy: Taxonomy, code: str, words: str, targets: list[tuple[str, str]]
) -> None:
    page = code_page(taxonomy, code)
    note = next(note for note in page.notes if note.note.text.startswith(words))
    assert [(target.first, target.last) for target in note.targets] == targets


def test_what_cannot_be_resolved_is_to_be_read_but_a_heading_is_not(taxonomy: Taxonomy) -> None:
    notes = {note.note.text: note for note in code_page(taxonomy, "T36.0X5").notes}
    assert notes["manifestations of poisoning"].to_read
    heading = next(note for text, note in notes.items() if text.endswith("such as:"))
    assert heading.unresolved == "lead-in"
    assert not heading.to_read


def test_only_codes_of_the_release_are_links(taxonomy: Taxonomy) -> None:
    text = "G6PD, vitamin B12, T49.0 and T49.0X5, E08-E13 with .40, Z99.999"
    assert [link.code for link in code_links(taxonomy, text)] == ["T49.0", "T49.0X5", "E08", "E13"]


def test_sevenths_are_the_codes_the_release_generates(
    taxonomy: Taxonomy, sample: list[CodePage]
) -> None:
    chapters = set()
    for page in sample:
        if not page.sevenths:
            assert not taxonomy.seventh_characters(page.code.code)
            continue
        chapters.add(taxonomy.chapter(page.code.code))
        assert tuple(each.code for each in page.sevenths) == taxonomy.children(page.code.base)
        for each in page.sevenths:
            made = taxonomy.get(each.code)
            assert made is not None
            assert made.billable
            assert each.code[-1] == each.char
            assert len(each.code) == 8
            assert made.title.endswith(each.meaning)
    assert {"7", "13", "15", "19", "20"} <= chapters


def test_a_death_leaves_no_subsequent_encounter(taxonomy: Taxonomy) -> None:
    assert [each.char for each in code_page(taxonomy, "S06.0X9").sevenths] == ["A", "D", "S"]
    assert [each.char for each in code_page(taxonomy, "S06.1X7").sevenths] == ["A"]


def test_what_is_missing_is_said(taxonomy: Taxonomy) -> None:
    assert code_page(taxonomy, "S72.001").incomplete == "seventh"
    category = code_page(taxonomy, "J45")
    assert category.incomplete == "category"
    assert [code.code for code in category.children] == list(taxonomy.children("J45"))
    assert category.default == "J45.909"
    assert {"J44", "J45", "J47"} <= {code.code for code in category.siblings}


def test_a_known_change_is_a_date(taxonomy: Taxonomy, cache_dir: Path) -> None:
    assert code_page(taxonomy, "I42.0").valid_to == date(2026, 9, 30)
    assert code_page(taxonomy, "I42.1").valid_to is None
    later = load_provisional(cache_dir)
    assert code_page(later, "C78.31").valid_from == date(2026, 10, 1)
    assert code_page(later, "I42.1").valid_from is None
    demoted = code_page(later, "I42.0")
    assert (demoted.valid_to, demoted.incomplete) == (None, "category")


def test_a_code_the_release_has_not_is_named(taxonomy: Taxonomy) -> None:
    with pytest.raises(UnknownCodeError, match=r"Q99\.99 is no ICD-10-CM code of FY2026"):
        code_page(taxonomy, "Q99.99")
