from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.coding import Begun, Coded
from app.desktop import main
from app.desktop.drops import paths_in
from app.desktop.window import MainWindow
from audit import State
from taxonomy import Taxonomy
from tests.app.desktop import builders

COPY, LEFT = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def taken() -> list[Path]:
    return []


@pytest.fixture
def window(
    qtbot: QtBot, qapp: QApplication, root: Path, icd: Taxonomy, taken: list[Path]
) -> Iterator[MainWindow]:
    """The window, with a coder that stores a failed case as the real one does."""

    def code(paths: Sequence[Path], _report: object, _stopped: object) -> Iterator[Begun | Coded]:
        taken.extend(paths)
        yield Begun(total=len(paths))
        with builders.open_store(root) as store:
            for path in paths:
                done = store.record_failure(None, source=path.name, errors=["Empty."])
                lane = next(row.lane for row in store.cases() if row.case_id == done.case_id)
                yield Coded(
                    shown=dict, encounter_id=path.name, case_id=done.case_id, lane=lane, failed=True
                )

    window = main.open_window(
        qapp, lambda: builders.workspace(root, icd), code=code, config_dir=root / "config"
    )
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.review.current is not None)
    yield window
    window.close()


def dragged(*urls: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    return data


def test_only_files_of_this_machine_are_taken() -> None:
    assert paths_in(dragged("file:///tmp/a.txt", "https://example.org/b")) == [Path("/tmp/a.txt")]
    assert paths_in(QMimeData()) == []


def test_files_let_go_of_over_the_window_are_coded_and_appear(
    window: MainWindow, qtbot: QtBot, taken: list[Path]
) -> None:
    data = dragged("file:///notes/a.txt", "file:///notes/folder")
    sheet = window.drops.sheet
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(9, 9), COPY, data, LEFT, NONE))
    assert not sheet.isHidden()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert sheet.isHidden()
    # Qt sends a drop only to where a drag of its own manager went in.
    assert window.drops.eventFilter(window, QDropEvent(QPointF(9, 9), COPY, data, LEFT, NONE))
    rows = window.panes.worklist.model
    qtbot.waitUntil(lambda: rows.rowCount() == 4)
    assert taken == [Path("/notes/a.txt"), Path("/notes/folder")]
    notice = window.panes.notice
    qtbot.waitUntil(lambda: notice.step.text() == "Show them")
    notice.step.click()
    qtbot.waitUntil(lambda: {row.state for row in rows.rows} == {State.FAILED})


def test_what_is_no_file_is_not_taken(window: MainWindow, taken: list[Path]) -> None:
    text = QMimeData()
    text.setText("Patient has asthma")
    event = QDragEnterEvent(QPoint(9, 9), COPY, text, LEFT, NONE)
    event.ignore()
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()
    assert taken == []


def test_files_are_chosen_in_a_dialog(
    window: MainWindow, qtbot: QtBot, taken: list[Path], tmp_path: Path
) -> None:
    window.made["code-files"].trigger()
    dialog = window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.filesSelected.emit([str(tmp_path / "b.txt")])
    dialog.reject()
    qtbot.waitUntil(lambda: taken == [tmp_path / "b.txt"])


def test_without_a_coder_the_actions_are_off(
    qtbot: QtBot, qapp: QApplication, root: Path, icd: Taxonomy
) -> None:
    window = main.open_window(
        qapp, lambda: builders.workspace(root, icd), config_dir=root / "config"
    )
    qtbot.addWidget(window)
    assert not window.acceptDrops()
    assert not window.made["code-files"].isEnabled()
    window.drops.choose_folder()
    assert window.findChild(QFileDialog) is None
    window.close()
