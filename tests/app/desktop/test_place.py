from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop import main
from app.desktop.place import Place
from app.desktop.window import MainWindow
from taxonomy import Taxonomy
from tests.app.desktop import builders


@pytest.mark.parametrize("text", ["", "abc", "abc 1 2", "abc 1 2 x", "abc 1 2 -3", "a 1 2 3 4"])
def test_a_text_that_names_no_place_is_none(text: str) -> None:
    assert Place.read(text) is None


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place("a" * 32, 2, 7, 1200)
    assert Place.read(str(place)) == place


def test_a_window_that_never_closed_comes_back_to_case_document_card_and_line(
    qtbot: QtBot, qapp: QApplication, root: Path, icd: Taxonomy
) -> None:
    long = builders.encounter(
        "visit-3",
        builders.note("first", builders.SECOND),
        builders.note("clinic", "Asthma, mild intermittent.\n" + "A line of the note.\n" * 300),
    )
    with builders.open_store(root) as store:
        asthma = builders.mention(long, "Asthma, mild intermittent")
        cough = builders.mention(long, "A line")
        store.record(
            long,
            builders.result(
                long, builders.suggestion("J45.20", asthma), builders.suggestion("R05.9", cough)
            ),
        )

    def opened() -> MainWindow:
        window = main.open_window(
            qapp, lambda: builders.workspace(root, icd), config_dir=root / "config"
        )
        qtbot.addWidget(window)
        qtbot.waitUntil(lambda: window.review.current is not None)
        return window

    window = opened()
    window.resize(900, 500)
    rows = window.panes.worklist.model.rows
    window._session.open(next(row.case_id for row in rows if row.encounter_id == "visit-3"))
    qtbot.waitUntil(lambda: "visit-3" in window.windowTitle())
    window.panes.reader.read("clinic")
    window.review.move(1)
    key = window.review.key
    bar = window.panes.note.view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum() // 2)
    top = window.panes.note.view.top()
    assert top > 1000
    settings = window._settings
    qtbot.waitUntil(lambda: str(settings.value("place", "")).endswith(f" {top}"))

    again = opened()
    assert "visit-3" in again.windowTitle()
    assert (again.panes.reader.reading, again.review.key) == ("clinic", key)
    again.resize(900, 500)
    qtbot.waitUntil(lambda: abs(again.panes.note.view.top() - top) < 120)
    window.close()
    again.close()
