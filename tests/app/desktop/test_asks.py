from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.widgets.dialogs import ReasonDialog
from app.desktop.widgets.encoder import CodeDialog
from app.desktop.window import MainWindow
from pipeline.model import EvidenceSpan
from tests.app.desktop import builders


def test_the_selection_is_a_span_of_the_note_that_is_read(window: MainWindow) -> None:
    assert window.dialogs.selection() == ()
    start = builders.CLINIC.index("metformin")
    window.panes.note.view.select(start, start + len("metformin") + 1)
    assert window.dialogs.selection() == (
        EvidenceSpan(note_id="clinic", start=start, end=start + len("metformin.")),
    )
    window.panes.reader.read("letter")
    assert window.dialogs.selection() == (), "another note has its own selection"


def test_one_digit_answers_with_the_id_of_the_reason(window: MainWindow, qtbot: QtBot) -> None:
    answers: list[str] = []
    card = window.review.current
    assert card is not None
    window.dialogs.reason(card, answers.append)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ReasonDialog)
    QTest.keyClick(dialog, Qt.Key.Key_2)
    assert answers == ["absent"]
    qtbot.waitUntil(window.panes.codes.list.hasFocus)


def test_a_code_is_asked_for_with_the_words_that_prove_it(window: MainWindow) -> None:
    source, _ = builders.first_case()
    span = builders.span(source, "Cough")
    got: list[object] = []

    def chosen(
        code: str, evidence: tuple[EvidenceSpan, ...], reason: str, path: tuple[str, ...]
    ) -> None:
        got.append((code, evidence, reason, path))

    window.dialogs.code(title="Replace R05.9", start="", evidence=(span,), then=chosen)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, CodeDialog)
    dialog.answered.emit("R05.1", "", ("Read R05.1",))
    assert got == [("R05.1", (span,), "", ("Read R05.1",))]
    dialog.reject()
