"""What other processes record appears in the worklist by itself and moves nothing on the screen."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.follow import EVERY_MS
from app.desktop.window import MainWindow
from audit import StoreBusyError
from tests.app.desktop import builders
from tests.app.desktop.hands import Keys, status_of


def tick(window: MainWindow) -> None:
    """Let five seconds pass, and wait for the answer."""
    window.follow._timer.timeout.emit()


def another(root: Path, encounter_id: str) -> None:
    """Code a case in another process."""
    source = builders.encounter(encounter_id, builders.note("clinic", builders.SECOND))
    asthma = builders.mention(source, "Asthma, mild intermittent")
    with builders.open_store(root) as store:
        store.record(source, builders.result(source, builders.suggestion("J45.20", asthma)))


def asking(window: MainWindow) -> bool:
    return window.follow._asking


def ids(window: MainWindow) -> set[str]:
    return {row.encounter_id for row in window.panes.worklist.model.rows}


def test_a_case_of_another_process_appears_and_the_coders_place_is_kept(
    keys: Keys, window: MainWindow, root: Path, qtbot: QtBot
) -> None:
    assert (window.follow._timer.interval(), window.follow._timer.isActive()) == (EVERY_MS, True)
    keys.press("a")
    keys.recorded()
    keys.press("j")
    card, note = window.review.key, window.panes.note.view
    note.select(4, 9)
    another(root, "visit-3")
    assert "visit-3" not in ids(window)
    tick(window)
    qtbot.waitUntil(lambda: ids(window) == {"visit-1", "visit-2", "visit-3"})
    assert "visit-1" in window.windowTitle()
    assert (window.review.key, note.selected()) == (card, (4, 9))
    assert QApplication.focusWidget() is window.panes.codes.list
    keys.press(Qt.Key.Key_Z, ctrl=True)
    qtbot.waitUntil(lambda: status_of(window, "E11.40") == "open")


def test_where_nothing_was_recorded_nothing_is_shown_again(
    keys: Keys, window: MainWindow, qtbot: QtBot
) -> None:
    def quiet() -> None:
        """Wait until all that was asked of the store by now has its answer."""
        answers: list[bool] = []
        QApplication.sendPostedEvents()
        window._session.ask(lambda _: True, answers.append)
        qtbot.waitUntil(lambda: answers == [True])

    quiet()
    tick(window)  # takes in what the window itself recorded at its opening
    quiet()
    quiet()
    shown: list[object] = []
    window._session.worklist_changed.connect(shown.append)
    for _ in range(3):
        tick(window)
        quiet()
    assert shown == []
    assert not asking(window)


def test_nothing_is_asked_while_a_decision_waits_or_an_answer_is_out(
    keys: Keys, window: MainWindow, qtbot: QtBot
) -> None:
    keys.press("a")
    assert window._session.pending == 1
    tick(window)
    assert not asking(window)
    keys.recorded()
    tick(window)
    assert asking(window)
    tick(window)
    qtbot.waitUntil(lambda: not asking(window))


def test_a_store_that_does_not_answer_is_said_once_and_asked_again(
    keys: Keys, window: MainWindow, root: Path, qtbot: QtBot
) -> None:
    workspace = window._session._workspace
    assert workspace is not None
    said: list[str] = []
    window._session.noticed.connect(lambda notice: said.append(notice.text))
    usual = workspace.news

    def refused() -> bool:
        raise StoreBusyError("The store is held.")

    workspace.news = refused  # type: ignore[method-assign]
    for _ in range(3):
        tick(window)
        qtbot.waitUntil(lambda: not asking(window))
    assert said == ["The store is held."]
    workspace.news = usual  # type: ignore[method-assign]
    another(root, "visit-4")
    tick(window)
    qtbot.waitUntil(lambda: "visit-4" in ids(window))
