import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.models.cards import Remark
from app.desktop.models.case import CaseHead
from app.desktop.models.note import Highlight, Mark
from app.desktop.theme import Theme
from app.desktop.widgets.notepane import NotePane, find_all

NOTE = "Cough.\n" + "line\n" * 120 + "No cough today.\n"


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot) -> NotePane:
    pane = NotePane(theme)
    qtbot.addWidget(pane)
    pane.resize(600, 400)
    pane.show()
    pane.show_note(name="Progress note", detail="2026", text=NOTE)
    return pane


@given(text=st.text(), words=st.text(min_size=1, max_size=3))
def test_every_place_found_holds_the_words_in_any_case(text: str, words: str) -> None:
    for start, end in find_all(text, words):
        assert end - start == len(words)
        assert [c.lower() for c in text[start:end]] == [c.lower() for c in words]


def test_words_are_found_after_letters_that_lower_to_two() -> None:
    text = "İİ cough"
    assert [text[a:b] for a, b in find_all(text, "COUGH")] == ["cough"]
    assert find_all("abc", "") == ()


def test_enter_walks_through_what_was_found_and_round(pane: NotePane, qtbot: QtBot) -> None:
    pane.finder.enter()
    field = pane.finder._field
    QTest.keyClicks(field, "cough")
    assert pane.finder._tally.text() == "1 of 2"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert pane.finder._tally.text() == "2 of 2"
    assert pane.view.selected() == (NOTE.index("cough"), NOTE.index("cough") + 5)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert pane.finder._tally.text() == "1 of 2"
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert pane.finder._tally.text() == "2 of 2"


def test_what_is_not_there_is_said(pane: NotePane, qtbot: QtBot) -> None:
    pane.finder.enter()
    QTest.keyClicks(pane.finder._field, "asthma")
    assert pane.finder._tally.text() == "Not in this note"


def test_leaving_find_takes_its_marks_away(pane: NotePane, qtbot: QtBot) -> None:
    pane.finder.enter()
    QTest.keyClicks(pane.finder._field, "cough")
    assert len(pane.view.extraSelections()) == 2
    with qtbot.waitSignal(pane.finder.left):
        QTest.keyClick(pane.finder._field, Qt.Key.Key_Escape)
    assert pane.view.extraSelections() == []


def test_a_click_in_the_overview_goes_to_the_nearest_mark(pane: NotePane, qtbot: QtBot) -> None:
    start = NOTE.index("cough")
    pane.show_marks([Highlight(start=start, end=start + 5, mark=Mark.AGAINST, card="c")])
    with qtbot.waitSignal(pane.overview.wanted) as told:
        QTest.mouseClick(pane.overview, Qt.MouseButton.LeftButton)
    assert told.args == [start]
    assert pane.view.verticalScrollBar().value() > 0


def test_the_head_is_shown_anew_and_not_added_to(pane: NotePane) -> None:
    head = CaseHead(
        title="visit-1",
        facts="Outpatient",
        chips=(("Needs review", "warn"),),
        remarks=(Remark(text="Why here: x", tone="query"),),
    )
    for _ in range(3):
        pane.show_head(head)
    assert pane._chips.count() == 1
    assert pane._remarks.count() == 1
    assert pane._title.text() == "visit-1"
