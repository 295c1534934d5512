import gzip
from pathlib import Path

import pytest

from taxonomy.importing.indexfiles import read_index_csv, read_index_xml
from taxonomy.index import Index, IndexEntry, IndexSource
from taxonomy.indexbook import IndexBook

COLUMNS = (
    "Malignant Primary",
    "Malignant Secondary",
    "Ca in situ",
    "Benign",
    "Uncertain Behavior",
    "Unspecified Behavior",
)


def line(title: str, parent: int, *cells: str) -> IndexEntry:
    level = 0 if parent < 0 else 1
    return IndexEntry(title=title, level=level, parent=parent, cells=cells)


@pytest.fixture
def book() -> IndexBook:
    skin = ("C44.90", "C79.2", "D04.9", "D23.9", "D48.5", "D49.2")
    return IndexBook(
        index=Index(
            IndexSource(kind="index", year=2099),
            [
                line("Neoplasm, neoplastic", -1),
                line("lipomatous, benign", 0),
                line("Mesothelioma", -1),
            ],
        ),
        neoplasms=Index(
            IndexSource(kind="neoplasms", year=2099, columns=COLUMNS),
            [line("Neoplasm, neoplastic", -1), line("skin NOS", 0, *skin)],
        ),
    )


@pytest.mark.parametrize(
    ("see", "kind", "number", "column", "rest"),
    [
        ("Neoplasm, skin, benign", "neoplasms", 1, "Benign", ()),
        ("Neoplasm, skin, uncertain behavior", "neoplasms", 1, "Uncertain Behavior", ()),
        ("Table of Neoplasms, skin, malignant", "neoplasms", 1, "Malignant Primary", ()),
        ("Neoplasm,  malignant, by site", "neoplasms", 0, "Malignant Primary", ("by site",)),
        ("Neoplasm, lipomatous", "index", 1, "", ()),
        ("Mesothelioma", "index", 2, "", ()),
    ],
)
def test_a_see_leads_into_the_table_it_names(
    book: IndexBook, see: str, kind: str, number: int, column: str, rest: tuple[str, ...]
) -> None:
    followed = book.follow(see)
    assert (followed.kind, [path.number for path in followed.paths]) == (kind, [number])
    assert (followed.column, followed.rest) == (column, rest)


def test_a_table_leads_back_to_the_index(book: IndexBook) -> None:
    followed = book.follow("Mesothelioma", kind="neoplasms")
    assert (followed.kind, [path.number for path in followed.paths]) == ("index", [2])


def test_an_empty_book_leads_nowhere() -> None:
    assert IndexBook().follow("Neoplasm, skin").paths == ()


def test_the_tables_take_the_neoplasms_of_the_whole_index(shared: Path) -> None:
    def read(name: str) -> bytes:
        return gzip.decompress((shared / "fy2025" / name).read_bytes())

    kind, columns, entries = read_index_xml(read("icd-10-cm-neoplasm-2025.xml.gz"))
    index = read_index_csv(read("icd10cm-index-2025-flattened.csv.gz").decode())
    book = IndexBook(
        index=Index(IndexSource(kind="index", year=2025), index),
        neoplasms=Index(IndexSource(kind=kind, year=2025, columns=columns), entries),
    )
    skin = book.follow("Neoplasm, skin, benign")
    cells = dict(zip(columns, skin.paths[0].entry.cells, strict=True))
    assert cells[skin.column] == "D23.9"
    sees = {entry.see for entry in index if entry.see.startswith("Neoplasm,")}
    led = [book.follow(see) for see in sees]
    assert sum(each.kind == "neoplasms" and bool(each.column) for each in led) / len(led) > 0.9
