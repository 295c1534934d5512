"""How far jobs on the store are, in the window: those of another process, and its own."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import compose, settings
from app.batch import Recipe
from app.coding import Begun, Coded
from app.desktop import main
from app.desktop.howfar import Progress
from app.desktop.window import MainWindow
from app.jobs import Job, begin, find, planning
from app.jobs.pulse import Pulse, Pulses
from taxonomy import Taxonomy
from tests.app.desktop import builders
from tests.app.jobs.builders import plan, start, write
from tests.app.jobs.driver import AnyRelease


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, root: Path, icd: Taxonomy) -> Iterator[MainWindow]:
    window = main.open_window(
        qapp,
        lambda: builders.workspace(root, icd),
        jobs=Pulses(root / "jobs", str(root / "home" / "store")).look,
        config_dir=root / "config",
    )
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.review.current is not None)
    yield window
    window.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("coding")]


def test_a_job_of_another_process_is_shown_while_it_runs(
    window: MainWindow, qtbot: QtBot, root: Path
) -> None:
    home = root / "home"
    home.mkdir()
    job = begin(root / "jobs", plan(home, write(root / "n.jsonl", 200)))
    elsewhere = begin(root / "jobs", plan(root / "other", write(root / "m.jsonl", 1)))
    strip = window.panes.progress
    assert strip.isHidden()
    process = start(job, home)
    assert process.stdout is not None
    with elsewhere.lock():
        for _ in range(30):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGSTOP)  # it keeps its lock, and its ledger stands still
        done = job.ledger.tally().dealt
        window.intake.look()
        qtbot.waitUntil(lambda: f"{done} of 200 encounters" in strip.words.text())
    words = strip.words.text().split("  ·  ")
    assert words[0] == "A job in another process"
    assert words[2].startswith("about ")
    assert words[3].endswith(" a second")
    assert strip.words.toolTip().endswith(f"chartproof batch status {job.id}")
    assert words[4] == f"{done} review"
    assert len(words) == 5, "the job on another store is not counted"
    assert (strip.bar.value(), strip.bar.maximum()) == (done, 200)
    assert not strip.isHidden()
    assert strip.stop.isHidden(), "what another process does is stopped there"
    assert not window.made["stop-coding"].isEnabled()
    os.kill(process.pid, signal.SIGCONT)
    _, err = process.communicate()
    assert process.returncode == 0, err
    window.intake.look()
    qtbot.waitUntil(strip.isHidden)


def test_what_is_coded_here_is_told_with_its_own_ledger_beside_the_jobs_of_others() -> None:
    pulse = Pulse(
        job="a",
        total=9,
        done=5,
        failed=1,
        per_second=2.5,
        seconds_left=7500,
        lanes={"review": 3, "auto": 1},
    )
    here = Progress(running=True, job="a", done=6, total=9, pulse=pulse, others=2)
    assert here.told() == (
        "Coding files  ·  6 of 9 encounters  ·  about 2 h 5 min left  ·  2.5 a second  ·  "
        "3 review, 1 auto  ·  2 other jobs at work"
    )
    assert here.share == (6, 9)
    there = Progress(pulse=pulse, others=1)
    assert there.told().startswith(
        "A job in another process  ·  5 of 9 encounters  ·  1 could not be coded"
    )
    assert there.shown
    assert there.share == (5, 9)
    assert not Progress(others=0).shown


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(factory="tests.app.jobs.driver:small", calls=True)
    monkeypatch.setattr(compose, "recipe", lambda *_given: recipe)
    monkeypatch.setattr(compose, "open_releases", lambda *_given, **_named: AnyRelease())


@pytest.mark.usefixtures("small")
def test_a_run_of_the_window_is_a_job_that_can_be_stopped_and_resumed(tmp_path: Path) -> None:
    chosen, where = settings.load(), tmp_path / "store"
    source = write(tmp_path / "n.jsonl", 40, bad=1)
    seen: list[Any] = []

    def stopped() -> bool:
        return len(seen) > 5

    seen.extend(compose.code_paths(chosen, where, [source], lambda *_: None, stopped))
    begun, *rows = seen
    assert isinstance(begun, Begun)
    assert begun.total == 41
    assert 5 <= len(rows) < 41
    job = find(planning.root(chosen), begun.job)
    assert (job.state, job.plan.paths) == ("stopped", (str(source),))
    again = list(compose.code_paths(chosen, where, [source], lambda *_: None, lambda: False))
    assert sum(row.added for row in again if isinstance(row, Coded)) == 41 - len(rows)
    assert find(planning.root(chosen), again[0].job).state == "finished"  # type: ignore[union-attr]


def test_whoever_asks_whether_a_job_runs_keeps_nobody_from_it(tmp_path: Path) -> None:
    job: Job = begin(tmp_path / "jobs", plan(tmp_path, tmp_path))
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            _ = job.running

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(200):
            job.lock().release()
    finally:
        done.set()
        asking.join()
