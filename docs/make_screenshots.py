"""Take the pictures of the window that the documentation shows: `python docs/make_screenshots.py`.

The example encounters are coded into a store in a temporary folder, the real window is opened on
it without a screen, keys are pressed, and each state is written as PNG beside this file.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["CHARTPROOF_KEYRING"] = "off"

from invented_month import invent
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app import compose, settings
from app.desktop.howfar import Progress
from app.desktop.main import open_window
from app.desktop.theme import UI_FAMILIES, ui_font
from app.desktop.widgets.encoder import CodeDialog
from app.desktop.widgets.exportdialog import ExportDialog
from app.desktop.widgets.querydialog import QueryDialog
from app.desktop.widgets.summary import SummaryDialog
from app.desktop.window import MainWindow
from app.settings import Settings
from app.wording import say
from app.worklist import Filter

FOLDER = Path(__file__).resolve().parent / "screenshots"
SMALL, LARGE = (1366, 768), (1920, 1080)
PATIENCE_MS = 60_000
SETTLE_MS = 120
EXAMPLE = "ip-copd"
CHOICES = "op-ortho-wrist"
CONTROL = Qt.KeyboardModifier.ControlModifier


class Camera:
    """The window with a keyboard and a way to take its picture."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app = app
        self.window = window

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
        """Press a key where the focus is, and let the window come to rest."""
        target = self.app.focusWidget() or self._front()
        QTest.keyClick(target, key, modifiers or Qt.KeyboardModifier.NoModifier)
        QTest.qWait(SETTLE_MS)

    def until(self, told: Callable[[], bool]) -> None:
        """Wait for something the window does in its own time."""
        for _ in range(PATIENCE_MS // SETTLE_MS):
            QTest.qWait(SETTLE_MS)
            if told():
                return
        sys.exit("The window did not get to the state a picture was wanted of.")

    def type(self, words: str) -> None:
        """Type words where the focus is."""
        QTest.keyClicks(self.app.focusWidget() or self._front(), words)
        QTest.qWait(SETTLE_MS)

    def take(self, name: str, *, ratio: int = 1) -> None:
        """Write the picture of the window, with the dialog over it if there is one.

        `ratio` is how many pixels the screen has to each of the usual size.
        """
        QTest.qWait(SETTLE_MS)
        picture = self.window.grab()
        if ratio > 1:
            picture = QPixmap(self.window.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            self.window.render(picture)
        front = self._front()
        if isinstance(front, QDialog):
            _lay_over(picture, front.grab(), self.window.size().width())
        _write(picture, name)

    def _front(self) -> QWidget:
        return self.app.activeModalWidget() or self.window


def _write(picture: QPixmap, name: str) -> None:
    opaque = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    # For PNG a quality of 0 asks for the smallest file; nothing is lost by it.
    opaque.save(str(FOLDER / f"{name}.png"), quality=0)


def _lay_over(picture: QPixmap, dialog: QPixmap, width: int) -> None:
    """Paint a dialog over the dimmed window, as a desktop would show it."""
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), QColor(0, 0, 0, 90))
    ratio = dialog.devicePixelRatio()
    size = (round(dialog.width() / ratio), round(dialog.height() / ratio))
    place = QRect(QPoint((width - size[0]) // 2, 96), dialog.deviceIndependentSize().toSize())
    painter.fillRect(place.adjusted(-1, -1, 1, 1), QColor(0, 0, 0, 120))
    painter.drawPixmap(place.topLeft(), dialog)
    painter.end()


def _story(camera: Camera) -> None:
    """Work a little on one example and take a picture of each state."""
    window, review = camera.window, camera.window.review
    window.resize(*SMALL)
    camera.press(Qt.Key.Key_J)
    camera.press(Qt.Key.Key_E)
    camera.take("review")
    camera.press(Qt.Key.Key_A)
    camera.press(Qt.Key.Key_A)
    camera.press(Qt.Key.Key_X)
    camera.press(Qt.Key.Key_2)
    while review.current is not None and review.current.status != "excluded":
        before = review.key
        camera.press(Qt.Key.Key_J)
        if review.key == before:
            break
    camera.press(Qt.Key.Key_E)
    camera.press(Qt.Key.Key_K, CONTROL)
    dialog = camera.app.activeModalWidget()
    if isinstance(dialog, CodeDialog):
        QTest.keyClicks(camera.app.focusWidget() or dialog, "copd ac exac")
        camera.until(lambda: dialog.hits.rowCount() > 0 and dialog.reads("J44.1"))
    camera.take("add-code")
    camera.press(Qt.Key.Key_Escape)
    camera.press(Qt.Key.Key_H)
    camera.take("history")
    camera.press(Qt.Key.Key_Escape)
    window.resize(*LARGE)
    QTest.qWait(SETTLE_MS)
    camera.press(Qt.Key.Key_T, CONTROL)
    camera.take("review-dark")


def _open_case_story(camera: Camera) -> None:
    """Take the pictures of one case: what a code leaves open, a query, the summary."""
    window, review = camera.window, camera.window.review
    window.resize(*SMALL)
    rows = window.panes.worklist.model.rows
    wanted = next(row.case_id for row in rows if row.encounter_id == CHOICES)
    window.panes.worklist.chosen.emit(wanted)
    camera.until(lambda: CHOICES in window.windowTitle())
    camera.take("choices")
    review.select(next(card.key for card in review.cards if card.quotes and card.place > 1))
    camera.press(Qt.Key.Key_Q)
    composer = camera.app.activeModalWidget()
    if isinstance(composer, QueryDialog):
        composer.question.setPlainText(say("questions", "meaning"))
        composer.options.setPlainText("Clinically significant, treated\nIncidental, no action")
    camera.take("query")
    camera.press(Qt.Key.Key_Escape)
    while review.current is not None and review.current.open:
        camera.press(Qt.Key.Key_A)
    camera.press(Qt.Key.Key_Return, CONTROL)
    camera.until(lambda: isinstance(camera.app.activeModalWidget(), SummaryDialog))
    camera.take("summary")
    camera.press(Qt.Key.Key_Escape)


def _shell(camera: Camera) -> None:
    """Take a picture of what lies around the case: worklist, palette, keys, files."""
    window = camera.window
    window.resize(*SMALL)
    camera.press(Qt.Key.Key_T, CONTROL)
    worklist = window.panes.worklist
    worklist.show_only(Filter(reason="low-confidence"))
    camera.until(lambda: "of" in worklist._shown.text())  # noqa: SLF001 - what it says
    camera.take("worklist")
    worklist.show_only(Filter())
    window.made["export"].trigger()
    camera.until(lambda: isinstance(camera.app.activeModalWidget(), ExportDialog))
    export = camera.app.activeModalWidget()
    if isinstance(export, ExportDialog):
        export.cases.setCurrentIndex(export.cases.findData("some"))
    camera.take("export")
    camera.press(Qt.Key.Key_Escape)
    camera.press(Qt.Key.Key_P, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    camera.type("note")
    camera.take("palette")
    camera.press(Qt.Key.Key_Escape)
    camera.press(Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    camera.take("keys")
    camera.press(Qt.Key.Key_Escape)
    window.commands.edit()
    QTest.qWait(SETTLE_MS)
    camera.type("accept")
    camera.take("change-keys")
    camera.press(Qt.Key.Key_Escape)
    window.panes.progress.show_progress(Progress(running=True, done=37, total=120, failed=2))
    window.drops.sheet.lay_over()
    camera.take("drop")
    window.drops.sheet.hide()
    camera.take("coding-files")
    window.panes.progress.show_progress(Progress())
    camera.press(Qt.Key.Key_1, CONTROL)
    camera.take("dense", ratio=2)


def _dashboard(app: QApplication, chosen: Settings, root: Path) -> None:
    """Take the dashboard over a month that is invented."""
    month = root / "month"
    with compose.open_store(chosen, chosen.demo) as source:
        invent(source, month, compose.places(chosen))
    window = open_window(
        app, lambda: compose.workspace(chosen, month), config_dir=root / "config-month"
    )
    window._theme.choose("light")  # noqa: SLF001
    camera = Camera(app, window)
    camera.until(lambda: window.review.current is not None)
    window.statistics.show()
    dashboard = window.statistics.window
    if dashboard is None:
        sys.exit("The dashboard did not open.")
    camera.until(lambda: dashboard.complete)
    dashboard.resize(*SMALL)
    for name in ("dashboard", "dashboard-dark"):
        QTest.qWait(4 * SETTLE_MS)
        _write(dashboard.grab(), name)
        window._theme.toggle()  # noqa: SLF001
    dashboard.close()
    window.close()


def main() -> None:
    """Code the examples, open the window on them and take every picture."""
    FOLDER.mkdir(exist_ok=True)
    app = QApplication(["chartproof"])
    app.setStyle("Fusion")
    if ui_font().family() not in UI_FAMILIES:
        sys.stderr.write(f"None of {', '.join(UI_FAMILIES)} is installed; the system's is used.\n")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        chosen = replace(
            settings.load(),
            demo=root / "demo",
            config=root / "config",
            state=root / "state",
            actor="coder",
        )
        for _ in compose.build_demo(chosen, report=lambda _step, _done, _total: None):
            pass
        window = open_window(
            app, lambda: compose.workspace(chosen, chosen.demo), config_dir=root / "config"
        )
        window._theme.choose("light")  # noqa: SLF001 - the system of the machine must not decide
        camera = Camera(app, window)
        camera.until(lambda: window.review.current is not None)
        window.panes.notice.hide()
        rows = window.panes.worklist.model.rows
        wanted = next((row.case_id for row in rows if row.encounter_id == EXAMPLE), rows[0].case_id)
        window.panes.worklist.chosen.emit(wanted)
        camera.until(lambda: EXAMPLE in window.windowTitle() or rows[0].case_id == wanted)
        _open_case_story(camera)
        window.panes.worklist.chosen.emit(wanted)
        camera.until(lambda: EXAMPLE in window.windowTitle())
        _story(camera)
        _shell(camera)
        window.close()
        _dashboard(app, chosen, root)
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


if __name__ == "__main__":
    main()
