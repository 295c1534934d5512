"""What the acts ask of the session, from wherever the cursor is."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QDragLeaveEvent, QDragMoveEvent, QDropEvent
from pytestqt.qtbot import QtBot

from app.desktop.widgets.card import CARD
from app.desktop.window import MainWindow
from audit import Arrange, Assert, Attach, Decision
from pipeline.model import Assertion


@pytest.fixture
def asked(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[Decision]:
    """Catch what would be recorded."""
    caught: list[Decision] = []
    monkeypatch.setattr(window._session, "decide", caught.append)
    return caught


@pytest.fixture
def said(window: MainWindow) -> list[str]:
    told: list[str] = []
    window.acts.noticed.connect(lambda notice: told.append(notice.text))
    return told


def on(window: MainWindow, code: str) -> None:
    window.review.select(next(card.key for card in window.review.cards if card.code == code))


def order(window: MainWindow) -> list[str]:
    placed = [card for card in window.review.cards if card.place]
    return [card.code for card in sorted(placed, key=lambda card: card.place)]


def test_assertions_go_round_even_faster_than_they_are_recorded(
    window: MainWindow, asked: list[Decision]
) -> None:
    on(window, "I10")
    for _ in range(6):
        window.acts.say_assertion()
    assert asked == [
        Assert(code="I10", assertion=assertion)
        for assertion in (
            Assertion.NEGATED,
            Assertion.HISTORICAL,
            Assertion.FAMILY,
            Assertion.POSSIBLE,
            Assertion.HYPOTHETICAL,
            Assertion.PRESENT,
        )
    ]


def test_codes_move_step_by_step_and_stop_at_the_ends(
    window: MainWindow, asked: list[Decision]
) -> None:
    assert order(window) == ["E11.40", "I10", "R05.9"]
    on(window, "I10")
    window.acts.move_code(-1)
    assert order(window) == ["I10", "E11.40", "R05.9"]
    window.acts.move_code(-1)
    window.acts.move_code(1)
    assert order(window) == ["E11.40", "I10", "R05.9"]
    assert asked == [
        Arrange(codes=("I10", "E11.40", "R05.9")),
        Arrange(codes=("E11.40", "I10", "R05.9")),
    ]


def test_a_card_is_dragged_to_its_place(
    window: MainWindow, asked: list[Decision], qtbot: QtBot
) -> None:
    cards = window.panes.codes.list
    moved = cards._cards["code:I10"]
    first = cards._cards["code:E11.40"]
    qtbot.waitUntil(lambda: moved.y() > first.y() > 0)
    above = cards._body.mapTo(cards.viewport(), QPoint(10, first.y() + 2))
    below = cards._body.mapTo(cards.viewport(), QPoint(10, moved.geometry().bottom() + 200))
    assert cards.before("code:I10", above) == "code:E11.40"
    assert cards.before("code:I10", below) == ""
    cards.dropped.emit("code:I10", cards.before("code:I10", above))
    assert order(window) == ["I10", "E11.40", "R05.9"]
    cards.dropped.emit("code:I10", "")
    assert order(window) == ["E11.40", "I10", "R05.9"]
    assert len(asked) == 2


def test_a_line_shows_where_a_dragged_card_would_go(
    window: MainWindow, asked: list[Decision], qtbot: QtBot
) -> None:
    cards = window.panes.codes.list
    moved, first = cards._cards["code:I10"], cards._cards["code:E11.40"]
    qtbot.waitUntil(lambda: moved.y() > first.y() > 0)
    carried = QMimeData()
    carried.setData(CARD, b"code:I10")
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    move = Qt.DropAction.MoveAction

    def over(y: int) -> QRect:
        point = cards._body.mapTo(cards.viewport(), QPoint(10, y))
        cards.dragMoveEvent(QDragMoveEvent(point, move, carried, left, none))
        assert not cards.mark.isHidden()
        return cards.mark.geometry()

    assert cards.mark.isHidden()
    assert over(first.y() + 2).bottom() < first.geometry().top()
    assert over(moved.geometry().bottom() + 200).top() > first.geometry().bottom()
    cards.dragLeaveEvent(QDragLeaveEvent())
    assert cards.mark.isHidden()
    over(first.y() + 2)
    point = QPointF(cards._body.mapTo(cards.viewport(), QPoint(10, first.y() + 2)))
    cards.dropEvent(QDropEvent(point, move, carried, left, none))
    assert cards.mark.isHidden()
    assert order(window) == ["I10", "E11.40", "R05.9"]


def test_selected_words_are_put_to_the_code_and_without_them_it_is_said_how(
    window: MainWindow, asked: list[Decision], said: list[str]
) -> None:
    on(window, "I10")
    window.acts.attach()
    assert "Select the words" in said[0]
    view = window.panes.note.view
    start = view.note_text.index("lisinopril")
    view.select(start, start + len("lisinopril"))
    window.acts.attach()
    (attached,) = asked
    assert isinstance(attached, Attach)
    assert [(span.start, span.end) for span in attached.evidence] == [(start, start + 10)]


@pytest.mark.parametrize("name", ["make_principal", "attach", "step_poa", "say_assertion"])
def test_what_makes_no_sense_on_an_excluded_code_is_said(
    window: MainWindow, asked: list[Decision], said: list[str], name: str
) -> None:
    on(window, "C50.919")
    act: Callable[[], None] = getattr(window.acts, name)
    act()
    assert asked == []
    assert "C50.919" in said[0]


def test_present_on_admission_is_not_asked_of_a_visit(
    window: MainWindow, asked: list[Decision], said: list[str]
) -> None:
    on(window, "I10")
    window.acts.step_poa()
    assert asked == []
    assert "inpatient" in said[0]
