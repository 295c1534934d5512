"""Where a store lies, and the one seam between its two homes.

A store is a folder with one encrypted SQLite file (`audit.place`), or a schema in a PostgreSQL
database that a team shares (`audit.postgres`). What is asked of a home is here and nothing else:
the log, the projections, the door and the check are the same for both.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Protocol, Self

from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from audit.governance import Role
from audit.keys import StoreKey
from audit.model import Actor, AuditError, Places


class Database(Protocol):
    """An opened store; one transaction at a time."""

    def write(self) -> AbstractContextManager[Connection]:
        """Open a transaction as the store's only writer; commit at the end, else roll back."""

    def read(self) -> AbstractContextManager[Connection]:
        """Open one consistent view for reading."""

    def again(self) -> Self:
        """Open a second one like this, as one that met a damaged page reads no more."""

    def lost_guards(self, connection: Connection) -> frozenset[str]:
        """Return the names of guards in the database that are missing, altered or switched off."""

    def insist_on_upgrade(self, connection: Connection) -> None:
        """Raise AuditError where whoever is connected may not bring an older store up to date."""

    def renew_guards(self, connection: Connection) -> None:
        """Put this version's guards in the place of an older one's, in the open transaction."""

    def damage(self, *, still: bool) -> frozenset[str]:
        """Return what reading every page finds; `still`: nobody writes to them meanwhile."""

    def close(self) -> None:
        """Let go of the store."""


class Site(Protocol):
    """A place for one store, opened or not, there or not."""

    @property
    def name(self) -> str:
        """Return what sentences call the store: its folder, or its address without a password."""

    @property
    def shared(self) -> bool:
        """Tell whether other machines write to it, so that it may be far ahead of our head file."""

    def exists(self) -> bool:
        """Tell whether there is a store."""

    def create(self, *, places: Places, actor: Actor, ts: str) -> None:
        """Make the store, whole or not at all; where another process was faster, theirs stays."""

    def identify(self, places: Places) -> tuple[str, StoreKey]:
        """Return the id and key of the store; AuditError where there is none or no key."""

    def open(self, key: StoreKey, *, changing_tables: bool = False) -> Database:
        """Open the store for appending, or to change its tables as an upgrade does."""

    def snapshot(self, key: StoreKey) -> AbstractContextManager[tuple[Database, bool]]:
        """Open the store for checking; the flag: it is a file that must rest while it is read."""

    def marks(self) -> object:
        """Return a value that differs when a file was written meanwhile."""

    def explain(self, error: DBAPIError | dbapi2.Error) -> AuditError:
        """Turn an error of the database into a sentence that names the store and what to do."""

    def actor(self, connection: Connection, asked: Actor) -> Actor:
        """Return who acts: the actor asked for, or whom the server knows that person as."""

    def time(self, connection: Connection) -> datetime | None:
        """Return the time that all machines share; None: each has its own."""

    def roles(self, connection: Connection) -> frozenset[Role] | None:
        """Return the roles the server grants whoever is connected; None: the log says them."""

    def members(self, connection: Connection) -> tuple[tuple[str, Role], ...]:
        """Return the roles a server grants, with whom it grants them to."""


@contextmanager
def explained(site: Site) -> Iterator[None]:
    """Turn what the database or the event shapes refuse into sentences."""
    try:
        yield
    except (DBAPIError, dbapi2.Error) as error:
        raise site.explain(error) from None
    except ValidationError as error:
        places = sorted({".".join(map(str, item["loc"][:2])) for item in error.errors()})
        raise AuditError(
            f"A value is not of the kind the log accepts ({', '.join(places)}). Nothing was "
            f"recorded in the store {site.name}; please report this."
        ) from None
