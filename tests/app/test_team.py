"""The command line on a team's store: a real server, a person for each command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from tests.audit.test_keys import Memory, use
from tests.postgres import PostgresServer
from tests.tls import PASSWORD, Guarded

Run = Callable[..., Any]


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("ASSESSMENT: gout, continue allopurinol.")
    return path


def test_a_store_is_made_by_its_owner_coded_into_by_a_coder_and_checked(
    postgres: PostgresServer, note: Path, run: Run
) -> None:
    team = postgres.database()
    owner, ada = str(team.address()), str(team.address("ada"))
    missing = run("audit", "verify", "--database", owner)
    assert (missing.code, "There is no store in" in missing.err) == (2, True)
    made = run("audit", "create", "--database", owner)
    assert made.code == 0, made.err
    assert "owner has no role in the store" in made.err
    team.let_in()
    done = run("--database", ada, "code", note, "--json")
    assert done.code == 0, done.err
    assert [code["code"] for code in json.loads(done.out)["suggestions"]] == ["M10.9"]
    report = run("audit", "verify", "--json", CHARTPROOF_DATABASE=ada)
    told = json.loads(report.out)
    assert (report.code, told["status"], told["store"]) == (0, "intact", ada)
    nora = run("code", note, "--store", team.address("nora"))
    assert (nora.code, "no access" in nora.err) == (1, True)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://ada:HUSH@/", "names no PostgreSQL database"),
        ("postgresql://ada:HUSH@db.example.org/x?sslmode=disable", "sslmode=disable"),
        ("postgresql://ada:HUSH@localhost/x?options=-cfsync%3Doff", "not used here (options)"),
        ("postgresql://ada:HUSH@localhost:1/x", "cannot be reached"),
        ("postgresql://ada:HUSH@localhost:port/x", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_used_is_said_without_its_password(
    address: str, words: str
) -> None:
    done = CliRunner().invoke(app, ["audit", "verify", "--database", address])
    said = done.output + str(done.exception)
    assert done.exit_code != 0
    assert words in said
    assert "HUSH" not in said


def test_a_password_goes_into_the_keyring_and_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Memory()
    use(monkeypatch, ring)
    store = ["--database", "postgresql://ada@localhost:6000/charts"]
    kept = CliRunner().invoke(app, ["audit", "password", *store], input="HUSH\n")
    assert (kept.exit_code, "HUSH" in kept.output) == (0, False), kept.output
    assert ring.kept == {("chartproof", "ada@localhost:6000/charts"): "HUSH"}
    again = ["audit", "password", "--forget", *store]
    assert "is removed" in CliRunner().invoke(app, again).output
    assert "None was kept" in CliRunner().invoke(app, again).output
    monkeypatch.setenv("CHARTPROOF_KEYRING", "off")
    unasked = CliRunner().invoke(app, again)
    assert unasked.exit_code != 0
    assert "None was kept" not in unasked.output
    assert ring.kept == {}
    folder = CliRunner().invoke(app, ["audit", "password", "--store", "somewhere"])
    assert "only a database asks" in str(folder.exception)


def test_a_server_is_copied_by_its_own_means() -> None:
    given = ["audit", "backup", "to", "--keys", "apart", "--database", "postgresql://a@localhost/x"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code != 0
    assert "pg_dump" in str(done.exception)


def test_a_password_in_an_address_is_kept_nowhere(
    guarded: Guarded, note: Path, run: Run, tmp_path: Path
) -> None:
    """Not in what is printed, not in an event, a job, a log or a setting, whatever is done."""
    team = guarded.server.database()
    made = run("audit", "create", "--database", team.address())
    assert made.code == 0, made.err
    team.let_in()
    store = Guarded(guarded.server, team, guarded.authority)
    given = store.address(password=PASSWORD).url.set(drivername="postgresql")
    address = given.render_as_string(hide_password=False)
    bare = str(store.address())
    said = [
        run("batch", "start", note, "--database", address),
        run("audit", "checkpoint", "--database", address),
        run("audit", "verify", CHARTPROOF_DATABASE=address),
    ]
    assert [done.code for done in said] == [0, 0, 0], said
    wrong = run("audit", "checkpoint", "--database", bare, PGPASSWORD="HUSH NOT")
    assert "does not take the password" in wrong.err
    for done in (*said, wrong):
        assert "HUSH" not in done.out + done.err
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "plan.json" for path in written)
    assert not [path for path in written if b"HUSH" in path.read_bytes()]
    assert not any(
        "HUSH" in body for (body,) in team.sql("select body from chartproof.audit_event")
    )
