"""Coding files beside the work: what is told, how it stops, and that errors end in a sentence."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import SignalInstance
from pytestqt.qtbot import QtBot

from app import AppError
from app.batch import BatchError
from app.coding import Begun, Coded
from app.desktop.howfar import Progress
from app.desktop.intake import CodePaths, Intake, LookAtJobs, Report
from app.desktop.notices import Notice
from app.jobs.pulse import Pulse
from pipeline.model import Route


def coded(number: int, *, failed: bool = False, added: bool = True) -> Coded:
    return Coded(
        shown=dict,
        encounter_id=f"e{number}",
        case_id=f"c{number}",
        lane=Route.REVIEW,
        failed=failed,
        added=added,
    )


def heard(signal: SignalInstance) -> list[Any]:
    got: list[Any] = []
    signal.connect(got.append)
    return got


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[Any]:
    intakes: list[Intake] = []

    def make(code: CodePaths | None, jobs: LookAtJobs | None = None) -> Intake:
        intakes.append(Intake(code, jobs))
        return intakes[-1]

    yield make
    for intake in intakes:
        intake.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("coding")]


def ended(intake: Intake, bot: QtBot) -> list[Notice]:
    said = heard(intake.noticed)
    bot.waitUntil(lambda: not intake.progress.running)
    return said


def test_progress_is_told_step_by_step_and_the_end_names_what_failed(
    made: Any, qtbot: QtBot
) -> None:
    def code(paths: Sequence[Path], report: Report, _stopped: object) -> Iterable[Begun | Coded]:
        assert paths == (Path("a"), Path("b"))
        yield Begun(total=3)
        report("Loading", 1, 2)
        yield coded(1)
        yield coded(2, failed=True)
        yield coded(3, added=False)

    intake = made(code)
    steps: list[Progress] = heard(intake.changed)
    stored: list[bool] = []
    intake.stored.connect(lambda: stored.append(True))
    intake.add([Path("a"), Path("b")])
    (notice,) = ended(intake, qtbot)
    assert notice.text == "1 encounter coded, 1 could not be coded, 1 already there."
    assert (notice.action, notice.tone) == ("show-failed", "warn")
    told = [step.told() for step in steps]
    assert told[0] == "Reading files"
    assert "Loading" in told
    assert "Coding files  ·  3 of 3 encounters  ·  1 could not be coded" in told
    assert len(stored) >= 3, "new cases appear as they come"


def test_what_is_added_meanwhile_comes_after(made: Any, qtbot: QtBot) -> None:
    got: list[Sequence[Path]] = []

    def code(paths: Sequence[Path], _report: Report, _stopped: object) -> Iterable[Begun | Coded]:
        got.append(paths)
        yield Begun(total=1)
        yield coded(1)

    intake = made(code)
    intake.add([Path("a")])
    intake.add([Path("b")])
    assert len(ended(intake, qtbot)) == 2
    assert got == [(Path("a"),), (Path("b"),)]


@pytest.mark.parametrize("while_loading", [True, False])
def test_a_person_can_stop_it_at_any_time(made: Any, qtbot: QtBot, while_loading: bool) -> None:  # noqa: FBT001
    begun, closed = threading.Event(), threading.Event()

    def code(_paths: object, report: Report, stopped: Any) -> Iterator[Begun | Coded]:
        try:
            yield Begun(total=1000)
            begun.set()
            number = 0
            while not stopped():
                if while_loading:
                    report("Loading", 0, 0)
                number += 1
                yield coded(number)
        finally:
            closed.set()

    intake = made(code)
    intake.add([Path("a")])
    qtbot.waitUntil(begun.is_set)
    intake.stop()
    assert intake.progress.told().startswith("Stopping")
    (notice,) = ended(intake, qtbot)
    assert notice.text.startswith("Stopped, ")
    assert closed.is_set(), "its worker has ended"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(BatchError("Check free memory."), "Check free memory."), (KeyError("x"), "")],
)
def test_an_error_ends_it_with_a_sentence_and_a_bug_with_a_report(
    made: Any, qtbot: QtBot, error: Exception, sentence: str
) -> None:
    def code(_paths: object, _report: object, _stopped: object) -> Iterator[Begun | Coded]:
        yield Begun(total=1)
        raise error

    intake = made(code)
    bugs = heard(intake.failed)
    intake.add([Path("a")])
    assert [notice.text for notice in ended(intake, qtbot)] == ([sentence] if sentence else [])
    assert bugs == ([] if sentence else [error])


def test_where_nothing_can_be_coded_nothing_is_taken(made: Any) -> None:
    intake = made(None)
    intake.add([Path("a")])
    assert not intake.possible
    assert not intake.progress.running


def test_closing_ends_what_runs(made: Any, qtbot: QtBot) -> None:
    begun = threading.Event()

    def code(_paths: object, _report: object, stopped: Any) -> Iterator[Begun | Coded]:
        yield Begun(total=9)
        begun.set()
        while not stopped():
            yield coded(1)

    intake = made(code)
    intake.add([Path("a")])
    qtbot.waitUntil(begun.is_set)
    intake.close()
    intake.add([Path("b")])
    assert not [t for t in threading.enumerate() if t.name.startswith("coding")]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(AppError("The jobs cannot be read."), "The jobs cannot be read."), (KeyError("x"), "")],
)
def test_a_look_at_the_jobs_that_fails_is_told_once_and_looks_go_on(
    made: Any, qtbot: QtBot, error: Exception, sentence: str
) -> None:
    pulse = Pulse(
        job="a", total=9, done=5, failed=0, per_second=0.0, seconds_left=None, lanes={"auto": 5}
    )
    answers: list[Sequence[Pulse] | Exception] = []

    def jobs() -> Sequence[Pulse]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def look(answer: Sequence[Pulse] | Exception) -> None:
        answers.append(answer)
        intake._timer.stop()
        with qtbot.waitSignal(intake._looked):
            intake._timer.timeout.emit()
        qtbot.waitUntil(intake._timer.isActive)

    answers.append(())
    intake = made(None, jobs)
    qtbot.waitUntil(intake._timer.isActive)
    said, bugs = heard(intake.noticed), heard(intake.failed)
    told = ([sentence], []) if sentence else ([], [error])
    look((pulse,))
    assert intake.progress.pulse == pulse
    for _ in range(3):
        look(error)
        assert ([notice.text for notice in said], bugs) == told
        assert intake.progress.pulse is None, "what is not seen is not shown"
    look((pulse,))
    assert intake.progress.pulse == pulse
    look(error)
    assert len(said) + len(bugs) == 2, "after a look that was good it is told again"
