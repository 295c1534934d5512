"""A team's store of an older layout: its owner brings it up to date, tables and guards, at once.

`layouts/N/postgres.sql` is what `pg_dump` wrote of a store that a version of that layout had made
on a server, by `owner` and `ada`, from the made-up encounters of `builders.py`; 20 events.
"""

import shutil

import psycopg
import pytest

from audit import Accept, AuditError, Places, Standing, Store, postgres_schema, verify
from audit.postgres_guards import OLDER
from audit.tables import SCHEMA_VERSION, UPGRADES
from tests.audit.builders import CODER, encounter, result, sign_off
from tests.audit.test_founding import LAYOUTS
from tests.postgres import PEOPLE, PostgresServer, Team


@pytest.fixture(params=sorted(UPGRADES))
def layout(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture
def old(layout: int, postgres: PostgresServer, where: Places) -> Team:
    """A store of an older layout on the server, with its key and head on this machine."""
    kept = LAYOUTS / str(layout)
    made = postgres.database()
    known = {name for (name,) in postgres.sql("select rolname from pg_roles")}
    groups = {f"chartproof_{role}" for role in PEOPLE.values() if role}
    postgres.sql(*(f"create role {name} nologin" for name in sorted(groups - known)), "select 1")
    with psycopg.connect(
        host=str(postgres.folder), user="keeper", dbname=made.name, autocommit=True
    ) as connection:
        connection.execute((kept / "postgres.sql").read_bytes())
    made.let_in()
    ((store_id,),) = made.sql("select store_id from chartproof.store")
    for name, place in (("key", where.key(store_id)), ("head", where.head(store_id))):
        place.parent.mkdir(parents=True)
        shutil.copyfile(kept / f"postgres.{name}", place)
    return made


def shape(team: Team) -> list[tuple[object, ...]]:
    """Return all that stands in the schema: columns, triggers, functions, permits and grants."""
    return [
        row
        for query in (
            "select table_name::text, column_name::text, data_type, is_nullable, "
            "coalesce(column_default, '') from information_schema.columns "
            "where table_schema = 'chartproof' order by 1, 2",
            "select t.tgname::text, t.tgrelid::regclass::text, t.tgtype, t.tgenabled "
            "from pg_trigger t join pg_proc p on p.oid = t.tgfoid "
            "where p.pronamespace = 'chartproof'::regnamespace and not tgisinternal order by 1",
            "select proname::text, prosrc, proconfig from pg_proc "
            "where pronamespace = 'chartproof'::regnamespace order by 1",
            "select p::text from chartproof.permit p order by 1",
            "select table_name::text, grantee::text, privilege_type::text "
            "from information_schema.role_table_grants "
            "where table_schema = 'chartproof' order by 1, 2, 3",
        )
        for row in team.sql(query)
    ]


def test_every_older_layout_has_its_guards_known() -> None:
    assert sorted(OLDER) == sorted(UPGRADES)


def test_an_old_store_is_checked_as_it_is(old: Team, where: Places) -> None:
    before = shape(old)
    report = verify(old.address("carl"), places=where)
    assert (report.problems, report.exit_code, report.events) == ((), 0, 20)
    assert shape(old) == before


@pytest.mark.parametrize("who", ["ada", "adam"])
def test_a_person_is_told_that_the_owner_has_to_bring_it_up_to_date(
    old: Team, where: Places, who: str
) -> None:
    before = shape(old)
    with pytest.raises(AuditError) as told:
        Store.open(old.address(who), places=where, actor=CODER)
    said = str(told.value)
    assert "older version of Chartproof" in said
    assert "the database role owner" in said
    assert "Nothing was changed" in said
    assert (shape(old), verify(old.address("carl"), places=where).exit_code) == (before, 0)


def test_its_owner_brings_it_up_to_date_once_as_an_event_and_everybody_goes_on(
    old: Team, layout: int, team: Team, where: Places
) -> None:
    with Store.open(old.address(), places=where, actor=CODER) as store:
        *before, upgraded = store.events()
        assert (len(before), upgraded.kind, upgraded.actor.id) == (20, "store.upgraded", "owner")
        assert upgraded.data == {"from_version": layout, "to_version": SCHEMA_VERSION}
    assert shape(old) == shape(team), "as one that this version made"
    with Store.open(old.address(), places=where, actor=CODER) as store:
        assert [e.kind for e in store.events()].count("store.upgraded") == 1
    with Store.open(old.address("ada"), places=where, actor=CODER) as store:
        rows = store.cases()
        assert [row.encounter_id for row in rows] == ["e-0", "e-1", "x.txt"]
        assert store.case(rows[0].case_id).encounter == encounter("e-0")
        store.claims.take(rows[0].case_id)
        store.decide(rows[0].case_id, Accept(code="E11.9"))
        sign_off(store, rows[0].case_id)
        assert store.record(encounter("e-1"), result("e-1")).reason == "repeated"
        assert store.record(encounter("e-2"), result("e-2")).added
    assert verify(old.address("carl"), places=where).problems == ()


def test_a_machine_that_never_saw_the_store_can_upgrade_it_and_watches_it_from_then_on(
    old: Team, where: Places
) -> None:
    ((store_id,),) = old.sql("select store_id from chartproof.store")
    where.head(store_id).unlink()
    before = shape(old)
    with pytest.raises(AuditError, match="the database role owner") as told:
        Store.open(old.address("ada"), places=where, actor=CODER)
    assert "head file" not in str(told.value)
    assert shape(old) == before
    where.head(store_id).unlink()
    with Store.open(old.address(), places=where, actor=CODER) as store:
        assert store.events()[-1].kind == "store.upgraded"
        assert store.notice is not None
        assert "watches it from event 20 on" in store.notice
        assert store.notice.count("for the first time") == 1
    assert where.head(store_id).read_text().startswith("20 ")
    assert verify(old.address(), places=where).problems == ()


def test_nobody_is_at_the_store_while_it_is_brought_up_to_date(
    old: Team, where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window of the older version would go on writing by rules that are no longer those."""
    monkeypatch.setattr(postgres_schema, "_LOOKS", 2)
    before = shape(old)
    with (
        psycopg.connect(
            host=str(old.server.folder), user="ada", dbname=old.name, application_name="chartproof"
        ),
        pytest.raises(AuditError, match="open for: ada"),
    ):
        Store.open(old.address(), places=where, actor=CODER)
    assert shape(old) == before
    monkeypatch.undo()
    monkeypatch.setenv("CHARTPROOF_KEYRING", "off")
    Store.open(old.address(), places=where, actor=CODER).close()


def test_an_upgrade_that_cannot_be_finished_changes_nothing(
    old: Team, where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = SCHEMA_VERSION - 1
    wrong = "alter table case_row add column codes text"
    monkeypatch.setitem(UPGRADES, last, (*UPGRADES[last], wrong))
    before = shape(old)
    with pytest.raises(AuditError):
        Store.open(old.address(), places=where, actor=CODER)
    assert (shape(old), verify(old.address("carl"), places=where).exit_code) == (before, 0)


ALTERED: dict[str, str] = {
    "hollowed out": (
        "create or replace function chartproof.audit_refuse() returns trigger "
        "language plpgsql as 'begin return new; end'"
    ),
    "dropped": "drop trigger audit_no_delete on chartproof.audit_event",
    "a door": "grant update on chartproof.audit_event to ada",
}


@pytest.mark.parametrize("altered", ALTERED)
def test_guards_that_somebody_altered_are_not_painted_over(
    old: Team, where: Places, altered: str
) -> None:
    old.sql(ALTERED[altered], role="owner")
    report = verify(old.address("carl"), places=where)
    assert report.status is Standing.ALTERED
    with pytest.raises(AuditError, match="guards are not those it was made with"):
        Store.open(old.address(), places=where, actor=CODER)
    assert verify(old.address("carl"), places=where) == report
