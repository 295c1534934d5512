"""What asks a person for something in a dialog over the window, and tells how it went."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from app.desktop.session import Session


class Asking(QObject):
    """`over` opens a dialog over the window and gives the focus back after it."""

    noticed = Signal(object)

    def __init__(
        self, window: QWidget, *, session: Session, over: Callable[[QDialog], None]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._over = over
