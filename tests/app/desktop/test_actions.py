from collections import Counter

from PySide6.QtGui import QKeySequence

from app.desktop.actions import ACTIONS, MENUS, shown_key
from app.desktop.window import MainWindow


def test_no_key_means_two_things() -> None:
    """Two actions with one key would both be dead: Qt calls that ambiguous."""
    keys = Counter(QKeySequence(key).toString() for row in ACTIONS for key in row.keys)
    assert [key for key, times in keys.items() if times > 1] == []


def test_every_key_is_one_qt_knows_and_every_id_is_one() -> None:
    assert all(QKeySequence(key).count() == 1 for row in ACTIONS for key in row.keys)
    assert len({row.id for row in ACTIONS}) == len(ACTIONS)


def test_every_row_stands_in_a_menu_or_is_an_alternative_or_an_arrow() -> None:
    apart = {row.id for row in ACTIONS if not row.menu}
    assert apart == {*(f"choose-{n}" for n in range(1, 10)), "card-below", "card-above"}
    assert {row.menu for row in ACTIONS if row.menu} == set(MENUS)


def test_every_row_calls_something_that_is_there(window: MainWindow) -> None:
    assert set(window.made) == {row.id for row in ACTIONS}
    titles = [action.text() for action in window.menuBar().actions()]
    assert titles == list(MENUS)


def test_the_first_key_is_the_one_shown() -> None:
    assert shown_key("add") == "Ctrl+K"
    assert shown_key("nothing") == ""
