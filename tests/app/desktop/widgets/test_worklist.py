from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.desktop.theme import Theme
from app.desktop.widgets.worklist import WorklistPane, case_look
from app.worklist import Filter, Order, Worklist
from audit import CaseRow, State
from pipeline.model import Route
from taxonomy import Taxonomy
from tests.app.desktop import builders


@pytest.fixture
def worklist(root: Path, icd: Taxonomy) -> Worklist:
    space = builders.workspace(root, icd)
    try:
        return space.worklist()
    finally:
        space.close()


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot, worklist: Worklist) -> WorklistPane:
    made = WorklistPane(theme)
    qtbot.addWidget(made)
    made.show_worklist(worklist, worklist.rows[1].case_id)
    return made


def checked(model: QAbstractItemModel) -> QAbstractItemModelTester:
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    return QAbstractItemModelTester(model, mode, model)


def choose(button: QToolButton, beginning: str) -> None:
    menu = button.menu()
    next(action for action in menu.actions() if action.text().startswith(beginning)).trigger()


def case(case_id: str, state: State = State.OPEN) -> CaseRow:
    return CaseRow(
        case_id=case_id,
        encounter_id=f"visit {case_id}",
        lane=Route.REVIEW,
        state=state,
        lane_reasons=(),
        note_count=1,
        suggestion_count=2,
        decided_count=1,
        updated="",
        setting=None,
    )


def test_lanes_show_their_counts(pane: WorklistPane, worklist: Worklist) -> None:
    tester = checked(pane.model)
    assert [button.text() for button in pane._lanes.values()] == [
        "All\n2",
        "Review\n1",
        "Confirm\n1",
        "Auto\n0",
    ]
    assert pane.list.currentIndex().row() == 1
    pane.show_worklist(Worklist(rows=(), counts={}), None)
    assert not pane._none.isHidden()
    del tester


def test_lane_words_and_reason_are_asked_for_together(pane: WorklistPane, qtbot: QtBot) -> None:
    pane.search.setText(" visit ")
    with qtbot.waitSignal(pane.filtered) as told:
        pane._lanes[Route.CONFIRM].click()
    assert told.args == [Filter(lane=Route.CONFIRM, text="visit")]
    with qtbot.waitSignal(pane.filtered) as told:
        choose(pane.reason, "Low confidence")
    assert told.args == [Filter(lane=Route.CONFIRM, text="visit", reason="low-confidence")]
    with qtbot.waitSignal(pane.filtered) as told:
        choose(pane.order, "By name")
    assert told.args[0].order is Order.NAME
    with qtbot.waitSignal(pane.filtered) as told:
        choose(pane.state, "Failed")
    assert told.args[0].state is State.FAILED
    assert (pane.state.text(), pane.reason.text()) == ("Failed", "Low confidence")


def test_a_filter_that_leaves_nothing_can_be_taken_away_at_once(
    pane: WorklistPane, qtbot: QtBot
) -> None:
    choose(pane.order, "By name")
    pane.search.setText("nobody")
    pane.show_worklist(Worklist(rows=(), filter=Filter(text="nobody"), size=2), None)
    assert not pane._all.isHidden()
    with qtbot.waitSignal(pane.filtered) as told:
        pane._all.click()
    assert told.args == [Filter(order=Order.NAME)]
    assert pane.search.text() == ""


def test_enter_on_a_case_opens_it(pane: WorklistPane, qtbot: QtBot, worklist: Worklist) -> None:
    pane.show()
    pane.list.setCurrentIndex(pane.model.index(1))
    with qtbot.waitSignal(pane.chosen) as told:
        QTest.keyClick(pane.list, Qt.Key.Key_Return)
    assert told.args == [worklist.rows[1].case_id]


def test_every_state_has_a_sign_or_a_word_of_its_own() -> None:
    looks = {state: case_look(case("1", state)) for state in State}
    assert len({(look.icon, look.meta) for look in looks.values()}) == len(State)
    assert looks[State.OPEN].meta == "1 / 2"
    assert looks[State.HELD].meta == "On hold"


def test_fifty_thousand_cases_are_shown_whole_and_one_change_touches_one_row(
    pane: WorklistPane,
) -> None:
    rows = tuple(case(f"{number:05}") for number in range(50_000))
    pane.resize(280, 600)
    pane.show()
    pane.show_worklist(Worklist(rows=rows, size=50_000), "49999")
    assert pane.list.currentIndex().row() == 49_999
    changed: list[int] = []
    resets: list[bool] = []
    pane.model.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    pane.model.modelReset.connect(lambda: resets.append(True))
    after = (*rows[:7], case("00007", State.SUBMITTED), *rows[8:])
    pane.show_worklist(Worklist(rows=after, size=50_000), "00007")
    assert (changed, resets) == ([7], [])


def test_new_cases_move_neither_the_lines_on_the_screen_nor_the_mark_of_the_keys(
    pane: WorklistPane, qtbot: QtBot
) -> None:
    """They come in above and below what is on the screen; the open case is another one."""
    rows = tuple(case(f"{number:05}") for number in range(0, 400, 2))
    pane.resize(280, 600)
    pane.show()
    pane.activateWindow()
    qtbot.waitUntil(pane.isActiveWindow)
    pane.show_worklist(Worklist(rows=rows, size=200), "00010")
    pane.list.setFocus()
    pane.list.setCurrentIndex(pane.model.index_of("00200"))
    bar = pane.list.verticalScrollBar()
    bar.setValue(bar.value() + 13)

    def line(key: str) -> int:
        return pane.list.visualRect(pane.model.index_of(key)).top()

    before = line("00200")
    more = (case("00001"), *rows[:20], case("00041"), *rows[20:], case("00999"))
    pane.show_worklist(Worklist(rows=more, size=203), "00010")
    assert line("00200") == before
    marked = pane.model.row_at(pane.list.currentIndex())
    assert marked is not None
    assert marked.case_id == "00200"
    pane.search.setFocus()
    pane.show_worklist(Worklist(rows=more, size=203), "00010")
    marked = pane.model.row_at(pane.list.currentIndex())
    assert marked is not None
    assert marked.case_id == "00010", "while another field has the keys, the open case is marked"


@pytest.mark.qt_log_ignore("grabbing the keyboard", "propagateSizeHints", r"raise\(\)")
def test_an_open_menu_stays_as_it_is_while_the_worklist_is_read_again(
    pane: WorklistPane, qtbot: QtBot, worklist: Worklist
) -> None:
    pane.show()
    menu = pane.state.menu()
    menu.popup(QPoint(0, 0))
    qtbot.waitUntil(menu.isVisible)
    texts = [action.text() for action in menu.actions()]
    marked = menu.actions()[1]
    menu.setActiveAction(marked)
    more = replace(worklist, states=dict.fromkeys(State, 77))
    pane.show_worklist(more, None)
    assert [action.text() for action in menu.actions()] == texts
    assert menu.activeAction() is marked
    menu.close()
    menu.popup(QPoint(0, 0))
    assert any("77" in action.text() for action in menu.actions())
    menu.close()
