from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.models.cards import CardRow
from app.desktop.widgets.commands import KeyCard, KeyEditor, Palette
from app.desktop.widgets.dialogs import ReasonDialog, ReportDialog
from app.desktop.widgets.encoder import CodeDialog
from app.desktop.window import MainWindow
from audit import AuditEvent, Store
from tests.app.desktop import builders

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Keys:
    """Hands on the keyboard: every key goes to whatever has the focus, as on a desk."""

    def __init__(self, window: MainWindow, bot: QtBot) -> None:
        self.window = window
        self.bot = bot

    @property
    def focus(self) -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None, "nothing has the focus: the next key would be lost"
        return found

    def press(self, key: Qt.Key | str, *, ctrl: bool = False, shift: bool = False) -> None:
        modifiers = Qt.KeyboardModifier.NoModifier
        modifiers |= CONTROL if ctrl else Qt.KeyboardModifier.NoModifier
        modifiers |= SHIFT if shift else Qt.KeyboardModifier.NoModifier
        code = key if isinstance(key, Qt.Key) else Qt.Key(ord(key.upper()))
        QTest.keyClick(self.focus, code, modifiers)

    def write(self, words: str) -> None:
        QTest.keyClicks(self.focus, words)

    def dialog(self, kind: type[QWidget]) -> Any:
        """Wait for a dialog of this kind to be there and to take the keys."""
        self.bot.waitUntil(lambda: isinstance(QApplication.activeWindow(), kind))
        found = QApplication.activeWindow()
        assert found is not None
        self.bot.waitUntil(lambda: found.isAncestorOf(self.focus) or self.focus is found)
        return found

    def recorded(self, told: Callable[[], bool] = lambda: True) -> None:
        session = self.window._session
        self.bot.waitUntil(lambda: session.pending == 0 and told())

    def card(self) -> CardRow:
        current = self.window.review.current
        assert current is not None
        return current

    def on_cards(self) -> None:
        """The cards have the focus and take the next key."""
        cards = self.window.panes.codes.list
        self.bot.waitUntil(self.window.isActiveWindow)
        self.bot.waitUntil(lambda: QApplication.focusWidget() is cards)


@pytest.fixture
def keys(window: MainWindow, qtbot: QtBot) -> Keys:
    keys = Keys(window, qtbot)
    keys.on_cards()
    return keys


def status_of(window: MainWindow, code: str) -> str:
    assert window._session.case is not None
    row = window._session.case.case.row(code)
    return row.status if row is not None else "absent"


def decisions(root: Path, encounter_id: str) -> list[AuditEvent]:
    with builders.open_store(root) as store:
        return [event for event in events(store, encounter_id) if "decision" in event.kind]


def events(store: Store, encounter_id: str) -> tuple[AuditEvent, ...]:
    case_id = next(row.case_id for row in store.cases() if row.encounter_id == encounter_id)
    return store.events(case_id)


def open_case(window: MainWindow) -> str:
    assert window._session.case is not None
    return window._session.case.case.encounter.encounter_id


