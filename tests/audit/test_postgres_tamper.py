"""What the owner of a server's tables can do behind the guards, and how the check finds it."""

import re
from collections.abc import Callable, Sequence

import pytest

from audit import Places, Standing, verify
from audit.head import Head, HeadFile
from audit.postgres_guards import TRIGGERS
from tests.audit.conftest import OpenAs, fill
from tests.postgres import Team

Tamper = Callable[[Team], None]


def as_owner(*statements: str) -> Tamper:
    """Change rows with the guards off, and put the guards back, so that only content differs."""
    tables = {each.table for each in TRIGGERS.values()}
    off = [f"alter table chartproof.{table} disable trigger all" for table in tables]
    on = [
        f"alter table chartproof.{each.table} enable always trigger {name}"
        for name, each in TRIGGERS.items()
    ]
    return plainly(*off, *statements, *on)


def plainly(*statements: str) -> Tamper:
    return lambda team: _run(team, statements)


def _run(team: Team, statements: Sequence[str]) -> None:
    team.sql(*statements, role="owner")


EDIT = (
    "update chartproof.audit_event "
    'set body = replace(body, \'"code":"I10"\', \'"code":"I11"\') where seq = 9'
)
REHASH = """
do $$
declare
  e record;
  before bytea := decode(repeat('00', 32), 'hex');
  digest bytea;
begin
  for e in select seq, body from chartproof.audit_event order by seq loop
    digest := sha256('\\x02' || before || sha256('\\x00' || convert_to(e.body, 'UTF8')));
    update chartproof.audit_event set prev = before, hash = digest where seq = e.seq;
    before := digest;
  end loop;
end $$
"""
SWAP = """
update chartproof.audit_event e set body = o.body from chartproof.audit_event o
where (e.seq, o.seq) in ((10, 17), (17, 10))
"""

FIRST = "(select min(ref) from chartproof.blob)"

