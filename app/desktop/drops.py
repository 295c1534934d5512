"""Ways files come into the window: dropped on it, or chosen in a dialog."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from app.desktop.intake import Intake
from app.desktop.theme import Theme
from app.desktop.widgets.intake import DropSheet
from app.reading import SUFFIXES
from app.wording import say


class Drops(QObject):
    """Takes files and folders for the intake, wherever in the window they are let go of."""

    def __init__(self, window: QWidget, *, intake: Intake, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._intake = intake
        self.sheet = DropSheet(theme, window)
        window.setAcceptDrops(intake.possible)
        window.installEventFilter(self)

    def choose_files(self) -> None:
        """Ask for files to code."""
        self._ask(QFileDialog.FileMode.ExistingFiles, say("intake", "choose-files"))

    def choose_folder(self) -> None:
        """Ask for a folder to code."""
        self._ask(QFileDialog.FileMode.Directory, say("intake", "choose-folder"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the sheet while files are over the window, and take what is let go of."""
        if isinstance(event, QDropEvent) and paths_in(event.mimeData()):
            if event.type() == QEvent.Type.Drop:
                self.sheet.hide()
                event.acceptProposedAction()
                self._intake.add(paths_in(event.mimeData()))
                return True
            if isinstance(event, QDragEnterEvent):
                self.sheet.lay_over()
            event.acceptProposedAction()
            return True
        if isinstance(event, QDragLeaveEvent):
            self.sheet.hide()
        return super().eventFilter(watched, event)

    def _ask(self, mode: QFileDialog.FileMode, title: str) -> None:
        if not self._intake.possible:
            return
        dialog = QFileDialog(self._window, title)
        dialog.setFileMode(mode)
        if mode is QFileDialog.FileMode.ExistingFiles:
            known = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
            dialog.setNameFilters([say("intake", "known-files", known=known), "* (*)"])
        dialog.filesSelected.connect(lambda names: self._intake.add([Path(n) for n in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def paths_in(data: QMimeData) -> list[Path]:
    """Return the files and folders of this machine that are being dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