def test_two_cases_are_reviewed_by_keys_alone(  # noqa: PLR0915 - one sitting, told in order
    keys: Keys, window: MainWindow, root: Path
) -> None:
    assert open_case(window) == "visit-1"
    assert keys.card().code == "E11.40"

    keys.press("a")
    assert keys.card().code == "I10", "the cursor goes on before the record is made"
    keys.press("x")
    keys.dialog(ReasonDialog)
    keys.press("3")
    keys.on_cards()
    assert keys.card().code == "R05.9"
    keys.press("1")
    keys.recorded(lambda: status_of(window, "R05.9") == "replaced")

    keys.press("z", ctrl=True)
    keys.recorded(lambda: status_of(window, "R05.9") == "open")
    assert keys.card().code == "R05.9", "what was taken back is what one looks at"
    keys.press("z", ctrl=True, shift=True)
    keys.recorded(lambda: status_of(window, "R05.1") == "added")

    keys.press("k", ctrl=True)
    dialog: CodeDialog = keys.dialog(CodeDialog)
    keys.write("hyperlipidemia unspecified")
    keys.bot.waitUntil(lambda: any(hit.code == "E78.5" for hit in dialog.hits.rows))
    while (at := dialog.hits.row_at(dialog._list.currentIndex())) and at.code != "E78.5":
        keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Return)
    assert dialog.isVisible(), "without words or a reason no code is added"
    keys.write("stated by the physician by telephone")
    keys.press(Qt.Key.Key_Return)
    keys.on_cards()
    keys.recorded(lambda: status_of(window, "E78.5") == "added")

    while keys.card().code != "R07.9":
        keys.press(Qt.Key.Key_Down)
    keys.press("a")
    keys.recorded(lambda: status_of(window, "R07.9") == "added")

    keys.press("n")
    keys.bot.waitUntil(lambda: open_case(window) == "visit-2")
    keys.on_cards()
    assert keys.card().code == "J45.20"
    keys.press("a")
    keys.recorded(lambda: status_of(window, "J45.20") == "accepted")
    keys.press("p")
    keys.bot.waitUntil(lambda: open_case(window) == "visit-1")
    keys.on_cards()
    keys.press("q", ctrl=True)
    keys.bot.waitUntil(lambda: not window.isVisible())

    first = decisions(root, "visit-1")
    assert [event.kind.partition(".")[2] for event in first] == [
        "accepted",
        "rejected",
        "replaced",
        "undone",
        "redone",
        "added",
        "added",
    ]
    assert [event.data.get("code") for event in first] == [
        "E11.40",
        "I10",
        "R05.9",
        None,
        None,
        "E78.5",
        "R07.9",
    ]
    assert first[2].data["new_code"] == "R05.1"
    clinic = builders.CLINIC
    start = clinic.index("Cough")
    assert first[2].data["evidence"] == [[0, start, start + 5]], (
        "the words of the old code prove it"
    )
    assert first[5].data["evidence"] == []
    assert first[5].data["reason"] is not None
    start = clinic.index("chest pain")
    assert first[6].data["evidence"] == [[0, start, start + 10]]
    assert {event.actor.id for event in first} == {"coder"}
    second = decisions(root, "visit-2")
    assert [(event.kind, event.data["code"]) for event in second] == [
        ("decision.accepted", "J45.20")
    ]


def test_the_reason_given_by_a_key_is_kept_with_the_case(keys: Keys, root: Path) -> None:
    keys.press("x")
    keys.dialog(ReasonDialog)
    keys.press("5")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "rejected")
    keys.window.close()
    with builders.open_store(root) as store:
        case_id = next(r.case_id for r in store.cases() if r.encounter_id == "visit-1")
        row = store.case(case_id).row("E11.40")
    assert row is not None
    assert row.reason == "more-specific"


def test_a_typed_reason_may_hold_the_letters_that_are_keys(keys: Keys) -> None:
    keys.press("x")
    keys.dialog(ReasonDialog)
    keys.press("0")
    keys.write("axe jn")
    keys.press(Qt.Key.Key_Return)
    keys.on_cards()
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "rejected")
    assert keys.window._session.case is not None
    row = keys.window._session.case.case.row("E11.40")
    assert row is not None
    assert row.reason == "axe jn"


@pytest.mark.parametrize("key", ["x", "r", "?", "k"])
def test_escape_leaves_a_dialog_with_nothing_done_and_the_focus_on_the_cards(
    keys: Keys, key: str
) -> None:
    kinds = {"x": ReasonDialog, "r": CodeDialog, "k": CodeDialog, "?": KeyCard}
    keys.press(key, ctrl=key == "k", shift=key == "?")
    keys.dialog(kinds[key])
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()
    keys.recorded()
    assert status_of(keys.window, "E11.40") == "open"
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")


