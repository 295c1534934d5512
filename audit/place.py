"""Where a store lies: one file in a folder, found by the salt that begins it."""

import os
import secrets
from pathlib import Path

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col

from audit import log
from audit.database import SALT_BYTES, StoreReadOnlyError, StoreUnreadableError, explain, make
from audit.digests import Secret
from audit.events import StoreCreated, draft
from audit.head import Head, HeadFile, private_folder, sync_folder
from audit.keys import StoreKey, create_key, find_key
from audit.model import Actor, AuditError, Places
from audit.tables import GUARDS, SCHEMA_VERSION, TABLES, StoreRow

FILE = "store.db"
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


def read_store_row(connection: Connection, store_id: str, folder: Path) -> StoreRow:
    """Return the row about the store; AuditError where this version cannot use it."""
    try:
        version = connection.execute(text("select schema_version from store")).scalar()
        if isinstance(version, int) and version > SCHEMA_VERSION:
            raise AuditError(
                f"The store {folder} was made by a newer version of Chartproof (layout {version}, "
                f"and this one knows {SCHEMA_VERSION}). Update Chartproof; nothing was changed."
            )
        row = connection.execute(
            select(col(StoreRow.schema_version), col(StoreRow.store_id), col(StoreRow.secret))
        ).first()
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR":
            row = None  # the database opens, and its tables are not ours
        else:
            raise explain(error, folder) from None
    if row is None or row[0] != SCHEMA_VERSION or row[1] != store_id:
        raise StoreUnreadableError(
            f"The store {folder} is damaged: it does not say what layout and id it has. Restore it "
            "from a backup."
        )
    return StoreRow(id=1, schema_version=row[0], store_id=row[1], secret=row[2])


def create(folder: Path, *, places: Places, actor: Actor, ts: str) -> None:
    """Make a store in an absent or empty folder, whole or not at all.

    The file is made under another name and linked into place; where another process was faster,
    its store stays and ours goes.
    """
    try:
        _prepare(folder)
        salt = secrets.token_bytes(SALT_BYTES)
        store_id = salt.hex()
        new = folder / f"{_UNFINISHED}{store_id}"
        heads: list[Head] = []
        secret = Secret(secrets.token_bytes(32))
        key = create_key(places, store_id)

        def script(connection: Connection) -> None:
            SQLModel.metadata.create_all(
                connection,
                tables=[SQLModel.metadata.tables[name] for name in TABLES],
            )
            for guard in GUARDS:
                connection.exec_driver_sql(guard)
            connection.execute(
                insert(StoreRow).values(
                    id=1, schema_version=SCHEMA_VERSION, store_id=store_id, secret=secret.value
                )
            )
            data = StoreCreated(
                store_id=store_id,
                schema_version=SCHEMA_VERSION,
                secret=secret.commitment,
                encrypted=True,
            )
            log.append(
                connection,
                [draft(data, actor=actor, case_id=None)],
                after=log.GENESIS,
                ts=ts,
                new_id=lambda: secrets.token_hex(16),
            )
            heads.append(log.tail(connection))

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
        raise explain(error, folder) from None
    except OSError as error:
        raise StoreReadOnlyError(
            f"A store cannot be made in {folder}: {error.strerror}. Choose a folder you may write."
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
