"""What a person may not do to a team's store with other tools, each tried straight at the server.

The events here are whole and canonical, hashed as they must be, and sent over a connection of the
person's own: what refuses them is the database.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit import Accept, AuditError, Places, Reject, Store, change, clock, log, verify
from audit.log import Draft
from audit.model import Actor, ActorKind
from audit.permits import ACTS
from audit.postgres import Postgres
from audit.postgres_guards import (
    APPEND_ONLY,
    CLOSED,
    HELD,
    NO_EVENT,
    NOT_ALLOWED,
    NOT_THEIRS,
    OUT_OF_ORDER,
    OUT_OF_TIME,
    OWN_CASE,
    TRIGGERS,
    UNSIGNED,
)
from audit.postgres_said import explain
from audit.signoff import SignOff
from audit.staff import Staff
from audit.worklist import row_values
from tests.audit.builders import CODER, PHRASE, encounter, result, sign_off
from tests.audit.conftest import OpenAs
from tests.audit.forged import data_of, statement
from tests.postgres import Team

Append = Callable[..., str]
ROW = text(
    "update case_row set version = (select count(*) from audit_event where case_id = :id), "
    "claimed_by = coalesce((select holder from case_in_hand(:id)), '') where case_id = :id"
)
REOPENED = ("case.reopened", data_of("case.reopened", who="ben"))
ROLES = {"ada": "coder", "ben": "coder", "rita": "reviewer"}


@pytest.fixture
def append(team: Team) -> Iterator[Append]:
    """Append events as a person, in one transaction; give the SQLSTATE it was refused with."""
    with ExitStack() as opened:

        def tried(
            who: str, *events: tuple[str, Any], case_id: str, ahead: int = 0, with_row: bool = True
        ) -> str:
            database = Postgres(team.address(who), key=None)
            opened.callback(database.close)
            actor = Actor(kind=ActorKind.PERSON, id=who, role=ROLES[who])
            drafts = [
                Draft(kind=kind, data=data, actor=actor, case_id=case_id) for kind, data in events
            ]
            moment = datetime.now(UTC) + timedelta(minutes=ahead)
            try:
                with database.write() as connection:
                    log.append(
                        connection,
                        drafts,
                        after=log.tail(connection),
                        ts=moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                        new_id=lambda: "0",
                    )
                    if with_row:
                        connection.execute(ROW, {"id": case_id})
            except DBAPIError as error:
                return str(getattr(error.orig, "sqlstate", ""))
            return ""

        yield tried


def test_a_case_in_anothers_hands_is_left_alone(
    append: Append, case_id: str, open_as: OpenAs
) -> None:
    with open_as("ada") as store:
        store.claims.take(case_id, minutes=60)
        for kind in sorted(ACTS):
            assert append("ben", (kind, {}), case_id=case_id) == HELD, kind
        assert append("ben", ("case.claimed", {"minutes": 30}), case_id=case_id) == HELD
        assert append("ben", ("case.released", {}), case_id=case_id) == HELD
        assert append("ben", REOPENED, case_id=case_id) == HELD
        assert append("ben", ("case.viewed", {}), case_id=case_id) == ""
        store.claims.release(case_id)
        for minutes in (0, -5, 10**6):
            claim = ("case.claimed", {"minutes": minutes})
            assert append("ben", claim, case_id=case_id) == NO_EVENT
        assert append("ben", ("case.claimed", {"minutes": 5}), case_id=case_id) == ""
        assert append("ada", ("comment.added", {}), case_id=case_id) == HELD


def test_no_clock_but_the_servers_ends_a_claim(
    append: Append, case_id: str, open_as: OpenAs
) -> None:
    with open_as("ada") as store:
        store.claims.take(case_id, minutes=30)
    claim = ("case.claimed", {"minutes": 30})
    assert append("ben", claim, case_id=case_id, ahead=40) == OUT_OF_TIME
    assert append("ben", claim, case_id=case_id, ahead=3) == HELD
    assert append("ada", ("case.viewed", {}), case_id=case_id, ahead=-30) == OUT_OF_TIME


def test_a_clock_that_was_put_right_locks_nobody_out(
    team: Team, open_as: OpenAs, where: Places
) -> None:
    """The server's was days ahead for a while, and the workstation's is two hours behind."""
    off = [f"alter table chartproof.{each.table} disable trigger all" for each in TRIGGERS.values()]
    on = [
        f"alter table chartproof.{each.table} enable always trigger {name}"
        for name, each in TRIGGERS.items()
    ]
    team.sql(*off, role="owner")
    ahead = datetime.now(UTC) + timedelta(days=2)
    with Store.open(team.address("ada"), places=where, actor=CODER, clock=lambda: ahead) as store:
        store.record(encounter(), result())
    team.sql(*on, role="owner")
    with open_as("ada") as store:
        assert store.record(encounter("e-2"), result("e-2")).added
        early, late = store.events()[-8].ts, store.events()[-1].ts
    assert early > late


def test_a_workstation_takes_the_time_from_the_server(
    open_as: OpenAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Behind(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Behind":
            return cls.fromtimestamp(time.time() - 2 * 60 * 60, tz)

    monkeypatch.setattr(clock, "datetime", Behind)
    with open_as("ada") as store:
        assert store.record(encounter(), result()).added
        told = datetime.fromisoformat(store.events()[-1].ts)
    assert datetime.now(UTC) - told < timedelta(minutes=30)


def test_a_submission_is_one_with_its_signature(append: Append, case_id: str) -> None:
    submitted = ("case.submitted", {"codes": [["I10", None]]})
    signed = ("case.signed", statement("ada", case_id, "coded"))
    viewed: tuple[str, Any] = ("case.viewed", {})
    assert append("ada", submitted, case_id=case_id) == UNSIGNED
    assert append("ada", submitted, viewed, case_id=case_id) == UNSIGNED
    assert append("ada", signed, case_id=case_id) == UNSIGNED
    assert append("ada", submitted, viewed, signed, case_id=case_id) == UNSIGNED
    for other in ({"person": "ben"}, {"case_id": "f" * 32}, {"role": "reviewer"}):
        said = signed[1] | {"statement": signed[1]["statement"] | other}
        assert append("ada", submitted, ("case.signed", said), case_id=case_id) == NOT_THEIRS
    assert append("ada", submitted, signed, case_id=case_id) == ""


def test_what_is_signed_is_not_decided_on(append: Append, case_id: str, open_as: OpenAs) -> None:
    with open_as("ada") as store:
        sign_off(store, case_id)
        for kind in sorted(ACTS):
            assert append("ben", (kind, {}), case_id=case_id) == CLOSED, kind
        SignOff(store).reopen(case_id, "the letter of 3 May came in late")
        store.decide(case_id, Reject(code="I10", reason="not addressed"))


def test_nobody_signs_their_own_case_a_second_time(
    append: Append, case_id: str, open_as: OpenAs, team: Team, where: Places
) -> None:
    with open_as("rita") as store:
        store.undo(case_id)  # a hand in it, whatever became of it
        store.redo(case_id)
    with open_as("ada") as store:
        sign_off(store, case_id)
    second = ("case.signed", statement("rita", case_id, "reviewed"))
    assert append("rita", second, case_id=case_id) == OWN_CASE
    theirs = ("case.signed", statement("ben", case_id, "reviewed"))
    assert append("ben", theirs, case_id=case_id) == NOT_ALLOWED, "a coder signs no second time"
    with open_as("rita") as store:
        Staff(store).enrol("Rita Okonkwo", PHRASE)
        with pytest.raises(AuditError, match="rita coded or signed this case"):
            SignOff(store).second(case_id, PHRASE)
        other = store.record(encounter("e-2"), result("e-2")).case_id
    with open_as("ada") as store:
        for decision in (Accept(code="I10"), Reject(code="E11.9", reason="not addressed")):
            store.decide(other, decision)
        sign_off(store, other)
    with open_as("rita") as store:
        assert [s.person for s in SignOff(store).second(other, PHRASE).signatures] == [
            "ada",
            "rita",
        ]
    assert append("rita", ("case.signed", statement("rita", other, "reviewed")), case_id=other) == (
        OWN_CASE
    )
    assert verify(team.address("carl"), places=where).problems == ()


def test_a_second_signature_stands_on_a_first_of_the_same_version(
    append: Append, case_id: str, open_as: OpenAs, team: Team, where: Places
) -> None:
    """Else it would lock a case that nobody submitted, and that nothing could open again."""
    second = ("case.signed", statement("rita", case_id, "reviewed"))
    assert append("rita", second, case_id=case_id) == UNSIGNED
    assert append("ben", REOPENED, case_id=case_id) == UNSIGNED
    with open_as("ada") as store:
        sign_off(store, case_id)
        SignOff(store).reopen(case_id, "the letter of 3 May came in late")
    assert append("rita", second, case_id=case_id) == UNSIGNED
    assert append("ben", REOPENED, case_id=case_id) == UNSIGNED
    with open_as("ada") as store:
        sign_off(store, case_id)
    assert append("rita", second, case_id=case_id) == UNSIGNED, "of the version before"
    with open_as("rita") as store:
        Staff(store).enrol("Rita Okonkwo", PHRASE)
        SignOff(store).second(case_id, PHRASE)
    assert verify(team.address("carl"), places=where).problems == ()


def test_a_key_and_a_wrong_passphrase_are_ones_own(append: Append, case_id: str) -> None:
    for kind in ("person.enrolled", "signing.refused"):
        theirs, own = (data_of(kind, who=who) for who in ("ben", "ada"))
        assert append("ada", (kind, theirs), case_id=case_id) == NOT_THEIRS
        assert append("ada", (kind, own), case_id=case_id) == ""


def test_nonsense_in_ones_own_name_is_recorded_and_found(
    append: Append, case_id: str, team: Team, where: Places
) -> None:
    """What an event says no trigger judges; the check reads it."""
    assert append("ada", ("decision.accepted", {"code": "Mrs Okonkwo"}), case_id=case_id) == ""
    problems = verify(team.address("carl"), places=where).problems
    assert any(case_id in problem for problem in problems)
    assert not any("Okonkwo" in problem for problem in problems)


def test_a_signature_that_is_none_is_recorded_and_found(
    append: Append, case_id: str, team: Team, where: Places
) -> None:
    said = statement("ada", case_id, "coded")
    submitted = ("case.submitted", {"codes": [["I10", None]]})
    assert append("ada", submitted, ("case.signed", said), case_id=case_id) == ""
    assert verify(team.address("carl"), places=where).problems


ROW_CHANGES = [
    "update chartproof.case_row set claimed_by = 'ada', claimed_until = '2099'",
    "update chartproof.case_row set version = version + 1, lane = 'auto'",
    "update chartproof.case_row set lane = 'auto'",
    (
        "insert into chartproof.case_row select repeat('a', 32), 'x', opened, 1, updated, lane, "
        "state, lane_reasons, setting, note_count, suggestion_count, decided_count, codes, words "
        "from chartproof.case_row limit 1"
    ),
]


@pytest.mark.parametrize("statement", ROW_CHANGES)
def test_a_row_of_the_worklist_changes_only_with_an_event(
    team: Team, case_id: str, statement: str
) -> None:
    before = team.sql("select * from chartproof.case_row")
    with pytest.raises(psycopg.Error) as refused:
        team.sql(statement, role="ada")
    assert refused.value.sqlstate == APPEND_ONLY
    for gone in ("delete from", "truncate"):
        for who in ("ada", "owner"):
            with pytest.raises(psycopg.Error):
                team.sql(f"{gone} chartproof.case_row", role=who)
    assert team.sql("select * from chartproof.case_row") == before


def test_a_row_names_as_holder_whom_the_events_name(
    append: Append, case_id: str, open_as: OpenAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the same transaction as an event of one's own; and no event leaves its row behind."""
    assert append("ben", ("case.viewed", {}), case_id=case_id, with_row=False) == OUT_OF_ORDER
    forged = {"claimed_by": "ada", "claimed_until": "2099"}
    monkeypatch.setattr(change, "row_values", lambda review: row_values(review) | forged)
    with open_as("ben") as store, pytest.raises(AuditError, match="in hand"):
        store.view(case_id)


