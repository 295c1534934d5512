"""A code is found, added and replaced with the keyboard alone, words of the note with it."""

from pathlib import Path

from PySide6.QtCore import Qt

from app.desktop.widgets.encoder import CodeDialog
from tests.app.desktop import builders
from tests.app.desktop.hands import Keys, decisions, status_of


def search_for(keys: Keys, words: str, *, before: int = 0) -> tuple[CodeDialog, int]:
    """Select words of the note, and characters before them, and search for a code for them.

    Returns the search, whose field is selected whole, and where the words start.
    """
    start = builders.CLINIC.index(words)
    keys.window.panes.note.view.select(start - before, start + len(words))
    keys.press("k", ctrl=True)
    dialog: CodeDialog = keys.dialog(CodeDialog)
    keys.press("a", ctrl=True)
    return dialog, start


def test_selected_words_become_the_evidence_of_an_added_code(keys: Keys, root: Path) -> None:
    dialog, start = search_for(keys, "A1c 8.1", before=1)
    keys.write("R73.9")
    keys.bot.waitUntil(lambda: [hit.code for hit in dialog.hits.rows[:1]] == ["R73.9"])
    keys.press(Qt.Key.Key_Return)
    keys.on_cards()
    keys.recorded(lambda: status_of(keys.window, "R73.9") == "added")
    keys.window.close()
    (added,) = decisions(root, "visit-1")
    assert added.data["evidence"] == [[0, start, start + len("A1c 8.1")]]


def test_a_seventh_character_is_chosen_with_the_keyboard_alone(keys: Keys, root: Path) -> None:
    dialog, _ = search_for(keys, "Cough")
    keys.write("superfic inj scalp unsp")
    keys.bot.waitUntil(lambda: [hit.code for hit in dialog.hits.rows[:1]] == ["S00.00"])
    keys.bot.waitUntil(dialog.reader._sevenths.isVisible)
    keys.press(Qt.Key.Key_Right)
    keys.press("d")
    keys.press(Qt.Key.Key_Return)
    keys.on_cards()
    keys.recorded(lambda: status_of(keys.window, "S00.00XD") == "added")
    keys.window.close()
    (added,) = decisions(root, "visit-1")
    assert added.data["code"] == "S00.00XD"


def test_a_code_named_by_a_note_is_reached_and_added_with_the_keyboard_alone(keys: Keys) -> None:
    dialog, _ = search_for(keys, "Cough")
    keys.write("I42.0")
    keys.bot.waitUntil(lambda: "Dilated cardiomyopathy" in dialog.reader._view.toPlainText())
    keys.press(Qt.Key.Key_Right)
    keys.press(Qt.Key.Key_Tab)
    keys.press(Qt.Key.Key_Tab)  # past the header above, to the first code that is excluded
    keys.press(Qt.Key.Key_Return)
    keys.bot.waitUntil(lambda: dialog._take.text() == "Add I25.5")
    keys.press(Qt.Key.Key_Return)
    keys.on_cards()
    keys.recorded(lambda: status_of(keys.window, "I25.5") == "added")


def test_replacing_by_search_keeps_the_words_of_the_code(keys: Keys, root: Path) -> None:
    keys.press("r")
    dialog: CodeDialog = keys.dialog(CodeDialog)
    keys.press("a", ctrl=True)
    keys.write("E11.42")
    keys.bot.waitUntil(lambda: [hit.code for hit in dialog.hits.rows[:1]] == ["E11.42"])
    keys.press(Qt.Key.Key_Return)
    keys.recorded(lambda: status_of(keys.window, "E11.42") == "added")
    keys.window.close()
    (replaced,) = decisions(root, "visit-1")
    assert len(replaced.data["evidence"]) == 2
