"""A decision on a case that somebody changed meanwhile is asked about, and overwrites nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.models.stale import Stale, act_in_words
from app.desktop.session import Session
from app.desktop.tasks import Tasks
from app.desktop.widgets.mergedialog import MergeDialog
from app.wording import words
from audit import Accept, Actor, ActorKind, Decision, Reject, Replace, Status, Store
from taxonomy import Taxonomy
from tests.app.desktop import builders


@pytest.fixture
def session(root: Path, icd: Taxonomy, qtbot: QtBot) -> Iterator[Session]:
    session = Session(lambda: builders.workspace(root, icd), tasks=Tasks())
    session.start()
    qtbot.waitUntil(lambda: session.case is not None)
    yield session
    session.close()


@pytest.fixture
def refused(session: Session, root: Path, qtbot: QtBot) -> Stale:
    """What is told when ben rejected a code that is accepted here afterwards."""
    told: list[Any] = []
    session.stale.connect(told.append)
    assert session.case is not None
    with as_ben(root) as other:
        other.decide(session.case.case.case_id, Reject(code="I10"))
    session.decide(Accept(code="I10"))
    qtbot.waitUntil(lambda: bool(told))
    stale: Stale = told[0]
    return stale


def as_ben(root: Path) -> Store:
    with builders.open_store(root) as ours:
        place = Path(ours.name)
    ben = Actor(kind=ActorKind.PERSON, id="ben")
    return Store.open(place, places=builders.places(root), actor=ben)


def status(session: Session) -> Status:
    assert session.case is not None
    row = session.case.case.row("I10")
    assert row is not None
    return row.status


def test_the_case_is_shown_as_the_other_left_it_and_nothing_is_recorded(
    session: Session, refused: Stale
) -> None:
    assert status(session) is Status.REJECTED
    assert [(row.who, row.what) for row in refused.theirs] == [("ben", "Rejected I10")]
    assert refused.wanted == "accept I10"
    assert session.pending == 0


def test_the_person_may_do_it_all_the_same(session: Session, refused: Stale, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = MergeDialog(parent, refused)
    dialog.again.connect(refused.again)
    assert [each.text() for each in dialog.findChildren(QPushButton)] == [
        words()["stale"]["leave"],
        words()["stale"]["again"],
    ]
    dialog.findChildren(QPushButton)[1].click()
    qtbot.waitUntil(lambda: status(session) is Status.ACCEPTED)
    assert session.pending == 0


def test_the_person_may_leave_it(session: Session, refused: Stale, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = MergeDialog(parent, refused)
    dialog.again.connect(refused.again)
    dialog.findChildren(QPushButton)[0].click()
    assert session.pending == 0
    assert status(session) is Status.REJECTED


def test_every_act_has_its_words() -> None:
    kinds = {kind.__name__.lower() for kind in Decision.__args__}
    assert kinds | {"undo", "redo", "reopen", "second"} == words()["wanted"].keys()
    replaced = Replace(code="I10", new_code="I11.9", reason="x")
    assert act_in_words(replaced) == "replace I10 by I11.9"
