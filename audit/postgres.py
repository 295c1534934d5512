"""A PostgreSQL database as the home of a store that a team shares.

The log is the same log: events are chained by the client, hashed as stored, checked by the same
walk. Writers of all machines stand in one line by an advisory lock; each machine keeps a head file
of its own, so that every one of them is a witness of what it saw. Words are sealed with the
store's key before they are sent, so that the server holds none it could read.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

import psycopg
import sqlalchemy
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from audit import postgres_guards as guards
from audit import postgres_schema as schema
from audit.address import Address, is_local_host
from audit.checkpoints import Notary
from audit.cipher import OPTION, Sealing
from audit.database import StoreUnreadableError
from audit.founding import found
from audit.governance import Role
from audit.head import HeadFile
from audit.keys import StoreKey, create_key, find_key
from audit.model import Actor, ActorKind, AuditError, Places
from audit.postgres_login import find_password
from audit.postgres_said import explain, wants_password
from audit.signednote import keep_signing_key, new_signing_key

_WRITERS = 0x63686172745072  # "chartPr": the advisory lock of the one line of writers
_OLDEST = 130000
_WAIT, _GONE = 10, 60
"""Seconds until a server that says nothing is given up: at the beginning, and later."""
_PROCESS = secrets.token_hex(4)
_SETTINGS = {
    "search_path": f"{guards.SCHEMA},pg_temp",  # pg_temp last, so that no table shadows ours
    "lock_timeout": "60s",
    "timezone": "UTC",
    "client_min_messages": "error",
}
# In full, so that a role without access to the schema is told so.
_ID = f"select store_id from {guards.SCHEMA}.store"  # noqa: S608
_INSISTED = {"fsync": {"on"}, "full_page_writes": {"on"}, "server_encoding": {"UTF8"}}
_FORBIDDEN = "42501"
_DURABLE = {"on", "remote_write", "remote_apply"}


class Postgres:
    """A connection to a store's database; without a key no sealed column can be read."""

    def __init__(self, address: Address, *, key: bytes | None) -> None:
        self._address = address
        self._key = key
        self._engine = sqlalchemy.create_engine(
            address.url,
            pool_size=1,
            max_overflow=1,
            pool_pre_ping=True,  # a server that was started anew is met again
            hide_parameters=True,
            connect_args={
                "application_name": f"{schema.APPLICATION} {_PROCESS}",
                "connect_timeout": int(str(address.url.query.get("connect_timeout", _WAIT))),
                # A network that fell silent is found while something is sent, and while nothing is.
                "tcp_user_timeout": _GONE * 1000,
                "keepalives_idle": _GONE // 2,
                "keepalives_interval": _GONE // 6,
                "keepalives_count": 3,
                "options": " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items()),
            },
            execution_options={} if key is None else {OPTION: Sealing(key)},
        )
        event.listen(self._engine, "do_connect", self._connect)
        event.listen(self._engine, "connect", self._insist)

    def _connect(
        self, _dialect: object, _record: object, arguments: list[Any], named: dict[str, Any]
    ) -> psycopg.Connection[Any]:
        """Connect, with the password of the keyring where the server asks for one we have not."""
        try:
            return psycopg.connect(*arguments, **named)
        except psycopg.OperationalError as error:
            kept = find_password(self._address) if wants_password(error) else None
            if kept is None:
                raise
        return psycopg.connect(*arguments, **named, password=kept)

    def _insist(self, connection: Any, _record: object) -> None:
        """Refuse a server that would not keep what it says it stored, or would be overheard."""
        told = connection.info
        if not (told.pgconn.ssl_in_use or is_local_host(told.host)):
            raise self._refused("the connection is not encrypted")
        if told.server_version < _OLDEST:
            raise self._refused("the server is older than PostgreSQL 13")
        cursor = connection.cursor()
        for name, wanted in {**_INSISTED, "synchronous_commit": _DURABLE}.items():
            cursor.execute("select current_setting(%s)", (name,))
            value = cursor.fetchone()[0]
            if value not in wanted:
                raise self._refused(f"its setting {name} is {value}")
        connection.rollback()

    def _refused(self, why: str) -> AuditError:
        return AuditError(
            f"The store {self._address} is not used, because {why}. Ask the server's administrator."
        )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Stand in the line of writers; commit at the end, roll back on any error."""
        with self._engine.connect() as connection, connection.begin():
            # In a statement of its own: what follows sees all that was committed before it.
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _WRITERS})
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open one consistent view of the database for reading."""
        with self._engine.connect() as connection:
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()

    def again(self) -> Self:
        """Open a second one like this."""
        return type(self)(self._address, key=self._key)

    def lost_guards(self, connection: Connection) -> frozenset[str]:
        """Return the guards that are missing, altered or off, and what walks past them."""
        return schema.lost_guards(connection)

    def insist_on_upgrade(self, connection: Connection) -> None:
        """Raise AuditError where this role is not the owner's, or the old guards are not whole."""
        schema.insist_on_upgrade(connection, str(self._address))

    def renew_guards(self, connection: Connection) -> None:
        """Put this version's guards, permits and grants in the place of an older one's."""
        schema.renew(connection)

    def damage(self, *, still: bool) -> frozenset[str]:  # noqa: ARG002 - pages are the server's
        """Return nothing: the server authenticates no page, the check reads every row."""
        return frozenset()

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