@pytest.mark.usefixtures("case_id")
def test_no_function_of_ones_own_stands_in_for_one_the_guards_use(team: Team) -> None:
    """On a server where people may make functions, as all did before PostgreSQL 15."""
    team.sql("grant create on schema public to ada")
    team.sql(
        "create function public.sha256(bytea) returns bytea language sql "
        "as 'select decode(repeat(''ab'', 32), ''hex'')'",
        role="ada",
    )
    ((seq, newest),) = team.sql(
        "select seq, hash from chartproof.audit_event order by seq desc limit 1"
    )
    body = {
        "actor": {"id": "ada", "kind": "person"},
        "case_id": None,
        "kind": "cases.searched",
        "seq": seq + 1,
        "ts_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    forged = (
        f"insert into audit_event (seq, body, prev, hash) values ({seq + 1}, "
        f"'{json.dumps(body, separators=(',', ':'))}', '\\x{newest.hex()}', '\\x{'ab' * 32}')"
    )
    with pytest.raises(psycopg.Error) as refused:
        team.sql("set search_path = public, chartproof, pg_catalog", forged, role="ada")
    assert refused.value.sqlstate == OUT_OF_ORDER


@pytest.mark.parametrize("state", [HELD, UNSIGNED, CLOSED, OWN_CASE, OUT_OF_TIME, NO_EVENT])
def test_each_refusal_has_its_own_sentence(state: str) -> None:
    class RefusedError(Exception):
        sqlstate = state

    said = str(explain(DBAPIError("select 1", {}, RefusedError()), "postgresql://db"))
    assert "postgresql://db" in said
    assert "Nothing was recorded" in said
    assert "verify" not in said
