"""What the server itself refuses, whatever program speaks to it."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from audit import log
from audit.events import KINDS
from audit.log import Draft
from audit.model import Actor, ActorKind
from audit.people import Right
from audit.permits import NOBODY, PROGRAM, kinds, permits
from audit.postgres import Postgres
from audit.postgres_guards import NOT_ALLOWED, NOT_THEIRS, OUT_OF_ORDER, UNSIGNED
from audit.postgres_schema import guards, permitted
from audit.tables import SCHEMA_VERSION
from tests.audit.forged import CASE, data_of
from tests.postgres import PEOPLE, Team

WAYS_IN = [
    "update chartproof.audit_event set body = '{}' where seq = 9",
    "delete from chartproof.audit_event where seq = 33",
    "truncate chartproof.audit_event cascade",
    (
        "insert into chartproof.audit_event (seq, body, prev, hash) "
        "select seq + 100, body, hash, hash from chartproof.audit_event where seq = 33"
    ),
    (
        "insert into chartproof.audit_event (seq, body, prev, hash) "
        "select 34, '{\"seq\":34,\"actor\":{}}', hash, sha256('x') from chartproof.audit_event "
        "where seq = 33"
    ),
    (
        "insert into chartproof.audit_event (seq, body, prev, hash) "
        "select seq, body, prev, hash from chartproof.audit_event where seq = 33 "
        "on conflict (seq) do update set body = '{}'"
    ),
    (
        "merge into chartproof.audit_event e using (select 33 as n) s on e.seq = s.n "
        "when matched then delete"
    ),
    "set session_replication_role = replica",
    "alter table chartproof.audit_event disable trigger all",
    "drop trigger audit_order on chartproof.audit_event",
    "drop schema chartproof cascade",
    (
        "create or replace function chartproof.audit_refuse() returns trigger language plpgsql "
        "as 'begin return new; end'"
    ),
    "create rule lost as on insert to chartproof.audit_event do instead nothing",
    "insert into chartproof.permit values ('chartproof_coder', 'roles.assigned')",
    "update chartproof.store set store_id = 'x'",
    "update chartproof.blob set body = ''",
    "truncate chartproof.blob",
    "delete from chartproof.blob",
    "create table chartproof.mine (n int)",
    "copy chartproof.audit_event (seq, body, prev, hash) from program 'true'",
    "set role chartproof_reviewer",
    "set session authorization ben",
    "grant chartproof_admin to ada",
    "alter role ada superuser",
    "alter table chartproof.audit_event owner to ada",
    "alter function chartproof.audit_order() owner to ada",
    "create trigger mine before insert on chartproof.audit_event "
    "for each row execute function suppress_redundant_updates_trigger()",
    "create policy mine on chartproof.audit_event using (false)",
    "alter table chartproof.audit_event alter column body drop not null",
    "alter system set session_preload_libraries = 'mine'",
    "lock table chartproof.audit_event in access exclusive mode",
    "select 1 from chartproof.audit_event for update",
    "update chartproof.permit set actor = 'person'",
    "delete from chartproof.store",
    "update chartproof.store set schema_version = 9",
    "insert into chartproof.store select 2, schema_version, store_id, secret from chartproof.store",
]


def is_refused(team: Team, statement: str) -> bool:
    try:
        team.sql(statement, role="ada")
    except psycopg.Error:
        return True
    return False


def test_a_person_cannot_change_what_is_recorded(filled_team: Team) -> None:
    tables = ("audit_event", "blob", "case_row", "permit", "store")
    everything = [f"select t::text from chartproof.{name} t order by 1" for name in tables]
    before = [filled_team.sql(query) for query in everything]
    for statement in WAYS_IN:
        assert is_refused(filled_team, statement), statement
        assert [filled_team.sql(query) for query in everything] == before, statement
    # Where nothing may be granted the server only warns.
    filled_team.sql("grant update on chartproof.audit_event to ada", role="ada")
    with pytest.raises(psycopg.Error):
        filled_team.sql(WAYS_IN[0], role="ada")


def test_the_owner_meets_the_guards_too_even_in_replication(filled_team: Team) -> None:
    for role, first in (
        ("owner", "select 1"),
        ("keeper", "set session_replication_role = replica"),
    ):
        for statement in WAYS_IN[:6]:
            with pytest.raises(psycopg.Error, match=r"append-only|out of order"):
                filled_team.sql(first, statement, role=role)


Attempt = Callable[[str, Draft], str]


@pytest.fixture
def attempt(team: Team) -> Iterator[Attempt]:
    """Try to append a well-formed event as a person; give the SQLSTATE it was refused with."""
    with ExitStack() as opened:
        databases: dict[str, Postgres] = {}

        def tried(who: str, draft: Draft) -> str:
            if who not in databases:
                databases[who] = Postgres(team.address(who), key=None)
                opened.callback(databases[who].close)
            try:
                with databases[who].write() as connection, connection.begin_nested() as point:
                    ts = "2026-05-04T09:00:00.000000Z"
                    head = log.tail(connection)
                    log.append(connection, [draft], after=head, ts=ts, new_id=lambda: "0")
                    point.rollback()
            except DBAPIError as error:
                return str(getattr(error.orig, "sqlstate", ""))
            return ""

        yield tried


THE_PROGRAM = Actor(kind=ActorKind.PROGRAM, id="chartproof")


def event(kind: str, *, who: str, role: str = "") -> Draft:
    """Return an event as the program would send it for a person."""
    person = Actor(kind=ActorKind.PERSON, id=who, role=role)
    return Draft(
        kind=kind,
        data=data_of(kind, who=who),
        actor=THE_PROGRAM if kind in PROGRAM else person,
        case_id=CASE,
    )


def test_every_kind_of_event_needs_a_right_or_is_nobodys() -> None:
    given = kinds(Right)
    assert not given & NOBODY
    assert given | NOBODY == KINDS.keys()


GUARDS = (3, "01b1e55040360a11")


def test_a_layout_has_one_set_of_guards() -> None:
    """What a server refuses and allows belongs to the number of its layout.

    Where this fails, it was changed. Stores that a released version made on a server get the change
    only with another number: raise `SCHEMA_VERSION`, note the digests of before in
    `postgres_guards.OLDER`, add a store of before below `layouts`. While the number is not yet
    released, the digest here is all there is to change.
    """
    told = "\n".join([*guards(), *map(repr, sorted(permitted()))])
    assert (SCHEMA_VERSION, hashlib.sha256(told.encode()).hexdigest()[:16]) == GUARDS


def test_each_person_appends_what_their_roles_allow_and_nothing_else(attempt: Attempt) -> None:
    """The whole matrix: every person, every kind of event, straight to the server."""
    # What stands on nothing here, as a signature and a reopening do, is allowed all the same.
    allowed = {
        who: {
            kind
            for kind in KINDS
            if attempt(who, event(kind, who=who, role=role)) in {"", UNSIGNED}
        }
        for who, role in PEOPLE.items()
        if who != "nora"
    }
    for who, role in PEOPLE.items():
        if role:
            assert allowed[who] == permits()[role], who
    assert {attempt("nora", event(kind, who="nora")) for kind in KINDS} == {"42P01"}
    assert "decision.accepted" in allowed["ada"]
    assert "decision.accepted" not in allowed["adam"] | allowed["carl"]


def test_nobody_writes_in_another_name_or_role(team: Team, attempt: Attempt) -> None:
    assert attempt("ada", event("case.viewed", who="ada", role="coder")) == ""
    assert attempt("ada", event("case.viewed", who="ada", role="reviewer")) == NOT_ALLOWED
    assert attempt("ada", event("case.viewed", who="ben")) == NOT_THEIRS
    asked = Draft(
        kind="analysis.started",
        data={"requested_by": {"kind": "person", "id": "ben"}},
        actor=THE_PROGRAM,
    )
    assert attempt("ada", asked) == NOT_THEIRS
    assert attempt("ben", asked) == ""
    for actor in (
        THE_PROGRAM,
        Actor(kind=ActorKind.PROGRAM, id="ada"),
        Actor(kind=ActorKind.POLICY, id="ada"),
    ):
        assert attempt("ada", Draft(kind="decision.accepted", data={}, actor=actor)) in {
            NOT_ALLOWED,
            NOT_THEIRS,
        }
    with (
        psycopg.connect(host=str(team.server.folder), user="ada", dbname=team.name) as connection,
        pytest.raises(psycopg.Error),
    ):
        connection.execute("set role chartproof_reviewer")


def test_a_hash_that_does_not_follow_is_refused_by_the_server(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = event("case.viewed", who="ada")
    monkeypatch.setattr(log, "chain_hash", lambda prev, leaf: leaf)
    assert attempt("ada", draft) == OUT_OF_ORDER
