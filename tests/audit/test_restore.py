"""A backup is of use only with its keys; a restore says what is lost and what stays destroyed."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from audit import Accept, AuditError, Places, Store, StoreBusyError, verify
from audit.backup import Backup, back_up
from audit.checkpoints import CheckpointFile
from audit.database import Database
from audit.disposal import Custody
from audit.disposed import DisposedFile
from audit.governance import Role
from audit.head import HeadFile
from audit.keybackup import KeyBackup, destroy_keys, is_locked, read_keys, write_keys
from audit.passphrase import WrongPassphraseError
from audit.place import FILE
from audit.restore import Restored, restore
from audit.staff import Staff
from tests.audit.builders import CODER, TEXT, places
from tests.audit.conftest import fill, ticking
from tests.soak import SOAK

DAY = date(2033, 5, 4)
PHRASE = "five red herrings"


def opened(folder: Path, where: Places) -> Store:
    return Store.create_or_open(folder, places=where, actor=CODER, clock=ticking())


def saved(store: Store, folder: Path, where: Places, passphrase: str = "") -> Backup:
    root = folder.parent
    return back_up(
        store,
        folder,
        places=where,
        to=root / "backups",
        keys_to=root / "keys",
        passphrase=passphrase,
    )


def put_back(
    made: Backup,
    folder: Path,
    where: Places,
    *,
    lose: int = 0,
    replaced: bool = False,
    keys: KeyBackup | None = None,
) -> Restored:
    return restore(
        made.file,
        keys or read_keys(made.keys),
        folder,
        places=where,
        actor=CODER,
        lose=lose,
        replace=replaced,
        clock=ticking(),
    )


def shown(store: Store) -> list[object]:
    return [(row, store.case(row.case_id)) for row in store.cases()]


def test_what_is_put_back_on_another_machine_is_what_was_there(
    folder: Path, where: Places, tmp_path: Path
) -> None:
    with opened(folder, where) as store:
        fill(store)
        made = saved(store, folder, where)
        assert store.events()[-1].kind == "backup.made"
        assert store.events()[-1].data["events"] == made.events == len(store.events()) - 1
        before = shown(store)
        bodies = [event.body for event in store.events()]
    elsewhere = places(tmp_path / "elsewhere")
    done = put_back(made, tmp_path / "new", elsewhere)
    assert (done.events, done.left_out, done.lost) == (made.events, 0, None)
    assert verify(tmp_path / "new", places=elsewhere).problems == ()
    with opened(tmp_path / "new", elsewhere) as store:
        assert shown(store) == before
        events = store.events()
        assert [event.body for event in events[: made.events]] == bodies[: made.events]
        assert events[made.events].kind == "store.restored"
        store.decide(store.cases()[0].case_id, Accept(code="E11.9"))
    assert verify(tmp_path / "new", places=elsewhere).problems == ()


def test_neither_half_of_a_backup_is_of_use_alone(folder: Path, where: Places) -> None:
    with opened(folder, where) as store:
        fill(store)
        made = saved(store, folder, where)
        (made.file.parent / f"chartproof-{store.store_id}-{made.events + 1}.backup").touch()
        with pytest.raises(AuditError, match="of this very state already"):
            saved(store, folder, where)
        (made.file.parent / f"chartproof-{store.store_id}-{made.events + 1}.backup").unlink()
        with pytest.raises(AuditError, match="protect nothing"):
            back_up(
                store,
                folder,
                places=where,
                to=made.file.parent,
                keys_to=made.file.parent / "keys",
            )
    keys = read_keys(made.keys)
    database = Database(made.file, key=keys.store_key, mode="frozen", guarded=False)
    try:
        with database.read() as connection:
            rows = connection.exec_driver_sql("select key, body from blob").all()
            assert connection.exec_driver_sql("select count(*) from case_row").scalar() == 0
    finally:
        database.close()
    assert len(rows) == made.texts
    assert all(not key for key, _ in rows)
    assert all(b"hypertension" not in body for _, body in rows)
    assert "hypertension" not in made.keys.read_text()
    for path in (made.file, made.keys):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in made.file.parent.iterdir()] == [made.file.name]


def test_keys_may_be_locked_by_a_passphrase(folder: Path, where: Places) -> None:
    with opened(folder, where) as store:
        fill(store, 1)
        made = saved(store, folder, where, PHRASE)
    assert is_locked(made.keys)
    with pytest.raises(WrongPassphraseError):
        read_keys(made.keys, "something else")
    assert read_keys(made.keys, PHRASE).store_id == store.store_id
    assert store.store_id not in made.keys.read_text()


def test_a_restore_that_loses_events_needs_their_number(folder: Path, where: Places) -> None:
    with opened(folder, where) as store:
        fill(store)
        made = saved(store, folder, where)
        fill(store, 2, start=4)
        lost = len(store.events()) - made.events
        assert lost == 17
    shutil.rmtree(folder)
    for said in (0, lost - 1, lost + 1):
        with pytest.raises(AuditError, match=f"17 events would be lost, and {said} said"):
            put_back(made, folder, where, lose=said)
    assert not folder.exists()
    assert put_back(made, folder, where, lose=lost).lost == lost
    assert verify(folder, places=where).problems == ()
    with opened(folder, where) as store:
        restored = store.events()[made.events]
        assert restored.data["lost"][0] == made.events + lost
        assert restored.actor.role == "admin"
        fill(store, 5, start=10)
    assert verify(folder, places=where).problems == ()


def test_an_older_backup_copied_over_the_store_is_found_with_the_number_missing(
    folder: Path, where: Places
) -> None:
    """Not by the command, but by hand: the file of some day is put in the place of today's."""
    with opened(folder, where) as store:
        fill(store)
    kept = (folder / FILE).read_bytes()
    with opened(folder, where) as store:
        fill(store, 3, start=4)
    (folder / FILE).write_bytes(kept)
    report = verify(folder, places=where)
    assert report.exit_code == 3
    assert "24 events are missing" in report.problems[0]
    with opened(folder, where) as store:
        assert "24 records are missing" in str(store.notice)
        with pytest.raises(AuditError, match="24 records are missing"):
            fill(store, 1, start=9)


