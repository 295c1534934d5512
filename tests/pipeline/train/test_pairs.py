import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from defusedxml import ElementTree

import taxonomy as icd
from pipeline.terms import build
from pipeline.train.pairs import (
    INDEX,
    Resolve,
    collect,
    index_pairs,
    index_rows,
    resolver,
    table_pairs,
    tidy,
)
from taxonomy import Taxonomy

DATA = Path(os.environ.get("CHARTPROOF_DATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.fixture(scope="module")
def release(request: pytest.FixtureRequest) -> Taxonomy:
    cache = request.config.cache
    assert cache is not None
    return icd.load(cache.mkdir("chartproof"))


@pytest.fixture(scope="module")
def resolve(release: Taxonomy) -> Resolve:
    return resolver(release)


def _rows(*rows: tuple[int, str, str, str, str]) -> Iterator[dict[str, str]]:
    for level, term, see, modifiers, code in rows:
        yield {
            "Level": str(level),
            "Term": term,
            "See": see,
            "SeeAlso": "",
            "NonEssModif": modifiers,
            "Code": code,
        }


def test_a_path_is_read_from_the_main_term_down(resolve: Resolve) -> None:
    rows = _rows(
        (0, "Aberrant", "", "(congenital)", ""),
        (1, "artery", "", "(peripheral)", "Q27.8"),
        (2, "basilar NEC", "", "", "Q28.1"),
        (1, "adrenal gland", "", "", "Q89.1"),
        (0, "Abasia", "", "", "F44.4"),
    )
    assert list(index_pairs(rows, resolve)) == [
        ("Aberrant artery", "Q27.8"),
        ("Aberrant artery peripheral", "Q27.8"),
        ("Aberrant artery basilar", "Q28.1"),
        ("Aberrant adrenal gland", "Q89.1"),
        ("Abasia", "F44.4"),
    ]


def test_a_see_leads_to_the_code_of_its_target_also_further_down(resolve: Resolve) -> None:
    rows = _rows(
        (0, "Abdominalgia", "Pain, abdominal", "", ""),
        (0, "Zymotic", "condition", "", ""),
        (0, "Pain", "", "", "R52"),
        (1, "abdominal", "", "", "R10.9"),
    )
    assert list(index_pairs(rows, resolve)) == [
        ("Pain", "R52"),
        ("Pain abdominal", "R10.9"),
        ("Abdominalgia", "R10.9"),
    ]


def test_codes_resolve_to_what_a_coder_takes(resolve: Resolve) -> None:
    assert resolve("I10") == "I10"
    assert resolve("E11.-") == "E11.9"
    assert resolve("s52.501") == "S52.501"
    assert resolve("S52.501A") == "S52.501"
    assert resolve("--") is None
    assert resolve("") is None
    assert resolve("Q00.999") is None


def test_a_table_gives_its_rows_in_the_words_of_its_columns(resolve: Resolve) -> None:
    root = ElementTree.fromstring(
        "<i><letter><mainTerm><title>Neoplasm, neoplastic</title><cell col='2'>C80.1</cell>"
        "<term level='1'><title>lung<nemod>(any part)</nemod></title>"
        "<cell col='2'>C34.9-</cell><cell col='5'>--</cell>"
        "<term level='2'><title>hilus</title><cell col='3'>C78.0-</cell></term>"
        "</term></mainTerm></letter></i>"
    )
    phrases = {"2": ("cancer of {}", "{} cancer"), "3": ("metastasis to {}",), "5": ("benign {}",)}
    assert list(table_pairs(root, phrases, resolve, skip_first=True)) == [
        ("cancer of lung", "C34.90"),
        ("lung cancer", "C34.90"),
        ("metastasis to lung hilus", "C78.00"),
    ]
    first = next(table_pairs(root, phrases, resolve, skip_first=False))
    assert first == ("cancer of Neoplasm neoplastic", "C80.1")


@pytest.mark.parametrize(
    ("printed", "tidied"),
    [
        ("Abdomen, abdominal", "Abdomen abdominal"),
        ("fracture NEC, open", "fracture open"),
        ("NECROSIS NOS", "NECROSIS"),
        ("  a \n b ", "a b"),
    ],
)
def test_index_words_become_a_phrase(printed: str, tidied: str) -> None:
    assert tidy(printed) == tidied


def test_the_official_files_give_pairs_whose_codes_all_have_names(release: Taxonomy) -> None:
    if not (DATA / INDEX).is_file():
        pytest.skip(f"the shared data is not at {DATA}")
    terms = build(release)
    corpus = collect(DATA, release, terms, [("HTN", "I10")])
    assert {code for _, code in corpus.pairs} <= set(corpus.names)
    pairs = set(corpus.pairs)
    assert ("Diabetes diabetic type 2", "E11.9") in pairs
    assert ("lung cancer", "C34.90") in pairs
    assert ("adverse effect of Penicillin", "T36.0X5") in pairs
    assert ("HTN", "I10") in pairs
    coded = sum(bool(row["Code"]) for row in index_rows(DATA / INDEX))
    assert coded == 62721
    assert len(pairs) > 150_000
