"""The search over terms and index lines as one list, and the encoder as a value."""

import random

import pytest

from taxonomy import (
    Encoder,
    Index,
    IndexBook,
    IndexEntry,
    IndexSource,
    Taxonomy,
    TaxonomyError,
    Term,
    UnknownCodeError,
    fold,
)
from taxonomy.importing.indexfiles import read_index_csv

LINES = """RowID,Letter,Level,Term,See,SeeAlso,NonEssModif,Code
1,F,0,"Fracture, traumatic",,,(abduction),T14.8
2,F,1,"femur, femoral",,,(shaft),S72.9-
3,F,2,neck,"Fracture, femur, upper end, neck",,,
4,F,2,upper end,,,,S72.00-
5,F,3,neck,,,,S72.00-
6,W,0,Windswept leg,,,(hernia),M21.80
7,M,0,Maltreatment,,Abuse,,
8,M,1,with,,,,
9,C,0,Crumpled toe,"Deformity, by type",,,
10,L,0,Lapsed rule,,,,Z99.999
"""
DRUG_COLUMNS = ("Poisoning Accidental (unintentional)", "Adverse effect", "Underdosing")


@pytest.fixture(scope="module")
def encoder(taxonomy: Taxonomy) -> Encoder:
    drugs = [
        IndexEntry(title="Aspirin", level=0, parent=-1, cells=("T39.011", "T39.015", "T39.016")),
        IndexEntry(title="Placebonium", level=0, parent=-1, cells=("--", "T39.015", "--")),
    ]
    lay = (("C diff", "A04.72"), ("COPD", "J44.9"), ("H pylori", "A04.8"))
    return Encoder(
        taxonomy,
        [Term(text=text, code=code, kind="lay") for text, code in lay],
        IndexBook(
            index=Index(IndexSource(kind="index", year=2026), read_index_csv(LINES)),
            drugs=Index(IndexSource(kind="drugs", year=2026, columns=DRUG_COLUMNS), drugs),
        ),
    )


def first(encoder: Encoder, text: str) -> str:
    return encoder.search(text, limit=1)[0].code


def test_a_line_of_the_index_finds_its_code_and_says_the_way(encoder: Encoder) -> None:
    hit = encoder.search("winds leg", limit=1)[0]
    assert (hit.code, hit.kind, hit.matched) == ("M21.80", "index", "Windswept leg")
    assert (hit.path, hit.index, hit.line, hit.see) == (("Windswept leg",), "index", 5, "")


def test_a_see_is_followed_to_its_code(encoder: Encoder) -> None:
    ways = {hit.code: hit for hit in encoder.search("fract femur neck", limit=40)}
    way = ways["S72.00"]
    assert way.path in {
        ("Fracture, traumatic", "femur, femoral", "neck"),
        ("Fracture, traumatic", "femur, femoral", "upper end", "neck"),
    }
    assert way.see == ("" if len(way.path) == 4 else "Fracture, femur, upper end, neck")
    assert way.incomplete == "category"
    assert ways["S72.009"].incomplete == "seventh"


def test_a_title_found_first_keeps_the_way_of_the_index(encoder: Encoder) -> None:
    hits = encoder.search("fracture femur", limit=60)
    found = next(each for each in hits if each.code == "S72.9")
    assert found.kind == "title"
    assert found.path == ("Fracture, traumatic", "femur, femoral")


def test_a_modifier_finds_a_line_but_not_before_what_is_called_so(encoder: Encoder) -> None:
    codes = [hit.code for hit in encoder.search("hernia", limit=400)]
    assert "M21.80" in codes
    assert codes.index("M21.80") > codes.index("K46.9")


def test_a_table_gives_the_columns_that_are_named_else_all(encoder: Encoder) -> None:
    all_three = [hit.code for hit in encoder.search("aspirin", limit=3)]
    assert all_three == ["T39.011", "T39.015", "T39.016"]
    named = [hit.code for hit in encoder.search("aspirin adverse") if hit.kind == "drugs"]
    assert named == ["T39.015"]
    assert [hit.code for hit in encoder.search("placeboni")] == ["T39.015"]


