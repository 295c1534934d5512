"""The chain's formulas, and the guards of the database against every way in but one."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from audit import Actor, ActorKind, AuditError, Places, Store, log, verify
from audit.database import Database
from audit.head import Head
from audit.place import FILE, store_key
from audit.tables import EventRow
from tests.audit.builders import CODER, encounter, result
from tests.soak import SOAK

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=8,
)


@pytest.mark.soak
@settings(max_examples=60 * SOAK, deadline=None)
@given(value=st.dictionaries(st.text(st.characters(codec="ascii")), _JSON))
def test_canonical_gives_the_bytes_of_rfc_8785(value: dict[str, Any]) -> None:
    assert log.canonical(value).encode() == rfc8785.dumps(value)


@pytest.mark.soak
@settings(max_examples=60 * SOAK, deadline=None)
@given(
    data=st.dictionaries(st.text(st.characters(codec="ascii")), _JSON),
    names=st.lists(st.text(), min_size=5, max_size=5),
    blobs=st.lists(st.text()),
    numbers=st.tuples(*[st.integers(1, 2**53 - 1)] * 3),
    case_id=st.none() | st.text(),
)
def test_a_body_around_written_data_has_the_bytes_of_rfc_8785(
    data: dict[str, Any],
    names: list[str],
    blobs: list[str],
    numbers: tuple[int, int, int],
    case_id: str | None,
) -> None:
    kind, actor, role, event_id, ts = names
    draft = log.Draft(
        kind=kind,
        data=data,
        actor=Actor(kind=ActorKind.PERSON, id=actor, role=role),
        case_id=case_id,
        blobs=tuple(blobs),
    )
    seq, *group = numbers
    body = log.body_of(
        draft, log.Written(data), event_id=event_id, group=(group[0], group[1]), seq=seq, ts=ts
    )
    assert body.encode() == rfc8785.dumps(
        {
            "actor": {"id": actor, "kind": "person", **({"role": role} if role else {})},
            "blobs": blobs,
            "case_id": case_id,
            "data": data,
            "event_id": event_id,
            "group": group,
            "kind": kind,
            "seq": seq,
            "ts_utc": ts,
        }
    )


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.5},
        {"a": [1.0]},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 2**53},
        {"a": -(2**53)},
        {"ключ": 1},
        {"a": {"é": 1}},
        {"a": "\ud800"},
        {"a": b"bytes"},
        {"a": {1, 2}},
    ],
)
def test_canonical_refuses_what_has_no_one_form(value: dict[str, Any]) -> None:
    with pytest.raises(AuditError) as caught:
        log.canonical(value)
    assert "ключ" not in str(caught.value)


def test_the_formulas_are_those_of_the_document() -> None:
    body = b'{"seq":1}'
    leaf = hashlib.sha256(b"\x00" + body).digest()
    assert log.leaf_hash(body) == leaf
    assert log.chain_hash(bytes(32), leaf) == hashlib.sha256(b"\x02" + bytes(32) + leaf).digest()


def test_the_stored_chain_follows_the_formulas(store: Store) -> None:
    store.record(encounter(), result())
    prev = bytes(32)
    for event in store.events():
        prev = log.chain_hash(prev, log.leaf_hash(event.body.encode()))
        assert event.hash == prev.hex()
        assert event.body.encode() == rfc8785.dumps(json.loads(event.body))


ATTEMPTS = {
    "update": "update audit_event set body = body where seq = 3",
    "update or replace": "update or replace audit_event set seq = 2 where seq = 3",
    "delete": "delete from audit_event where seq = 3",
    "delete all": "delete from audit_event",
    "replace by seq": "insert or replace into audit_event(seq, body, prev, hash) "
    "select 3, body, zeroblob(32), randomblob(32) from audit_event where seq = 3",
    "replace by hash": "replace into audit_event(seq, body, prev, hash) "
    "select 9, json_set(body, '$.seq', 9), randomblob(32), hash from audit_event where seq = 3",
    "replace by prev": "replace into audit_event(seq, body, prev, hash) "
    "select 9, json_set(body, '$.seq', 9), prev, randomblob(32) from audit_event where seq = 3",
    "upsert": "insert into audit_event(seq, body, prev, hash) "
    "select seq, body, prev, hash from audit_event where seq = 3 "
    "on conflict(seq) do update set body = '{}'",
    "insert or ignore": "insert or ignore into audit_event(seq, body, prev, hash) "
    "select 10, json_set(body, '$.seq', 10), randomblob(32), randomblob(32) "
    "from audit_event where seq = 8",
    "gap": "insert into audit_event(seq, body, prev, hash) "
    "select 10, json_set(body, '$.seq', 10), hash, randomblob(32) from audit_event where seq = 8",
    "another number in the body": "insert into audit_event(seq, body, prev, hash) "
    "select 9, json_set(body, '$.seq', 7), hash, randomblob(32) from audit_event where seq = 8",
    "not json": "insert into audit_event(seq, body, prev, hash) "
    "select 9, 'x', hash, randomblob(32) from audit_event where seq = 8",
    "generated column": "insert into audit_event(seq, body, prev, hash, kind) "
    "select 9, json_set(body, '$.seq', 9), hash, randomblob(32), 'x' "
    "from audit_event where seq = 8",
    "fork": "insert into audit_event(seq, body, prev, hash) "
    "select 9, json_set(body, '$.seq', 9), prev, randomblob(32) from audit_event where seq = 8",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_triggers_alone_stop_every_other_way_in(
    store: Store, folder: Path, where: Places, attempt: str
) -> None:
    store.record(encounter(), result())
    before = store.events()
    assert len(before) == 8
    store.close()
    _, key = store_key(folder, where)
    raw = dbapi2.connect(str(folder / FILE), isolation_level=None)
    raw.execute(f"pragma key = \"x'{key.value.hex()}'\"")
    # The defaults of SQLite, not ours: REPLACE would delete here without firing a trigger.
    raw.execute("pragma recursive_triggers = off")
    with pytest.raises(dbapi2.DatabaseError):
        raw.execute(ATTEMPTS[attempt])
    raw.close()
    with Store.open(folder, places=where, actor=CODER) as again:
        assert again.events() == before


def test_a_hash_that_stands_already_replaces_nothing_and_is_found(
    store: Store, folder: Path, where: Places
) -> None:
    store.record(encounter(), result())
    before = store.events()
    store.close()
    _, key = store_key(folder, where)
    raw = dbapi2.connect(str(folder / FILE), isolation_level=None)
    raw.execute(f"pragma key = \"x'{key.value.hex()}'\"")
    raw.execute("pragma recursive_triggers = off")
    raw.execute(
        "insert or replace into audit_event (seq, body, prev, hash) select 9, "
        "json_set(body, '$.seq', 9), hash, (select hash from audit_event where seq = 3) "
        "from audit_event where seq = 8"
    )
    bodies = [
        body for (body,) in raw.execute("select body from audit_event where seq < 9").fetchall()
    ]
    raw.close()
    assert bodies == [event.body for event in before]
    report = verify(folder, places=where)
    assert report.exit_code == 1
    assert any("Event 9" in problem for problem in report.problems)


@pytest.mark.parametrize(
    "statement",
    [
        "drop trigger audit_no_update",
        "drop table audit_event",
        "alter table audit_event rename to gone",
        "create trigger more after insert on blob begin select 1; end",
        "create table more(a)",
        "attach ':memory:' as more",
        "pragma writable_schema = on",
        "pragma recursive_triggers = off",
        "update audit_event set body = '{}'",
        "delete from audit_event where 0",
    ],
)
def test_the_connection_of_a_store_refuses_what_it_never_needs(
    store: Store, folder: Path, where: Places, statement: str
) -> None:
    _, key = store_key(folder, where)
    database = Database(folder / FILE, key=key.value, mode="write")
    with pytest.raises(DBAPIError), database.write() as connection:
        connection.exec_driver_sql(statement)
    database.close()


def test_a_log_ahead_by_one_group_is_noted_and_by_more_refused(
    store: Store, folder: Path, where: Places
) -> None:
    first = Head(1, bytes.fromhex(store.events()[0].hash))
    store.record(encounter(), result())
    events = store.events()
    _, key = store_key(folder, where)
    database = Database(folder / FILE, key=key.value, mode="write")
    with database.read() as connection:
        newest = log.tail(connection)
        assert newest == Head(8, bytes.fromhex(events[-1].hash))
        assert log.newest_after(connection, newest) == newest
        assert log.newest_after(connection, first) == newest
        with pytest.raises(AuditError, match="only event 4 was noted"):
            log.newest_after(connection, Head(4, bytes.fromhex(events[3].hash)))
        with pytest.raises(AuditError, match="The newest 2 records are missing"):
            log.newest_after(connection, Head(10, bytes(32)))
        with pytest.raises(AuditError, match="Event 8 is not the one"):
            log.newest_after(connection, Head(8, bytes(32)))
    database.close()


def test_an_error_of_the_database_does_not_repeat_its_values(
    store: Store, folder: Path, where: Places
) -> None:
    _, key = store_key(folder, where)
    database = Database(folder / FILE, key=key.value, mode="write")
    row = {"seq": 2, "body": "CANARY chest pain", "prev": bytes(32), "hash": bytes(32)}
    with pytest.raises(DBAPIError) as caught, database.write() as connection:
        connection.execute(insert(EventRow), [row])
    assert "CANARY" not in str(caught.value)
    with database.read() as connection:
        assert connection.execute(text("select count(*) from audit_event")).scalar() == 1
    database.close()
