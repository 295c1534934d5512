"""Ways to the actions besides their keys: the palette, the key card, the list to change keys in."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QWidget

from app.desktop.actions import Keys
from app.desktop.theme import Theme
from app.desktop.widgets.commands import KeyCard, KeyEditor, Palette


class Commands:
    """Opens what shows all actions; `over` opens a dialog and gives the focus back after it."""

    def __init__(
        self, window: QWidget, *, keys: Keys, theme: Theme, over: Callable[[QDialog], None]
    ) -> None:
        self._window = window
        self._keys = keys
        self._theme = theme
        self._over = over
        self.made: Mapping[str, QAction] = {}

    def palette(self) -> None:
        """Find an action by its name and do it, once the focus is back where it was."""
        disabled = [name for name, action in self.made.items() if not action.isEnabled()]
        dialog = Palette(self._window, keys=self._keys, disabled=disabled, theme=self._theme)
        dialog.answered.connect(
            lambda name: QTimer.singleShot(0, self._window, self.made[name].trigger)
        )
        self._over(dialog)

    def card(self) -> None:
        """Show every action with its keys."""
        dialog = KeyCard(self._window, keys=self._keys)
        dialog.edit_wanted.connect(lambda: QTimer.singleShot(0, self._window, self.edit))
        self._over(dialog)

    def edit(self) -> None:
        """Let a person choose keys."""
        self._over(KeyEditor(self._window, keys=self._keys, theme=self._theme))
