"""How a store begins, in a file or on a server alike, and the row that says what it is."""

import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col

from audit import log
from audit.change import Change
from audit.cipher import SealError, cipher_of
from audit.database import StoreUnreadableError, cause
from audit.digests import Secret
from audit.events import StoreCreated, StoreUpgraded
from audit.head import Head
from audit.keys import KeyMissingError
from audit.model import Actor, AuditError
from audit.people import People
from audit.site import Database, Site
from audit.tables import SCHEMA_VERSION, TABLES, UPGRADES, StoreRow

_STRANGE = frozenset({"SQLITE_ERROR", "42P01", "42703"})  # no such table or column
_SEALED_AT = "store.secret"


def found(
    connection: Connection,
    *,
    store_id: str,
    guards: Sequence[str],
    actor: Actor,
    ts: str,
    signer: str | None = None,
) -> Head:
    """Make the tables, their guards, the store's row and its first event; return its place.

    `signer` is the vkey of the key that signs its checkpoints, where there is one already.
    """
    SQLModel.metadata.create_all(
        connection, tables=[SQLModel.metadata.tables[name] for name in TABLES]
    )
    for guard in guards:
        connection.exec_driver_sql(guard)
    secret = Secret(secrets.token_bytes(32))
    connection.execute(
        insert(StoreRow).values(
            id=1,
            schema_version=SCHEMA_VERSION,
            store_id=store_id,
            secret=cipher_of(connection).seal(_SEALED_AT, secret.value),
        )
    )
    data = StoreCreated(
        store_id=store_id,
        schema_version=SCHEMA_VERSION,
        secret=secret.commitment,
        encrypted=True,
        signer=signer,
    )
    change = Change(
        connection=connection,
        actor=actor,
        secret=secret,
        head=log.GENESIS,
        ts=ts,
        people=People(),
    )
    change.emit(data, case_id=None)
    return change.settle()


def upgrade(connection: Connection, database: Database) -> StoreUpgraded | None:
    """Bring tables and guards to this version; return the event of it, None where they are.

    What an older version wrote stays as it is, and that version can no longer open the store.
    AuditError where a server does not let whoever is connected do it.
    """
    before = connection.execute(select(col(StoreRow.schema_version))).scalar_one()
    if before == SCHEMA_VERSION:
        return None  # another process was faster
    database.insist_on_upgrade(connection)
    for version in range(before, SCHEMA_VERSION):
        for step in UPGRADES[version]:
            for statement in (step,) if isinstance(step, str) else step[connection.dialect.name]:
                connection.exec_driver_sql(statement)
    database.renew_guards(connection)
    connection.execute(update(StoreRow).values(schema_version=SCHEMA_VERSION))
    return StoreUpgraded(from_version=before, to_version=SCHEMA_VERSION)


def read_store_row(connection: Connection, store_id: str, site: Site) -> StoreRow:
    """Return the row about the store; AuditError where this version cannot use it."""
    try:
        version = connection.execute(text("select schema_version from store")).scalar()
        if isinstance(version, int) and version > SCHEMA_VERSION:
            raise AuditError(
                f"The store {site.name} was made by a newer version of Chartproof (layout "
                f"{version}, and this one knows {SCHEMA_VERSION}). Update Chartproof; nothing was "
                "changed."
            )
        row = connection.execute(
            select(col(StoreRow.schema_version), col(StoreRow.store_id), col(StoreRow.secret))
        ).first()
    except DBAPIError as error:
        if cause(error) not in _STRANGE:
            raise site.explain(error) from None
        row = None  # the database opens, and its tables are not ours
    if row is None or row[0] not in range(1, SCHEMA_VERSION + 1) or row[1] != store_id:
        raise StoreUnreadableError(
            f"The store {site.name} is damaged: it does not say what layout and id it has. "
            "Restore it from a backup."
        )
    try:
        secret = cipher_of(connection).open(_SEALED_AT, row[2])
    except SealError:
        raise KeyMissingError(
            f"The store {site.name} cannot be read with the key kept for it: the key belongs to "
            "another store, or the row about this one was altered. Bring the right key."
        ) from None
    return StoreRow(id=1, schema_version=row[0], store_id=row[1], secret=secret)
