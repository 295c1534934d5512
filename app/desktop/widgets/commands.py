"""The palette of actions, the key card, and the dialog in which keys are changed."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.desktop.actions import ACTIONS, MENUS, ROWS, Keys, Row, native
from app.desktop.models.commands import CommandRow, command_rows, key_blocks, same_as
from app.desktop.models.rows import RowsModel
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.dialogs import ENTER, ListField, Panel
from app.desktop.widgets.parts import keycap, label, margins
from app.desktop.widgets.rows import Look, RowDelegate, RowList
from app.wording import say

MODIFIERS = frozenset({Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta})
COLUMNS = 3
"""Columns of the key card."""

WIDTH = 166
"""Grid steps the key card is wide, where the window is wider."""


def command_look(row: CommandRow) -> Look:
    """Return how an action looks in the palette and among the keys."""
    place = row.menu or say("places", "cards-only")
    if not row.enabled:
        place = f"{place} · {say('places', 'not-now')}"
    return Look(
        title=row.text,
        detail=f"{place} · {say('places', 'own-keys')}" if row.chosen else place,
        meta=row.keys,
        bold=row.enabled,
    )


def _spoken(row: CommandRow) -> str:
    return f"{row.text}, {row.menu}, {row.keys or say('places', 'no-key')}"


class _Commands(RowList):
    """A list of actions."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.rows: RowsModel[CommandRow] = RowsModel(
            key=lambda row: row.id, text=lambda row: row.text, spoken=_spoken, parent=self
        )
        self.setModel(self.rows)
        self.setItemDelegate(RowDelegate(command_look, theme, self))

    def show_rows(self, rows: tuple[CommandRow, ...]) -> None:
        """Show actions and keep the one that is marked, else mark the first."""
        now = self.rows.row_at(self.currentIndex())
        self.rows.set_rows(rows)
        at = self.rows.index_of(now.id) if now else QModelIndex()
        self.setCurrentIndex(at if at.isValid() else self.rows.index(0))

    def step(self, by: int) -> None:
        """Move the mark, stopping at the ends."""
        at = min(max(self.currentIndex().row() + by, 0), self.rows.rowCount() - 1)
        self.setCurrentIndex(self.rows.index(at))


class Palette(Panel):
    """Find an action by a few letters and do it with Enter."""

    answered = Signal(str)

    def __init__(
        self, parent: QWidget, *, keys: Keys, disabled: Iterable[str], theme: Theme
    ) -> None:
        super().__init__(parent, title=say("places", "palette"), width=68)
        self._keys = keys
        self._disabled = frozenset(disabled)
        self._field = ListField()
        self._field.setPlaceholderText(say("places", "palette-hint"))
        self._field.setAccessibleName(say("places", "palette"))
        self.list = _Commands(say("places", "palette"), theme)
        self.list.setMinimumHeight(48 * GRID)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.column.addWidget(self._field)
        self.column.addWidget(self.list, 1)
        self._field.textChanged.connect(self._search)
        self._field.moved.connect(self.list.step)
        self._field.returnPressed.connect(self._take)
        self.list.clicked.connect(lambda _: self._take())
        self._search("")
        self._field.setFocus()

    def _search(self, words: str) -> None:
        rows = command_rows(self._keys, words=words, disabled=self._disabled)
        self.list.rows.set_rows(rows)
        self.list.setCurrentIndex(self.list.rows.index(0))

    def _take(self) -> None:
        row = self.list.rows.row_at(self.list.currentIndex())
        if row is not None and row.enabled:
            self.accept()
            self.answered.emit(row.id)


