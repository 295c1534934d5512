import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication

from app.desktop.offsets import BIDI_MARKS, Offsets, bidi_positions, displayed, longest_token
from tests.soak import SOAK

pytestmark = pytest.mark.usefixtures("qapp")

PIECES = st.sampled_from(
    [
        "HTN",
        " ",
        "\n",
        "\t",
        "😀",
        "👩‍⚕️",
        "𝒳",
        "\u00a0",
        "\u2028",
        "\u2029",
        "\u200f",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\ufffd",
        "\ufffc",
        "\ufdd0",
        "\u0085",
        "\x0b",
        "\x0c",
        "\x1c",
        "e\u0301",
        "ﬁ",
        "İ",
        "חום ושיעול",
        "سكري",
        "x" * 300,
    ]
)
# Canonical text holds no lone surrogate, NUL or carriage return.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00\r")
TEXTS = st.lists(PIECES | CHARACTERS, max_size=60).map("".join)


def selected(document: QTextDocument, start: int, end: int) -> str:
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    return cursor.selectedText()


def as_qt_gives_it(text: str) -> str:
    """Line ends, and what Qt takes for line ends, come back from a selection as U+2029."""
    for end in ("\n", "\ufdd0", "\ufdd1"):
        text = text.replace(end, "\u2029")
    return text


@pytest.mark.soak
@settings(max_examples=400 * SOAK, deadline=None)
@given(text=TEXTS, data=st.data())
def test_the_words_qt_selects_for_a_span_are_the_words_of_the_span(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    document = QTextDocument()
    document.setPlainText(displayed(text))
    offsets = Offsets(text)
    got = selected(document, offsets.to_qt(start), offsets.to_qt(end))
    assert got == as_qt_gives_it(displayed(text[start:end]))
    assert document.characterCount() - 1 == offsets.to_qt(len(text)), "Qt dropped or joined some"


@given(text=TEXTS)
def test_what_is_displayed_differs_only_where_a_mark_stands_for_a_control(text: str) -> None:
    shown = displayed(text)
    assert len(shown) == len(text)
    for ours, theirs in zip(text, shown, strict=True):
        assert ours == theirs or ours in BIDI_MARKS or ours == "\ufeff"


@given(text=TEXTS)
def test_every_position_comes_back(text: str) -> None:
    offsets = Offsets(text)
    assert offsets.length == len(text)
    for position in range(len(text) + 1):
        assert offsets.from_qt(offsets.to_qt(position)) == position


def test_a_unit_inside_a_pair_is_the_character_it_belongs_to() -> None:
    assert Offsets("a😀b").from_qt(2) == 1


@pytest.mark.parametrize("position", [-1, 4])
def test_a_position_outside_the_text_is_refused(position: int) -> None:
    with pytest.raises(IndexError):
        Offsets("abc").to_qt(position)
    with pytest.raises(IndexError):
        Offsets("abc").from_qt(position)


def test_bidi_controls_are_shown_and_found() -> None:
    text = "no \u202eaimuenp\u202c seen"
    assert bidi_positions(text) == (3, 11)
    assert displayed(text) == "no ⇐aimuenp⇑ seen"


def test_the_longest_token_is_measured_between_any_white_space() -> None:
    assert longest_token("a bbb\u00a0cccc\ndd") == 4
    assert longest_token(" \n") == 0


def test_none_keeps_its_references_over_many_qt_calls(qapp: QApplication) -> None:
    """PySide6 6.12.0 on Python 3.11 drops one reference to None per call and then aborts."""
    document = QTextDocument()
    before = sys.getrefcount(None)
    for _ in range(2000):
        document.setPlainText("x")
    assert abs(sys.getrefcount(None) - before) < 500
