"""The commands of an operator on a team's server: what works there, and what says why not."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import compose, settings
from app.cli import app
from app.faults import sentence
from app.jobs import Plan, begin
from audit import Accept, Actor, ActorKind, Reject, Store, verify
from pipeline.model import Scope
from tests.audit.builders import encounter, result, sign_off
from tests.postgres import PostgresServer, Team


@dataclass(frozen=True, slots=True)
class Said:
    """What a command ended with; an error that ends the program is its sentence."""

    code: int
    out: str


Command = Callable[..., Said]


def opened(team: Team, role: str) -> Store:
    where = compose.places(settings.load())
    actor = Actor(kind=ActorKind.PERSON, id="whoever")
    return Store.create_or_open(team.address(role), places=where, actor=actor)


@pytest.fixture
def team(postgres: PostgresServer, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A store of two cases, one of them signed off by ada."""
    monkeypatch.setenv("CHARTPROOF_CACHE", str(cache))
    made = postgres.database()
    opened(made, "owner").close()
    made.let_in()
    with opened(made, "ada") as store:
        ids = [store.record(encounter(name), result(name)).case_id for name in ("e-1", "e-2")]
        store.decide(ids[0], Accept(code="I10"))
        store.decide(ids[0], Reject(code="E11.9", reason="not addressed"))
        sign_off(store, ids[0])
    return made


@pytest.fixture
def command(team: Team) -> Command:
    """Type a command as a person."""

    def typed(who: str, *words: str | Path) -> Said:
        given = [*map(str, words), "--database", str(team.address(who))]
        done = CliRunner().invoke(app, given)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            return Said(2, sentence(done.exception))
        return Said(done.exit_code, done.output)

    return typed


def test_texts_are_kept_held_and_destroyed_by_compliance_alone(
    command: Command, team: Team, tmp_path: Path
) -> None:
    assert "compliance" in command("ada", "audit", "retain", "7").out
    assert command("carl", "audit", "retain", "7").out == "7 years\n"
    assert command("ada", "audit", "retain").out == "7 years\n"
    assert command("carl", "audit", "hold", "e-1", "--matter", "a suit").code == 0
    early = ("--early", "--reason", "ordered", "--yes", "--json")
    assert "hold" in command("carl", "audit", "dispose", "e-1", *early).out
    assert "compliance" in command("ada", "audit", "dispose", "e-2", *early).out
    done = json.loads(command("carl", "audit", "dispose", "e-2", *early).out.splitlines()[0])
    assert (done["cases"], done["texts"] > 0) == (1, True)
    assert command("carl", "audit", "hold", "e-1", "--matter", "over", "--lift").code == 0
    where = compose.places(settings.load())
    assert verify(team.address("ben"), places=where).problems == ()


def test_the_record_is_checked_signed_and_handed_out(
    command: Command, tmp_path: Path, team: Team
) -> None:
    kept = tmp_path / "checkpoint"
    assert command("ada", "audit", "checkpoint", kept).code == 0
    against = command("carl", "audit", "verify", "--against", kept)
    assert (against.code, "intact" in against.out) == (0, True)
    assert "reviewer, compliance" in command("ada", "audit", "export", tmp_path / "no").out
    assert command("carl", "audit", "export", tmp_path / "bundle").code == 0
    checked = CliRunner().invoke(app, ["audit", "verify", "--bundle", str(tmp_path / "bundle")])
    assert (checked.exit_code, "Consistent" in checked.output) == (3, True)
    forms = command("rita", "audit", "export", tmp_path / "forms", "--form", "csv")
    assert "2 cases as csv" in forms.out
    assert "compliance" in command("ada", "audit", "replay").out


def test_who_has_which_role_is_read_from_the_database(command: Command) -> None:
    said = command("adam", "audit", "people", "--json").out.splitlines()[0]
    roles = {each["id"]: each["roles"] for each in json.loads(said)["people"]}
    assert roles == {
        "ada": ["coder"],
        "adam": ["admin"],
        "ben": ["coder"],
        "carl": ["compliance"],
        "rita": ["reviewer"],
    }
    refused = command("adam", "audit", "people", "ben", "--roles", "coder")
    assert "grant chartproof_ROLE to ben" in refused.out


def test_a_job_is_reported_and_its_results_go_out_by_who_may(
    command: Command, team: Team, tmp_path: Path
) -> None:
    here = settings.load()
    asked = Plan(
        created="2026-03-01T00:00:00+00:00",
        paths=(str(tmp_path),),
        store=str(team.address("ada")),
        scope=Scope.REPORTABLE,
        workers=1,
    )
    job = begin(here.state / "jobs", asked)
    assert "ada has coder" in command("ada", "batch", "export", "--csv", tmp_path / "r.csv").out
    done = command("rita", "batch", "export", "--csv", tmp_path / "r.csv")
    assert (done.code, "r.csv is written" in done.out) == (0, True), done.out
    assert job.id in command("ada", "batch", "report").out
    outbox = command("rita", "batch", "outbox", tmp_path / "outbox")
    assert (outbox.code, len(list((tmp_path / "outbox").iterdir()))) == (0, 1), outbox.out


def run(team: Team, program: str, *words: str) -> None:
    subprocess.run(
        [str(team.server.programs / program), "--host", str(team.server.folder), *words],
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"]},
    )


def test_a_server_is_copied_by_its_own_means_and_an_older_copy_is_found(
    command: Command, team: Team, postgres: PostgresServer, tmp_path: Path
) -> None:
    for name in ("backup", "restore"):
        refused = command("adam", "audit", name, "to", "--keys", "k")
        assert (refused.code, "pg_dump, pg_restore" in refused.out) == (2, True)
    dump = str(tmp_path / "store.dump")
    run(team, "pg_dump", "--username=owner", "--format=custom", f"--file={dump}", team.name)
    copy = postgres.database()
    run(copy, "pg_restore", "--username=owner", f"--dbname={copy.name}", dump)
    where = compose.places(settings.load())
    report = verify(copy.address("carl"), places=where)
    assert (report.problems, report.exit_code) == ((), 0)
    with opened(team, "ada") as store:
        for row in store.cases():
            store.view(row.case_id)
    behind = verify(copy.address("carl"), places=where)
    assert "newest 2 events are missing" in behind.problems[0]
    with opened(copy, "ada") as store:
        assert store.notice is not None
        assert "Nothing more can be recorded" in store.notice
