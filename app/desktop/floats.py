"""Panes in windows of their own, for a second screen, and back in their place when closed."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.desktop.theme import GRID
from app.wording import say

FIRST_SIZE = (80 * GRID, 100 * GRID)
"""Size of a pane's window before a person has chosen one."""


class PaneWindow(QWidget):
    """A window around one pane; it belongs to the main window, so that all keys work in it."""

    closed = Signal()

    def __init__(self, pane: QWidget, *, title: str, parent: QWidget) -> None:
        # Of a window of this type Qt knows that the keys of its parent hold in it too.
        super().__init__(
            parent,
            Qt.WindowType.Tool
            | Qt.WindowType.CustomizeWindowHint
            | Qt.WindowType.WindowTitleHint
            | Qt.WindowType.WindowMinMaxButtonsHint
            | Qt.WindowType.WindowCloseButtonHint,
        )
        self.setObjectName("page")
        self.setWindowTitle(f"{title} – Chartproof")
        self.resize(*FIRST_SIZE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(pane)
        pane.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the pane go back."""
        super().closeEvent(event)
        self.closed.emit()


class Floats(QObject):
    """Takes panes out of the columns of the main window and puts them back."""

    def __init__(
        self,
        columns: QSplitter,
        panes: Mapping[str, QWidget],
        *,
        settings: QSettings,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._panes = panes
        self._settings = settings
        self._window = parent
        self._out: dict[str, PaneWindow] = {}

    def toggle(self, number: int) -> None:
        """Give pane `number`, from the left and from 1, its own window, or put it back."""
        name = list(self._panes)[number - 1]
        if name in self._out:
            self._out[name].close()
        else:
            self._take_out(name)
            self._note_out()

    def restore(self) -> None:
        """Give the panes a window that had one when the program was last used."""
        for name in str(self._settings.value("floats/out", "")).split():
            if name in self._panes and name not in self._out:
                self._take_out(name)

    def save(self) -> None:
        """Remember where the windows are."""
        for name, window in self._out.items():
            self._settings.setValue(f"floats/{name}", window.saveGeometry())

    def _take_out(self, name: str) -> None:
        if len(self._out) == len(self._panes) - 1:
            return  # the main window keeps one pane
        pane = self._panes[name]
        sizes = self._columns.sizes()
        window = PaneWindow(pane, title=say("panes", name), parent=self._window)
        window.closed.connect(lambda: self._put_back(name, sizes))
        geometry = self._settings.value(f"floats/{name}")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        self._out[name] = window
        window.show()

    def _put_back(self, name: str, sizes: list[int]) -> None:
        window = self._out.pop(name, None)
        if window is None or not self._window.isVisible():
            return  # the main window is closing: the pane stays out until the next time
        self._settings.setValue(f"floats/{name}", window.saveGeometry())
        names = list(self._panes)
        at = sum(1 for other in names[: names.index(name)] if other not in self._out)
        self._columns.insertWidget(at, self._panes[name])
        if len(sizes) == self._columns.count():
            self._columns.setSizes(sizes)
        self._note_out()
        window.deleteLater()

    def _note_out(self) -> None:
        self.save()
        self._settings.setValue("floats/out", " ".join(self._out))
