import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import fold, stem


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Sjögren's syndrome", "sjogren syndrome"),
        ("Ménière’s  DISEASE", "meniere disease"),
        ("type-2 diabetes (insulin-dependent)", "type 2 diabetes insulin dependent"),
        ("ﬁbrosis, ｃａｒｄｉａｃ", "fibrosis cardiac"),
        ("Straße œdema", "strasse oedema"),
        ("COVID-19", "covid 19"),
        ("C1_C2", "c1 c2"),
        ("  \t\n", ""),
        ("—", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == " ".join(once.split())
    assert not any(unicodedata.combining(letter) for letter in once)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_takes_no_other_way_than_other_letters(text: str) -> None:
    # The quick path for ASCII must give what the whole path gives.
    assert fold(text) == fold(text + " é").removesuffix("e").rstrip()


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("fractures", "fracture"),
        ("diseases", "disease"),
        ("biopsies", "biopsy"),
        ("abscesses", "abscess"),
        ("viruses", "virus"),
        ("sinuses", "sinus"),
        ("metastases", "metastasis"),
        ("stenoses", "stenosis"),
        ("diagnoses", "diagnosis"),
        ("prognoses", "prognosis"),
        ("thromboses", "thrombosis"),
        ("psychoses", "psychosis"),
        ("paralyses", "paralysis"),
        ("prostheses", "prosthesis"),
        ("arthritides", "arthritis"),
        ("vertebrae", "vertebra"),
        ("candidiases", "candidiasis"),
        ("branches", "branch"),
        ("lenses", "lens"),
        ("calculi", "calculus"),
        ("testes", "testis"),
        ("reflexes", "reflex"),
        ("rashes", "rash"),
        ("headaches", "headache"),
        ("toes", "toe"),
        ("causes", "cause"),
        ("phases", "phase"),
        ("ulcers", "ulcer"),
        ("allergies", "allergy"),
    ],
)
def test_plural_and_singular_meet(plural: str, singular: str) -> None:
    assert stem(plural) == stem(singular)


@pytest.mark.parametrize(
    "word",
    ["arthritis", "pelvis", "sepsis", "virus", "abscess", "pancreas", "lens", "ms", "als", "gas",
     "tetanus", "pertussis", "biceps", "diabetes", "influenzae", "aids", "exophthalmos"],
)  # fmt: skip
def test_words_that_only_look_plural_stay(word: str) -> None:
    assert stem(word) == word


@given(st.from_regex(r"[a-z]{1,14}", fullmatch=True))
def test_a_stem_is_never_empty_and_begins_alike(word: str) -> None:
    short = stem(word)
    assert short
    assert short[0] == word[0]
