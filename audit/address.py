"""The address of a store on a PostgreSQL server, as a person writes it."""

import ipaddress
import os
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from audit.model import AuditError

SCHEMES = ("postgresql://", "postgres://")
_DRIVER = "postgresql+psycopg"
_OPTIONS = frozenset(
    {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile", "connect_timeout"}
)
_ENCRYPTING = frozenset({"require", "verify-ca", "verify-full"})
_LONGEST_WAIT = 600
_HOW = "Write it as postgresql://ROLE@HOST/DATABASE."


@dataclass(frozen=True, slots=True)
class Address:
    """A database that may hold one store; its text never shows a password.

    A server on another machine is spoken to over TLS alone, with its certificate checked unless
    the address asks for less by `sslmode=require`.
    """

    url: URL = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address; AuditError says what is wrong with it, without repeating it."""
        try:
            url = make_url(text.strip())
        except (ArgumentError, ValueError):
            raise AuditError(f"The address of the database cannot be read. {_HOW}") from None
        if url.drivername not in {"postgresql", "postgres"} or not url.database:
            raise AuditError(f"The address of the database names no PostgreSQL database. {_HOW}")
        unknown = sorted(set(url.query) - _OPTIONS)
        if unknown:
            raise AuditError(
                f"The address of the database has an option that is not used here ({unknown[0]}). "
                f"Known are: {', '.join(sorted(_OPTIONS))}."
            )
        wait = str(url.query.get("connect_timeout", "10"))
        if not wait.isdecimal() or not 1 <= int(wait) <= _LONGEST_WAIT:
            raise AuditError(
                f"The connect_timeout of the address is not a number of seconds from 1 to "
                f"{_LONGEST_WAIT}."
            )
        url = url.set(drivername=_DRIVER)
        mode = str(url.query.get("sslmode", ""))
        if not _is_local(url):
            if mode and mode not in _ENCRYPTING:
                raise AuditError(
                    f"The address of the database asks for sslmode={mode}, which may send records "
                    "in the clear. A server on another machine is used with verify-full, verify-ca "
                    "or require."
                )
            url = url.update_query_dict({"sslmode": mode or "verify-full"})
        return cls(url)

    @property
    def account(self) -> str:
        """Return the role and its database, under which a keyring keeps the password."""
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.url.username or ''}@{_host(self.url)}{port}/{self.url.database}"

    def __str__(self) -> str:
        """Return an address that can be read again, without the password."""
        bare = URL.create(
            "postgresql",
            username=self.url.username,
            host=self.url.host,
            port=self.url.port,
            database=self.url.database,
            query=self.url.query,
        )
        return bare.render_as_string(hide_password=False)


def is_local_host(host: str) -> bool:
    """Tell whether a server's host is this machine: a socket's folder, or a loopback name."""
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: URL) -> str:
    given = url.host or url.query.get("host", "")
    return given if isinstance(given, str) else ",".join(given)


def _is_local(url: URL) -> bool:
    hosts = (_host(url) or os.environ.get("PGHOST", "")).split(",")
    return all(is_local_host(host) for host in hosts)
