from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import SignalInstance
from pytestqt.qtbot import QtBot

from app.desktop.notices import Notice
from app.desktop.session import Session
from app.desktop.tasks import Tasks
from app.seat import Signature
from app.worklist import Filter
from app.workspace import Workspace
from audit import Accept, AuditError, Reject, State
from pipeline.model import Route
from taxonomy import Taxonomy
from tests.app.desktop import builders


@pytest.fixture
def session(root: Path, icd: Taxonomy, qtbot: QtBot) -> Iterator[Session]:
    session = Session(lambda: builders.workspace(root, icd), tasks=Tasks())
    yield session
    session.close()


def heard(signal: SignalInstance) -> list[Any]:
    got: list[Any] = []
    signal.connect(got.append)
    return got


def started(session: Session, bot: QtBot) -> Session:
    session.start()
    bot.waitUntil(lambda: session.case is not None)
    return session


def name(session: Session) -> str:
    assert session.case is not None
    return session.case.case.encounter.encounter_id


def test_it_opens_the_first_case_of_the_worklist(session: Session, qtbot: QtBot) -> None:
    assert name(started(session, qtbot)) == "visit-1"
    assert session.worklist is not None
    assert session.worklist.total == 2


def test_it_returns_to_the_case_last_open(session: Session, root: Path, qtbot: QtBot) -> None:
    with builders.open_store(root) as store:
        last = next(row.case_id for row in store.cases() if row.encounter_id == "visit-2")
    session.start(case_id=last)
    qtbot.waitUntil(lambda: session.case is not None)
    assert name(session) == "visit-2"


def test_a_case_that_is_no_longer_there_is_not_missed(session: Session, qtbot: QtBot) -> None:
    session.start(case_id="gone")
    qtbot.waitUntil(lambda: session.case is not None)
    assert name(session) == "visit-1"


def test_only_the_case_wanted_last_is_shown(session: Session, qtbot: QtBot) -> None:
    started(session, qtbot)
    shown = heard(session.case_changed)
    assert session.step(1)
    assert session.step(-1)
    assert session.step(1)
    qtbot.waitUntil(lambda: bool(shown) and name(session) == "visit-2")
    assert {opened.case.encounter.encounter_id for opened in shown} == {"visit-2"}


def test_the_next_case_is_read_ahead_and_shown_at_once_without_being_recorded_as_seen(
    session: Session, root: Path, qtbot: QtBot
) -> None:
    started(session, qtbot)
    qtbot.waitUntil(lambda: session._ahead is not None)
    shown = heard(session.case_changed)
    session.step(1)
    assert name(session) == "visit-2", "nothing was waited for"
    qtbot.waitUntil(lambda: len(shown) == 2)
    viewed = [[event.kind for event in opened.events].count("case.viewed") for opened in shown]
    assert viewed == [0, 1]


SIGNATURE = Signature(passphrase="five red herrings", name="Ada Okonkwo")


def accepted(session: Session, bot: QtBot, *codes: str) -> None:
    for code in codes:
        session.decide(Accept(code=code))
    bot.waitUntil(lambda: session.pending == 0)


def test_a_submission_goes_on_to_the_next_case_and_undo_brings_it_back(
    session: Session, qtbot: QtBot
) -> None:
    started(session, qtbot)
    accepted(session, qtbot, "E11.40", "I10", "R05.9")
    summaries: list[Any] = []
    case_id = session.case.case.case_id  # type: ignore[union-attr]
    session.ask(lambda workspace: workspace.summary(case_id), summaries.append)
    qtbot.waitUntil(lambda: bool(summaries))
    session.submit(summaries[0], SIGNATURE)
    qtbot.waitUntil(lambda: name(session) == "visit-2" and session.pending == 0)
    wanted = heard(session.reopening_wanted)
    session.undo()
    assert wanted == session.signed
    session.reopen(wanted[0], "document-late")
    qtbot.waitUntil(lambda: name(session) == "visit-1" and session.pending == 0)
    assert session.case is not None
    assert session.case.case.state is State.REOPENED
    assert session.signed == []


def test_a_submission_that_is_refused_brings_its_case_back_and_says_why(
    session: Session, qtbot: QtBot
) -> None:
    started(session, qtbot)
    said = heard(session.noticed)
    summaries: list[Any] = []
    case_id = session.case.case.case_id  # type: ignore[union-attr]
    session.ask(lambda workspace: workspace.summary(case_id), summaries.append)
    qtbot.waitUntil(lambda: bool(summaries))
    assert summaries[0].errors
    session.submit(summaries[0], SIGNATURE)
    qtbot.waitUntil(lambda: session.pending == 0 and name(session) == "visit-1")
    assert "changed since" in said[-1].text
    assert session.signed == []


def test_the_end_of_the_worklist_is_said(session: Session, qtbot: QtBot) -> None:
    started(session, qtbot)
    said = heard(session.noticed)
    assert not session.step(-1)
    assert said == [Notice(text="This is the end of the worklist.", tone="info")]


def test_what_is_not_recorded_yet_is_counted(session: Session, qtbot: QtBot) -> None:
    started(session, qtbot)
    counts = heard(session.pending_changed)
    session.decide(Accept(code="I10"))
    session.decide(Accept(code="E11.40"))
    assert session.pending == 2
    qtbot.waitUntil(lambda: session.pending == 0)
    assert counts == [1, 2, 1, 0]
    assert session.case is not None
    assert session.case.case.can_undo


