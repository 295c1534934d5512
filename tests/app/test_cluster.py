"""A job on a Ray cluster of two machines: one is killed, and nothing is lost or done twice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import UsageError
from app.cluster import Cluster
from app.jobs import begin
from tests.app.jobs.driver import open_store
from tests.app.jobs.test_work import REPOSITORY, analyses, plan, write

ray = pytest.importorskip("ray", reason="the extra `cluster` is not installed")
ENCOUNTERS = 1_000 if int(os.environ.get("CHARTPROOF_SOAK", "1")) > 1 else 60


def test_a_machine_that_is_killed_costs_nothing_but_its_notes_in_hand(tmp_path: Path) -> None:
    job = begin(tmp_path / "jobs", plan(tmp_path, write(tmp_path / "n.jsonl", ENCOUNTERS)))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.app.cluster_driver",
            str(job.folder),
            str(tmp_path),
            str(ENCOUNTERS // 3),
        ],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    # Ray prints lines of its own among ours.
    lines = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("row ")]
    used, *rows = sorted(lines, key=lambda line: line[0] != "used")
    assert used == ["used", "2"], "each machine had a worker when one of them was killed"
    assert [name for name, _ in rows] == [f"e{n}" for n in range(ENCOUNTERS)]
    with open_store(tmp_path) as store:
        assert analyses(store) == {f"e{n}": 1 for n in range(ENCOUNTERS)}
    assert job.state == "finished"
    assert job.ledger.tally().counts == {"done": ENCOUNTERS}


def test_a_cluster_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: object) -> None:
        raise ConnectionError("nobody listens")

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(UsageError, match=r"no Ray cluster at 127\.0\.0\.1:1"):
        Cluster("127.0.0.1:1")
