"""A store put back from a backup and its keys, knowing what is lost and what must stay gone.

The head file beside this machine's stores knows how far the log had come, and the list beside it
which texts were destroyed since. A restore names the events it loses and is not made unless their
number was said; texts that were destroyed, by the log or by that list, do not come in again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2
from sqlmodel import col

from audit import log
from audit.backup import fill, guard, lay_out, walked
from audit.chain import Walk
from audit.change import Change
from audit.checkpoints import CheckpointError, CheckpointFile, Notary
from audit.clock import Clock, now, stamp
from audit.database import Database, StoreBusyError, StoreReadOnlyError, explain, make
from audit.digests import Secret
from audit.disposed import DisposedFile
from audit.door import LOCK_SECONDS
from audit.events import StoreUpgraded
from audit.governance import StoreRestored, TextsDisposed
from audit.head import Head, HeadError, HeadFile, private_folder, sync_folder
from audit.keybackup import KeyBackup, open_text
from audit.keys import KeyMissingError, create_key, find_key
from audit.model import Actor, AuditError, Places
from audit.people import People, Right, fold
from audit.place import FILE
from audit.presence import others
from audit.rebuild import rebuild
from audit.signednote import SigningKey, keep_signing_key, signer_name
from audit.tables import SCHEMA_VERSION, BlobRow, EventRow, StoreRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came back: events of the backup, texts, those left out, and how many events are lost.

    `lost` is None where this machine knew nothing of the store.
    """

    events: int
    texts: int
    left_out: int
    lost: int | None


def restore(
    backup: Path,
    keys: KeyBackup,
    folder: Path,
    *,
    places: Places,
    actor: Actor,
    lose: int = 0,
    replace: bool = False,
    clock: Clock = now,
) -> Restored:
    """Put a store back into `folder`.

    `lose` is how many of the newest events the person knows will be lost; `replace` allows a store
    that lies there to go. StoreBusyError where another process has the store open.
    """
    target = folder / FILE
    if target.exists() and not replace:
        raise AuditError(
            f"There is a store in {folder}. Restore into another folder, or say with --replace "
            "that it is to go."
        )
    with _alone(places, keys.store_id, folder):
        with _told(folder):
            database = _opened(backup, keys)
        try:
            with _told(folder), database.read() as source:
                job = _Job(source, keys, places, backup)
                newest = job.check(lose)
                private_folder(folder.absolute())
                new = folder / f".new-{keys.store_id}"
                _clear(new)
                heads: list[Head] = []

                def script(made: Connection) -> None:
                    heads.append(job.copy(made, newest, actor=actor, ts=stamp(clock)))

                try:
                    make(new, key=keys.store_key, salt=bytes.fromhex(keys.store_id), script=script)
                    _keep(keys, places, folder)
                    # A log of writes that was left behind belongs to the file that goes.
                    for end in ("-wal", "-shm"):
                        target.with_name(f"{FILE}{end}").unlink(missing_ok=True)
                    new.replace(target)
                finally:
                    _clear(new)
                sync_folder(folder)
                HeadFile(places.head(keys.store_id)).create(heads[-1])
                job.settle(target)
                return job.restored
        finally:
            database.close()


