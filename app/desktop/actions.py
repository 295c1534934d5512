"""Every action of the window in one table; menus, shortcuts, buttons and the key card read it.

A row names the method to call as `target.method`, where the targets are handed to `install`. The
keys of a row work anywhere in the window except where words are being typed; those of the place
`cards` only while the cards have the focus, so that arrows still move through a list or a note.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
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
    _row("undo", "Undo", "review.undo", "Codes", "Ctrl+Z"),
    _row("redo", "Redo", "review.redo", "Codes", "Ctrl+Shift+Z", "Ctrl+Y"),
    _row("evidence", "Next evidence", "review.show_evidence", "Note", "E", argument=1),
    _row(
        "evidence-back", "Previous evidence", "review.show_evidence", "Note", "Shift+E", argument=-1
    ),
    _row("find", "Find in the note", "panes.find_words", "Note", "Ctrl+F", "/"),
    _row("next-note", "Next document", "panes.step_note", "Note", "Ctrl+Down", argument=1),
    _row("previous-note", "Previous document", "panes.step_note", "Note", "Ctrl+Up", argument=-1),
    _row("next-case", "Next case", "session.step", "Case", "N", "Ctrl+Right", argument=1),
    _row("previous-case", "Previous case", "session.step", "Case", "P", "Ctrl+Left", argument=-1),
    _row("search-cases", "Search the worklist", "panes.search_cases", "Case", "Ctrl+L"),
    _row("refresh", "Refresh the worklist", "session.refresh", "Case", "F5"),
    _row("codes", "Back to the codes", "panes.show_codes", "View", "Escape", "Ctrl+1"),
    _row("history", "History of the case", "panes.show_history", "View", "H", "Ctrl+2"),
    _row("larger", "Larger note text", "panes.zoom", "View", "Ctrl++", "Ctrl+=", argument=1),
    _row("smaller", "Smaller note text", "panes.zoom", "View", "Ctrl+-", argument=-1),
    _row("usual-size", "Usual note text", "panes.zoom", "View", "Ctrl+0", argument=0),
    _row("theme", "Light or dark", "theme.toggle", "View", "Ctrl+T"),
    _row("keys", "All keys", "dialogs.keys", "Help", "?", "F1"),
    _row("quit", "Close", "window.close", "Case", "Ctrl+Q"),
    *(
        _row(
            f"choose-{n}", f"Take alternative {n} instead", "review.choose", "", str(n), argument=n
        )
        for n in range(1, 10)
    ),
    *(
        Row(id=name, text="Next code", call="review.move", keys=(key,), argument=by, place="cards")
        for name, key, by in (("card-below", "Down", 1), ("card-above", "Up", -1))
    ),
)

MENUS = ("Case", "Codes", "Note", "View", "Help")


def install(
    window: QWidget, *, targets: Mapping[str, object], cards: QWidget
) -> dict[str, QAction]:
    """Make the actions with their keys; return them by id for menus and buttons."""
    made: dict[str, QAction] = {}
    for row in ACTIONS:
        target, _, method = row.call.partition(".")
        call: Callable[..., Any] = getattr(targets[target], method)
        holder = cards if row.place == "cards" else window
        action = QAction(row.text, holder)
        # "?" is typed with Shift on most keyboards, and a layout may report both.
        also = ("Shift+?",) if "?" in row.keys else ()
        action.setShortcuts([QKeySequence(key) for key in (*row.keys, *also)])
        action.setShortcutContext(
            Qt.ShortcutContext.WidgetWithChildrenShortcut
            if row.place == "cards"
            else Qt.ShortcutContext.WindowShortcut
        )
        action.triggered.connect(_caller(call, row.argument))
        holder.addAction(action)
        made[row.id] = action
    return made


def _caller(call: Callable[..., Any], argument: int | None) -> Callable[[], None]:
    """Return a slot that drops the `checked` a triggered action sends."""

    def run() -> None:
        if argument is None:
            call()
        else:
            call(argument)

    return run


def shown_key(identifier: str) -> str:
    """Return the first key of an action as it is written on the screen, empty where it has none."""
    for row in ACTIONS:
        if row.id == identifier and row.keys:
            return QKeySequence(row.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
    return ""
