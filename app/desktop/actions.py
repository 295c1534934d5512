"""Every action of the window in one table; menus, shortcuts, palette, buttons and key card read it.

A row names the method to call as `target.method`, where the targets are handed to `install`. The
keys of a row work anywhere in the window except where words are being typed; those of the place
`cards` only while the cards have the focus, so that arrows still move through a list or a note.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One action: what it says, its keys (the first is the one shown) and what it calls."""

    id: str
    text: str
    call: str
    keys: tuple[str, ...] = ()
    argument: int | None = None
    menu: str = ""
    place: str = "window"


def _row(
    identifier: str, text: str, call: str, menu: str, *keys: str, argument: int | None = None
) -> Row:
    return Row(id=identifier, text=text, call=call, menu=menu, keys=keys, argument=argument)


ACTIONS: tuple[Row, ...] = (
    _row("next-card", "Next code", "review.move", "Codes", "J", argument=1),
    _row("previous-card", "Previous code", "review.move", "Codes", "K", argument=-1),
    _row("accept", "Accept, or add an excluded code", "review.accept", "Codes", "A"),
    _row("reject", "Reject with a reason…", "review.reject", "Codes", "X"),
    _row("replace", "Replace by search…", "review.replace", "Codes", "R"),
    _row("add", "Add a code…", "review.add", "Codes", "Ctrl+K"),
    _row("attach", "Put the selected words to the code", "acts.attach", "Codes", "S"),
    _row(
        "assertion", "Say what the words state: absent, past, …", "acts.say_assertion", "Codes", "T"
    ),
    _row("poa", "Present on admission: Y, N, U, W, exempt", "acts.step_poa", "Codes", "O"),
    _row(
        "principal",
        "Make it the principal or first-listed code",
        "acts.make_principal",
        "Codes",
        "M",
    ),
    _row("earlier", "Move the code up", "acts.move_code", "Codes", "Alt+Up", argument=-1),
    _row("later", "Move the code down", "acts.move_code", "Codes", "Alt+Down", argument=1),
    _row("comment", "Comment…", "acts.comment", "Case", "C"),
    _row("query", "Query to the provider…", "acts.query", "Case", "Q"),
    _row("hold", "Hold with a reason…, or take up again", "acts.hold", "Case", "W"),
    _row("summary", "Summary, then submit…", "acts.summary", "Case", "Ctrl+Return", "Ctrl+Enter"),
    _row("second-sign", "Sign as second person…", "signing.second", "Case", "Ctrl+Shift+Return"),
    _row("lost-passphrase", "Reset my signing key…", "signing.lost", "Case"),
    _row("lock", "Cover the window", "lock.cover", "Case", "Ctrl+Shift+L"),
    _row("undo", "Undo", "review.undo", "Codes", "Ctrl+Z"),
    _row("redo", "Redo", "review.redo", "Codes", "Ctrl+Shift+Z", "Ctrl+Y"),
    _row("evidence", "Next evidence", "review.show_evidence", "Note", "E", argument=1),
    _row(
        "evidence-back", "Previous evidence", "review.show_evidence", "Note", "Shift+E", argument=-1
    ),
    _row("find", "Find in the note", "reader.find_words", "Note", "Ctrl+F", "/"),
    _row("next-note", "Next document", "reader.step_note", "Note", "Ctrl+Down", argument=1),
    _row("previous-note", "Previous document", "reader.step_note", "Note", "Ctrl+Up", argument=-1),
    _row("next-case", "Next case", "session.step", "Case", "N", "Ctrl+Right", argument=1),
    _row("previous-case", "Previous case", "session.step", "Case", "P", "Ctrl+Left", argument=-1),
    _row("search-cases", "Search the worklist", "worklist.enter", "Case", "Ctrl+L"),
    _row("code-files", "Code files…", "drops.choose_files", "Case", "Ctrl+O"),
    _row("code-folder", "Code a folder…", "drops.choose_folder", "Case", "Ctrl+Shift+O"),
    _row("stop-coding", "Stop coding files", "intake.stop", "Case"),
    _row("show-failed", "Show cases that could not be coded", "worklist.show_failed", "Case"),
    _row("show-all", "Show all cases", "worklist.show_all", "Case"),
    _row("refresh", "Refresh the worklist", "session.refresh", "Case", "F5"),
    _row("codes", "Back to the codes", "panes.show_codes", "View", "Escape", "Ctrl+1"),
    _row("history", "History of the case", "panes.show_history", "View", "H", "Ctrl+2"),
    _row("dashboard", "Dashboard", "statistics.show", "View", "Ctrl+D"),
    _row("larger", "Larger note text", "reader.zoom", "View", "Ctrl++", "Ctrl+=", argument=1),
    _row("smaller", "Smaller note text", "reader.zoom", "View", "Ctrl+-", argument=-1),
    _row("usual-size", "Usual note text", "reader.zoom", "View", "Ctrl+0", argument=0),
    _row(
        "all-larger",
        "Larger type everywhere",
        "theme.zoom",
        "View",
        "Ctrl+Alt++",
        "Ctrl+Alt+=",
        argument=1,
    ),
    _row("all-smaller", "Smaller type everywhere", "theme.zoom", "View", "Ctrl+Alt+-", argument=-1),
    _row("all-usual", "Usual type everywhere", "theme.zoom", "View", "Ctrl+Alt+0", argument=0),
    _row("float-worklist", "Worklist in a window of its own", "floats.toggle", "View", argument=1),
    _row("float-note", "Note in a window of its own", "floats.toggle", "View", argument=2),
    _row("float-codes", "Codes in a window of their own", "floats.toggle", "View", argument=3),
    _row("theme", "Light or dark", "theme.toggle", "View", "Ctrl+T"),
    _row("palette", "Find an action…", "commands.palette", "Help", "Ctrl+Shift+P"),
    _row("keys", "All keys", "commands.card", "Help", "?", "F1"),
    _row("edit-keys", "Change keys…", "commands.edit", "Help"),
    _row("print", "Print the case…", "printing.ask", "Case", "Ctrl+P"),
    _row("export", "Export the record…", "exports.ask", "Case", "Ctrl+Shift+E"),
    _row("chat-model", "Chat model…", "chatpage.ask", "Case"),
    _row("quit", "Close", "window.close", "Case", "Ctrl+Q"),
    *(
        _row(
            f"choose-{n}", f"Take alternative {n} instead", "review.choose", "", str(n), argument=n
        )
        for n in range(1, 10)
    ),
    *(
        Row(id=name, text=text, call="review.move", keys=(key,), argument=by, place="cards")
        for name, text, key, by in (
            ("card-below", "Next code", "Down", 1),
            ("card-above", "Previous code", "Up", -1),
        )
    ),
)

