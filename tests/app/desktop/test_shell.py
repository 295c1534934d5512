"""What lies around the case: palette, keys of one's own, windows of their own, light and dark."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desktop import sizes
from app.desktop.main import settings_file
from app.desktop.widgets.commands import KeyCard, KeyEditor, Palette
from app.desktop.widgets.dialogs import ReasonDialog
from app.desktop.window import MainWindow
from tests.app.desktop.hands import CONTROL, Keys, status_of


def test_the_palette_does_what_a_few_letters_name(keys: Keys) -> None:
    keys.press("p", ctrl=True, shift=True)
    dialog: Palette = keys.dialog(Palette)
    keys.write("hist")
    assert [row.id for row in dialog.list.rows.rows] == ["history"]
    keys.press(Qt.Key.Key_Return)
    history = keys.window.panes.history.list
    keys.bot.waitUntil(lambda: QApplication.focusWidget() is history)
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()


def test_a_decision_can_be_made_from_the_palette(keys: Keys) -> None:
    keys.press("p", ctrl=True, shift=True)
    keys.dialog(Palette)
    keys.write("accept")
    keys.press(Qt.Key.Key_Return)
    keys.on_cards()
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")


def test_a_key_is_changed_by_keys_and_holds_at_once_and_after_a_restart(
    keys: Keys, root: Path
) -> None:
    keys.press("?", shift=True)
    card: KeyCard = keys.dialog(KeyCard)
    card._edit()
    editor: KeyEditor = keys.dialog(KeyEditor)
    keys.write("accept")
    keys.press(Qt.Key.Key_Return)
    keys.press("j")
    assert "Next code" in editor.said.text(), "a key that is taken is not taken away unasked"
    keys.press("g", ctrl=True)
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()
    keys.press("a")
    keys.press("g", ctrl=True)
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")
    assert keys.window.panes.codes._caps["accept"].text() == "Ctrl+G"
    assert (root / "config" / "keys.json").read_text() == '{\n "accept": [\n  "Ctrl+G"\n ]\n}\n'


def test_codes_in_a_window_of_their_own_take_the_same_keys(keys: Keys) -> None:
    window = keys.window
    window.made["float-codes"].trigger()
    outside = window.panes.codes.list.window()
    assert outside is not window
    outside.activateWindow()
    window.panes.show_codes()
    keys.bot.waitUntil(lambda: QApplication.focusWidget() is window.panes.codes.list)
    keys.press("a")
    keys.recorded(lambda: status_of(window, "E11.40") == "accepted")
    keys.press("x")
    keys.dialog(ReasonDialog)
    keys.press("1")
    keys.bot.waitUntil(lambda: QApplication.focusWidget() is window.panes.codes.list)
    outside.close()
    assert window.panes.codes.list.window() is window
    assert [window.panes.columns.widget(at) for at in range(3)] == list(
        window.panes.movable.values()
    )


def test_the_theme_changes_by_a_key_and_back(keys: Keys) -> None:
    before = keys.window._theme.palette.name
    keys.press("t", ctrl=True)
    assert keys.window._theme.palette.name != before
    keys.press("t", ctrl=True)
    assert keys.window._theme.palette.name == before


def test_the_type_of_the_whole_window_grows_and_is_remembered(
    keys: Keys, window: MainWindow, root: Path
) -> None:
    cards = window.panes.codes.list
    card = cards._cards["code:I10"]
    before = card.heightForWidth(300)
    QTest.keyClick(keys.focus, Qt.Key.Key_Equal, CONTROL | Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(keys.focus, Qt.Key.Key_Equal, CONTROL | Qt.KeyboardModifier.AltModifier)
    assert sizes.scale() == 1.25
    assert card.heightForWidth(300) > before * 1.1
    window.made["float-codes"].trigger()
    window.made["all-smaller"].trigger()  # a pane in a window of its own is no hindrance
    window.made["float-codes"].trigger()
    window.made["all-larger"].trigger()
    window.close()
    sizes.choose(1.0)
    assert float(str(settings_file(root / "config").value("window/scale"))) == 1.25
