"""The window on a team's server: a case by keys, two people at once, and a server that stops."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

import app.hand
from app.desktop.main import open_window
from app.desktop.widgets.dialogs import ReasonDialog
from app.desktop.widgets.mergedialog import MergeDialog
from app.desktop.widgets.signing import SignDialog
from app.desktop.widgets.summary import SummaryDialog
from app.desktop.window import MainWindow
from app.workspace import Workspace
from audit import Actor, ActorKind, State, Store, StoreUnreadableError, verify
from audit.clock import Clock, now
from taxonomy import Taxonomy
from tests.app.desktop import builders
from tests.app.desktop.hands import Keys, open_case, status_of
from tests.postgres import PostgresServer, Team

ENTER = Qt.Key.Key_Return
PHRASE = "five red herrings"


BEGAN = datetime(2020, 5, 4, tzinfo=UTC)
LONG_AGO = BEGAN + timedelta(days=1)
"""A time that no lease of today reaches back to."""


def opened(team: Team, root: Path, role: str, clock: Clock = now) -> Store:
    actor = Actor(kind=ActorKind.PERSON, id="whoever")
    where = builders.places(root)
    return Store.create_or_open(team.address(role), places=where, actor=actor, clock=clock)


@pytest.fixture
def team(postgres: PostgresServer, tmp_path: Path) -> Team:
    made = postgres.database()
    opened(made, tmp_path, "owner", lambda: BEGAN).close()
    made.let_in()
    with opened(made, tmp_path, "ada", lambda: BEGAN) as store:
        store.record(*builders.first_case())
        store.record(*builders.second_case())
    return made


Sit = Callable[..., Keys]


@pytest.fixture
def sit(
    team: Team, tmp_path: Path, icd: Taxonomy, qtbot: QtBot, qapp: QApplication
) -> Iterator[Sit]:
    """Sit a person down at a window of their own."""
    with ExitStack() as ended:

        def sit(role: str, clock: Clock = now) -> Keys:
            qapp.setStyle("Fusion")
            builders.encoder(icd)
            window = open_window(
                qapp,
                lambda: Workspace(
                    store=opened(team, tmp_path, role, clock),
                    load_taxonomy=lambda _origin: icd,
                    load_encoder=builders.encoder,
                ),
                config_dir=tmp_path / role,
            )
            ended.callback(window.close)
            qtbot.addWidget(window)
            keys = Keys(window, qtbot)
            turn_to(keys)
            qtbot.waitUntil(lambda: window.review.current is not None)
            return keys

        yield sit


def turn_to(keys: Keys) -> None:
    """Turn to a window: its next key goes to its cards."""
    with keys.bot.waitActive(keys.window):
        keys.window.activateWindow()
    keys.window.panes.codes.list.setFocus()


def told(window: MainWindow) -> list[str]:
    """Return the notices of a window from now on."""
    said: list[str] = []
    window._session.noticed.connect(lambda notice: said.append(notice.text))
    return said


def state(window: MainWindow) -> State:
    assert window._session.case is not None
    return window._session.case.case.state


def kinds(team: Team, root: Path, case_id: str, who: str) -> list[str]:
    quiet = {"case.viewed", "note.viewed"}
    with opened(team, root, "carl") as store:
        found = [event.kind for event in store.events(case_id) if event.actor.id == who]
    return [kind for kind in found if kind not in quiet]


def sign(keys: Keys) -> None:
    keys.dialog(SignDialog)
    keys.write("Ada Okonkwo")
    keys.press(ENTER)
    keys.write(PHRASE)
    keys.press(ENTER)
    keys.write(PHRASE)
    keys.press(ENTER)


def case_of(window: MainWindow) -> str:
    assert window._session.case is not None
    return window._session.case.case.case_id


def test_a_case_on_a_server_from_the_first_look_to_the_signature_by_keys_alone(
    sit: Sit, team: Team, tmp_path: Path
) -> None:
    keys = sit("ada")
    window = keys.window
    keys.on_cards()
    assert open_case(window) == "visit-1"
    keys.press("n")
    keys.bot.waitUntil(lambda: open_case(window) == "visit-2")
    case_id = case_of(window)
    keys.on_cards()
    assert keys.card().code == "J45.20"
    keys.press("a")
    keys.recorded(lambda: status_of(window, "J45.20") == "accepted")
    keys.press(ENTER, ctrl=True)
    keys.dialog(SummaryDialog)
    keys.press(ENTER, ctrl=True)
    sign(keys)
    keys.recorded(lambda: state(window) is State.SUBMITTED)
    window.close()
    assert kinds(team, tmp_path, case_id, "ada") == [
        "case.claimed",
        "decision.accepted",
        "case.submitted",
        "case.signed",
    ]
    with opened(team, tmp_path, "carl") as store:
        (signature,) = store.case(case_id).signatures
        assert (signature.person, signature.name) == ("ada", "Ada Okonkwo")
    assert verify(team.address("carl"), places=builders.places(tmp_path)).problems == ()


def test_of_two_people_one_has_the_case_and_what_comes_too_late_is_asked_about(
    sit: Sit, team: Team, tmp_path: Path
) -> None:
    ada, ben = sit("ada"), sit("ben")
    case_id = case_of(ada.window)
    assert case_of(ben.window) == case_id
    said = told(ben.window)
    turn_to(ada)
    ada.press("a")
    ada.recorded(lambda: status_of(ada.window, "E11.40") == "accepted")

    turn_to(ben)
    assert ben.card().code == "E11.40"
    ben.press("a")
    ben.recorded(lambda: bool(said))
    assert "ada has this case in hand" in said[-1]
    assert kinds(team, tmp_path, case_id, "ben") == []

    turn_to(ada)
    ada.press("n")  # lets go of it
    ada.bot.waitUntil(lambda: open_case(ada.window) == "visit-2")
    turn_to(ben)
    while ben.card().code != "E11.40":
        ben.press(Qt.Key.Key_Up)
    ben.press("x")
    ben.dialog(ReasonDialog)
    ben.press("3")
    merge = ben.dialog(MergeDialog)
    assert status_of(ben.window, "E11.40") == "accepted", "the case is shown as ada left it"
    assert kinds(team, tmp_path, case_id, "ben") == [], "nothing is overwritten"
    merge.findChildren(QPushButton)[1].click()
    ben.recorded(lambda: status_of(ben.window, "E11.40") == "rejected")
    assert kinds(team, tmp_path, case_id, "ben") == ["case.claimed", "decision.rejected"]
    for keys in (ada, ben):
        keys.window.close()
    assert verify(team.address("carl"), places=builders.places(tmp_path)).problems == ()


def test_a_lease_that_ran_out_is_taken_anew_with_the_next_act(
    sit: Sit, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = sit("ada")
    case_id = case_of(keys.window)
    keys.on_cards()
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")
    monkeypatch.setattr(app.hand, "_now", lambda: time.time() + 60 * 60)
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "I10") == "accepted")
    assert kinds(team, tmp_path, case_id, "ada") == [
        "case.claimed",
        "decision.accepted",
        "case.claimed",
        "decision.accepted",
    ]


def test_a_case_whose_lease_ran_out_may_have_gone_to_somebody_else(
    sit: Sit, team: Team, tmp_path: Path
) -> None:
    ada = sit("ada", lambda: LONG_AGO)
    case_id = case_of(ada.window)
    ada.on_cards()
    ada.press("a")
    ada.recorded(lambda: status_of(ada.window, "E11.40") == "accepted")
    said = told(ada.window)
    ben = sit("ben")
    while ben.card().code != "E11.40":
        ben.press(Qt.Key.Key_Up)
    ben.press("x")
    ben.dialog(ReasonDialog)
    ben.press("3")
    ben.recorded(lambda: status_of(ben.window, "E11.40") == "rejected")
    turn_to(ada)
    ada.press("a")
    ada.recorded(lambda: bool(said))
    assert "ben has this case in hand" in said[-1]
    turn_to(ben)
    ben.press("n")
    ben.bot.waitUntil(lambda: open_case(ben.window) == "visit-2")
    turn_to(ada)
    ada.press("a")
    merge = ada.dialog(MergeDialog)
    assert status_of(ada.window, "E11.40") == "rejected"
    merge.reject()
    ada.recorded()
    assert kinds(team, tmp_path, case_id, "ada") == ["case.claimed", "decision.accepted"]


def test_a_server_that_stops_is_said_once_and_met_again(
    sit: Sit, team: Team, tmp_path: Path, postgres: PostgresServer
) -> None:
    keys = sit("ada")
    window = keys.window
    case_id = case_of(window)
    keys.on_cards()
    keys.press("a")
    keys.recorded(lambda: status_of(window, "E11.40") == "accepted")
    faults: list[Any] = []
    window._session.failed.connect(faults.append)
    said = told(window)
    postgres.stop("immediate")
    try:
        keys.press("a")
        keys.recorded(lambda: bool(said))
        assert len(set(said)) == 1
        assert "cannot be reached" in said[0]
        assert status_of(window, "I10") == "open", "what is not recorded is not shown as such"
        assert open_case(window) == "visit-1"
    finally:
        postgres.start()
    while keys.card().code != "I10":
        keys.press(Qt.Key.Key_Up)
    keys.press("a")
    keys.recorded(lambda: status_of(window, "I10") == "accepted")
    window.close()
    assert faults == []
    assert kinds(team, tmp_path, case_id, "ada").count("decision.accepted") == 2
    assert verify(team.address("carl"), places=builders.places(tmp_path)).problems == ()


def test_what_was_stored_before_the_server_went_is_shown_as_stored(
    sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection may break between the commit and the word of it."""
    keys = sit("ada")
    keys.on_cards()
    said = told(keys.window)
    real = Store.decide

    def broken(store: Store, *given: Any, **named: Any) -> None:
        real(store, *given, **named)
        raise StoreUnreadableError("The server cannot be reached.")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "decide", broken)
        keys.press("a")
        keys.recorded(lambda: bool(said))
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "I10") == "accepted")


def test_a_window_opened_without_its_server_says_so(
    team: Team, tmp_path: Path, postgres: PostgresServer, qtbot: QtBot, qapp: QApplication
) -> None:
    def refused() -> Workspace:
        raise AssertionError(opened(team, tmp_path, "ada"))

    postgres.stop("immediate")
    try:
        window = open_window(qapp, refused, config_dir=tmp_path / "ada")
        qtbot.addWidget(window)
        said: list[str] = []
        window._session.unopened.connect(said.append)
        qtbot.waitUntil(lambda: bool(said))
        window.close()
    finally:
        postgres.start()
    assert "cannot be reached" in said[0]


def test_a_window_closes_without_its_server(
    sit: Sit, team: Team, tmp_path: Path, postgres: PostgresServer
) -> None:
    keys = sit("ada")
    keys.on_cards()
    keys.press("a")
    keys.recorded(lambda: status_of(keys.window, "E11.40") == "accepted")
    postgres.stop("immediate")
    try:
        keys.window.close()
    finally:
        postgres.start()
    assert verify(team.address("carl"), places=builders.places(tmp_path)).problems == ()
