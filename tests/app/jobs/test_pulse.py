"""What a window holds of the jobs it shows, and that its looks disturb nobody."""

import gc
import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from app import AppError
from app.jobs import Job, begin
from app.jobs.ledger import Follower, Line
from app.jobs.pulse import Pulses
from tests.app.jobs.builders import plan

LINES = 20_000


def lines(path: Path, count: int) -> None:
    """Write a ledger of a run that goes on; its keys are as long as those of encounters."""
    with path.open("w") as file:
        file.write(json.dumps({"e": "run", "n": count, "at": 1.0}) + "\n")
        for n in range(count):
            line = {"e": "done", "k": f"{n:032x}", "c": f"case-{n}", "l": "review", "s": 0.25}
            file.write(json.dumps({**line, "at": 1.0 + n, "m": {"chapters": {"4": 1}}}) + "\n")


def test_a_ledger_that_is_followed_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    lines(path, LINES)
    follower = Follower(path)
    tracemalloc.start()
    try:
        tally = follower.look()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tally.dealt, tally.lanes) == (LINES, {"review": LINES})
    assert not any(type(each) is Line for each in gc.get_objects())
    assert held / LINES < 200, "bytes a line: its key, and its place in a table"


def test_a_pulse_that_was_told_does_not_change(tmp_path: Path) -> None:
    job = begin(tmp_path / "jobs", plan(tmp_path, tmp_path))
    pulses = Pulses(tmp_path / "jobs", job.plan.store)
    with job.lock():
        lines(job.folder / "ledger.jsonl", 3)
        (first,) = pulses.look()
        with (job.folder / "ledger.jsonl").open("a") as file:
            file.write(
                json.dumps({"e": "done", "k": "x", "c": "c", "l": "review", "s": 0.1}) + "\n"
            )
        (second,) = pulses.look()
    assert (first.lanes, second.lanes) == ({"review": 3}, {"review": 4})


def test_the_lock_of_a_finished_job_is_left_alone_until_its_ledger_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    running = Job.running.fget  # type: ignore[attr-defined]

    def counted(job: Job) -> Any:
        asked.append(job.id)
        return running(job)

    monkeypatch.setattr(Job, "running", property(counted))
    job = begin(tmp_path / "jobs", plan(tmp_path, tmp_path))
    pulses = Pulses(tmp_path / "jobs", job.plan.store)
    ledger = job.ledger
    ledger.open()
    ledger.begin(0)
    for _ in range(3):
        assert pulses.look() == ()
    assert len(asked) == 3, "it did not end, it may be resumed"
    ledger.end()
    for _ in range(3):
        assert pulses.look() == ()
    assert len(asked) == 4
    with job.lock():
        ledger.begin(1)
        assert [pulse.job for pulse in pulses.look()] == [job.id]
    ledger.close()


def test_a_look_of_another_is_not_taken_for_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begin(tmp_path / "jobs", plan(tmp_path, tmp_path))
    held, waits = job.lock(), []

    def wait(seconds: float) -> None:
        """Let the other end its look while this one waits."""
        waits.append(seconds)
        held.release()

    monkeypatch.setattr(time, "sleep", wait)
    assert not job.running
    assert len(waits) == 1


def test_jobs_that_cannot_be_read_are_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "jobs").mkdir()
    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(AppError, match=r"cannot be read from .*jobs \(Permission denied\); it is"):
        Pulses(tmp_path / "jobs", "store").look()
