"""Our own lexicon names codes that exist and are complete, and no phrase leads to two of them."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files

import pytest

import taxonomy as icd
from pipeline.words import stems
from taxonomy import Taxonomy, fold

COLUMNS = ["term", "code", "kind", "expansion", "context"]
KINDS = {"abbreviation", "lay", "clinical"}
AT_LEAST = 700
CAPITALS_REACH = 3  # words; extraction looks no further for what counts only in capitals
ORDINARY_WORDS = (
    "ace add ads age ago aid aids air all am an and ant arm art as ask at bad bat be bed big bit "
    "boo but by can cap cat cop cup cut day do dub ear eat end eye far fat few fit for gas get go "
    "ha had ham has hat he her hi him hip his hit hot how ice if ill in is it led leg lip lot low "
    "mash may me men mid my no nod not now odd of off old on or our out pad pain pan pat pet pit "
    "pots pup put ran rash rat red rod run sad saw see set she sit six skin so sob son sup tan tap "
    "tea ten the tip to toe too up us was we wet who why yes yet you"
)
RISKY_ON_PURPOSE = {"sob"}  # notes write "sob" for breath; of tears they say "sobbing"

Row = dict[str, str]


def rows() -> list[Row]:
    text = files("resources").joinpath("rules/lexicon.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


@pytest.fixture(scope="module")
def lexicon() -> list[Row]:
    return rows()


@pytest.fixture(scope="module")
def taxonomy(request: pytest.FixtureRequest) -> Taxonomy:
    cache = request.config.cache
    assert cache is not None
    return icd.load(cache.mkdir("chartproof"))


def phrases(row: Row) -> Iterator[str]:
    """What is looked up without regard to case: the term unless only capitals count."""
    if row["context"] != "caps":
        yield row["term"]
    if row["expansion"]:
        yield row["expansion"]


def test_every_row_has_the_columns_and_known_words_in_them(lexicon: list[Row]) -> None:
    for row in lexicon:
        assert list(row) == COLUMNS, row
        assert row["kind"] in KINDS, row
        assert row["context"] in {"", "caps"}, row
        for name in COLUMNS:
            assert row[name] == " ".join(row[name].split()), row
        assert row["term"], row


def test_the_lexicon_is_large_and_of_all_kinds(lexicon: list[Row]) -> None:
    assert len(lexicon) >= AT_LEAST
    assert {row["kind"] for row in lexicon} == KINDS


def test_every_code_exists_and_is_complete_up_to_the_7th_character(
    lexicon: list[Row], taxonomy: Taxonomy
) -> None:
    wrong = []
    for row in lexicon:
        code = taxonomy.get(row["code"])
        complete = code is not None and (
            code.billable or bool(taxonomy.seventh_characters(code.code))
        )
        if code is None or code.code != row["code"] or code.base != code.code or not complete:
            wrong.append(row)
    assert not wrong


def test_abbreviations_and_only_they_are_spelled_out(lexicon: list[Row]) -> None:
    wrong = [row for row in lexicon if (row["kind"] == "abbreviation") != bool(row["expansion"])]
    assert not wrong
    assert not [row for row in lexicon if fold(row["term"]) == fold(row["expansion"])]


def test_no_term_stands_twice_after_folding(lexicon: list[Row]) -> None:
    seen: dict[str, Row] = {}
    for row in lexicon:
        other = seen.setdefault(fold(row["term"]), row)
        assert other is row, (other, row)


def test_the_same_words_in_any_order_lead_to_one_code(lexicon: list[Row]) -> None:
    codes: dict[frozenset[str], set[str]] = defaultdict(set)
    for row in lexicon:
        for phrase in phrases(row):
            key = frozenset(stems(phrase))
            assert key, row
            codes[key].add(row["code"])
    assert not {" ".join(sorted(key)): found for key, found in codes.items() if len(found) > 1}


def test_what_could_be_an_ordinary_word_counts_only_in_capitals(lexicon: list[Row]) -> None:
    risky = [
        row["term"]
        for row in lexicon
        if row["kind"] == "abbreviation"
        and row["context"] != "caps"
        and row["term"].isalpha()
        and (len(row["term"]) <= len("PE") or row["term"].casefold() in ORDINARY_WORDS.split())
    ]
    assert set(map(str.casefold, risky)) == RISKY_ON_PURPOSE


def test_what_counts_only_in_capitals_can_be_found_by_them(lexicon: list[Row]) -> None:
    for row in lexicon:
        if row["context"] == "caps":
            assert row["kind"] == "abbreviation", row
            assert row["term"] != row["term"].lower(), row
            assert len(re.findall(r"[^\W_]+", row["term"])) <= CAPITALS_REACH, row


def test_a_code_with_a_side_belongs_to_words_with_that_side(
    lexicon: list[Row], taxonomy: Taxonomy
) -> None:
    for row in lexicon:
        code = taxonomy.get(row["code"])
        assert code is not None
        said = f"{row['term']} {row['expansion']}".casefold()
        for side in ("left", "right", "bilateral"):
            if re.search(rf"\b{side}\b", code.title.casefold()):
                assert re.search(rf"\b{side}\b", said), (row, code.title)


def test_rows_stand_in_order_of_code_and_term(lexicon: list[Row]) -> None:
    order = [(row["code"], row["term"].casefold(), row["term"]) for row in lexicon]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("term", "code"),
    [
        ("HTN", "I10"),
        ("T2DM", "E11.9"),
        ("CKD 3b", "N18.32"),
        ("COPD", "J44.9"),
        ("HFrEF", "I50.20"),
        ("HFpEF", "I50.30"),
        ("AFib", "I48.91"),
        ("GERD", "K21.9"),
        ("NSTEMI", "I21.4"),
        ("heart attack", "I21.9"),
        ("high blood pressure", "I10"),
        ("broken wrist", "S62.109"),
        ("sugar diabetes", "E11.9"),
        ("blood clot in leg", "I82.409"),
        ("ACL tear", "S83.519"),
        ("depression with anxiety", "F41.8"),
        ("status post CABG", "Z95.1"),
        ("former smoker", "Z87.891"),
        ("familial hypercholesterolemia", "E78.019"),
    ],
)
def test_known_phrases_have_their_code(lexicon: list[Row], term: str, code: str) -> None:
    assert [row["code"] for row in lexicon if row["term"] == term] == [code]


@pytest.mark.parametrize(
    "term",
    [
        "RA",  # room air
        "SBP",  # systolic blood pressure
        "TTP",  # tender to palpation
        "ED",  # emergency department
        "MR",  # magnetic resonance
        "urosepsis",  # no synonym of sepsis and without a code of its own (I.C.1.d.1.a.ii)
    ],
)
def test_words_that_mostly_mean_something_else_are_left_out(lexicon: list[Row], term: str) -> None:
    assert fold(term) not in {fold(row["term"]) for row in lexicon}
