"""A job on a Ray cluster of two machines: one is killed, and nothing is lost or done twice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import UsageError
from app.cluster import Actor, Cluster
from app.crew import Recipe
from app.jobs import Job, begin
from app.sameness import CODE
from audit import Where
from taxonomy import TaxonomyError
from tests.app.jobs.builders import REPOSITORY, analyses, plan, write
from tests.app.jobs.driver import open_store
from tests.soak import times

if os.environ.get("CHARTPROOF_RAY") == "required":
    import ray
else:
    ray = pytest.importorskip("ray", reason="the extra `cluster` is not installed")
ENCOUNTERS = times(60, 10_000)


def drive(job: Job, home: Path, *more: str, cwd: Path = REPOSITORY) -> list[list[str]]:
    """Return what the driver printed of its own: Ray prints lines among them."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.app.cluster_driver", str(job.folder), str(home), *more],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("row ")]


@pytest.fixture(params=["folder", "server"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    """A store in a folder, and one on a team's server."""
    if request.param == "folder":
        return tmp_path / "store"
    team = request.getfixturevalue("postgres").database()
    open_store(tmp_path, team.address()).close()
    team.let_in()
    address: Where = team.address("ada")
    return address


@pytest.mark.soak
def test_a_machine_that_is_killed_costs_nothing_but_its_notes_in_hand(
    tmp_path: Path, where: Where
) -> None:
    asked = plan(tmp_path, write(tmp_path / "n.jsonl", ENCOUNTERS))
    job = begin(tmp_path / "jobs", asked.model_copy(update={"store": str(where)}))
    lines = drive(job, tmp_path, str(ENCOUNTERS // 3))
    used, *rows = sorted(lines, key=lambda line: line[0] != "used")
    assert used == ["used", "2"], "each machine had a worker when one of them was killed"
    assert [name for name, _ in rows] == [f"e{n}" for n in range(ENCOUNTERS)]
    with open_store(tmp_path, where) as store:
        assert analyses(store) == {f"e{n}": 1 for n in range(ENCOUNTERS)}
    assert job.state == "finished"
    assert job.ledger.tally().counts == {"done": ENCOUNTERS}


def test_a_machine_with_other_rules_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    for name in (*CODE, "tests"):
        ignore = shutil.ignore_patterns("__pycache__", "golden")
        shutil.copytree(REPOSITORY / name, other / name, ignore=ignore)
    rules = next((other / "resources" / "rules").rglob("*.json"))
    rules.write_text(rules.read_text() + "\n")
    job = begin(tmp_path / "jobs", plan(tmp_path, write(tmp_path / "n.jsonl", 1000)))
    # From here: a driver's working folder goes before the machine's own path.
    *rows, refused = drive(job, tmp_path, "1000", str(other), cwd=tmp_path)
    assert refused[0] == "refused"
    assert "does not have the rules and models of this one" in " ".join(refused)
    with open_store(tmp_path) as store:
        assert len(store.cases()) == len(rows), "what was yielded is stored, and nothing else"
    assert job.state == "stopped"


def test_a_cluster_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: object) -> None:
        raise ConnectionError("nobody listens")

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(UsageError, match=r"no Ray cluster at 127\.0\.0\.1:1"):
        Cluster("127.0.0.1:1")


def test_an_actor_that_cannot_load_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it cannot even say what its machine holds."""

    def damaged(*_paths: Path) -> None:
        raise TaxonomyError("The library of releases is damaged; import them again.")

    monkeypatch.setattr("app.cluster.spare_torch", lambda: None)
    faulty = Actor(Recipe(factory="tests.app.jobs.driver:missing")).ready()
    assert "AttributeError" in faulty.fault
    assert faulty.holds
    monkeypatch.setattr("taxonomy.releases", damaged)
    options = {"cache": Path("cache"), "library": Path("library")}
    unread = Actor(Recipe(factory="tests.app.jobs.driver:small", options=options)).ready()
    assert unread.fault.startswith("The library of releases is damaged")
    assert not unread.holds