def test_what_was_destroyed_since_stays_destroyed(folder: Path, where: Places) -> None:
    with opened(folder, where) as store:
        fill(store)
        one, two, *_ = (row.case_id for row in store.cases())
        Custody(store).dispose([one], today=DAY, early=True, reason="asked for")
        made = saved(store, folder, where)
        Custody(store).dispose([two], today=DAY, early=True, reason="asked for")
        gone = {ref for case in (one, two) for event in store.events(case) for ref in event.blobs}
        later = len(store.events()) - made.events
    shutil.rmtree(folder)
    done = put_back(made, folder, where, lose=later)
    assert done.left_out == 2, "note and header of the case that was destroyed after the backup"
    assert verify(folder, places=where).problems == ()
    with opened(folder, where) as store:
        assert [bool(store.case(case).disposed) for case in (one, two)] == [True, True]
        assert store.case(two).encounter.notes[0].text == ""
        assert store.events(two)[-1].data["basis"] == "restore"
        with store.door.reading() as connection:
            left = {ref for (ref,) in connection.exec_driver_sql("select ref from blob")}
        assert not left & (gone - {store.events(one)[-1].blobs[0]})
        assert len(store.cases(text="okonkwo")) == 2
    assert set(DisposedFile(where.disposed(store.store_id)).refs()) <= gone


def test_a_key_destroyed_in_its_backup_destroys_the_text_in_every_copy(
    folder: Path, where: Places, tmp_path: Path
) -> None:
    """Where nothing else is left of the machine, the file of keys alone remembers."""
    with opened(folder, where) as store:
        fill(store, 2)
        made = saved(store, folder, where)
        one = store.cases()[0].case_id
        Custody(store).dispose([one], today=DAY, early=True, reason="asked for")
        listed = DisposedFile(where.disposed(store.store_id)).refs()
    assert destroy_keys(made.keys, listed) == 2
    assert destroy_keys(made.keys, listed) == 0
    elsewhere = places(tmp_path / "elsewhere")
    assert put_back(made, tmp_path / "new", elsewhere).left_out == 2
    assert verify(tmp_path / "new", places=elsewhere).problems == ()
    with opened(tmp_path / "new", elsewhere) as store:
        assert store.case(one).encounter.notes[0].text == ""
        assert store.cases()[1].encounter_id == "e-1"
        assert store.case(store.cases()[1].case_id).encounter.notes[0].text == TEXT


def test_older_keys_are_not_enough_and_other_keys_are_refused(
    folder: Path, where: Places, tmp_path: Path
) -> None:
    with opened(folder, where) as store:
        fill(store, 1)
        first = saved(store, folder, where)
        fill(store, 1, start=1)
        second = saved(store, folder, where)
    shutil.rmtree(folder)
    with pytest.raises(AuditError, match=r"2 texts of the backup have no key"):
        put_back(second, folder, where, lose=1, keys=read_keys(first.keys))
    with opened(tmp_path / "other" / "store", places(tmp_path / "other")) as store:
        other = saved(store, tmp_path / "other" / "store", places(tmp_path / "other"))
    with pytest.raises(AuditError, match="belong to different stores"):
        put_back(second, folder, where, keys=read_keys(other.keys))
    for content in (b"", b"{}", b"nonsense", b"[1]"):
        (tmp_path / "x.keys").write_bytes(content)
        with pytest.raises(AuditError):
            read_keys(tmp_path / "x.keys", PHRASE)
    swapped = read_keys(second.keys)
    one, two, *_ = swapped.texts
    texts = {**swapped.texts, one: swapped.texts[two]}
    with pytest.raises(AuditError, match="does not open with its key"):
        put_back(second, folder, where, lose=1, keys=replace(swapped, texts=texts))
    assert not (folder / FILE).exists()
    write_keys(tmp_path / "y.keys", swapped)
    assert read_keys(tmp_path / "y.keys") == swapped


