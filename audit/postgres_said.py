"""What a server's errors mean, in sentences that name the store and what to do.

They are told by the SQLSTATE. A connection that fails has none to show, so there what the client
library wrote is looked at for what it is about; its text itself, with hosts, roles and whatever the
server put in, is never shown.
"""

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from audit import postgres_guards as guards
from audit.database import StoreBusyError, StoreReadOnlyError, StoreUnreadableError
from audit.model import AuditError

_SENTENCES: tuple[tuple[str, type[AuditError], str], ...] = (
    (
        guards.HELD,
        AuditError,
        (
            "Another person has this case in hand in the store {name}. Nothing was recorded; take "
            "another case, or wait until it is released."
        ),
    ),
    (
        guards.UNSIGNED,
        AuditError,
        (
            "The store {name} takes a submission only with a signature, and a second signature or "
            "a reopening only of a case that is submitted. Nothing was recorded."
        ),
    ),
    (
        guards.CLOSED,
        AuditError,
        (
            "This case is signed off in the store {name}. Nothing was recorded; open it again with "
            "a reason, what was signed stays."
        ),
    ),
    (
        guards.OWN_CASE,
        AuditError,
        (
            "The store {name} takes no second signature from a person who coded or signed the "
            "case. Nothing was recorded; ask another reviewer."
        ),
    ),
    (
        guards.OUT_OF_TIME,
        AuditError,
        (
            "The store {name} refused an event whose time is not that of its server. Nothing was "
            "recorded."
        ),
    ),
    (
        guards.NO_EVENT,
        AuditError,
        (
            "The store {name} refused an event that no version of Chartproof could read. Nothing "
            "was recorded; please report this."
        ),
    ),
    (
        guards.NOT_THEIRS,
        AuditError,
        (
            "The store {name} records people under their database role, and this was to be "
            "recorded under another name. Nothing was recorded."
        ),
    ),
    (
        guards.NOT_ALLOWED,
        AuditError,
        (
            "Your database role may not do this in the store {name}. Ask its administrator to "
            "grant you a role of the store that allows it. Nothing was recorded."
        ),
    ),
    (
        "CP",
        AuditError,
        (
            "The store {name} refused an event that does not follow on its newest. Nothing was "
            "recorded; run `chartproof audit verify`."
        ),
    ),
    (
        "42501",
        AuditError,
        (
            "Your database role has no access to the store {name} that this needs. Ask its "
            "administrator to grant you one of its roles."
        ),
    ),
    (
        "55P03 40001 40P01 53300",
        StoreBusyError,
        (
            "The store {name} is held by another program. Nothing was changed; try again when that "
            "has finished."
        ),
    ),
    (
        "25006",
        StoreReadOnlyError,
        (
            "The server of the store {name} takes no writes: it is a standby or read-only. Nothing "
            "was changed."
        ),
    ),
    (
        "53100 53200",
        StoreReadOnlyError,
        (
            "The server of the store {name} has no space left ({state}). Nothing was changed; free "
            "some and try again."
        ),
    ),
    (
        "XX 58",
        StoreUnreadableError,
        (
            "The database of the store {name} is damaged or its disk reports an error ({state}). "
            "Run `chartproof audit verify`, then restore it from a backup."
        ),
    ),
    (
        "28 3D",
        StoreUnreadableError,
        "The server of the store {name} does not know this database, role or password.",
    ),
)


def explain(error: DBAPIError | dbapi2.Error, name: str) -> AuditError:
    """Turn an error of the server into a sentence that names the store and what to do."""
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    for states, kind, sentence in _SENTENCES:
        if state and state.startswith(tuple(states.split())):
            return kind(sentence.format(name=name, state=state))
    told = _of_connection(getattr(error, "orig", None))
    if told and not state:
        return StoreUnreadableError(told.format(name=name))
    if not state or state.startswith(("08", "57")):
        return StoreUnreadableError(
            f"The server of the store {name} cannot be reached, refuses the connection, or closed "
            "it. Check that it runs, and your role and password. What was said to be stored is "
            "stored; look again before you repeat the last step."
        )
    return AuditError(
        f"The server of the store {name} refused the work ({state}). Nothing was changed; run "
        "`chartproof audit verify`."
    )


_NONE_AT_HAND = (
    "The server of the store {name} asks for a password and none is at hand. Put it into the "
    "password file of PostgreSQL (~/.pgpass, mode 0600), or into the system keyring by "
    "`chartproof audit password`."
)
_NOT_TAKEN = (
    "The server of the store {name} does not take the password it was given for this database "
    "role. Correct it in ~/.pgpass, in PGPASSWORD, or by `chartproof audit password`."
)
_SILENT = (
    "The server of the store {name} takes a connection and does not answer. Check the host, the "
    "port and the network between; what was said to be stored is stored."
)
_CONNECTING: tuple[tuple[str, str], ...] = (
    (
        "certificate verify failed",
        (
            "The server of the store {name} shows a certificate which the authority in sslrootcert "
            "did not sign, so it may be another server. Nothing was sent; ask its administrator."
        ),
    ),
    (
        "does not match host name",
        (
            "The server of the store {name} shows the certificate of another host, so it may be "
            "another server. Nothing was sent; use the name that its certificate has."
        ),
    ),
    (
        "root certificate file",
        (
            "The certificate of the server of the store {name} cannot be checked: the file of the "
            "authority that signed it is missing or unreadable. Name it in the address by "
            "sslrootcert=FILE, or put it into ~/.postgresql/root.crt."
        ),
    ),
    (
        "does not support SSL",
        (
            "The server of the store {name} offers no encrypted connection; without one records "
            "would be sent in the clear. Nothing was sent; ask its administrator to switch TLS on."
        ),
    ),
    (
        "no encryption",
        (
            "The server of the store {name} lets this role in only over an encrypted connection. "
            "Use an address with sslmode=verify-full."
        ),
    ),
    (
        "failed to resolve host",
        "The host of the store {name} is not known here. Check its name and the network.",
    ),
    ("authentication failed", _NOT_TAKEN),
    ("the database system is", ""),  # starting or stopping: as one that cannot be reached
    (
        "FATAL",
        (
            "The server of the store {name} refuses the connection: it does not know this role or "
            "database, does not let the one into the other, or takes none now. Check the "
            "address, or ask its administrator."
        ),
    ),
)


def _of_connection(error: object) -> str:
    """Return the sentence for a connection that did not come about, empty where there is none."""
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return _SILENT
    if not isinstance(error, psycopg.OperationalError):
        return ""
    if wants_password(error):
        return _NONE_AT_HAND
    text = str(error)
    found = (sentence for words, sentence in _CONNECTING if words in text)
    return next(found, "")


def wants_password(error: psycopg.OperationalError) -> bool:
    """Tell whether a connection failed because the server asks for a password and got none."""
    return error.pgconn is not None and error.pgconn.needs_password
