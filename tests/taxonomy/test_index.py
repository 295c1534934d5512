import gzip
from pathlib import Path

import pytest

from taxonomy.importing.indexfiles import read_index_csv, read_index_xml
from taxonomy.index import Index, IndexPath, IndexSource

LINES = """RowID,Letter,Level,Term,See,SeeAlso,NonEssModif,Code
1,F,0,"Failure, failed",,,,
2,F,1,heart,,,(acute) (sudden),I50.9
3,F,2,"congestive, wet",,,,I50.9-
4,H,0,Heart,,condition,,
5,I,0,"Infarct, infarction",,,,
6,I,1,"myocardium, myocardial",,,,I21.9
7,I,2,old,,,,I25.2
8,M,0,Myocardial,"Infarct, myocardial",,,
9,M,0,Myomalacia,"Infarction, myocardium, old",,,
10,R,0,Round,Rounder,,,
11,R,0,Rounder,Round,,,
12,W,0,Weak,"Failure, heart, by type",,,
13,W,0,Wet heart,"Failure, heart, congestive",,,
"""


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(IndexSource(kind="index", year=None), read_index_csv(LINES))


def official(shared: Path, name: str) -> bytes:
    return gzip.decompress((shared / "fy2025" / name).read_bytes())


def words(*paths: IndexPath) -> list[tuple[str, ...]]:
    return [path.words for path in paths]


def test_a_path_has_its_words_and_codes_without_the_dash(index: Index) -> None:
    path = index.path(2)
    assert path.words == ("Failure, failed", "heart", "congestive, wet")
    assert path.codes == ("I50.9",)
    assert path.entry.code == "I50.9-"
    assert len(list(index.paths())) == len(index) == 13


def test_children_are_those_one_step_below(index: Index) -> None:
    assert [path.number for path in index.below(0)] == [1]
    assert [path.number for path in index.below(1)] == [2]
    assert index.below(2) == ()
    assert [path.words[0] for path in index.below(-1)][:2] == ["Failure, failed", "Heart"]


def test_words_are_found_cut_and_in_any_order(index: Index) -> None:
    assert words(*index.find("infarc old myoc"))[0] == (
        "Infarct, infarction",
        "myocardium, myocardial",
        "old",
    )
    assert index.find("sudden heart fail")[0].number == 1
    assert index.find("nephritis") == ()
    assert len(index.find("heart", limit=1)) == 1


@pytest.mark.parametrize(
    ("see", "numbers", "rest"),
    [
        ("Infarct, myocardium", [5], ()),
        ("Infarcts (acute), myocardial, old", [6], ()),
        ("Failure, heart, congestive", [2], ()),
        ("Failure, heart, by type", [1], ("by type",)),
        ("condition", [], ("condition",)),
        ("", [], ()),
    ],
)
def test_a_see_is_followed_as_far_as_its_words_go(
    index: Index, see: str, numbers: list[int], rest: tuple[str, ...]
) -> None:
    followed = index.follow(see)
    assert [path.number for path in followed.paths] == numbers
    assert followed.rest == rest


def test_a_line_resolves_to_the_codes_its_see_names(index: Index) -> None:
    assert [path.number for path in index.resolve(index.path(1))] == [1]
    assert [path.number for path in index.resolve(index.path(7))] == [5]
    assert [path.number for path in index.resolve(index.path(8))] == [6]


def test_a_half_followed_see_and_a_circle_resolve_to_nothing(index: Index) -> None:
    assert index.resolve(index.path(11)) == ()
    assert index.resolve(index.path(9)) == ()


@pytest.fixture(scope="module")
def whole(shared: Path) -> Index:
    data = official(shared, "icd10cm-index-2025-flattened.csv.gz")
    return Index(IndexSource(kind="index", year=2025), read_index_csv(data.decode()))


def test_most_sees_of_the_whole_index_can_be_followed(whole: Index) -> None:
    sees = [path for path in whole.paths() if path.entry.see]
    followed = [whole.follow(path.entry.see) for path in sees]
    assert len(whole) == 81_024
    assert len(sees) == 12_136
    assert sum(not each.rest for each in followed) >= 10_000
    assert sum(not each.paths for each in followed) <= 250


def test_more_lines_have_a_code_once_sees_are_followed(whole: Index) -> None:
    direct = sum(bool(path.codes) for path in whole.paths())
    resolved = sum(bool(whole.resolve(path)) for path in whole.paths())
    assert direct == 62_721
    assert resolved >= 71_500


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("pneum aspir", "J69.0"),
        ("heart fail congest", "I50.9"),
        ("diab neuropath", "E11.40"),
        ("fract tibia", "S82.20"),
    ],
)
def test_a_coders_words_find_the_line(whole: Index, query: str, code: str) -> None:
    assert code in {each for path in whole.find(query, limit=5) for each in path.codes}


@pytest.mark.parametrize(
    ("name", "kind", "lines", "columns"),
    [
        ("drug", "drugs", 7_428, 6),
        ("eindex", "external-causes", 8_064, 0),
        ("neoplasm", "neoplasms", 1_939, 6),
    ],
)
def test_the_official_tables_are_read_whole(
    shared: Path, name: str, kind: str, lines: int, columns: int
) -> None:
    data = official(shared, f"icd-10-cm-{name}-2025.xml.gz")
    found, heads, entries = read_index_xml(data)
    assert (found, len(heads), len(entries)) == (kind, columns, lines)


def test_a_drug_has_its_codes_by_column(shared: Path) -> None:
    data = official(shared, "icd-10-cm-drug-2025.xml.gz")
    kind, columns, entries = read_index_xml(data)
    drugs = Index(IndexSource(kind=kind, year=2025, columns=columns), entries)
    line = drugs.find("warfarin sodium", limit=3)[0].entry
    cells = dict(zip(columns, line.cells, strict=True))
    assert cells["Poisoning Accidental (unintentional)"] == "T45.511"
    assert cells["Adverse effect"] == "T45.515"
    assert cells["Underdosing"] == "T45.516"