def test_selected_words_become_the_evidence_of_an_added_code(keys: Keys, root: Path) -> None:
    view = keys.window.panes.note.view
    start = builders.CLINIC.index("A1c 8.1")
    view.select(start - 1, start + len("A1c 8.1"))
    keys.press("k", ctrl=True)
    dialog: CodeDialog = keys.dialog(CodeDialog)
    keys.press("a", ctrl=True)
    keys.write("R73.9")
    keys.bot.waitUntil(lambda: [hit.code for hit in dialog.hits.rows[:1]] == ["R73.9"])
    keys.press(Qt.Key.Key_Return)
    keys.on_cards()
    keys.recorded(lambda: status_of(keys.window, "R73.9") == "added")
    keys.window.close()
    (added,) = decisions(root, "visit-1")
    assert added.data["evidence"] == [[0, start, start + len("A1c 8.1")]]


def test_a_seventh_character_is_chosen_with_the_keyboard_alone(keys: Keys, root: Path) -> None:
    view = keys.window.panes.note.view
    start = builders.CLINIC.index("Cough")
    view.select(start, start + len("Cough"))
    keys.press("k", ctrl=True)
    dialog: CodeDialog = keys.dialog(CodeDialog)
    keys.press("a", ctrl=True)
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
    view = keys.window.panes.note.view
    start = builders.CLINIC.index("Cough")
    view.select(start, start + len("Cough"))
    keys.press("k", ctrl=True)
    dialog: CodeDialog = keys.dialog(CodeDialog)
    keys.press("a", ctrl=True)
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


def test_accepting_never_moves_the_note_and_e_does(keys: Keys) -> None:
    window = keys.window
    window.resize(900, 420)
    window.panes.reader.zoom(8)
    bar = window.panes.note.view.verticalScrollBar()
    keys.bot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(0)
    keys.press("a")
    keys.press("j")
    keys.recorded(lambda: status_of(window, "E11.40") == "accepted")
    assert bar.value() == 0
    assert keys.card().code == "R05.9"
    keys.press("e")
    assert bar.value() > 0


def test_evidence_in_another_document_is_shown_there(keys: Keys) -> None:
    panes = keys.window.panes
    assert panes.reader.reading == "clinic"
    keys.press("e")
    keys.press("e")
    assert panes.reader.reading == "letter"
    keys.press("e", shift=True)
    assert panes.reader.reading == "clinic"


def test_keys_typed_into_a_search_are_words_and_not_actions(keys: Keys) -> None:
    keys.press("l", ctrl=True)
    keys.write("axn2")
    assert keys.window.panes.worklist.search.text() == "axn2"
    keys.bot.waitUntil(lambda: not keys.window.panes.worklist.model.rows)
    keys.recorded()
    assert status_of(keys.window, "E11.40") == "open"
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()


def test_find_marks_words_and_escape_returns_to_the_cards(keys: Keys) -> None:
    keys.press("f", ctrl=True)
    keys.write("hypertension")
    view = keys.window.panes.note.view
    start = builders.CLINIC.index("Hypertension")
    assert view.selected() == (start, start + len("hypertension"))
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()
    assert not keys.window.panes.note.finder.isVisible()


def test_history_tells_person_and_program_in_one_stream(keys: Keys) -> None:
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")
    keys.press("h")
    rows = keys.window.panes.history.model.rows
    assert rows[0].what == "Accepted E11.40"
    assert {row.kind for row in rows} == {"person", "program"}
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()


def test_a_fault_of_ours_shows_a_report_and_the_case_can_be_worked_on(keys: Keys) -> None:
    keys.window.report_fault(KeyError("Mrs Miller has asthma"))
    dialog: ReportDialog = keys.dialog(ReportDialog)
    assert "KeyError" in dialog.text.toPlainText()
    assert "Miller" not in dialog.text.toPlainText()
    keys.press(Qt.Key.Key_Escape)
    keys.on_cards()
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")


def test_closing_waits_until_every_decision_is_recorded(keys: Keys, root: Path) -> None:
    for _ in range(3):
        keys.press("a")
    keys.window.close()
    assert [event.data["code"] for event in decisions(root, "visit-1")] == [
        "E11.40",
        "I10",
        "R05.9",
    ]


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