ATTACKS: dict[str, tuple[Tamper, Standing, str]] = {
    "edit": (as_owner(EDIT), Standing.ALTERED, r"Event 9 was altered"),
    "edit and rehash": (as_owner(EDIT, REHASH), Standing.ALTERED, r"head file noted"),
    "delete in the middle": (
        as_owner("delete from chartproof.audit_event where seq = 12"),
        Standing.ALTERED,
        r"Event 12 is missing",
    ),
    "cut the end": (
        as_owner("delete from chartproof.audit_event where seq > 25"),
        Standing.ANCHOR,
        r"newest 8 events are missing",
    ),
    "empty the log": (
        as_owner("truncate chartproof.audit_event"),
        Standing.ALTERED,
        r"The log is empty",
    ),
    "exchange": (as_owner(SWAP), Standing.ALTERED, r"Event 10 was altered"),
    "put in": (
        as_owner(
            "insert into chartproof.audit_event (seq, body, prev, hash) "
            "select 34, body, sha256(hash), sha256(prev) from chartproof.audit_event where seq = 33"
        ),
        Standing.ALTERED,
        r"Event 34 does not follow on event 33",
    ),
    "alter a text": (
        plainly(f"update chartproof.blob set body = key where ref = {FIRST}"),
        Standing.ALTERED,
        r"A text of event \d+ was altered",
    ),
    "move a text": (
        plainly(
            "update chartproof.blob b set key = o.key, body = o.body from chartproof.blob o "
            f"where o.ref = {FIRST} and b.ref = (select max(ref) from chartproof.blob)"
        ),
        Standing.ALTERED,
        r"A text of event \d+ was altered",
    ),
    "erase a text": (
        plainly(f"delete from chartproof.blob where ref = {FIRST}"),
        Standing.ALTERED,
        r"A text of event \d+ is missing",
    ),
    "worklist": (
        as_owner("update chartproof.case_row set version = version + 1"),
        Standing.ALTERED,
        r"worklist does not agree",
    ),
    "guard dropped": (
        plainly("drop trigger audit_order on chartproof.audit_event"),
        Standing.ALTERED,
        r"lost its guards.*audit_order",
    ),
    "guard off": (
        plainly("alter table chartproof.audit_event disable trigger audit_no_delete"),
        Standing.ALTERED,
        r"lost its guards.*audit_no_delete",
    ),
    "guard asleep in replication": (
        plainly("alter table chartproof.audit_event enable trigger audit_no_update"),
        Standing.ALTERED,
        r"lost its guards.*audit_no_update",
    ),
    "guard hollowed out": (
        plainly(
            "create or replace function chartproof.audit_refuse() returns trigger "
            "language plpgsql as 'begin return new; end'"
        ),
        Standing.ALTERED,
        r"lost its guards.*audit_no_delete, audit_no_truncate, audit_no_update",
    ),
    "a door opened": (
        plainly("grant update on chartproof.audit_event to ada"),
        Standing.ALTERED,
        r"lost its guards.*grant update to ada",
    ),
    "appends that vanish": (
        plainly("create rule lost as on insert to chartproof.audit_event do instead nothing"),
        Standing.ALTERED,
        r"lost its guards.*rule lost",
    ),
    "rows hidden": (
        plainly("alter table chartproof.audit_event enable row level security"),
        Standing.ALTERED,
        r"lost its guards.*row security on audit_event",
    ),
    "guard that never fires": (
        plainly(
            "create or replace trigger audit_order before insert on chartproof.audit_event "
            "for each row when (false) execute function chartproof.audit_order()",
            "alter table chartproof.audit_event enable always trigger audit_order",
        ),
        Standing.ALTERED,
        r"lost its guards.*audit_order",
    ),
    "guard on other columns": (
        plainly(
            "create or replace trigger audit_no_update before update of seq "
            "on chartproof.audit_event for each row execute function chartproof.audit_refuse()",
            "alter table chartproof.audit_event enable always trigger audit_no_update",
        ),
        Standing.ALTERED,
        r"lost its guards.*audit_no_update",
    ),
    "guard that looks elsewhere for names": (
        plainly("alter function chartproof.audit_order() reset search_path"),
        Standing.ALTERED,
        r"lost its guards.*audit_order",
    ),
    "claims counted by another": (
        plainly("alter function chartproof.case_in_hand(text) security definer"),
        Standing.ALTERED,
        r"lost its guards.*case_in_hand",
    ),
    "a permit more": (
        plainly(
            "insert into chartproof.permit values ('chartproof_coder', 'roles.assigned', 'person')"
        ),
        Standing.ALTERED,
        r"lost its guards.*permit chartproof_coder roles.assigned",
    ),
    "another secret": (
        plainly(
            "alter table chartproof.store disable trigger all",
            "update chartproof.store set secret = sha256(secret)",
        ),
        Standing.UNREADABLE,
        r"belongs to another store|was altered",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_the_owner_does_behind_the_guards_is_found(
    filled_team: Team, where: Places, attack: str
) -> None:
    """The owner of the tables can do all of this; the check on a machine that watched says so."""
    assert verify(filled_team.address("carl"), places=where).exit_code == 0
    tamper, standing, words = ATTACKS[attack]
    tamper(filled_team)
    report = verify(filled_team.address("carl"), places=where)
    assert (report.status, bool(re.search(words, " ".join(report.problems)))) == (
        standing,
        True,
    ), report


def test_a_log_written_anew_is_built_on_by_nobody_who_saw_the_old_one(
    filled_team: Team, where: Places, open_as: OpenAs
) -> None:
    as_owner(EDIT, REHASH)(filled_team)
    with open_as("ben") as store:
        assert store.notice is not None
        assert "Nothing more can be recorded" in store.notice
        with pytest.raises(Exception, match="not the one that was stored"):
            fill(store, 1, start=9)


def test_a_break_between_what_two_machines_wrote_is_found_before_more_is_recorded(
    filled_team: Team, where: Places, open_as: OpenAs
) -> None:
    """This machine saw event 33; what came after it elsewhere was tampered with."""
    with open_as("ada") as store:
        head = HeadFile(where.head(store.store_id))
        known = head.last()
        fill(store, 2, start=4)
        head.path.write_text(f"{known.seq} {known.hash.hex()}\n")
        as_owner("update chartproof.audit_event set hash = sha256(hash) where seq = 40")(
            filled_team
        )
        with pytest.raises(Exception, match="Event 41 does not follow on event 40"):
            fill(store, 1, start=9)
        assert head.last() == Head(known.seq, known.hash)