def test_what_the_store_refuses_is_a_notice_and_the_case_is_shown_as_it_is(
    session: Session, qtbot: QtBot
) -> None:
    started(session, qtbot)
    said, shown = heard(session.noticed), heard(session.case_changed)
    session.decide(Reject(code="A00.0"))
    qtbot.waitUntil(lambda: len(said) == 1)
    assert said[0].tone == "bad"
    assert shown == [session.case]
    assert session.pending == 0


def test_undo_right_after_a_decision_takes_that_one_back(session: Session, qtbot: QtBot) -> None:
    started(session, qtbot)
    session.decide(Accept(code="I10"))
    session.undo()
    qtbot.waitUntil(lambda: session.pending == 0)
    assert session.case is not None
    assert session.case.case.row("I10").status == "open"  # type: ignore[union-attr]
    assert session.case.case.can_redo
    session.redo()
    qtbot.waitUntil(lambda: session.pending == 0)
    assert session.case.case.row("I10").status == "accepted"  # type: ignore[union-attr]


def test_undo_with_nothing_to_undo_asks_the_store_nothing(session: Session, qtbot: QtBot) -> None:
    started(session, qtbot)
    session.undo()
    session.redo()
    assert session.pending == 0


def test_a_decision_counts_in_the_worklist(session: Session, qtbot: QtBot) -> None:
    started(session, qtbot)
    lists = heard(session.worklist_changed)
    session.decide(Accept(code="I10"))
    qtbot.waitUntil(lambda: bool(lists))
    assert lists[-1].rows[0].decided_count == 1


def test_a_filter_is_kept_when_the_worklist_is_read_again(session: Session, qtbot: QtBot) -> None:
    started(session, qtbot)
    lists = heard(session.worklist_changed)
    session.filter(Filter(lane=Route.CONFIRM))
    session.refresh()
    qtbot.waitUntil(lambda: bool(lists))
    assert [row.encounter_id for row in lists[-1].rows] == ["visit-2"]
    assert len(lists) == 1, "of two readings asked for at once one is shown"


def test_the_next_case_is_the_one_after_a_case_that_left_the_list(
    session: Session, root: Path, qtbot: QtBot
) -> None:
    with builders.open_store(root) as store:
        for visit in ("visit-3", "visit-4"):
            source = builders.encounter(visit, builders.note("clinic", builders.SECOND))
            store.record(source, builders.result(source, lane_reasons=("no-suggestion",)))
    started(session, qtbot)
    lists = heard(session.worklist_changed)
    session.filter(Filter(reason="no-suggestion"))
    qtbot.waitUntil(lambda: bool(lists))
    assert [row.encounter_id for row in lists[-1].rows] == ["visit-3", "visit-4"]
    assert name(session) == "visit-1", "the open case stays open though it is not in the list"
    session.step(1)
    qtbot.waitUntil(lambda: name(session) == "visit-3")
    session.step(1)
    qtbot.waitUntil(lambda: name(session) == "visit-4")
    assert not session.step(1)


def test_what_another_process_codes_appears_when_the_worklist_is_read_again(
    session: Session, root: Path, qtbot: QtBot
) -> None:
    started(session, qtbot)
    lists = heard(session.worklist_changed)
    source = builders.encounter("visit-9", builders.note("clinic", builders.SECOND))
    with builders.open_store(root) as store:
        store.record(source, builders.result(source))
    session.refresh()
    qtbot.waitUntil(lambda: bool(lists))
    assert [row.encounter_id for row in lists[-1].rows] == ["visit-1", "visit-9", "visit-2"]


def test_codes_are_found_beside_the_lane(session: Session, qtbot: QtBot) -> None:
    started(session, qtbot)
    found: list[str] = []
    session.books.find_codes("I10", lambda hits: found.extend(hit.code for hit in hits))
    qtbot.waitUntil(lambda: bool(found))
    assert found[0] == "I10"


def test_closed_before_it_was_shown_the_store_is_let_go_of(
    root: Path, icd: Taxonomy, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Workspace] = []
    closed: list[bool] = []

    def close(real: Callable[[], None]) -> None:
        real()
        closed.append(True)

    def make() -> Workspace:
        space = builders.workspace(root, icd)
        monkeypatch.setattr(space, "close", partial(close, space.close))
        made.append(space)
        return space

    session = Session(make, tasks=Tasks())
    session.start()
    session.close()
    assert len(made) == len(closed) == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(AuditError("The store is locked."), "The store is locked."), (ValueError("x"), "")],
)
def test_a_store_that_cannot_be_opened_is_said(
    qtbot: QtBot, error: Exception, sentence: str
) -> None:
    def refuse() -> Workspace:
        raise error

    session = Session(refuse, tasks=Tasks())
    said, failed = heard(session.unopened), heard(session.failed)
    session.start()
    qtbot.waitUntil(lambda: bool(said))
    assert said == [sentence]
    assert bool(failed) is not bool(sentence)
    session.refresh()
    session.open("x")
    session.decide(Accept(code="I10"))
    session.close()
