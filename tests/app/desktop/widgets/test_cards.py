from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from app.desktop.models.cards import CardRow, Group
from app.desktop.models.deck import card_rows
from app.desktop.theme import Theme
from app.desktop.widgets.cards import CardList, CardsPane
from app.workspace import OpenCase


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot) -> CardsPane:
    pane = CardsPane(theme)
    qtbot.addWidget(pane)
    pane.resize(400, 500)
    pane.show()
    return pane


@pytest.fixture
def cards(pane: CardsPane) -> CardList:
    return pane.list


def order(cards: CardList) -> list[str]:
    placed = [(cards._cards[key].y(), key) for key in cards._cards]
    return [key for _, key in sorted(placed)]


def shown(cards: CardList, rows: tuple[CardRow, ...], key: str | None = None) -> None:
    cards.show_cards(rows, key)
    body = cards.widget()
    assert body is not None
    layout = body.layout()
    assert layout is not None
    layout.activate()


def test_cards_stand_in_their_groups_with_counts(cards: CardList, opened: OpenCase) -> None:
    rows = card_rows(opened)
    shown(cards, rows)
    assert order(cards) == [row.key for row in rows]
    assert [head.text() for head in cards._heads.values()] == [
        "TO ASSIGN  2",
        "NEEDS YOU  1",
        "CONSIDERED AND EXCLUDED  2",
    ]
    assert [label.isHidden() for label in cards._nothing.values()] == [True] * 3


def test_a_card_that_changes_its_group_moves_and_stays_the_same_card(
    cards: CardList, opened: OpenCase
) -> None:
    rows = card_rows(opened)
    shown(cards, rows)
    card = cards._cards["code:R05.9"]
    moved = tuple(
        sorted(
            (
                replace(row, group=Group.ASSIGN, status="accepted")
                if row.key == "code:R05.9"
                else row
                for row in rows
            ),
            key=lambda row: list(Group).index(row.group),
        )
    )
    shown(cards, moved)
    assert cards._cards["code:R05.9"] is card
    assert order(cards) == [row.key for row in moved]
    assert not cards._nothing[Group.NEEDS].isHidden()


def test_cards_of_another_case_leave_nothing_behind(cards: CardList, opened: OpenCase) -> None:
    rows = card_rows(opened)
    shown(cards, rows)
    shown(cards, rows[:1])
    assert set(cards._cards) == {rows[0].key}


def test_one_card_is_the_current_one(cards: CardList, opened: OpenCase) -> None:
    rows = card_rows(opened)
    shown(cards, rows, rows[0].key)
    cards.set_current(rows[2].key)
    assert [key for key, card in cards._cards.items() if card.current] == [rows[2].key]
    cards.set_current(None)
    assert not any(card.current for card in cards._cards.values())


def test_the_current_card_is_brought_into_sight(
    cards: CardList, opened: OpenCase, qtbot: QtBot
) -> None:
    cards.resize(400, 160)
    rows = card_rows(opened)
    shown(cards, rows, rows[0].key)
    cards.set_current(rows[-1].key)
    qtbot.waitUntil(lambda: cards.verticalScrollBar().value() > 0)


def test_cards_take_the_colours_of_a_new_theme(
    cards: CardList, opened: OpenCase, theme: Theme
) -> None:
    shown(cards, card_rows(opened))
    card = cards._cards["code:I10"]
    before = card.slip(300)
    theme.toggle()
    assert card.slip(300).palette is theme.palette is not before.palette


def test_every_card_is_as_high_as_its_words_need_whichever_the_cursor_is_on(
    cards: CardList, opened: OpenCase, qtbot: QtBot
) -> None:
    rows = card_rows(opened)
    for width in (340, 520):
        cards.window().resize(width, 700)
        for row in rows:
            shown(cards, rows, row.key)
            qtbot.waitUntil(
                lambda: all(
                    card.height() == card.heightForWidth(card.width())
                    for card in cards._cards.values()
                )
            )


def test_of_a_card_taller_than_the_pane_the_code_is_seen_first(
    qtbot: QtBot, theme: Theme, opened: OpenCase
) -> None:
    pane = CardList(theme)
    qtbot.addWidget(pane)
    rows = card_rows(opened)
    pane.resize(360, 160)
    pane.show()
    pane.show_cards(rows, rows[1].key)
    card = pane._cards[rows[1].key]
    qtbot.waitUntil(lambda: card.height() > pane.viewport().height())
    pane._scroll()
    top = card.mapTo(pane.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < pane.viewport().height() // 4