class Server:
    """A database on a server as the home of a store."""

    shared = True

    def __init__(self, address: Address) -> None:
        self._address = address

    @property
    def name(self) -> str:
        """Return the address, without a password."""
        return str(self._address)

    def exists(self) -> bool:
        """Tell whether the database has a store; AuditError where it cannot be asked."""
        with self._asking() as connection:
            return schema.is_there(connection)

    def identify(self, places: Places) -> tuple[str, StoreKey]:
        """Return the id and key of the store."""
        if not self.exists():
            raise StoreUnreadableError(f"There is no store in {self.name}.")
        with self._asking() as connection:
            found = connection.execute(text(_ID)).scalar()
        if not isinstance(found, str) or len(found) != 32 or not found.isalnum():  # noqa: PLR2004
            raise StoreUnreadableError(
                f"The store {self.name} is damaged: it does not say what id it has. Restore it "
                "from a backup."
            )
        return found, find_key(places, found, self.name)

    def create(self, *, places: Places, actor: Actor, ts: str) -> None:
        """Make the store in one transaction, owned by the role that asks for it."""
        store_id = secrets.token_hex(16)
        key = create_key(places, store_id)
        signer = new_signing_key(store_id)
        keep_signing_key(places, store_id, signer)
        database = Postgres(self._address, key=key.value)
        try:
            with database.write() as connection:
                if schema.is_there(connection):
                    return  # another process made the store meanwhile: it is opened instead
                schema.begin(connection)
                head = found(
                    connection,
                    store_id=store_id,
                    guards=schema.guards(),
                    actor=self.actor(connection, actor),
                    ts=ts,
                    signer=signer.public.vkey,
                )
                Notary(places, store_id).sign(connection, head, signer)
            HeadFile(places.head(store_id)).create(head)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == _FORBIDDEN:
                raise StoreUnreadableError(
                    f"There is no store in {self.name}, and your database role may not make one: "
                    "it takes the right to create schemas there, and roles (CREATEROLE)."
                ) from None
            raise self.explain(error) from None
        finally:
            database.close()

    def open(self, key: StoreKey, *, changing_tables: bool = False) -> Postgres:  # noqa: ARG002
        """Open the store for appending; what more is allowed is the server's to say."""
        return Postgres(self._address, key=key.value)

    @contextmanager
    def snapshot(self, key: StoreKey) -> Iterator[tuple[Postgres, bool]]:
        """Open the store for checking; the server pins one moment of it."""
        database = Postgres(self._address, key=key.value)
        try:
            yield database, False
        finally:
            database.close()

    def marks(self) -> object:
        """Return nothing: what is read in one transaction does not change."""
        return None

    def explain(self, error: DBAPIError | dbapi2.Error) -> AuditError:
        """Turn an error of the server into a sentence."""
        return explain(error, self.name)

    def actor(self, connection: Connection, asked: Actor) -> Actor:
        """Return a person under the role they are connected as, which the server enforces."""
        if asked.kind is not ActorKind.PERSON:
            return asked
        role = connection.execute(text("select session_user")).scalar_one()
        return Actor(kind=asked.kind, id=str(role))

    def time(self, connection: Connection) -> datetime:
        """Return the server's time, so that leases run alike on all machines."""
        moment: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
        return moment

    def roles(self, connection: Connection) -> frozenset[Role]:
        """Return the roles of the store that are granted to whoever is connected."""
        return frozenset(map(Role, schema.held(connection, Role)))

    def members(self, connection: Connection) -> tuple[tuple[str, Role], ...]:
        """Return the roles the database grants, with whom it grants them to."""
        return schema.members(connection)

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        database = Postgres(self._address, key=None)
        try:
            with database.read() as connection:
                yield connection
        except DBAPIError as error:
            raise self.explain(error) from None
        finally:
            database.close()
