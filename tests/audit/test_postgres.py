"""A store on a real PostgreSQL server is the same store: same log, same check, same words."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

import audit.postgres
from audit import (
    Accept,
    AuditError,
    KeyMissingError,
    Places,
    Standing,
    Store,
    StoreBusyError,
    StoreReadOnlyError,
    StoreUnreadableError,
    verify,
)
from audit.disposal import Custody
from audit.governance import Role
from audit.postgres_said import explain
from audit.rebuild import strays
from audit.staff import Staff
from pipeline.model import Route
from tests.audit.builders import CODER, TEXT, encounter, places, result
from tests.audit.conftest import OpenAs, fill
from tests.postgres import PostgresServer, Team
from tests.soak import SOAK


def test_a_store_is_filled_read_and_checked(team: Team, open_as: OpenAs, where: Places) -> None:
    with open_as("ada") as store:
        fill(store)
        assert len(store.events()) == 33
        rows = store.cases()
        assert [row.encounter_id for row in rows] == ["e-0", "e-1", "e-2", "e-3"]
        case = store.case(rows[0].case_id)
        assert case.encounter == encounter("e-0")
        assert case.result == result("e-0")
        assert store.undo(rows[0].case_id).can_redo
        assert store.record(encounter("e-1"), result("e-1")).reason == "repeated"
        assert {event.actor.id for event in store.events() if event.kind[:9] == "decision."} == {
            "ada"
        }
    report = verify(team.address("carl"), places=where)
    assert (report.problems, report.exit_code, report.events) == ((), 0, 34)


def test_the_server_is_given_no_word_and_no_name(team: Team, open_as: OpenAs) -> None:
    with open_as("ada") as store:
        named = encounter("visits/Okonkwo Ada 1.txt")
        case_id = store.record(named, result(named.encounter_id)).case_id
        store.record_failure(None, source="Okonkwo Ada 9.txt", errors=("Okonkwo is unreadable.",))
        assert store.case(case_id).encounter == named
        assert store.cases(text="OKONKWO ada 1")[0].encounter_id == named.encounter_id
        assert [row.lane for row in store.cases(text="okonkwo", limit=1, offset=1)] == [
            Route.REVIEW
        ]
        assert store.cases(text="okonkwo nobody") == ()
        assert len(store.cases(text="okonkwo", lane=Route.REVIEW)) == 2
        assert store.changes(since=0)[1][0].row.encounter_id == named.encounter_id
        with store.door.reading() as connection:
            assert strays(connection, case_id) == ()
    held = dump(team)
    hidden = ("Okonkwo", "okonkwo", "Ashgrove", "lisinopril", "mellitus", "Mother")
    assert sum(word in TEXT for word in hidden) == 4
    for word in hidden:
        assert word.encode() not in held
        assert word.encode().hex().encode() not in held


def bring_key(team: Team, here: Places, there: Places) -> None:
    """Give another machine the key of the store, as a person does, and nothing else."""
    ((store_id,),) = team.sql("select store_id from chartproof.store")
    there.key(store_id).parent.mkdir(parents=True)
    shutil.copyfile(here.key(store_id), there.key(store_id))


def dump(team: Team) -> bytes:
    """Return every value of the store as the server could read it, bytes in hexadecimal."""
    tables = ("audit_event", "blob", "case_row", "store")
    rows = [row for name in tables for row in team.sql(f"select t::text from chartproof.{name} t")]
    return "\n".join(str(row[0]) for row in rows).encode()


def test_each_machine_is_a_witness(
    team: Team, open_as: OpenAs, where: Places, tmp_path: Path
) -> None:
    there = places(tmp_path / "laptop")
    with pytest.raises(KeyMissingError, match="bring the key"):
        Store.open(team.address("ben"), places=there, actor=CODER)
    bring_key(team, where, there)
    assert verify(team.address("ben"), places=there).status is Standing.ANCHOR
    with open_as("ada") as here:
        fill(here, 2)
        with Store.open(team.address("ben"), places=there, actor=CODER) as other:
            assert other.notice is not None
            assert "watches it from event 17 on" in other.notice
            fill(other, 2, start=2)
            assert len(other.events()) == 33
        fill(here, 1, start=4)  # far behind what was noted here, and led to without a break
        assert {event.actor.id for event in here.events() if event.actor.kind == "person"} == {
            "ada",
            "ben",
            "owner",
        }
    for machine in (where, there):
        assert verify(team.address("ben"), places=machine).exit_code == 0
    with Store.open(team.address("ben"), places=there, actor=CODER) as other:
        assert other.notice is not None
        assert "watches" not in other.notice


WRITER = """
import sys
from pathlib import Path
from audit import Accept, Store
from audit.address import Address
from tests.audit.builders import CODER, encounter, places, result

