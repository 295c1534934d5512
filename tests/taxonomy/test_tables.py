import pytest

from taxonomy import Taxonomy, TaxonomyError
from taxonomy.source import FY2026, Totals
from taxonomy.tables import Tables, compile_tables
from taxonomy.tabular import parse


def compiled(data: bytes, totals: Totals | None = None) -> Tables:
    return compile_tables(parse(data), totals=totals, report=lambda *_: None)


def test_seventh_characters_become_rows(small: bytes) -> None:
    taxonomy = Taxonomy.from_tables(FY2026, compiled(small))
    assert [code.code for code in taxonomy.codes()] == [
        "A00", "A00.0", "A00.1", "A0B",
        "B00", "B00.0", "B00.0XX1", "B00.1", "B00.1XXA", "B00.1XXD",
    ]  # fmt: skip
    assert len(taxonomy) == 10


def test_totals_other_than_the_published_ones_are_refused(small: bytes) -> None:
    compiled(small, Totals(rows=10, billable=6))
    with pytest.raises(TaxonomyError, match="10 rows with 6 billable codes, but 11 and 6"):
        compiled(small, Totals(rows=11, billable=6))


def test_a_code_that_stands_twice_is_refused(small: bytes) -> None:
    with pytest.raises(TaxonomyError, match="a code stands in it twice"):
        compiled(small.replace(b"A00.1", b"A00.0"))


def test_progress_is_told_from_nothing_to_all(small: bytes) -> None:
    steps: list[tuple[int, int]] = []
    compile_tables(
        parse(small), totals=None, report=lambda _step, done, total: steps.append((done, total))
    )
    assert steps == [(0, 7), (7, 7)]


def test_notes_are_numbered_by_node_and_kind(small: bytes) -> None:
    tables = compiled(small)
    assert list(zip(tables.kinds, tables.numbers, strict=True)) == [
        ("excludes1", 1),
        ("use_additional", 1),
        ("use_additional", 2),
        ("inclusion_term", 1),
    ]
