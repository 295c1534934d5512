import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextCharFormat, QTextOption
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.models.note import Highlight, Mark
from app.desktop.offsets import LONG_TOKEN, displayed
from app.desktop.theme import DARK, LIGHT, Theme
from app.desktop.widgets.note import UNDERLINES, NoteView, mark_format
from tests.soak import SOAK

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00\r")
"""Canonical text holds no lone surrogate, NUL or carriage return."""

TEXT = "HISTORY\nCough 😀 for\u00a03 days.\u2028Denies \u202efever\u202c today.\n\nPLAN:\nrest"
PIECES = st.sampled_from(
    ["cough", " ", "\n", "😀", "\u00a0", "\u2028", "\u202e", "שיעול", "e\u0301"]
)


def as_qt_gives_it(text: str) -> str:
    """Line ends, and what Qt takes for line ends, come back from a selection as U+2029."""
    for end in ("\n", "\ufdd0", "\ufdd1"):
        text = text.replace(end, "\u2029")
    return text


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> NoteView:
    view = NoteView(theme)
    qtbot.addWidget(view)
    view.resize(500, 300)
    view.show()
    return view


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.lists(PIECES, max_size=40).map("".join), data=st.data())
def test_what_is_selected_in_the_view_is_the_span_of_the_note(
    view: NoteView, text: str, data: st.DataObject
) -> None:
    view.set_note(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    view.select(start, end)
    words = text[start:end]
    if not words.strip():
        assert view.selected() is None
        return
    got = view.selected()
    assert got is not None
    assert text[got[0] : got[1]] == words.strip()


@pytest.mark.soak
@settings(
    max_examples=200 * SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.lists(PIECES | CHARACTERS, max_size=60).map("".join), data=st.data())
def test_every_mark_in_a_note_covers_its_quote_and_comes_back_as_its_span(
    view: NoteView, text: str, data: st.DataObject
) -> None:
    places = st.integers(0, len(text))
    spans = data.draw(st.lists(st.tuples(places, places).map(sorted).map(tuple), max_size=5))
    spans = [(start, end) for start, end in spans if start < end]
    view.set_note(text)
    view.set_marks(
        [
            Highlight(start=s, end=e, mark=Mark.SUPPORTS, card=str(n))
            for n, (s, e) in enumerate(spans)
        ]
    )
    drawn = [item.cursor.selectedText() for item in view.extraSelections()]
    for start, end in spans:
        quote = text[start:end]
        assert as_qt_gives_it(displayed(quote)) in drawn
        view.select(start, end)
        got = view.selected()
        if quote.strip():
            assert got is not None
            assert text[got[0] : got[1]] == quote.strip()
        else:
            assert got is None


@pytest.mark.parametrize("words", ["Cough", "😀", "3 days", "fever\u202c", "rest"])
def test_a_mark_lies_over_the_words_it_is_of(view: NoteView, words: str) -> None:
    words = words.replace("3 ", "3 ")
    start = TEXT.index(words)
    view.set_note(TEXT)
    view.set_marks([Highlight(start=start, end=start + len(words), mark=Mark.SUPPORTS, card="c")])
    marked = [item.cursor.selectedText() for item in view.extraSelections()]
    assert displayed(words) in marked


def test_the_kinds_are_told_apart_without_their_colours() -> None:
    looks = {
        (
            mark,
            mark_format(mark, palette).underlineStyle(),
            mark_format(mark, palette).hasProperty(0x810),
        )
        for palette in (LIGHT, DARK)
        for mark in Mark
    }
    assert len(looks) == len(Mark), "a theme changes colours, not shapes"
    assert UNDERLINES[Mark.AGAINST] is not UNDERLINES[Mark.SUPPORTS]
    assert QTextCharFormat.UnderlineStyle.NoUnderline not in UNDERLINES.values()


def test_controls_that_reorder_text_are_seen(view: NoteView) -> None:
    view.set_note(TEXT)
    shown = [item.cursor.selectedText() for item in view.extraSelections()]
    assert shown == ["⇐", "⇑"]


def test_headings_are_bold_and_the_next_note_is_not(view: NoteView) -> None:
    view.set_note(TEXT)
    assert view.cursor_over(0, 3).charFormat().fontWeight() == 700
    assert view.cursor_over(9, 12).charFormat().fontWeight() < 700
    view.set_note("plain words")
    assert view.cursor_over(0, 3).charFormat().fontWeight() < 700


def test_the_note_cannot_be_changed(view: NoteView, qtbot: QtBot) -> None:
    view.set_note(TEXT)
    QTest.keyClicks(view, "abc")
    assert view.isReadOnly()
    assert view.note_text == TEXT
    assert view.document().toPlainText().startswith("HISTORY")


def test_words_out_of_sight_are_scrolled_to_and_words_in_sight_are_not(view: NoteView) -> None:
    text = "line\n" * 200 + "asthma\n" + "line\n" * 50
    view.set_note(text)
    bar = view.verticalScrollBar()
    start = text.index("asthma")
    view.reveal(start, start + 6)
    there = bar.value()
    assert there > 0
    view.reveal(start, start + 6)
    assert bar.value() == there


def test_a_giant_token_breaks_anywhere(view: NoteView) -> None:
    view.set_note("short words")
    assert view.wordWrapMode() is not QTextOption.WrapMode.WrapAnywhere
    view.set_note("x" * 300_000)
    assert view.wordWrapMode() is QTextOption.WrapMode.WrapAnywhere
    view.set_note("x" * LONG_TOKEN)
    assert view.wordWrapMode() is not QTextOption.WrapMode.WrapAnywhere


def test_a_wide_window_keeps_the_column_readable(view: NoteView) -> None:
    view.set_note("word " * 400)
    view.resize(2000, 300)
    assert view.lineWrapColumnOrWidth() < 1100
    assert view.document().size().width() <= view.viewport().width()
    view.resize(320, 300)
    assert view.document().size().width() <= view.viewport().width()
