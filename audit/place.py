"""Where a store lies: one file in a folder, found by the salt that begins it."""

import os
import secrets
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from audit.checkpoints import Notary
from audit.database import (
    SALT_BYTES,
    Database,
    StoreReadOnlyError,
    StoreUnreadableError,
    explain,
    make,
)
from audit.founding import found
from audit.governance import Role
from audit.head import Head, HeadFile, private_folder, sync_folder
from audit.keys import StoreKey, create_key, find_key
from audit.model import Actor, AuditError, Places
from audit.signednote import keep_signing_key, new_signing_key
from audit.snapshot import FILE, Marks, marks, snapshot
from audit.tables import GUARDS

__all__ = ["FILE", "Folder", "store_key"]

_UNFINISHED = ".new-"


def store_key(folder: Path, places: Places) -> tuple[str, StoreKey]:
    """Return the id and key of the store in a folder.

    The id is the salt in hex: the first 16 bytes of an encrypted file, random, and readable
    without the key.
    """
    path = folder / FILE
    try:
        with path.open("rb") as stream:
            salt = stream.read(SALT_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        raise StoreUnreadableError(
            f"There is no store in {folder}: the file {FILE} is not there."
        ) from None
    except OSError as error:
        raise StoreUnreadableError(
            f"The store {folder} cannot be read: {error.strerror}."
        ) from None
    if len(salt) < SALT_BYTES:
        raise StoreUnreadableError(
            f"The store {folder} is damaged: {FILE} is empty or cut. Restore it from a backup."
        )
    store_id = salt.hex()
    return store_id, find_key(places, store_id, folder)


class Folder:
    """A folder as the home of a store: one file, and the head and lock of this user alone."""

    shared = False

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """Return the path."""
        return str(self.path)

    def exists(self) -> bool:
        """Tell whether the file is there."""
        return (self.path / FILE).exists()

    def identify(self, places: Places) -> tuple[str, StoreKey]:
        """Return the id and key of the store."""
        return store_key(self.path, places)

    def open(self, key: StoreKey, *, changing_tables: bool = False) -> Database:
        """Open the store for appending, or to change its tables."""
        guarded = not changing_tables
        return Database(self.path / FILE, key=key.value, mode="write", guarded=guarded)

    def snapshot(self, key: StoreKey) -> AbstractContextManager[tuple[Database, bool]]:
        """Open the store for checking, without a byte written to it."""
        return snapshot(self.path, key=key.value)

    def marks(self) -> Marks:
        """Return what tells whether the database or its write-ahead log was written meanwhile."""
        return marks(self.path)

    def explain(self, error: DBAPIError | dbapi2.Error) -> AuditError:
        """Turn an error of the database into a sentence."""
        return explain(error, self.path)

    def actor(self, connection: Connection, asked: Actor) -> Actor:  # noqa: ARG002
        """Return the actor asked for: a file does not know who opens it."""
        return asked

    def time(self, connection: Connection) -> None:
        """Return nothing: there is one machine."""

    def roles(self, connection: Connection) -> None:
        """Return nothing: the log says who has which role."""

    def members(self, connection: Connection) -> tuple[tuple[str, Role], ...]:  # noqa: ARG002
        """Return nothing, as before."""
        return ()

    def create(self, *, places: Places, actor: Actor, ts: str) -> None:
        """Make a store in an absent or empty folder, whole or not at all.

        The file is made under another name and linked into place; where another process was
        faster, its store stays and ours goes.
        """
        folder = self.path
        try:
            _prepare(folder)
            salt = secrets.token_bytes(SALT_BYTES)
            store_id = salt.hex()
            new = folder / f"{_UNFINISHED}{store_id}"
            heads: list[Head] = []
            key = create_key(places, store_id)
            signer = new_signing_key(store_id)
            keep_signing_key(places, store_id, signer)

            def script(connection: Connection) -> None:
                head = found(
                    connection,
                    store_id=store_id,
                    guards=GUARDS,
                    actor=actor,
                    ts=ts,
                    signer=signer.public.vkey,
                )
                Notary(places, store_id).sign(connection, head, signer)
                heads.append(head)

            try:
                make(new, key=key.value, salt=salt, script=script)
                HeadFile(places.head(store_id)).create(heads[-1])
                os.link(new, folder / FILE)
            except FileExistsError:
                pass  # another process made the store meanwhile: it is opened instead
            finally:
                new.unlink(missing_ok=True)
            sync_folder(folder)
        except DBAPIError as error:
            raise self.explain(error) from None
        except OSError as error:
            raise StoreReadOnlyError(
                f"A store cannot be made in {folder}: {error.strerror}. Choose a folder you may "
                "write."
            ) from None


def _prepare(folder: Path) -> None:
    private_folder(folder)
    present = [path.name for path in folder.iterdir()]
    if FILE not in present and not all(name.startswith(_UNFINISHED) for name in present):
        raise AuditError(
            f"A store cannot be made in {folder}, because other files lie there and no {FILE}. "
            "Choose an empty folder, or restore the missing file from a backup."
        )
    folder.chmod(0o700)
