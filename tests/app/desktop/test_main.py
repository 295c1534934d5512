import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop import main
from app.desktop.display import NoDisplayError
from app.desktop.widgets.dialogs import ReportDialog
from app.desktop.window import MainWindow
from app.workspace import Workspace
from audit import AuditError
from taxonomy import Taxonomy
from tests.app.desktop import builders


def test_the_window_is_painted_before_the_store_is_opened(
    qtbot: QtBot, qapp: QApplication, root: Path, icd: Taxonomy
) -> None:
    shown_first: list[bool] = []
    windows: list[MainWindow] = []

    def make() -> Workspace:
        shown_first.append(windows[0].isVisible())
        return builders.workspace(root, icd)

    windows.append(main.open_window(qapp, make, config_dir=root / "config"))
    qtbot.addWidget(windows[0])
    qtbot.waitUntil(lambda: windows[0].review.current is not None)
    assert shown_first == [True]
    windows[0].close()


def test_the_layout_and_the_case_are_found_again(
    qtbot: QtBot, qapp: QApplication, root: Path, icd: Taxonomy
) -> None:
    def reopened() -> MainWindow:
        window = main.open_window(
            qapp, lambda: builders.workspace(root, icd), config_dir=root / "config"
        )
        qtbot.addWidget(window)
        qtbot.waitUntil(lambda: window._session.case is not None)
        return window

    window = reopened()
    window.resize(1000, 640)
    window.panes.reader.zoom(3)
    window._theme.choose("dark")
    window._session.step(1)
    qtbot.waitUntil(lambda: "visit-2" in window.windowTitle())
    window.close()

    again = reopened()
    assert "visit-2" in again.windowTitle()
    assert again.panes.reader.zoom_points == 3
    assert again._theme.palette.name == "dark"
    assert again.height() == 640, "Qt fits the width to the small screen of the tests"
    again._theme.choose("light")
    again.close()


def test_the_layout_file_holds_no_word_of_a_case(window: MainWindow, root: Path) -> None:
    window.close()
    text = (root / "config" / "window.ini").read_text(encoding="utf-8")
    for word in ("visit-1", "diabetes", "I10"):
        assert word not in text


def test_run_returns_when_the_window_is_closed(
    qapp: QApplication, root: Path, icd: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = sys.excepthook

    def close() -> None:
        windows = [w for w in qapp.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        for window in windows:
            window.close()

    QTimer.singleShot(200, qapp, close)
    code = main.run(lambda: builders.workspace(root, icd), config_dir=root / "config")
    assert code == 0
    assert sys.excepthook is hook


def test_no_screen_is_an_error_before_anything_is_opened(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(NoDisplayError, match="chartproof code"):
        main.run(lambda: pytest.fail("the store was opened"), config_dir=root)


def test_an_exception_nobody_caught_is_told_and_the_window_stays(
    window: MainWindow, qtbot: QtBot
) -> None:
    hook = main._hook(window)
    known, bug = AuditError("The disk is full. Free some space."), KeyError("note text")
    hook(AuditError, known, None)
    assert window.panes.notice.words.text() == "The disk is full. Free some space."
    hook(KeyError, bug, None)
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), ReportDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ReportDialog)
    assert "note text" not in dialog.text.toPlainText()
    dialog.accept()
    hook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not window.isVisible()


def test_the_first_window_is_no_larger_than_the_screen(
    qtbot: QtBot, qapp: QApplication, root: Path, icd: Taxonomy
) -> None:
    window = main.open_window(
        qapp, lambda: builders.workspace(root, icd), config_dir=root / "config"
    )
    qtbot.addWidget(window)
    room = window.screen().availableGeometry()
    least = window.minimumSizeHint()
    assert window.width() <= max(room.width(), least.width())
    assert window.height() < max(room.height(), least.height())
    window.close()
