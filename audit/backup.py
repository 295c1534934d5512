"""A copy of a store whose texts open only with keys that are written apart from it.

The copy is an encrypted database like the store, with the same id, events, guards and texts; the
texts are sealed once more, and their keys are not in it. The worklist is left out: it is made from
the events. One read transaction is copied, so others may append meanwhile.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from audit import blobs, log
from audit.blobs import commitment
from audit.chain import Walk
from audit.change import Change
from audit.database import StoreReadOnlyError, explain, make
from audit.governance import BackupMade
from audit.head import private_folder, sync_folder
from audit.keybackup import KeyBackup, seal_text, write_keys
from audit.keys import StoreKey
from audit.model import AuditError, Places
from audit.people import Right
from audit.signednote import find_signing_key
from audit.store import Store
from audit.tables import GUARDS, SCHEMA_VERSION, TABLES, BlobRow, EventRow, StoreRow
from audit.where import Where, site_of

_MANY = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What was written: the copy and its keys, and how many events and texts are in it."""

    file: Path
    keys: Path
    events: int
    texts: int


def back_up(
    store: Store,
    where: Where,
    *,
    places: Places,
    to: Path,
    keys_to: Path,
    passphrase: str = "",
) -> Backup:
    """Write a copy of a store into the folder `to` and its keys into another, `keys_to`.

    AuditError where the two are one folder, where the log is damaged, or the person may not.
    """
    actor = store.door.actor
    store.door.people().role_for(actor.id, Right.BACKUP)
    if to.resolve() == keys_to.resolve() or to.resolve() in keys_to.resolve().parents:
        raise AuditError(
            f"Keys that lie beside a backup protect nothing. Name a folder outside {to} for them."
        )
    _, key = site_of(where).identify(places)
    with _told(to), store.door.reading() as connection:
        private_folder(to.absolute())
        private_folder(keys_to.absolute())
        newest = log.tail(connection)
        name = f"chartproof-{store.store_id}-{newest.seq}"
        file, keys_file = to / f"{name}.backup", keys_to / f"{name}.keys"
        if file.exists():
            raise AuditError(f"There is a backup of this very state already: {file}.")
        texts = _copy(store, connection, file, key)
        signer = find_signing_key(places, store.store_id, store.name)
        write_keys(
            keys_file,
            KeyBackup(
                store_id=store.store_id,
                events=newest.seq,
                store_key=key.value,
                signing_key=None if signer is None else signer.seed,
                texts=texts,
            ),
            passphrase,
        )
        made = Backup(file=file, keys=keys_file, events=newest.seq, texts=len(texts))

    def command(change: Change) -> None:
        change.require(Right.BACKUP)
        change.emit(
            BackupMade(events=newest.seq, head=newest.hash.hex(), texts=made.texts),
            case_id=None,
        )

    store.door.execute(command)
    return made


def _copy(store: Store, source: Connection, file: Path, key: StoreKey) -> Mapping[str, bytes]:
    """Write the copy under another name and link it into place; return the keys of its texts."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    keys: dict[str, bytes] = {}

    def sealed() -> Iterator[dict[str, Any]]:
        for blob in blobs.stored(source):
            if commitment(blob.key, blob.body) != blob.ref:
                raise _damaged(store.name)
            keys[blob.ref] = blob.key
            yield {"ref": blob.ref, "key": b"", "body": seal_text(blob)}

    def script(target: Connection) -> None:
        lay_out(target, store_id=store.store_id, secret=store.door.secret.value)
        walk = Walk()
        fill(target, EventRow, walked(log.stored(source), walk))
        walk.finish()
        if walk.problems:
            raise _damaged(store.name)
        fill(target, BlobRow, sealed())
        guard(target)

    try:
        with _told(file.parent):
            make(new, key=key.value, salt=bytes.fromhex(store.store_id), script=script)
        os.link(new, file)
    finally:
        for rest in (new, *(new.with_name(f"{new.name}{end}") for end in ("-wal", "-shm"))):
            rest.unlink(missing_ok=True)
    sync_folder(file.parent)
    return keys


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what disk and database refuse into sentences."""
    try:
        yield
    except DBAPIError as error:
        raise explain(error, folder) from None
    except OSError as error:
        raise StoreReadOnlyError(
            f"A backup cannot be written to {folder}: {error.strerror}. Nothing was left there; "
            "make room, or choose a folder you may write."
        ) from None


def lay_out(target: Connection, *, store_id: str, secret: bytes) -> None:
    """Make the tables of a store and the row about it, without guards."""
    SQLModel.metadata.create_all(target, tables=[SQLModel.metadata.tables[name] for name in TABLES])
    row = {"id": 1, "schema_version": SCHEMA_VERSION, "store_id": store_id, "secret": secret}
    target.execute(insert(StoreRow), row)


def guard(target: Connection) -> None:
    """Put the guards on; after this, events come in by the log alone."""
    for each in GUARDS:
        target.exec_driver_sql(each)


def walked(
    events: Iterable[tuple[int, bytes, bytes, bytes]], walk: Walk
) -> Iterator[dict[str, Any]]:
    """Yield stored events as rows, each checked by the walk on its way."""
    for seq, body, prev, digest in events:
        walk.step(seq, body, prev, digest)
        yield {"seq": seq, "body": body.decode(errors="replace"), "prev": prev, "hash": digest}


def fill(target: Connection, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> int:
    """Insert rows in parts; return how many."""
    count = 0
    while part := list(islice(rows, _MANY)):
        target.execute(insert(table), part)
        count += len(part)
    return count


def _damaged(name: str) -> AuditError:
    return AuditError(
        f"The store {name} is damaged, and a copy of damage is no backup. Run `chartproof audit "
        "verify`. Nothing was written."
    )