class _Job:
    """One restore: what is in the backup, and what this machine knows of the store."""

    def __init__(self, source: Connection, keys: KeyBackup, places: Places, backup: Path) -> None:
        self._source = source
        self._keys = keys
        self._places = places
        self._backup = backup
        self._walk = Walk()
        self._known = _known_head(places, keys.store_id)
        listed = DisposedFile(places.disposed(keys.store_id)).refs()
        self._gone = frozenset(listed) | keys.disposed
        self.restored = Restored(events=0, texts=0, left_out=0, lost=None)

    def check(self, lose: int) -> Head:
        """Walk along the backup and compare it with the head; return its newest event."""
        for seq, body, prev, digest in log.stored(self._source):
            self._walk.step(seq, body, prev, digest)
        self._walk.finish()
        if self._walk.problems:
            raise AuditError(
                f"The backup {self._backup} is damaged: {self._walk.problems[0]} Nothing was "
                "restored; take another backup."
            )
        newest = self._walk.head
        known = self._known
        lost = 0 if known is None else max(0, known.seq - newest.seq)
        if known is not None and not lost:
            stored = self._source.execute(
                select(col(EventRow.hash)).where(col(EventRow.seq) == known.seq)
            ).scalar()
            if stored != known.hash:
                raise AuditError(
                    f"The backup {self._backup} is not of the log this machine knows: event "
                    f"{known.seq} is another one. Nothing was restored."
                )
        if lost != lose:
            raise AuditError(
                f"The backup ends at event {newest.seq}, and event {newest.seq + lost} had been "
                f"stored: {lost} {'event' if lost == 1 else 'events'} would be lost, and {lose} "
                f"said. Say --lose {lost} to restore it all the same; nothing was restored."
            )
        missing = [
            ref
            for (ref,) in self._source.execute(select(col(BlobRow.ref)))
            if ref not in self._keys.texts and ref not in self._gone
        ]
        if missing:
            raise AuditError(
                f"{len(missing)} texts of the backup have no key in the file given, which was made "
                f"at event {self._keys.events}. Bring the keys made with this backup; nothing was "
                "restored."
            )
        self.restored = Restored(
            events=newest.seq, texts=0, left_out=0, lost=None if known is None else lost
        )
        return newest

    def copy(self, made: Connection, newest: Head, *, actor: Actor, ts: str) -> Head:
        """Write the new store and the events of the restore; return its newest event."""
        row = self._source.execute(select(col(StoreRow.schema_version), col(StoreRow.secret))).one()
        if row[0] > SCHEMA_VERSION:
            raise AuditError(
                f"The backup {self._backup} was made by a newer version of Chartproof (layout "
                f"{row[0]}, and this one knows {SCHEMA_VERSION}). Update Chartproof."
            )
        change = Change(
            connection=made,
            actor=actor,
            secret=Secret(row[1]),
            head=newest,
            ts=ts,
            people=fold(People(), log.read_of_store(self._source, after=0)),
        )
        change.require(Right.RESTORE)
        lay_out(made, store_id=self._keys.store_id, secret=row[1])
        fill(made, EventRow, walked(log.stored(self._source), Walk()))
        left_out: list[str] = []
        count = fill(made, BlobRow, self._texts(left_out))
        guard(made)
        rebuild(made)
        lost = self._known if self._known is not None and self._known.seq > newest.seq else None
        restored = StoreRestored(
            events=newest.seq,
            head=newest.hash.hex(),
            lost=None if lost is None else (lost.seq, lost.hash.hex()),
            texts=len(left_out),
        )
        change.emit(restored, case_id=None)
        for case_id, refs in self._destroyed().items():
            disposed = TextsDisposed(texts=tuple(refs), basis="restore", due=None, reason=None)
            change.dispose(disposed, case_id=case_id)
        if row[0] < SCHEMA_VERSION:  # events and texts are the same in every layout
            upgraded = StoreUpgraded(from_version=row[0], to_version=SCHEMA_VERSION)
            change.emit(upgraded, case_id=None)
        self.restored = Restored(
            events=newest.seq,
            texts=count,
            left_out=len(left_out),
            lost=self.restored.lost,
        )
        return change.settle()

    def settle(self, store: Path) -> None:
        """Let checkpoints and the list of destroyed texts agree with what came back."""
        DisposedFile(self._places.disposed(self._keys.store_id)).append(sorted(self._gone))
        path = self._places.checkpoints(self._keys.store_id)
        try:
            kept = CheckpointFile(path).read()
        except CheckpointError:
            kept = ()
        path.unlink(missing_ok=True)
        path.with_suffix(".tree").unlink(missing_ok=True)
        for each in kept:
            if each.checkpoint.size <= self.restored.events:
                CheckpointFile(path).append(each.content)
        if self._keys.signing_key is None:
            return
        signer = SigningKey(signer_name(self._keys.store_id), self._keys.signing_key)
        database = Database(store, key=self._keys.store_key, mode="frozen")
        try:
            with database.read() as connection:
                Notary(self._places, self._keys.store_id).sign(
                    connection, log.tail(connection), signer
                )
        finally:
            database.close()

    def _texts(self, left_out: list[str]) -> Iterator[dict[str, Any]]:
        query = select(col(BlobRow.ref), col(BlobRow.body))
        for ref, body in self._source.execute(query, execution_options=log.IN_PARTS):
            if ref in self._gone:
                left_out.append(ref)
                continue
            key = self._keys.texts[ref]
            yield {"ref": ref, "key": key, "body": open_text(ref, key, body)}

    def _destroyed(self) -> dict[str, list[str]]:
        """Return for each case the texts that were destroyed after the backup was made."""
        news = {
            ref: seq
            for ref, seq in self._walk.refs.items()
            if ref in self._gone and ref not in self._walk.vouched.disposed
        }
        cases: dict[str, list[str]] = {}
        for ref, seq in news.items():
            case_id = self._source.execute(
                select(col(EventRow.case_id)).where(col(EventRow.seq) == seq)
            ).scalar()
            cases.setdefault(str(case_id), []).append(ref)
        return cases


