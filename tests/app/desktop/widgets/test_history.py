from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.desktop.models.history import history_rows
from app.desktop.models.story import Block
from app.desktop.theme import LIGHT, Theme
from app.desktop.widgets.history import HistoryPane, page
from app.desktop.window import MainWindow
from app.workspace import OpenCase


def test_the_newest_event_is_chosen_and_asks_for_its_story(
    theme: Theme, qtbot: QtBot, opened: OpenCase
) -> None:
    pane = HistoryPane(theme)
    qtbot.addWidget(pane)
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(pane.model, mode)
    asked: list[int] = []
    pane.chosen.connect(asked.append)
    pane.show_events(history_rows(opened))
    assert asked == [opened.events[-1].seq]
    pane.show_events(history_rows(opened))
    assert len(asked) == 1
    del tester


def test_no_word_of_a_note_is_read_as_markup() -> None:
    block = Block(heading="<b>", facts=(("a&b", "<i>"),), lines=("<script>",), text="<p>", more=2)
    made = page((block,), LIGHT)
    for word in ("&lt;b&gt;", "a&amp;b", "&lt;i&gt;", "&lt;script&gt;", "&lt;p&gt;", "2 more"):
        assert word in made
    assert "<script>" not in made


def test_choosing_an_event_in_the_window_shows_what_stands_behind_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    panes = window.panes
    panes.show_history()
    qtbot.waitUntil(lambda: "In the log" in panes.history.page.toPlainText())
    at = next(
        at for at, row in enumerate(panes.history.model.rows) if row.what == "Analysis started"
    )
    panes.history.list.setCurrentIndex(panes.history.model.index(at))
    assert panes.history._title.text() == "Analysis started"
    assert "FY2026" in panes.history.page.toPlainText()
