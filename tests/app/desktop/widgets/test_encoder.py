from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.theme import Theme
from app.desktop.widgets.codepage import Place
from app.desktop.widgets.encoder import CodeDialog, hit_look, hits_model
from taxonomy import CodePage, Encoder, Hit, IndexLine, Taxonomy
from tests.app.desktop import builders

Then = Callable[[tuple[Hit, ...]], None]
CONTROL = Qt.KeyboardModifier.ControlModifier


def hit(code: str, *, billable: bool = True, matched: str = "", incomplete: str = "") -> Hit:
    return Hit(
        code=code,
        title=f"title of {code}",
        billable=billable,
        matched=matched,
        kind="",
        score=1.0,
        incomplete=incomplete or ("" if billable else "category"),
    )


class Searches:
    """A lookup whose searches answer when they are told to, and whose pages answer at once."""

    def __init__(self, encoder: Encoder) -> None:
        self.asked: list[tuple[str, Then]] = []
        self.pages: list[str] = []
        self.encoder = encoder

    def find_codes(self, text: str, then: Then) -> None:
        self.asked.append((text, then))

    def code_page(self, code: str, then: Callable[[CodePage], None]) -> None:
        self.pages.append(code)
        then(self.encoder.page(code))

    def index_line(self, kind: str, number: int, then: Callable[[IndexLine], None]) -> None:
        then(self.encoder.line(kind, number))

    def answer(self, at: int, *hits: Hit) -> None:
        self.asked[at][1](hits)


@pytest.fixture(scope="module")
def encoder(icd: Taxonomy) -> Encoder:
    return Encoder(icd, (), builders.book())


@pytest.fixture
def search(encoder: Encoder) -> Searches:
    return Searches(encoder)


Make = Callable[[str], CodeDialog]


@pytest.fixture
def make(qtbot: QtBot, theme: Theme, search: Searches) -> Make:
    over = QWidget()
    qtbot.addWidget(over)
    over.show()

    def made(words: str) -> CodeDialog:
        dialog = CodeDialog(over, title="Add a code", words=words, lookup=search, theme=theme)
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
    dialog.answered.connect(lambda code, reason, _: got.append((code, reason)))
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
    assert search.asked[0][0] == "", "the encoder is made ready at once"
    typed(dialog, qtbot, search, "cough")
    search.answer(-1, hit("R05.1"))
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


def test_a_hit_says_its_title_and_how_it_was_found_where_the_title_does_not() -> None:
    assert hit_look(hit("I10", matched="high blood pressure")).detail == (
        "title of I10\nfound by “high blood pressure”"
    )
    assert hit_look(hit("I10", matched="title of I10")).detail == "title of I10"
    assert hit_look(hit("J45", billable=False)).meta == "category"


def test_the_way_through_the_index_stands_under_the_title(encoder: Encoder) -> None:
    (found,) = encoder.search("neck femur frac old", limit=1)
    look = hit_look(found)
    assert look.title == "S72.009"
    assert look.detail.endswith("Index: Fracture, traumatic › femur, femoral › neck › old")


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None, "nothing has the focus: the key would be lost"
    QTest.keyClick(focus, key, modifiers)


def shown(dialog: CodeDialog) -> str:
    return dialog.reader._view.toPlainText()


def test_the_page_of_the_marked_code_is_on_the_screen(
    make: Make, qtbot: QtBot, search: Searches
) -> None:
    dialog = make("x")
    typed(dialog, qtbot, search, "diabetes")
    search.answer(-1, hit("E11.65"), hit("I10"))
    assert "Type 2 diabetes mellitus with hyperglycemia" in shown(dialog)
    assert "Use additional" in shown(dialog)
    assert dialog._take.text() == "Add E11.65"
    press(Qt.Key.Key_Down)
    assert "Essential (primary) hypertension" in shown(dialog)
    assert dialog._take.text() == "Add I10"
    dialog.reject()


