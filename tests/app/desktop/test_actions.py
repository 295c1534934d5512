import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QKeySequence

from app.desktop.actions import ACTIONS, MENUS, ROWS, Keys, shown_key
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


def made(tmp_path: Path, text: str = "") -> Keys:
    file = tmp_path / "keys.json"
    if text:
        file.write_text(text, encoding="utf-8")
    return Keys(file)


@pytest.fixture(autouse=True)
def usual_keys(tmp_path: Path) -> Iterator[None]:
    yield
    Keys(tmp_path / "none")


def test_a_key_taken_from_another_action_leaves_that_one_its_other_keys(tmp_path: Path) -> None:
    keys = made(tmp_path)
    keys.choose("accept", "Ctrl+Y")
    assert keys.of("accept") == ("Ctrl+Y",)
    assert keys.of("redo") == ("Ctrl+Shift+Z",)
    assert shown_key("accept") == "Ctrl+Y"
    again = made(tmp_path)
    assert (again.of("accept"), again.of("redo")) == (("Ctrl+Y",), ("Ctrl+Shift+Z",))
    again.reset("accept")
    assert again.of("accept") == ("A",)
    again.reset_all()
    assert again.of("redo") == ("Ctrl+Shift+Z", "Ctrl+Y")
    assert made(tmp_path).of("redo") == ("Ctrl+Shift+Z", "Ctrl+Y")


def test_the_usual_keys_come_back_from_whoever_has_them(tmp_path: Path) -> None:
    keys = made(tmp_path)
    keys.choose("accept", "G")
    keys.choose("reject", "A")
    keys.reset("accept")
    assert (keys.of("accept"), keys.of("reject")) == (("A",), ())


def test_a_new_action_does_not_take_a_key_that_a_person_had_given_to_another(
    tmp_path: Path,
) -> None:
    """As where `Ctrl+P` was chosen for something before the window could print."""
    keys = made(tmp_path, '{"comment": ["Ctrl+P"], "card-below": ["J"]}')
    assert (keys.of("comment"), keys.of("print")) == (("Ctrl+P",), ())
    assert (keys.of("card-below"), keys.of("next-card")) == (("J",), ())
    keys.reset("print")
    assert (keys.of("comment"), keys.of("print")) == ((), ("Ctrl+P",))


def test_a_key_of_the_cards_meets_those_of_the_window(tmp_path: Path) -> None:
    keys = made(tmp_path)
    held = keys.holder("J", place="cards")
    assert held is not None
    assert held.id == "next-card"
    assert keys.holder("Ctrl+Alt+9", place="window") is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"nothing": ["A"]}', '{"accept": "G"}', '{"accept": [3, "Ctrl+"]}'],
)
def test_a_file_that_makes_no_sense_takes_no_key_away_from_others(
    tmp_path: Path, text: str
) -> None:
    keys = made(tmp_path, text)
    assert keys.of("reject") == ("X",)
    assert keys.of("accept") in {("A",), ()}


@given(st.lists(st.tuples(st.sampled_from(sorted(ROWS)), st.sampled_from("ABGJKXZ")), max_size=12))
def test_whatever_is_chosen_no_key_means_two_things(chosen: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        keys = Keys(Path(folder) / "keys.json")
        for name, key in chosen:
            keys.choose(name, key)
        used = Counter(key for name in ROWS for key in keys.of(name))
        assert [key for key, times in used.items() if times > 1] == []


def test_the_first_key_is_the_one_shown() -> None:
    assert shown_key("add") == "Ctrl+K"
    assert shown_key("nothing") == ""
