"""Stores of older layouts, as the versions before wrote them, open in this one and lose nothing.

Each folder below `layouts` was written by a version of that layout from the made-up encounters of
`builders.py`: two coded encounters with decisions, and a file that could not be read; 20 events.
Its key lies beside it.
"""

import shutil
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from audit import Accept, AuditError, Places, Standing, Store, log, verify
from audit.head import Head, HeadFile
from audit.place import FILE, store_key
from audit.tables import GUARDS, SCHEMA_VERSION, UPGRADES
from tests.audit.builders import CODER, encounter, result

LAYOUTS = Path(__file__).parent / "layouts"


@pytest.fixture(params=sorted(UPGRADES))
def old(request: pytest.FixtureRequest, folder: Path, where: Places) -> Path:
    """A store of an older layout, with its key and head on this machine."""
    kept = LAYOUTS / str(request.param)
    folder.mkdir(mode=0o700)
    shutil.copyfile(kept / FILE, folder / FILE)
    store_id = (folder / FILE).read_bytes()[:16].hex()
    for name, place in (
        ("key", where.key(store_id)),
        ("head", where.head(store_id)),
        ("checkpoints", where.checkpoints(store_id)),
    ):
        if (kept / name).exists():  # layout 1 had no checkpoints
            place.parent.mkdir(parents=True)
            shutil.copyfile(kept / name, place)
    return folder


def test_every_layout_leads_to_the_next() -> None:
    assert sorted(UPGRADES) == list(range(1, SCHEMA_VERSION))


def test_an_old_store_is_checked_as_it_is_and_not_written(old: Path, where: Places) -> None:
    before = (old / FILE).read_bytes()
    report = verify(old, places=where)
    assert (report.problems, report.exit_code, report.events) == ((), 0, 20)
    assert (old / FILE).read_bytes() == before


def test_an_old_store_is_upgraded_once_as_an_event_and_goes_on(old: Path, where: Places) -> None:
    with Store.open(old, places=where, actor=CODER) as store:
        *before, upgraded = store.events()
        assert (len(before), upgraded.kind) == (20, "store.upgraded")
        before_it = before[0].data["schema_version"]
        assert upgraded.data == {"from_version": before_it, "to_version": SCHEMA_VERSION}
        rows = store.cases()
        assert [row.encounter_id for row in rows] == ["e-0", "e-1", "x.txt"]
        case = store.case(rows[0].case_id)
        assert case.encounter == encounter("e-0")
        assert case.result == result("e-0")
        assert case.can_undo
        assert case.can_redo
        store.claims.take(rows[0].case_id)
        store.decide(rows[1].case_id, Accept(code="I10"))
        assert store.record(encounter("e-1"), result("e-1")).reason == "repeated"
    with Store.open(old, places=where, actor=CODER) as store:
        assert [e.kind for e in store.events()].count("store.upgraded") == 1
        assert store.cases()[0].claimed_by == CODER.id
    assert verify(old, places=where).exit_code == 0


def test_an_upgrade_that_cannot_be_finished_changes_nothing(
    old: Path, where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = SCHEMA_VERSION - 1
    wrong = "alter table case_row add column codes text"
    monkeypatch.setitem(UPGRADES, last, (*UPGRADES[last], wrong))
    before = verify(old, places=where)
    with pytest.raises(AuditError):
        Store.open(old, places=where, actor=CODER)
    assert verify(old, places=where) == before
    monkeypatch.undo()
    monkeypatch.setenv("CHARTPROOF_KEYRING", "off")
    with Store.open(old, places=where, actor=CODER) as store:
        assert len(store.events()) == 21


def test_a_damaged_old_store_is_not_upgraded(old: Path, where: Places) -> None:
    (head,) = (where.state / "heads").iterdir()
    lines = head.read_text().splitlines()
    head.write_text("\n".join([*lines[:-1], f"25 {'0' * 64}"]) + "\n")
    with pytest.raises(AuditError, match="newest 5 records are missing"):
        Store.open(old, places=where, actor=CODER)
    assert verify(old, places=where).status is Standing.ANCHOR


ALTERED = {
    "dropped": ("drop trigger audit_no_update",),
    "hollowed out": (
        "drop trigger audit_no_delete",
        "create trigger audit_no_delete before delete on audit_event begin select 1; end",
    ),
    "of a later layout": ("drop trigger audit_order", GUARDS[-1]),
}


@pytest.mark.parametrize("altered", ALTERED)
def test_guards_that_somebody_altered_are_not_painted_over(
    old: Path, where: Places, altered: str
) -> None:
    raw = _unlocked(old, where)
    for statement in ALTERED[altered]:
        raw.execute(statement)
    raw.close()
    report = verify(old, places=where)
    assert report.status is Standing.ALTERED
    before = _shape(old, where)
    with pytest.raises(AuditError, match="guards are not those it was made with"):
        Store.open(old, places=where, actor=CODER)
    assert _shape(old, where) == before
    assert verify(old, places=where) == report


def _unlocked(folder: Path, where: Places) -> dbapi2.Connection:
    raw = dbapi2.connect(str(folder / FILE), isolation_level=None)
    raw.execute(f"pragma key = \"x'{store_key(folder, where)[1].value.hex()}'\"")
    return raw


def _shape(folder: Path, where: Places) -> dict[str, str]:
    """Return the text of all that guards and finds events, as the database keeps it."""
    raw = _unlocked(folder, where)
    query = "select name, coalesce(sql, '') from sqlite_schema where tbl_name = 'audit_event'"
    found = dict(raw.execute(query).fetchall())
    raw.close()
    return found


def test_an_upgraded_log_has_the_shape_of_a_new_one(
    old: Path, where: Places, tmp_path: Path
) -> None:
    raw = _unlocked(old, where)
    raw.execute("begin")
    head = Head(20, raw.execute("select hash from audit_event where seq = 20").fetchone()[0])
    for seq in range(21, 1500):  # so that each index has pages below its first
        body = f'{{"case_id":"{seq:032x}","kind":"case.viewed","seq":{seq}}}'
        digest = log.chain_hash(head.hash, log.leaf_hash(body.encode()))
        raw.execute(
            "insert into audit_event (seq, body, prev, hash) values (?, ?, ?, ?)",
            (seq, body, head.hash, digest),
        )
        head = Head(seq, digest)
    raw.execute("commit")
    rows = raw.execute("select seq, body, prev, hash from audit_event").fetchall()
    raw.close()
    path = where.head(store_key(old, where)[0])
    HeadFile(path).append(head)
    Store.open(old, places=where, actor=CODER).close()
    raw = _unlocked(old, where)
    assert raw.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert raw.execute("pragma cipher_integrity_check").fetchall() == []
    kept = "select seq, body, prev, hash from audit_event where seq < 1500"
    assert raw.execute(kept).fetchall() == rows
    raw.close()
    Store.create_or_open(tmp_path / "new", places=where, actor=CODER).close()
    assert _shape(old, where) == _shape(tmp_path / "new", where)


def test_a_table_that_is_not_ours_is_not_upgraded(old: Path, where: Places) -> None:
    raw = _unlocked(old, where)
    raw.execute("pragma writable_schema = on")
    raw.execute(
        "update sqlite_schema set sql = replace(sql, 'UNIQUE (prev)', 'unique (  prev)') "
        "where name = 'audit_event'"
    )
    raw.execute("pragma writable_schema = reset")
    raw.close()
    before = _shape(old, where)
    with pytest.raises(AuditError):
        Store.open(old, places=where, actor=CODER)
    assert _shape(old, where) == before
    assert verify(old, places=where).exit_code == 0
