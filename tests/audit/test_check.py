"""The tamper matrix: what each attack on a store is called, and that a good one is called good."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from audit import AuditError, Places, Standing, Store, log, verify
from audit.head import Head
from audit.place import FILE, store_key
from tests.audit.builders import CODER, encounter, result
from tests.audit.conftest import fill

Raw = dbapi2.Connection


def unlocked(folder: Path, where: Places) -> Raw:
    """Open a store as someone with its key and every intention would."""
    _, key = store_key(folder, where)
    raw = dbapi2.connect(str(folder / FILE), isolation_level=None)
    raw.execute(f"pragma key = \"x'{key.value.hex()}'\"")
    return raw


def without_guards(raw: Raw) -> list[str]:
    rows = raw.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
    for name, _ in rows:
        raw.execute(f"drop trigger {name}")
    return [sql for _, sql in rows]


def tamper(folder: Path, where: Places, change: Callable[[Raw], None]) -> None:
    """Change rows behind the guards and put the guards back, so that only content differs."""
    raw = unlocked(folder, where)
    guards = without_guards(raw)
    change(raw)
    for sql in guards:
        raw.execute(sql)
    raw.close()


def edited(raw: Raw, seq: int, path: str, value: str) -> None:
    raw.execute(
        "update audit_event set body = json_set(body, ?, ?) where seq = ?", (path, value, seq)
    )


def renumbered(raw: Raw, after: int, by: int) -> None:
    order = "desc" if by > 0 else "asc"
    rows = raw.execute(
        f"select seq from audit_event where seq > ? order by seq {order}", (after,)
    ).fetchall()
    for (seq,) in rows:
        raw.execute(
            "update audit_event set seq = ?, body = json_set(body, '$.seq', ?) where seq = ?",
            (seq + by, seq + by, seq),
        )


def rehashed(raw: Raw, start: int = 1) -> None:
    """Make the chain anew from the bodies, as someone who knows the formulas can."""
    rows = raw.execute("select seq, body from audit_event order by seq").fetchall()
    prev = bytes(32)
    for seq, body in rows:
        digest = log.chain_hash(prev, log.leaf_hash(body.encode()))
        if seq >= start:
            # Two steps, because hashes are unique and a later row may still hold this one.
            raw.execute(
                "update audit_event set prev = ?, hash = ? where seq = ?", (prev, digest, seq)
            )
        prev = digest


def swapped(raw: Raw) -> None:
    one, two = (
        raw.execute("select body from audit_event where seq = ?", (seq,)).fetchone()[0]
        for seq in (10, 17)
    )
    raw.execute("update audit_event set body = ? where seq = 10", (two,))
    raw.execute("update audit_event set body = ? where seq = 17", (one,))


def inserted(raw: Raw) -> None:
    renumbered(raw, 20, 1)
    body, prev = raw.execute("select body, hash from audit_event where seq = 20").fetchone()
    fields = json.loads(body) | {"seq": 21, "event_id": "f" * 32}
    forged = log.canonical(fields)
    raw.execute(
        "insert into audit_event(seq, body, prev, hash) values (21, ?, randomblob(32), ?)",
        (forged, log.chain_hash(prev, log.leaf_hash(forged.encode()))),
    )


def removed_and_renumbered(raw: Raw) -> None:
    raw.execute("delete from audit_event where seq = 12")
    renumbered(raw, 12, -1)


def rewritten(raw: Raw) -> None:
    edited(raw, 12, "$.data.code", "I11.9")
    rehashed(raw, 12)


def cut_worklist(raw: Raw) -> None:
    raw.execute("delete from case_row where encounter_id = 'e-2'")


ATTACKS: dict[str, tuple[Callable[[Raw], object], int, str]] = {
    "edit a payload": (lambda raw: edited(raw, 9, "$.data.code", "I11.9"), 1, "Event 9 was alter"),
    "edit a time": (
        lambda raw: edited(raw, 9, "$.ts_utc", "2020-01-01T00:00:00.000000Z"),
        1,
        "Event 9 was altered",
    ),
    "edit an actor": (lambda raw: edited(raw, 9, "$.actor.id", "eve"), 1, "Event 9 was altered"),
    "edit a hash": (
        lambda raw: raw.execute("update audit_event set hash = zeroblob(32) where seq = 9"),
        1,
        "Event 9 was altered",
    ),
    "delete an event": (
        lambda raw: raw.execute("delete from audit_event where seq = 12"),
        1,
        "Event 12 is missing",
    ),
    "delete several events": (
        lambda raw: raw.execute("delete from audit_event where seq between 12 and 14"),
        1,
        "Events 12 to 14 are missing",
    ),
    "delete the first event": (
        lambda raw: raw.execute("delete from audit_event where seq = 1"),
        1,
        "Event 1 is missing",
    ),
    "delete and renumber": (removed_and_renumbered, 1, "Event 12 does not follow on event 11"),
    "swap two events": (swapped, 1, "Event 10 was altered"),
    "insert a forged event": (inserted, 1, "Event 21 does not follow on event 20"),
    "rewrite the whole chain": (rewritten, 1, "not the one that the head file noted"),
    "cut the last events": (
        lambda raw: raw.execute("delete from audit_event where seq > 25"),
        3,
        "The newest 8 events are missing",
    ),
    "cut inside a group": (
        lambda raw: raw.execute("delete from audit_event where seq > 22"),
        1,
        "Events 23 to 24 are missing",
    ),
    "empty the log": (lambda raw: raw.execute("delete from audit_event"), 1, "The log is empty"),
    "edit a note": (
        lambda raw: raw.execute("update blob set body = x'78' where rowid = 2"),
        1,
        "A text of event 2 was altered",
    ),
    "delete a note": (
        lambda raw: raw.execute("delete from blob where rowid = 2"),
        1,
        "A text of event 2 is missing",
    ),
    "add a text": (
        lambda raw: raw.execute("insert into blob values('ab', zeroblob(32), x'78')"),
        1,
        "no event names it",
    ),
    "drop a case from the worklist": (cut_worklist, 1, "worklist does not agree"),
    "put a case back in time": (
        lambda raw: raw.execute("update case_row set version = version - 1"),
        1,
        "worklist does not agree",
    ),
    "exchange the secret": (
        lambda raw: raw.execute("update store set secret = zeroblob(32)"),
        1,
        "Event 1 did not begin this store",
    ),
    "drop the event table": (lambda raw: raw.execute("drop table audit_event"), 2, "SQLITE_ERROR"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_by_someone_with_the_key_is_found_and_named(
    filled: Path, where: Places, attack: str
) -> None:
    change, exit_code, words = ATTACKS[attack]
    if attack == "drop the event table":
        raw = unlocked(filled, where)
        change(raw)
        raw.close()
    else:
        tamper(filled, where, lambda raw: void(change(raw)))
    report = verify(filled, places=where)
    assert report.exit_code == exit_code, report
    assert words in "\n".join(report.problems)


def void(_: object) -> None:
    """Forget what a statement returned."""


@pytest.mark.parametrize("attack", ["cut the last events", "rewrite the whole chain"])
def test_the_program_writes_nothing_more_after_such_an_attack(
    filled: Path, where: Places, attack: str
) -> None:
    tamper(filled, where, lambda raw: void(ATTACKS[attack][0](raw)))
    before = (filled / FILE).read_bytes()
    with Store.open(filled, places=where, actor=CODER) as store:
        assert store.notice is not None
        assert "Nothing more can be recorded" in store.notice
        with pytest.raises(AuditError, match="Nothing more can be recorded"):
            store.record(encounter("new"), result("new"))
        assert store.cases()
    assert (filled / FILE).read_bytes() == before


def test_dropped_guards_are_found(filled: Path, where: Places) -> None:
    raw = unlocked(filled, where)
    without_guards(raw)
    raw.close()
    report = verify(filled, places=where)
    assert report.exit_code == 1
    assert "audit_no_delete, audit_no_update, audit_order" in report.problems[0]


def test_a_guard_of_other_text_is_found(filled: Path, where: Places) -> None:
    raw = unlocked(filled, where)
    raw.execute("drop trigger audit_no_update")
    raw.execute(
        "create trigger audit_no_update before update on audit_event when 0 "
        "begin select raise(abort, 'append-only'); end"
    )
    raw.close()
    report = verify(filled, places=where)
    assert report.exit_code == 1
    assert "(audit_no_update)" in report.problems[0]


def test_a_good_store_is_intact_open_or_closed_and_stays_as_it_is(
    filled: Path, where: Places
) -> None:
    before = {path.name: path.read_bytes() for path in filled.iterdir()}
    report = verify(filled, places=where)
    assert (report.status, report.exit_code, report.events) == (Standing.INTACT, 0, 33)
    assert report.problems == ()
    assert {path.name: path.read_bytes() for path in filled.iterdir()} == before
    with Store.open(filled, places=where, actor=CODER) as store:
        fill(store, 6, start=4)
        assert verify(filled, places=where).status is Standing.INTACT
        newest = store.events()[-1]
        report = verify(filled, places=where)
        assert report.head == Head(newest.seq, bytes.fromhex(newest.hash))
        store.record_check(status=report.status, events=report.events, problems=0)
        assert store.events()[-1].kind == "audit.verified"


def test_an_absent_store_and_an_empty_folder_are_failures_and_stay_absent(
    tmp_path: Path, where: Places
) -> None:
    for name in ("absent", "empty"):
        folder = tmp_path / name
        if name == "empty":
            folder.mkdir()
        report = verify(folder, places=where)
        assert report.exit_code == 2
        assert str(folder) in report.problems[0]
        with pytest.raises(AuditError, match="There is no store"):
            Store.open(folder, places=where, actor=CODER)
    assert not (tmp_path / "absent").exists()
    assert list((tmp_path / "empty").iterdir()) == []
    assert not where.state.exists()


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 5000])
def test_a_file_that_is_no_store_is_unreadable(
    tmp_path: Path, where: Places, content: bytes
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / FILE).write_bytes(content)
    assert verify(folder, places=where).exit_code == 2
    with pytest.raises(AuditError, match="odd"):
        Store.create_or_open(folder, places=where, actor=CODER)


def test_a_wrong_key_and_a_missing_key_are_told_apart(filled: Path, where: Places) -> None:
    store_id, key = store_key(filled, where)
    where.key(store_id).write_text("00" * 32)
    report = verify(filled, places=where)
    assert report.exit_code == 2
    assert "cannot be read with the key" in report.problems[0]
    where.key(store_id).write_text("no key")
    assert "64 hexadecimal digits" in verify(filled, places=where).problems[0]
    where.key(store_id).unlink()
    report = verify(filled, places=where)
    assert report.exit_code == 2
    assert "key is not in" in report.problems[0]
    where.key(store_id).write_text(key.value.hex())
    assert verify(filled, places=where).exit_code == 0