def _opened(backup: Path, keys: KeyBackup) -> Database:
    try:
        with backup.open("rb") as stream:
            salt = stream.read(len(keys.store_id) // 2)
    except OSError as error:
        raise AuditError(f"The backup {backup} cannot be read: {error.strerror}.") from None
    if salt.hex() != keys.store_id:
        raise AuditError(
            f"The backup {backup} and the keys given belong to different stores. Nothing was "
            "restored."
        )
    return Database(backup, key=keys.store_key, mode="frozen", guarded=False)


def _known_head(places: Places, store_id: str) -> Head | None:
    head = HeadFile(places.head(store_id))
    if not head.path.exists():
        return None
    try:
        return head.last()
    except HeadError as error:
        raise HeadError(
            f"{error} How much a restore would lose cannot be told. Move the file away to restore "
            "all the same."
        ) from None


@contextmanager
def _alone(places: Places, store_id: str, folder: Path) -> Iterator[None]:
    """Hold the store's lock, once nobody has the store open."""
    path = places.lock(store_id)
    private_folder(path.parent)
    lock = FileLock(
        path, timeout=LOCK_SECONDS, fallback_to_soft=False, preserve_lock_file=True, mode=0o600
    )
    try:
        lock.acquire()
    except Timeout:
        raise StoreBusyError(f"The store {folder} is being written to. Try again.") from None
    try:
        open_in = others(places, store_id)
        if open_in:
            who = ", ".join(map(str, open_in))
            raise StoreBusyError(
                f"The store {folder} is open in another process ({who}). Close it first; nothing "
                "was restored."
            )
        yield
    finally:
        lock.release()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what disk and database refuse into sentences."""
    try:
        yield
    except (DBAPIError, dbapi2.Error) as error:
        raise explain(error, folder) from None
    except OSError as error:
        raise StoreReadOnlyError(
            f"The store {folder} cannot be restored: {error.strerror}. Make room, or choose a "
            "folder you may write."
        ) from None


def _keep(keys: KeyBackup, places: Places, folder: Path) -> None:
    """Keep the keys of the store on this machine, where it has none yet."""
    try:
        find_key(places, keys.store_id, folder)
    except KeyMissingError:
        create_key(places, keys.store_id, value=keys.store_key)
        if keys.signing_key is not None:
            name = signer_name(keys.store_id)
            keep_signing_key(places, keys.store_id, SigningKey(name, keys.signing_key))


def _clear(new: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        new.with_name(f"{new.name}{end}").unlink(missing_ok=True)
