import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desktop.models.deck import card_rows
from app.desktop.models.note import Highlight, Mark, cards_at, headings, highlights, same_place
from app.workspace import OpenCase
from tests.app.desktop import builders


def words(marks: tuple[Highlight, ...], mark: Mark) -> list[str]:
    return [builders.CLINIC[m.start : m.end] for m in marks if m.mark is mark]


def test_evidence_is_marked_by_what_it_says(opened: OpenCase) -> None:
    marks = highlights(card_rows(opened), "clinic", "code:I10")
    assert words(marks, Mark.CURRENT) == ["Hypertension"]
    assert words(marks, Mark.SUPPORTS) == ["Type 2 diabetes with neuropathy", "Cough"]
    assert words(marks, Mark.AGAINST) == ["chest pain", "breast cancer"]
    assert marks[-1].mark is Mark.CURRENT, "the current one is drawn over all others"


def test_the_words_that_negate_are_shown_with_their_card_alone(opened: OpenCase) -> None:
    cards = card_rows(opened)
    key = next(card.key for card in cards if card.code == "R07.9")
    assert words(highlights(cards, "clinic", key), Mark.TRIGGER) == ["Denies"]
    assert words(highlights(cards, "clinic", None), Mark.TRIGGER) == []


def test_only_the_note_that_is_read_is_marked(opened: OpenCase) -> None:
    marks = highlights(card_rows(opened), "letter", None)
    assert [builders.LETTER[m.start : m.end] for m in marks] == ["Diabetic neuropathy"]


def test_a_place_names_the_cards_over_it_the_closest_first() -> None:
    marks = (
        Highlight(start=0, end=20, mark=Mark.SUPPORTS, card="wide"),
        Highlight(start=5, end=9, mark=Mark.AGAINST, card="close"),
    )
    assert cards_at(marks, 6) == ("close", "wide")
    assert cards_at(marks, 9) == ("wide",)
    assert cards_at(marks, 20) == ()


@pytest.mark.parametrize(
    "line", ["ASSESSMENT AND PLAN", "Chief Complaint:", "  HPI:", "A/P:", "PHYSICAL EXAM:"]
)
def test_lines_that_look_like_headings_are_found(line: str) -> None:
    text = f"some words\n{line}\nmore"
    assert [text[start:end].strip() for start, end in headings(text)] == [line.strip()]


def test_a_heading_before_words_is_found_up_to_its_colon() -> None:
    text = "CHIEF COMPLAINT: Chest pain\nVitals: stable"
    assert [text[start:end] for start, end in headings(text)] == ["CHIEF COMPLAINT:"]


@pytest.mark.parametrize(
    "line",
    ["1. Hypertension:", "HTN", "He was told:  to come back", "blood pressure:", "OK", "X" * 80],
)
def test_other_lines_are_not(line: str) -> None:
    assert headings(f"some words\n{line}\nmore") == ()


@given(st.text("ab\n"), st.text("ab\n"), st.text("cd"), st.text("ef"), st.data())
def test_a_place_outside_of_what_was_reworded_keeps_its_words(
    before: str, after: str, old: str, new: str, data: st.DataObject
) -> None:
    first, second = before + old + after, before + new + after
    at = data.draw(st.integers(0, len(first)))
    found = same_place(at, first, second)
    assert 0 <= found <= len(second)
    if at < len(before):
        assert found == at
    elif at > len(before) + len(old):
        assert second[found:] == first[at:]