def test_a_line_without_a_code_leads_further(encoder: Encoder) -> None:
    for words, line in (("maltreatment", 6), ("crumpled toe", 8)):
        hit = next(hit for hit in encoder.search(words, limit=400) if not hit.code)
        assert (hit.incomplete, hit.billable, hit.line) == ("line", False, line)
        assert hit.see_also == ("Abuse" if line == 6 else "")
        assert encoder.line(hit.index, line).line.path == hit.path
    assert all(hit.line != 7 for hit in encoder.search("maltreatment with", limit=400))


def test_a_code_the_list_has_not_is_never_given(encoder: Encoder) -> None:
    (hit,) = encoder.search("lapsed rule")
    assert (hit.code, hit.incomplete, hit.line) == ("", "line", 9)
    (code,) = encoder.line("index", 9).codes
    assert (code.printed, code.code) == ("Z99.999", "")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("cdiff", "A04.72"),
        ("C-DIFF", "A04.72"),
        ("hpylori", "A04.8"),
        ("c.o.p.d.", "J44.9"),
        ("astma", "J45.909"),
        ("pnuemonia", "J18.9"),
        ("hypertention", "I10"),
        ("diabtic neuropthy type 2", "E11.40"),
        ("appendicits", "K37"),
    ],
)
def test_acronyms_and_slips_of_the_finger(encoder: Encoder, typed: str, code: str) -> None:
    assert code in [hit.code for hit in encoder.search(typed, limit=5)]


def test_a_word_typed_right_is_not_corrected(encoder: Encoder) -> None:
    hits = encoder.search("hernia", limit=20)
    assert len(hits) == 20
    assert all("herni" in fold(hit.matched) for hit in hits)


def test_a_code_that_does_not_exist_leads_to_the_place_above(encoder: Encoder) -> None:
    assert first(encoder, "E11.699") == "E11.69"
    assert [hit.code for hit in encoder.search("M54.5X")] == ["M54.5", "M54.50", "M54.51", "M54.59"]
    assert encoder.search("E77.777")[0].code == "E77"
    assert encoder.search("Q99.99")[0].code == "Q99.9"
    for words in ("B12", "B12 deficiency", "T2DM", "E11 foot"):
        assert all(hit.kind != "code" for hit in encoder.search(words)), words


def test_prefixes_of_the_words_of_a_term_find_its_code(
    encoder: Encoder, taxonomy: Taxonomy
) -> None:
    """Words cut to four letters, in any order: the code is among those that match as well."""
    chance = random.Random(11)
    terms = [term for term in taxonomy.terms() if 3 <= len(fold(term.text).split()) <= 9]
    for term in chance.sample(terms, 150):
        words = [word[: max(4, len(word) // 2)] for word in fold(term.text).split()]
        chance.shuffle(words)
        found = {hit.code for hit in encoder.search(" ".join(words), limit=400)}
        assert term.code in found, term


def test_every_beginning_of_a_word_finds_it(encoder: Encoder) -> None:
    for size in range(4, len("cholecystitis") + 1):
        hits = encoder.search(f"acute {'cholecystitis'[:size]}", limit=100)
        assert "K81.0" in [hit.code for hit in hits], size


def test_a_plural_can_be_typed_letter_by_letter(encoder: Encoder) -> None:
    for typed in ("coronary arter", "coronary arteri", "coronary arterie", "coronary arteries"):
        assert encoder.search(typed), typed


def test_an_encoder_says_what_it_knows(encoder: Encoder, taxonomy: Taxonomy) -> None:
    assert encoder.indexes == ("index", "drugs")
    assert Encoder(taxonomy).indexes == ()
    assert encoder.release == taxonomy.release
    assert encoder.names_code("s72.001a")
    assert encoder.names_code("J45")
    assert not encoder.names_code("asthma")
    assert encoder.page("I10").code.title == "Essential (primary) hypertension"
    with pytest.raises(UnknownCodeError):
        encoder.page("I10.9")
    with pytest.raises(TaxonomyError, match="no line 99"):
        encoder.line("index", 99)
