"""Inputs, plans and processes of jobs, and a job that is killed until it is done."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from app.jobs import Job, Plan
from app.jobs.work import work
from audit import Store
from pipeline.model import Scope
from tests.app.jobs.driver import means

REPOSITORY = Path(__file__).parents[3]


def write(path: Path, count: int, *, bad: int = 0) -> Path:
    """Write a file of notes, two an encounter, with some lines that cannot be read."""
    rows = [
        json.dumps(
            {
                "note_id": f"n{n}",
                "encounter_id": f"e{n // 2}",
                "text": f"Assessment: gout, visit {n}.",
                "kind": "progress note",
            }
        )
        for n in range(2 * count)
    ]
    path.write_text("".join(f"{row}\n" for row in [*rows, *["{broken"] * bad]))
    return path


def plan(tmp_path: Path, *paths: Path, watch: float = 0.0, workers: int = 2) -> Plan:
    return Plan(
        created="2026-03-01T00:00:00+00:00",
        paths=tuple(str(path) for path in paths),
        store=str(tmp_path / "store"),
        scope=Scope.REPORTABLE,
        workers=workers,
        watch=watch,
    )


def run(job: Job, tmp_path: Path, store: Store, *, retry: bool = False) -> list[tuple[str, bool]]:
    steps = work(job, means(tmp_path, store), retry=retry)
    return [(step.row.encounter_id, step.row.added) for step in steps]


def analyses(store: Store) -> Counter[str]:
    """Return how often each encounter was analysed, as the log has it."""
    names = {row.case_id: row.encounter_id for row in store.cases()}
    return Counter(
        names[event.case_id]
        for event in store.events()
        if event.kind == "case.routed" and event.case_id
    )


def start(job: Job, home: Path, factory: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.app.jobs.driver", str(job.folder), str(home), factory],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def workers(process: subprocess.Popen[str]) -> list[int]:
    """Return the children of a process."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in children.read_text().split()] if children.exists() else []


def killed(
    job: Job,
    home: Path,
    *,
    encounters: int,
    kills: int,
    seed: int,
    of_workers: float,
    factory: str = "",
) -> set[str]:
    """Work on a job until it is done, with so many kill -9 along the way; return what was told.

    `of_workers` is the share of the kills that meet a worker; the others meet the writer.
    """
    draw, done, said = random.Random(seed), 0, set[str]()
    while True:
        process = start(job, home, factory)
        fresh, after = 0, draw.randrange(encounters // kills)
        assert process.stdout is not None
        for line in process.stdout:
            said.add(line.split()[0])
            # Counted are encounters that are new: what is there already goes by in between.
            fresh += line.endswith("True\n")
            if fresh < after or done == kills:
                continue
            done += 1
            children = workers(process)
            if children and draw.random() < of_workers:
                os.kill(draw.choice(children), signal.SIGKILL)
                after = fresh + 1 + draw.randrange(encounters // kills)
            else:
                process.kill()
                break
        _, err = process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, err
    assert done == kills
    return said
