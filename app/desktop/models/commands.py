"""Actions as rows of the palette and of the list in which keys are changed."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.desktop.actions import ACTIONS, Keys, Row, native


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """One action: its name, the menu it stands in, its keys as they are written on the screen."""

    id: str
    text: str
    menu: str
    keys: str
    enabled: bool
    chosen: bool


def command_rows(
    keys: Keys, *, words: str = "", disabled: Iterable[str] = (), palette: bool = True
) -> tuple[CommandRow, ...]:
    """Return the actions whose name, menu and keys have a word that begins with each of `words`.

    The palette leaves out what only repeats another action on another key (arrows, digits); those
    that begin with the very words come first.
    """
    wanted = words.casefold().split()
    off = frozenset(disabled)
    rows = [
        CommandRow(
            id=row.id,
            text=row.text.rstrip("…, "),
            menu=row.menu,
            keys="  ".join(native(key) for key in keys.of(row.id)),
            enabled=row.id not in off,
            chosen=keys.chosen(row.id),
        )
        for row in ACTIONS
        if row.menu or not palette
    ]
    found = [row for row in rows if all(_begins(word, row) for word in wanted)]
    return tuple(
        sorted(found, key=lambda row: not row.text.casefold().startswith(words.casefold()))
    )


def key_blocks(menus: tuple[str, ...], *, columns: int) -> tuple[tuple[str, ...], ...]:
    """Return the menus in columns of about the same height, each in its order."""
    sizes = {menu: 2 + sum(1 for row in ACTIONS if row.menu == menu) for menu in menus}
    limit = sum(sizes.values()) / columns
    made: list[list[str]] = [[]]
    for menu in menus:
        used = sum(sizes[name] for name in made[-1])
        if made[-1] and used + sizes[menu] / 2 > limit and len(made) < columns:
            made.append([])
        made[-1].append(menu)
    return tuple(tuple(column) for column in made)


def same_as(row: Row) -> tuple[str, ...]:
    """Return the ids of actions that do the same on keys of another place."""
    return tuple(other.id for other in ACTIONS if other.text == row.text and other is not row)


def _begins(word: str, row: CommandRow) -> bool:
    return any(
        part.startswith(word) for part in f"{row.text} {row.menu} {row.keys}".casefold().split()
    )
