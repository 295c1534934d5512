import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.spelling import near

WORDS = sorted(["asthma", "artery", "arthritis", "hernia", "pneumonia", "pneumonitis", "type2"])


def meant(word: str) -> list[str]:
    slices, _ = near(word, WORDS)
    return [each for low, high in slices for each in WORDS[low:high]]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("astma", ["asthma"]),
        ("asthmaa", ["asthma"]),
        ("asthna", ["asthma"]),
        ("ashtma", ["asthma"]),
        ("sathma", ["asthma"]),
        ("pneumona", ["pneumonia"]),
        ("pneumini", ["pneumonia", "pneumonitis"]),
        ("nephritis", []),
    ],
)
def test_one_slip_finds_the_word_whole_or_begun(typed: str, words: list[str]) -> None:
    assert meant(typed) == words


@pytest.mark.parametrize("typed", ["hrna", "asth", "tipe2", ""])
def test_short_words_and_numbers_are_taken_as_they_are(typed: str) -> None:
    assert near(typed, WORDS) == ([], False)


def test_a_whole_word_goes_before_words_begun() -> None:
    slices, whole = near("pneumona", WORDS)
    assert (len(slices), whole) == (1, True)
    assert near("pneumini", WORDS)[1] is False


@given(st.sampled_from([word for word in WORDS if word.isalpha()]), st.integers(0, 30), st.data())
def test_every_word_is_found_by_every_one_slip(word: str, at: int, data: st.DataObject) -> None:
    at %= len(word)
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    slips = [word[:at] + word[at + 1 :], word[:at] + letter + word[at:]]
    if at:
        slips.append(word[:at] + letter + word[at + 1 :])
    if at + 1 < len(word):
        slips.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    for slip in slips:
        if slip != word:
            assert word in meant(slip)
