from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desktop.theme import Theme
from app.desktop.widgets.encoder import CodeDialog, hit_look, hits_model
from taxonomy import Hit

Then = Callable[[tuple[Hit, ...]], None]


def hit(code: str, *, billable: bool = True, matched: str = "") -> Hit:
    return Hit(
        code=code, title=f"title of {code}", billable=billable, matched=matched, kind="", score=1.0
    )


class Searches:
    """A search that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Then]] = []

    def __call__(self, text: str, then: Then) -> None:
        self.asked.append((text, then))

    def answer(self, at: int, *hits: Hit) -> None:
        self.asked[at][1](hits)


@pytest.fixture
def search() -> Searches:
    return Searches()


Make = Callable[[str], CodeDialog]


@pytest.fixture
def make(qtbot: QtBot, theme: Theme, search: Searches) -> Make:
    over = QWidget()
    qtbot.addWidget(over)
    over.show()

    def made(words: str) -> CodeDialog:
        dialog = CodeDialog(over, title="Add a code", words=words, search=search, theme=theme)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        dialog.open()
        return dialog

    return made


def typed(dialog: CodeDialog, qtbot: QtBot, search: Searches, words: str) -> None:
    before = len(search.asked)
    dialog._field.setText(words)
    qtbot.waitUntil(lambda: len(search.asked) > before)


def answers(dialog: CodeDialog) -> list[tuple[str, str]]:
    got: list[tuple[str, str]] = []
    dialog.answered.connect(lambda code, reason: got.append((code, reason)))
    return got


def test_selected_words_are_searched_and_prove_the_code(
    make: Make, qtbot: QtBot, search: Searches
) -> None:
    dialog = make("acute cough")
    got = answers(dialog)
    qtbot.waitUntil(lambda: bool(search.asked))
    assert search.asked[0][0] == "acute cough"
    search.answer(0, hit("R05.1"))
    QTest.keyClick(dialog._field, Qt.Key.Key_Return)
    assert got == [("R05.1", "")]
    assert not dialog._reason.isVisible()


def test_without_words_a_reason_is_needed(make: Make, qtbot: QtBot, search: Searches) -> None:
    dialog = make("")
    got = answers(dialog)
    typed(dialog, qtbot, search, "cough")
    search.answer(0, hit("R05.1"))
    QTest.keyClick(dialog._field, Qt.Key.Key_Return)
    assert got == []
    assert dialog._say.text()
    dialog._reason.setText("  by telephone ")
    QTest.keyClick(dialog._reason, Qt.Key.Key_Return)
    assert got == [("R05.1", "by telephone")]


def test_an_answer_to_an_older_question_is_dropped(
    make: Make, qtbot: QtBot, search: Searches
) -> None:
    dialog = make("x")
    typed(dialog, qtbot, search, "cough")
    typed(dialog, qtbot, search, "asthma")
    search.answer(-1, hit("J45.909"))
    search.answer(-2, hit("R05.9"))
    assert [row.code for row in dialog.hits.rows] == ["J45.909"]
    dialog.reject()


def test_a_category_is_opened_and_never_given(make: Make, qtbot: QtBot, search: Searches) -> None:
    dialog = make("x")
    got = answers(dialog)
    typed(dialog, qtbot, search, "asthma")
    search.answer(-1, hit("J45", billable=False))
    before = len(search.asked)
    QTest.keyClick(dialog._field, Qt.Key.Key_Return)
    assert got == []
    qtbot.waitUntil(lambda: len(search.asked) > before)
    assert search.asked[-1][0] == "J45"
    dialog.reject()


def test_the_first_code_that_can_be_assigned_is_offered(
    make: Make, qtbot: QtBot, search: Searches
) -> None:
    dialog = make("x")
    typed(dialog, qtbot, search, "asthma")
    search.answer(-1, hit("J45", billable=False), hit("J45.20"), hit("J45.21"))
    assert dialog._list.currentIndex().row() == 1
    QTest.keyClick(dialog._field, Qt.Key.Key_Down)
    QTest.keyClick(dialog._field, Qt.Key.Key_Down)
    assert dialog._list.currentIndex().row() == 2
    dialog.reject()


def test_nothing_found_is_said(make: Make, qtbot: QtBot, search: Searches) -> None:
    dialog = make("x")
    typed(dialog, qtbot, search, "zzz")
    search.answer(-1)
    assert "zzz" in dialog._say.text()
    QTest.keyClick(dialog._field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    dialog.reject()


@pytest.mark.usefixtures("qapp")
def test_the_model_of_hits_is_valid() -> None:
    model = hits_model()
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    model.set_rows((hit("I10"), hit("I11.9")))
    model.set_rows(())
    assert model.rowCount() == 0
    del tester


def test_a_hit_says_how_it_was_found_where_the_title_does_not() -> None:
    assert hit_look(hit("I10", matched="high blood pressure")).detail
    assert not hit_look(hit("I10", matched="title of I10")).detail
    assert hit_look(hit("J45", billable=False)).meta == "category"
