import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.dashboard import Chart
from app.desktop.theme import DARK, LIGHT, Theme
from app.desktop.widgets.dashboard import DashboardWindow
from app.desktop.widgets.plots import Plot
from app.desktop.window import MainWindow
from tests.app.test_dashboard import every_chart


@pytest.mark.parametrize("chart", every_chart(), ids=lambda chart: chart.id)
def test_each_chart_is_painted_in_the_colours_of_the_theme(qtbot: QtBot, chart: Chart) -> None:
    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(400, 260)
    pictures = []
    for palette in (LIGHT, DARK):
        plot.show_chart(chart, palette)
        image = plot.picture(palette)
        assert image.size() == plot.size() * 2
        inks = {
            image.pixelColor(x, y).name()
            for x in range(0, image.width(), 2)
            for y in range(0, image.height(), 2)
        }
        assert palette.raised in inks
        assert len(inks) > 3, "something is painted on the ground"
        pictures.append(image)
    assert pictures[0] != pictures[1]
    assert plot.accessibleName() == chart.spoken()


def test_a_chart_is_saved_as_a_picture_and_as_a_table(
    theme: Theme, qtbot: QtBot, tmp_path: Path, window: MainWindow
) -> None:
    made = DashboardWindow(theme, window)
    charts = every_chart()
    made.show_charts(charts)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    card = made.cards["chapters"]
    card.save(tmp_path / "chapters.csv")
    rows = list(csv.reader((tmp_path / "chapters.csv").read_text().splitlines()))
    assert rows[0] == ["Chapter", "Accepted", "Accepted low", "Accepted high", "n"]
    assert rows[1][0] == "4 Endocrine"
    card.save(tmp_path / "chapters.png")
    assert not QImage(str(tmp_path / "chapters.png")).isNull()
    with pytest.raises(OSError, match="could not be written"):
        card.save(tmp_path / "missing" / "chapters.png")
    QTest.keyClick(made, Qt.Key.Key_Escape)
    assert not made.isVisible()


def test_the_dashboard_opens_by_a_key_reads_what_was_decided_and_gives_the_focus_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    cards = window.panes.codes.list
    QTest.keyClick(cards, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: window._session.pending == 0)
    QTest.keyClick(cards, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    dashboard = window.statistics.window
    assert dashboard is not None
    dashboard._periods.button(90).click()
    # The clock of the test's store stands half a year ago, outside every period.
    qtbot.waitUntil(lambda: dashboard.complete)
    assert len(dashboard.cards) == 6
    lanes = dashboard.cards["lanes"]._chart
    assert lanes is not None
    assert [sum(s.values[at] or 0 for s in lanes.series) for at in range(3)] == [1, 1, 0]
    QTest.keyClick(dashboard, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.statistics.window is None)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is cards)
