"""The rows of a store and the guards in the database itself.

`audit_event` is the truth. `blob` holds texts that may be erased one day, `case_row` is the
worklist, made from the events and rebuildable from them, `store` is one row about the store.
"""

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    LargeBinary,
    Text,
    column,
)
from sqlmodel import Field, SQLModel

from audit.sql import member

SCHEMA_VERSION = 3
TABLES = ("audit_event", "blob", "store", "case_row")

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # a strict table knows one integer

# SQLite drops no index of a UNIQUE constraint, and a copy of the table would take the disk of a
# large store twice. So both become indexes like any other, and the constraint leaves the text of
# the table; no page of theirs changes. A table that does not read as ours fails the upgrade.
_UNIQUE_NO_MORE = (
    "pragma writable_schema = on",
    """update sqlite_schema set sql = replace(sql, ', \n\tUNIQUE (prev), \n\tUNIQUE (hash)', '')
where type = 'table' and name = 'audit_event'""",
    """update sqlite_schema
set name = 'old_prev', sql = 'create index old_prev on audit_event (prev)'
where name = 'sqlite_autoindex_audit_event_1'
  and (select sql not like '%unique%' from sqlite_schema where name = 'audit_event')""",
    """update sqlite_schema
set name = 'old_hash', sql = 'create index old_hash on audit_event (hash)'
where name = 'sqlite_autoindex_audit_event_2'
  and (select sql not like '%unique%' from sqlite_schema where name = 'audit_event')""",
    "pragma writable_schema = reset",  # and read it anew
    "drop index old_prev",
    "drop index old_hash",
)

UPGRADES: dict[int, tuple[str | Mapping[str, tuple[str, ...]], ...]] = {
    1: (
        "alter table case_row add column claimed_by text not null default ''",
        "alter table case_row add column claimed_until text not null default ''",
    ),
    2: (
        {
            "sqlite": _UNIQUE_NO_MORE,
            "postgresql": (
                "alter table audit_event drop constraint audit_event_prev_key",
                "alter table audit_event drop constraint audit_event_hash_key",
            ),
        },
    ),
}
"""What leads from a layout to the next: on either database, or by its dialect's name.

The guards are made anew each time.
"""


_APPEND_ONLY = (
    """create trigger audit_no_update before update on audit_event
begin select raise(abort, 'append-only'); end""",
    """create trigger audit_no_delete before delete on audit_event
begin select raise(abort, 'append-only'); end""",
)
# INSERT OR REPLACE deletes without firing a delete trigger where recursive_triggers is off,
# so the order itself is guarded: only the next event after the newest one can come in. Its
# number is all that an event could be replaced by. That no hash stands twice follows from the
# chain; an index of them would cost seven random pages for each encounter.
_ORDER = """create trigger audit_order before insert on audit_event
when new.seq is not coalesce((select max(seq) from audit_event), 0) + 1
  or new.prev is not coalesce(
       (select hash from audit_event order by seq desc limit 1), zeroblob(32))
  or json_extract(new.body, '$.seq') is not new.seq"""
_NO_HASH_TWICE = "\n  or exists (select 1 from audit_event where hash = new.hash)"
_REFUSED = "\nbegin select raise(abort, 'out of order'); end"

GUARDS = (*_APPEND_ONLY, _ORDER + _REFUSED)
_WITH_HASHES = (*_APPEND_ONLY, _ORDER + _NO_HASH_TWICE + _REFUSED)
_OLDER = {1: _WITH_HASHES, 2: _WITH_HASHES}


def guards_of(layout: int) -> dict[str, str]:
    """Return the text of each guard in a file of a layout, by its name."""
    return {guard.split()[2]: guard for guard in _OLDER.get(layout, GUARDS)}


def _of_body(path: str) -> Computed:
    return Computed(member(column("body"), path), persisted=False)


class EventRow(SQLModel, table=True):
    """One event: `body` is the canonical JSON, every queryable column is generated from it."""

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("seq > 0"),
        CheckConstraint("json_valid(body)").ddl_if(dialect="sqlite"),
        CheckConstraint("length(prev) = 32"),
        CheckConstraint("length(hash) = 32"),
        Index("audit_event_case", "case_id", "seq"),
        {"sqlite_strict": True},
    )
    seq: int = Field(sa_column=Column(_NUMBER, primary_key=True, autoincrement=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    prev: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    kind: str | None = Field(sa_column=Column(Text, _of_body("kind")))
    actor: str | None = Field(sa_column=Column(Text, _of_body("actor.id")))
    case_id: str | None = Field(sa_column=Column(Text, _of_body("case_id")))


class BlobRow(SQLModel, table=True):
    """A text and the random key of its commitment; the only place where words of notes lie."""

    __tablename__ = "blob"
    __table_args__ = ({"sqlite_strict": True},)
    ref: str = Field(sa_column=Column(Text, primary_key=True))
    key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class StoreRow(SQLModel, table=True):
    """What the store is: its layout, its id and the secret of its keyed digests."""

    __tablename__ = "store"
    __table_args__ = (CheckConstraint("id = 1"), {"sqlite_strict": True})
    id: int = Field(sa_column=Column(Integer, primary_key=True))
    schema_version: int = Field(sa_column=Column(Integer, nullable=False))
    store_id: str = Field(sa_column=Column(Text, nullable=False))
    secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class CaseRecord(SQLModel, table=True):
    """One line of the worklist, a projection of the events of one case."""

    __tablename__ = "case_row"
    __table_args__ = (Index("case_row_lane", "lane", "state"), {"sqlite_strict": True})
    case_id: str = Field(sa_column=Column(Text, primary_key=True))
    encounter_id: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    opened: int = Field(sa_column=Column(_NUMBER, nullable=False, index=True))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    updated: str = Field(sa_column=Column(Text, nullable=False))
    lane: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    lane_reasons: str = Field(sa_column=Column(Text, nullable=False))
    setting: str = Field(sa_column=Column(Text, nullable=False))
    note_count: int = Field(sa_column=Column(Integer, nullable=False))
    suggestion_count: int = Field(sa_column=Column(Integer, nullable=False))
    decided_count: int = Field(sa_column=Column(Integer, nullable=False))
    codes: str = Field(sa_column=Column(Text, nullable=False))
    words: str = Field(sa_column=Column(Text, nullable=False))
    claimed_by: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    claimed_until: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