def test_a_store_that_is_there_or_open_is_not_taken_away(folder: Path, where: Places) -> None:
    with opened(folder, where) as store:
        fill(store)
        made = saved(store, folder, where)
        with pytest.raises(AuditError, match="There is a store in"):
            put_back(made, folder, where)
        with pytest.raises(StoreBusyError, match=rf"open in another process \({os.getpid()}\)"):
            put_back(made, folder, where, lose=1, replaced=True)
    assert put_back(made, folder, where, lose=1, replaced=True).lost == 1
    assert verify(folder, places=where).problems == ()


def test_only_who_may_saves_and_restores(folder: Path, where: Places) -> None:
    with opened(folder, where) as store:
        fill(store, 1)
        Staff(store).assign("chief", [Role.ADMIN])
        with pytest.raises(AuditError, match="needs one of: compliance, admin"):
            saved(store, folder, where)


def test_a_damaged_store_is_not_saved_and_a_damaged_backup_not_restored(
    folder: Path, where: Places
) -> None:
    with opened(folder, where) as store:
        fill(store)
        made = saved(store, folder, where)
        fill(store, 1, start=8)
        with store.door._database.write() as connection:
            connection.exec_driver_sql("update blob set body = x'78'")
        with pytest.raises(AuditError, match="a copy of damage is no backup"):
            saved(store, folder, where)
        assert len(list(made.file.parent.iterdir())) == 1
    shutil.rmtree(folder)
    good, head = made.file.read_bytes(), where.head(store.store_id).read_bytes()
    for at in range(100, len(good), len(good) // 5):
        made.file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        try:
            put_back(made, folder, where, lose=9)
        except AuditError:
            assert not (folder / FILE).exists()
            continue
        assert verify(folder, places=where).problems == (), "a page that a restore does not read"
        shutil.rmtree(folder)
        where.head(store.store_id).write_bytes(head)


def test_a_backup_of_an_older_layout_comes_back_in_this_one(folder: Path, where: Places) -> None:
    with opened(folder, where) as store:
        fill(store, 1)
        made = saved(store, folder, where)
    shutil.rmtree(folder)
    keys = read_keys(made.keys)
    for layout in (1, 99):
        database = Database(made.file, key=keys.store_key, mode="write", guarded=False)
        try:
            with database.write() as connection:
                connection.exec_driver_sql(f"update store set schema_version = {layout}")
        finally:
            database.close()
        if layout == 1:
            put_back(made, folder, where, lose=1)
            assert verify(folder, places=where).problems == ()
            with opened(folder, where) as store:
                assert store.events()[-1].kind == "store.upgraded"
    with pytest.raises(AuditError, match="newer version"):
        put_back(made, folder, where, replaced=True, lose=2)


RESTORER = """
import os, sys
from pathlib import Path
import audit.restore, audit.head
from audit.keybackup import read_keys
from tests.audit.builders import CODER, places

backup, keys, folder, lose, step = sys.argv[1:6]
count = 0

def counted(real):
    def run(*arguments, **named):
        global count
        count += 1
        if count == int(step):
            os.kill(os.getpid(), 9)
        return real(*arguments, **named)
    return run

import os as system
Path.replace = counted(Path.replace)
Path.unlink = counted(Path.unlink)
system.fsync = counted(system.fsync)
audit.restore.restore(
    Path(backup), read_keys(Path(keys)), Path(folder), places=places(Path(folder).parent),
    actor=CODER, lose=int(lose), replace=True,
)
print("done", flush=True)
"""


@pytest.mark.soak
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_restore_killed_at_any_step_is_done_by_doing_it_again(tmp_path: Path) -> None:
    folder, where = tmp_path / "store", places(tmp_path)
    with opened(folder, where) as store:
        fill(store, 2)
        made = saved(store, folder, where)
        fill(store, 1, start=2)
        lost = len(store.events()) - made.events
    good = {
        path: path.read_bytes()
        for path in (folder / FILE, where.head(store.store_id), where.checkpoints(store.store_id))
    }
    step = 0
    while True:
        step += max(1, 6 // SOAK)
        for path, content in good.items():
            path.write_bytes(content)
        arguments = [made.file, made.keys, folder, lost, step]
        killed = subprocess.run(
            [sys.executable, "-c", RESTORER, *map(str, arguments)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "CHARTPROOF_KEYRING": "off"},
            capture_output=True,
            text=True,
            check=False,
        )
        if "done" in killed.stdout:
            break
        assert killed.returncode == -9, killed.stderr
        known = HeadFile(where.head(store.store_id)).last().seq
        put_back(made, folder, where, lose=max(0, known - made.events), replaced=True)
        assert verify(folder, places=where).problems == ()
        assert [path.name for path in folder.iterdir()] == [FILE]
    assert step > 6
    assert verify(folder, places=where).problems == ()
    CheckpointFile(where.checkpoints(store.store_id)).read()