class KeyCard(Panel):
    """Every action with the keys it has now."""

    edit_wanted = Signal()

    def __init__(self, parent: QWidget, *, keys: Keys) -> None:
        width = min(parent.window().width() // GRID - 4, WIDTH)
        super().__init__(parent, title=say("places", "keys"), width=max(width, 80))
        card = QWidget()
        card.setObjectName("page")
        columns = QHBoxLayout(card)
        margins(columns, 0, 0, 1.5, 0, spacing=2.5)
        for menus in key_blocks(MENUS, columns=COLUMNS):
            column = QVBoxLayout()
            column.setSpacing(2 * GRID)
            for menu in menus:
                column.addLayout(_key_block(menu, keys))
            column.addStretch(1)
            columns.addLayout(column, 1)
        area = QScrollArea()
        area.setWidget(card)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(say("places", "keys"))
        height = parent.window().height() - 22 * GRID
        area.setMinimumHeight(min(card.sizeHint().height() + GRID, max(height, 40 * GRID)))
        self.column.addWidget(area)
        line = QHBoxLayout()
        line.addStretch(1)
        edit = QPushButton(say("places", "change-keys"))
        edit.setAutoDefault(False)
        edit.clicked.connect(self._edit)
        shut = QPushButton(say("places", "close"))
        shut.clicked.connect(self.accept)
        line.addWidget(edit)
        line.addWidget(shut)
        self.column.addLayout(line)
        shut.setFocus()

    def _edit(self) -> None:
        self.accept()
        self.edit_wanted.emit()


def _key_block(menu: str, keys: Keys) -> QGridLayout:
    block = QGridLayout()
    block.setVerticalSpacing(GRID // 2 - 1)
    block.setHorizontalSpacing(GRID)
    block.setColumnStretch(0, 1)
    block.addWidget(label(menu, role="heading"), 0, 0)
    lines = [(row.text.rstrip("…, "), _all_keys(row, keys)) for row in ACTIONS if row.menu == menu]
    if menu == "Codes":
        first, last = keys.of("choose-1"), keys.of("choose-9")
        lines.append((say("places", "take-alternative"), (*first, *last)))
    for at, (text, caps) in enumerate(lines, start=1):
        block.addWidget(label(text, role="keyname"), at, 0)
        line = QHBoxLayout()
        line.setSpacing(GRID // 2)
        line.addStretch(1)
        for key in caps:
            cap = keycap(native(key))
            cap.ensurePolished()
            cap.setMinimumWidth(cap.sizeHint().width())
            line.addWidget(cap)
        block.addLayout(line, at, 1)
    return block


def _all_keys(row: Row, keys: Keys) -> tuple[str, ...]:
    return (*keys.of(row.id), *(key for other in same_as(row) for key in keys.of(other)))


class KeyField(QLineEdit):
    """A field that takes the next key pressed, with its modifiers, and shows it."""

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAccessibleName(say("places", "new-key"))
        self.setPlaceholderText(say("places", "press-key"))

    def event(self, event: QEvent) -> bool:
        """Keep keys from being shortcuts, and take all but those that move on or back out."""
        if not isinstance(event, QKeyEvent):
            return super().event(event)
        key = Qt.Key(event.key())
        leaves = key in {Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, *ENTER}
        if leaves or key in MODIFIERS or key == Qt.Key.Key_unknown:
            return super().event(event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            combination = event.keyCombination()
            plain = combination.keyboardModifiers() & ~Qt.KeyboardModifier.KeypadModifier
            text = event.text()
            if text and not text.isalnum() and text.isprintable() and text != " ":
                # What Shift made of a key is the key: "?" and not "Shift+?".
                plain &= ~Qt.KeyboardModifier.ShiftModifier
            self.pressed.emit(QKeySequence(plain.value | key.value).toString())
            return True
        return super().event(event)


class KeyEditor(Panel):
    """Every action with its keys; the next key pressed becomes its key."""

    def __init__(self, parent: QWidget, *, keys: Keys, theme: Theme) -> None:
        super().__init__(parent, title=say("places", "edit-keys"), width=72)
        self._keys = keys
        self._wanted = ""
        self._field = ListField()
        self._field.setPlaceholderText(say("places", "palette-hint"))
        self._field.setAccessibleName(say("places", "palette"))
        self.list = _Commands(say("places", "edit-keys"), theme)
        self.list.setMinimumHeight(42 * GRID)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.key = KeyField()
        self.said = label(role="small", wrap=True)
        self.said.setMinimumHeight(4 * GRID)
        usual = QPushButton(say("places", "usual-keys"))
        every = QPushButton(say("places", "usual-keys-all"))
        shut = QPushButton(say("places", "close"))
        for button in (usual, every, shut):
            button.setAutoDefault(False)
        self.column.addWidget(self._field)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.key)
        self.column.addWidget(self.said)
        self.column.addWidget(label(say("places", "keys-file", file=str(keys.file)), role="small"))
        line = QHBoxLayout()
        for button in (usual, every):
            line.addWidget(button)
        line.addStretch(1)
        line.addWidget(shut)
        self.column.addLayout(line)
        self._field.textChanged.connect(lambda _: self._show())
        self._field.moved.connect(self.list.step)
        self._field.returnPressed.connect(self.key.setFocus)
        self.list.clicked.connect(lambda _: self.key.setFocus())
        self.list.selectionModel().currentChanged.connect(lambda _now, _was: self._forget())
        self.key.pressed.connect(self._pressed)
        usual.clicked.connect(self._reset)
        every.clicked.connect(keys.reset_all)
        shut.clicked.connect(self.accept)
        keys.changed.connect(self._show)
        self._show()
        self._field.setFocus()

    def _show(self) -> None:
        self.list.show_rows(command_rows(self._keys, words=self._field.text(), palette=False))

    def _forget(self) -> None:
        self._wanted = ""
        self.key.clear()
        self.said.clear()

    def _row(self) -> CommandRow | None:
        return self.list.rows.row_at(self.list.currentIndex())

    def _pressed(self, key: str) -> None:
        """Take a key at once where it is free, on a second press from the action that has it."""
        row = self._row()
        if row is None:
            return
        held = self._keys.holder(key, place=ROWS[row.id].place)
        self.key.setText(native(key))
        if held is not None and held.id != row.id and key != self._wanted:
            self._wanted = key
            other = held.text.rstrip("…")
            self.said.setText(say("places", "key-taken", key=native(key), other=other))
            return
        self._keys.choose(row.id, key)
        self._wanted = ""
        self.said.setText(say("places", "key-set", key=native(key), action=row.text))

    def _reset(self) -> None:
        row = self._row()
        if row is not None:
            self._keys.reset(row.id)
            self.said.setText(say("places", "key-usual", action=row.text))
