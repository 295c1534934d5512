import gzip
from pathlib import Path

import pytest

from taxonomy import Index, IndexBook, IndexEntry, IndexSource, Taxonomy, TaxonomyError
from taxonomy.importing.indexfiles import read_index_csv, read_index_xml
from taxonomy.walk import index_line

LINES = """RowID,Letter,Level,Term,See,SeeAlso,NonEssModif,Code
1,F,0,"Fracture, traumatic",,Injury,(abduction) (closed),T14.8
2,F,1,"femur, femoral",,,,S72.9-
3,F,2,neck,"Fracture, femur, upper end",,,
4,F,2,upper end,,,,S72.00-
5,N,0,Neuropathy,E08-E13 with .40,,,
6,R,0,Round,Rounder,,,
7,R,0,Rounder,Round,,,
8,O,0,Old code,,,,Z99.999
9,B,0,Break,"Fracture, by type",,,
10,T,0,Tumor,"Neoplasm, skin, benign",,,
"""


@pytest.fixture(scope="module")
def book() -> IndexBook:
    skin = ("C44.90", "C79.2", "D04.9", "D23.9", "-", "D49.2")
    columns = (
        "Malignant Primary", "Malignant Secondary", "Ca in situ", "Benign", "Uncertain Behavior",
        "Unspecified Behavior",
    )  # fmt: skip
    return IndexBook(
        index=Index(IndexSource(kind="index", year=2026), read_index_csv(LINES)),
        neoplasms=Index(
            IndexSource(kind="neoplasms", year=2026, columns=columns),
            [
                IndexEntry(title="Neoplasm, neoplastic", level=0, parent=-1),
                IndexEntry(title="skin NOS", level=1, parent=0, cells=skin),
            ],
        ),
    )


def test_a_line_knows_its_way_its_codes_and_what_is_below(
    taxonomy: Taxonomy, book: IndexBook
) -> None:
    line = index_line(taxonomy, book, "index", 1)
    assert line.line.path == ("Fracture, traumatic", "femur, femoral")
    assert [ref.line for ref in line.above] == [0]
    assert [ref.path[-1] for ref in line.below] == ["neck", "upper end"]
    (code,) = line.codes
    assert (code.printed, code.code, code.role) == ("S72.9-", "S72.9", "code")
    assert code.title == "Unspecified fracture of femur"
    assert index_line(taxonomy, book, "index", 0).line.modifiers == "(abduction) (closed)"


def test_a_see_is_a_link_to_its_line(taxonomy: Taxonomy, book: IndexBook) -> None:
    (see,) = index_line(taxonomy, book, "index", 2).leads
    assert (see.text, see.mandatory, see.rest) == ("Fracture, femur, upper end", True, ())
    assert [ref.line for ref in see.lines] == [3]


def test_a_see_also_and_words_that_name_no_line_stay_readable(
    taxonomy: Taxonomy, book: IndexBook
) -> None:
    (also,) = index_line(taxonomy, book, "index", 0).leads
    assert (also.mandatory, also.lines, also.rest) == (False, (), ("Injury",))
    (half,) = index_line(taxonomy, book, "index", 8).leads
    assert [ref.line for ref in half.lines] == [0]
    assert half.rest == ("by type",)


def test_codes_in_a_see_are_links(taxonomy: Taxonomy, book: IndexBook) -> None:
    (see,) = index_line(taxonomy, book, "index", 4).leads
    assert [link.code for link in see.links] == ["E08", "E13"]


def test_a_see_leads_into_the_column_of_a_table(taxonomy: Taxonomy, book: IndexBook) -> None:
    (see,) = index_line(taxonomy, book, "index", 9).leads
    assert (see.lines[0].index, see.lines[0].line, see.column) == ("neoplasms", 1, "Benign")
    table = index_line(taxonomy, book, "neoplasms", 1)
    assert [(each.role, each.code) for each in table.codes] == [
        ("Malignant Primary", "C44.90"),
        ("Malignant Secondary", "C79.2"),
        ("Ca in situ", "D04.9"),
        ("Benign", "D23.9"),
        ("Unspecified Behavior", "D49.2"),
    ]


def test_a_code_the_release_has_not_is_shown_and_no_link(
    taxonomy: Taxonomy, book: IndexBook
) -> None:
    (code,) = index_line(taxonomy, book, "index", 7).codes
    assert (code.printed, code.code, code.title) == ("Z99.999", "", "")


def test_a_circle_of_sees_ends(taxonomy: Taxonomy, book: IndexBook) -> None:
    assert book.index is not None
    assert book.resolve(book.index.path(5)) == ()
    (see,) = index_line(taxonomy, book, "index", 5).leads
    assert [ref.line for ref in see.lines] == [6]


@pytest.mark.parametrize(("kind", "number"), [("index", 10), ("index", -1), ("drugs", 0)])
def test_a_line_that_is_not_there_is_named(
    taxonomy: Taxonomy, book: IndexBook, kind: str, number: int
) -> None:
    with pytest.raises(TaxonomyError, match=f"no line {number} in the index '{kind}'"):
        index_line(taxonomy, book, kind, number)


@pytest.fixture(scope="module")
def whole(shared: Path) -> IndexBook:
    def read(name: str) -> bytes:
        return gzip.decompress((shared / "fy2025" / name).read_bytes())

    tables: dict[str, Index] = {}
    for name in ("drug", "eindex", "neoplasm"):
        kind, columns, entries = read_index_xml(read(f"icd-10-cm-{name}-2025.xml.gz"))
        tables[kind] = Index(IndexSource(kind=kind, year=2025, columns=columns), entries)
    csv = read("icd10cm-index-2025-flattened.csv.gz").decode()
    return IndexBook(
        index=Index(IndexSource(kind="index", year=2025), read_index_csv(csv)),
        external_causes=tables["external-causes"],
        drugs=tables["drugs"],
        neoplasms=tables["neoplasms"],
    )


def test_every_see_of_the_whole_book_ends_and_nearly_all_lead_to_a_line(whole: IndexBook) -> None:
    """Half a "see" leads to a line all the same, where a person reads on."""
    sees = led = 0
    for index in whole.indexes():
        for path in index.paths():
            if path.entry.see and path.number % 7 == 0:
                sees += 1
                whole.resolve(path, kind=index.source.kind)  # comes back, whatever it says
                led += bool(whole.follow(path.entry.see, kind=index.source.kind).paths)
    assert sees > 1_500
    assert led / sees > 0.97


def test_every_code_of_the_whole_book_stands_in_the_list(
    taxonomy: Taxonomy, whole: IndexBook
) -> None:
    """The index is of FY2025, the list of FY2026: no code was lost in between."""
    for index in whole.indexes():
        for number in range(0, len(index), 211):
            line = index_line(taxonomy, whole, index.source.kind, number)
            assert all(code.code for code in line.codes), line.line.path
            assert line.line.path[:-1] == (line.above[-1].path if line.above else ())