def test_a_seventh_character_is_chosen_by_arrows_or_by_its_letter(
    make: Make, qtbot: QtBot, search: Searches
) -> None:
    dialog = make("x")
    got = answers(dialog)
    typed(dialog, qtbot, search, "wrist")
    search.answer(-1, hit("S60.211", billable=False, incomplete="seventh"))
    assert dialog._take.text() == "Choose a 7th character"
    press(Qt.Key.Key_Return)
    assert got == [], "which encounter it is, only a person can say"
    assert dialog._take.text() == "Add S60.211A"
    press(Qt.Key.Key_Down)
    assert dialog._take.text() == "Add S60.211D"
    press(Qt.Key.Key_S)
    assert dialog._take.text() == "Add S60.211S"
    press(Qt.Key.Key_Left)
    assert dialog._field.hasFocus()
    press(Qt.Key.Key_Right)
    assert dialog.reader._sevenths.hasFocus()
    press(Qt.Key.Key_Return)
    assert got == [("S60.211S", "")]


def test_placeholders_are_filled(make: Make, qtbot: QtBot, search: Searches) -> None:
    dialog = make("x")
    got = answers(dialog)
    typed(dialog, qtbot, search, "scalp")
    search.answer(-1, hit("S00.00", billable=False, incomplete="seventh"))
    press(Qt.Key.Key_Right)
    press(Qt.Key.Key_D)
    press(Qt.Key.Key_Return)
    assert got == [("S00.00XD", "")]


def test_a_code_in_a_note_is_followed_and_left_again_by_keys(
    make: Make, qtbot: QtBot, search: Searches
) -> None:
    dialog = make("x")
    got = answers(dialog)
    typed(dialog, qtbot, search, "cardiomyopathy")
    search.answer(-1, hit("I42.0"))
    press(Qt.Key.Key_Down, CONTROL)
    assert dialog.reader._view.hasFocus()
    places = []
    for _ in range(3):  # the header above, then the codes of the first notes
        press(Qt.Key.Key_Tab)
        press(Qt.Key.Key_Return)
        places.append(search.pages[-1])
        press(Qt.Key.Key_Backspace)
        assert dialog._take.text() == "Add I42.0"
        for _ in range(len(places)):
            press(Qt.Key.Key_Tab)
    assert places == ["I42", "I25.5", "O90.3"]
    press(Qt.Key.Key_Return)
    assert search.pages[-1] != "I42.0"
    press(Qt.Key.Key_Backspace)
    press(Qt.Key.Key_Up, CONTROL)
    assert dialog._field.hasFocus()
    press(Qt.Key.Key_Return)
    assert got == [("I42.0", "")]


def test_what_was_followed_is_what_is_given(make: Make, qtbot: QtBot, search: Searches) -> None:
    dialog = make("x")
    got = answers(dialog)
    typed(dialog, qtbot, search, "cardiomyopathy")
    search.answer(-1, hit("I42.0"))
    dialog.reader._view.followed.emit(Place(code="I25.5"))
    assert dialog._take.text() == "Add I25.5"
    press(Qt.Key.Key_Return)
    assert got == [("I25.5", "")]


def test_a_line_of_the_index_is_walked_to_its_code(
    make: Make, qtbot: QtBot, search: Searches, encoder: Encoder
) -> None:
    dialog = make("x")
    typed(dialog, qtbot, search, "break")
    found = encoder.search("breakage", limit=5)
    search.answer(-1, *found)
    assert dialog._list.currentIndex().row() == 0
    assert dialog._take.text() == "Open the line"
    assert "see" in shown(dialog)
    press(Qt.Key.Key_Return)
    assert dialog.reader._view.hasFocus()
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Return)
    assert "Fracture, traumatic" in shown(dialog)
    assert "femur, femoral" in shown(dialog)
    press(Qt.Key.Key_Backspace)
    assert "Breakage" in shown(dialog)
    dialog.reject()


def test_a_page_that_comes_too_late_is_dropped(
    make: Make, qtbot: QtBot, search: Searches, encoder: Encoder
) -> None:
    dialog = make("x")
    typed(dialog, qtbot, search, "x")
    search.answer(-1, hit("I10"), hit("E11.65"))
    late = dialog.reader.place
    press(Qt.Key.Key_Down)
    dialog.reader._show_page(late, encoder.page("I10"))
    assert dialog._take.text() == "Add E11.65"
    dialog.reject()