MENUS = ("Case", "Codes", "Note", "View", "Help")

ROWS: Mapping[str, Row] = {row.id: row for row in ACTIONS}


class Keys(QObject):
    """The keys in force: those of the table, but where a person chose others.

    The choice is kept in a file of ids and keys, which a person can carry to another machine.
    What that file says of unknown actions, or of keys Qt does not know, is passed over.
    """

    changed = Signal()

    def __init__(self, file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.file = file
        self._chosen = _IN_FORCE
        self._chosen.clear()
        self._chosen.update(_read(file))
        self._give_way()

    def of(self, identifier: str) -> tuple[str, ...]:
        """Return the keys of an action, the one shown first."""
        return keys_of(identifier)

    def chosen(self, identifier: str) -> bool:
        """Return whether a person chose the keys of an action."""
        return identifier in self._chosen

    def holder(self, key: str, *, place: str) -> Row | None:
        """Return the action that a key stands for in a place already, None where it is free."""
        wanted = QKeySequence(key)
        for row in ACTIONS:
            meets = place == row.place or "window" in {place, row.place}
            if meets and any(QKeySequence(each) == wanted for each in self.of(row.id)):
                return row
        return None

    def choose(self, identifier: str, key: str) -> None:
        """Give an action one key, and take it from the action that had it."""
        held = self.holder(key, place=ROWS[identifier].place)
        if held is not None:
            wanted = QKeySequence(key)
            kept = tuple(each for each in self.of(held.id) if QKeySequence(each) != wanted)
            self._chosen[held.id] = kept
        self._chosen[identifier] = (key,)
        self._keep()

    def reset(self, identifier: str) -> None:
        """Give an action its usual keys again, taken from whoever has them now."""
        for key in ROWS[identifier].keys:
            self.choose(identifier, key)
        self._chosen.pop(identifier, None)
        self._keep()

    def reset_all(self) -> None:
        """Give every action its usual keys again."""
        self._chosen.clear()
        self._keep()

    def _give_way(self) -> None:
        """Take from an action the usual keys that a person gave to another before it had them."""
        taken = {
            QKeySequence(key).toString(): ROWS[name].place
            for name, keys in self._chosen.items()
            for key in keys
        }
        for row in ACTIONS:
            places = {row.place, "window"} if row.place != "window" else {"window", "cards"}
            kept = tuple(k for k in row.keys if taken.get(QKeySequence(k).toString()) not in places)
            if kept != row.keys and row.id not in self._chosen:
                self._chosen[row.id] = kept

    def _keep(self) -> None:
        kept = {name: list(keys) for name, keys in self._chosen.items() if keys != ROWS[name].keys}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        partial = self.file.with_suffix(".partial")
        partial.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        partial.replace(self.file)
        self._chosen.clear()
        self._chosen.update({name: tuple(keys) for name, keys in kept.items()})
        self.changed.emit()


_IN_FORCE: dict[str, tuple[str, ...]] = {}
"""The keys a person chose, by action: one process shows one window, and all painters ask here."""


def keys_of(identifier: str) -> tuple[str, ...]:
    """Return the keys an action has now."""
    return _IN_FORCE.get(identifier, ROWS[identifier].keys)


def shown_key(identifier: str) -> str:
    """Return the first key of an action as it is written on the screen, empty where it has none."""
    keys = keys_of(identifier) if identifier in ROWS else ()
    return native(keys[0]) if keys else ""


def _read(file: Path) -> dict[str, tuple[str, ...]]:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(raw, dict):
        return {}
    return {
        name: tuple(key for key in keys if isinstance(key, str) and is_key(key))
        for name, keys in raw.items()
        if name in ROWS and isinstance(keys, list)
    }


def is_key(key: str) -> bool:
    """Return whether a text is one key, with or without modifiers."""
    made = QKeySequence(key)
    return made.count() == 1 and bool(made.toString())


def install(
    window: QWidget, *, targets: Mapping[str, object], cards: QWidget, keys: Keys
) -> dict[str, QAction]:
    """Make the actions with their keys; return them by id for menus, palette and buttons."""
    made: dict[str, QAction] = {}
    for row in ACTIONS:
        target, _, method = row.call.partition(".")
        call: Callable[..., Any] = getattr(targets[target], method)
        holder = cards if row.place == "cards" else window
        action = QAction(row.text, holder)
        action.setShortcutContext(
            Qt.ShortcutContext.WidgetWithChildrenShortcut
            if row.place == "cards"
            else Qt.ShortcutContext.WindowShortcut
        )
        action.triggered.connect(_caller(call, row.argument))
        holder.addAction(action)
        made[row.id] = action

    def give_keys() -> None:
        for name, action in made.items():
            # "?" is typed with Shift on most keyboards, and a layout may report both.
            also = ("Shift+?",) if "?" in keys.of(name) else ()
            action.setShortcuts([QKeySequence(key) for key in (*keys.of(name), *also)])

    give_keys()
    keys.changed.connect(give_keys)
    return made


def _caller(call: Callable[..., Any], argument: int | None) -> Callable[[], None]:
    """Return a slot that drops the `checked` a triggered action sends."""

    def run() -> None:
        if argument is None:
            call()
        else:
            call(argument)

    return run


def native(key: str) -> str:
    """Return a key as it is written on the screen."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