where, address, name, count = places(Path(sys.argv[1])), sys.argv[2], sys.argv[3], int(sys.argv[4])
with Store.open(Address.parse(address), places=where, actor=CODER) as store:
    print("open", flush=True)
    for number in range(count):
        recorded = store.record(encounter(f"{name}-{number}"), result(f"{name}-{number}"))
        print(f"r {recorded.case_id}", flush=True)
        if recorded.added:
            store.decide(recorded.case_id, Accept(code="I10"))
            print(f"d {recorded.case_id}", flush=True)
"""

Start = Callable[[Path, str, str, int], "subprocess.Popen[str]"]


@pytest.fixture
def writer(team: Team) -> Iterator[Start]:
    """Start writers, each on a machine and as a person; leave none behind where a test fails."""
    with ExitStack() as started:

        def start(root: Path, role: str, name: str, count: int) -> "subprocess.Popen[str]":
            address = team.address(role).url.set(drivername="postgresql")
            text = address.render_as_string(hide_password=False)
            process = started.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WRITER, str(root), text, name, str(count)],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    cwd=Path(__file__).parents[2],
                    env={**os.environ, "CHARTPROOF_KEYRING": "off"},
                )
            )
            started.callback(process.kill)
            return process

        yield start


@pytest.mark.soak
def test_a_writer_killed_at_any_moment_loses_nothing_it_said_was_stored(
    team: Team, tmp_path: Path, where: Places, writer: Start, open_as: OpenAs
) -> None:
    chance = random.Random(12)
    recorded: set[str] = set()
    decided: set[str] = set()
    for trial in range(2 * SOAK):
        process = writer(tmp_path, "ada", f"t{trial}", 100_000)
        assert process.stdout is not None
        assert process.stderr is not None
        heard = [process.stdout.readline() for _ in range(chance.randrange(2, 30))]
        process.send_signal(signal.SIGKILL)
        heard += process.stdout.readlines()
        process.wait()
        assert process.stderr.read() == ""
        for line in heard:
            if line.endswith("\n") and line.startswith(("r ", "d ")):
                (recorded if line[0] == "r" else decided).add(line[2:].strip())
        report = verify(team.address("carl"), places=where)
        assert report.exit_code == 0, report
    assert recorded
    with open_as("ben") as store:
        rows = {row.case_id: row for row in store.cases()}
        assert recorded <= rows.keys()
        assert len({row.encounter_id for row in rows.values()}) == len(rows)
        assert all(rows[case_id].decided_count == 1 for case_id in decided)
        assert store.record(encounter("after"), result("after")).added


@pytest.mark.soak
def test_people_of_several_machines_share_one_chain(
    team: Team, tmp_path: Path, where: Places, writer: Start
) -> None:
    count = 8 * SOAK
    bring_key(team, where, places(tmp_path / "laptop"))
    started = [
        writer(tmp_path, "ada", "a", count),
        writer(tmp_path, "ben", "same", count),
        writer(tmp_path / "laptop", "rita", "same", count),
    ]
    said = [process.communicate() for process in started]
    assert [error for _, error in said] == ["", "", ""]
    for machine in (where, places(tmp_path / "laptop")):
        report = verify(team.address("carl"), places=machine)
        assert (report.exit_code, report.problems) == (0, ())
        named = report.events - (1 + 2 * count * 8)
        assert named in {0, 1}  # the laptop's own signing key, if it had anything to sign


def test_a_server_that_crashed_kept_what_was_stored_and_is_met_again(
    team: Team, postgres: PostgresServer, open_as: OpenAs, where: Places
) -> None:
    with open_as("ada") as store:
        fill(store, 1)
        postgres.stop("immediate")
        try:
            with pytest.raises(StoreUnreadableError, match="cannot be reached"):
                store.record(encounter("lost"), result("lost"))
            report = verify(team.address("ada"), places=where)
            assert (report.status, report.events) == (Standing.UNREADABLE, 0)
        finally:
            postgres.start()
        assert len(store.events()) == 9
        assert store.record(encounter("again"), result("again")).added
    assert verify(team.address("ada"), places=where).exit_code == 0


def test_what_cannot_be_opened_is_said_in_a_sentence(
    team: Team, postgres: PostgresServer, where: Places
) -> None:
    empty = postgres.database()
    with pytest.raises(StoreUnreadableError, match="There is no store in"):
        Store.open(empty.address(), places=where, actor=CODER)
    with pytest.raises(StoreUnreadableError, match="may not make one"):
        Store.create_or_open(empty.address("ada"), places=where, actor=CODER)
    with pytest.raises(AuditError, match="no access"):
        Store.open(team.address("nora"), places=where, actor=CODER)
    with pytest.raises(StoreUnreadableError, match="does not know this role or database"):
        Store.open(Team(postgres, "nowhere").address(), places=where, actor=CODER)
    postgres.sql("alter role nora set synchronous_commit = off", "grant chartproof_coder to nora")
    try:
        with pytest.raises(AuditError, match="synchronous_commit is off"):
            Store.open(team.address("nora"), places=where, actor=CODER)
    finally:
        postgres.sql(
            "alter role nora reset synchronous_commit", "revoke chartproof_coder from nora"
        )


def test_a_key_of_another_store_is_said(team: Team, where: Places, open_as: OpenAs) -> None:
    with open_as("ada") as store:
        key = where.key(store.store_id)
    key.write_text("0" * 64 + "\n")
    with pytest.raises(KeyMissingError, match="belongs to another store"):
        open_as("ada")
    report = verify(team.address("ada"), places=where)
    assert (report.status, len(report.problems)) == (Standing.UNREADABLE, 1)


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("CP003", AuditError, "another name"),
        ("CP004", AuditError, "may not do this"),
        ("CP001", AuditError, "does not follow"),
        ("42501", AuditError, "no access"),
        ("55P03", StoreBusyError, "another program"),
        ("25006", StoreReadOnlyError, "read-only"),
        ("53100", StoreReadOnlyError, "no space left"),
        ("XX001", StoreUnreadableError, "damaged"),
        ("58030", StoreUnreadableError, "damaged"),
        ("28P01", StoreUnreadableError, "password"),
        ("08006", StoreUnreadableError, "cannot be reached"),
        ("57P01", StoreUnreadableError, "cannot be reached"),
        ("", StoreUnreadableError, "cannot be reached"),
        ("22003", AuditError, "22003"),
    ],
)
def test_each_failure_of_the_server_has_its_sentence(
    state: str, kind: type[AuditError], words: str
) -> None:
    class FailedError(Exception):
        sqlstate = state or None

    said = explain(DBAPIError("select CANARY", {}, FailedError("CANARY")), "postgresql://db")
    assert type(said) is kind
    assert words in str(said)
    assert "postgresql://db" in str(said)
    assert "CANARY" not in str(said)


def test_a_store_held_for_long_is_said(
    team: Team, open_as: OpenAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(audit.postgres._SETTINGS, "lock_timeout", "50ms")
    with open_as("ada") as store, open_as("ben") as other:
        database: Any = other.door._database
        with database.write(), pytest.raises(StoreBusyError, match="another program"):
            store.record(encounter(), result())
        assert store.record(encounter(), result()).added


def test_a_decision_is_refused_to_who_may_not_make_it(open_as: OpenAs) -> None:
    with open_as("ada") as store:
        case_id = store.record(encounter(), result()).case_id
    for who in ("carl", "adam"):
        with open_as(who) as store, pytest.raises(AuditError, match="needs one of: coder"):
            store.decide(case_id, Accept(code="I10"))
    for who in ("carl", "adam"):
        with open_as(who) as store, pytest.raises(AuditError, match="may not do this"):
            store.record(encounter("2"), result("2"))
    with open_as("carl") as store:
        assert store.view(case_id).case_id == case_id


def test_compliance_destroys_texts_and_every_machine_can_tell(
    team: Team, open_as: OpenAs, where: Places
) -> None:
    with open_as("ada") as store:
        fill(store, 2)
        case_id = store.cases()[0].case_id
    with open_as("carl") as store:
        day = date(2040, 1, 1)
        assert Custody(store).dispose([case_id], today=day, reason="ordered", early=True) > 0
        assert store.case(case_id).encounter.notes[0].text == ""
    report = verify(team.address("ben"), places=where)
    assert (report.problems, report.exit_code) == ((), 0)


def test_roles_are_those_the_database_grants(team: Team, open_as: OpenAs) -> None:
    with open_as("adam") as store, pytest.raises(AuditError, match="grant chartproof_ROLE to ben"):
        Staff(store).assign("ben", [Role.REVIEWER])
    with open_as("rita") as store:
        assert Staff(store).me().roles == {Role.REVIEWER}
    team.sql("grant chartproof_compliance to rita")
    try:
        with open_as("rita") as store:
            assert Staff(store).me().roles == {Role.REVIEWER, Role.COMPLIANCE}
    finally:
        team.sql("revoke chartproof_compliance from rita")
    with open_as("owner") as store:
        assert store.notice is not None
        assert "owner has no role" in store.notice
