"""A real PostgreSQL server, started for the tests in a folder of its own and ended with them.

It listens on a socket in that folder alone. A server refuses to run as root, so for root it is run
as the user `postgres` or `nobody`. Where no server is installed the tests that need one are
skipped and say so; CHARTPROOF_POSTGRES=required makes that a failure.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit.address import Address

KEEPER = "keeper"
"""The superuser of the test server."""

_ROOM = 1 << 30

OWNER = "owner"
PEOPLE = {
    "ada": "coder",
    "ben": "coder",
    "rita": "reviewer",
    "carl": "compliance",
    "adam": "admin",
    "nora": "",
}
"""Database roles of people, with the role they have in the stores; `owner` makes the stores."""


def server_programs() -> Path | None:
    """Return the folder of the server's programs: the one on the path, else Debian's newest."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


def _unprivileged() -> str | None:
    """Return who is to run the server, None for whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def fast() -> str | None:
    """Return a folder in memory with room for a server, None where there is none.

    What is tested is the death of processes, which memory survives, and not of the machine.
    """
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM:
        return str(memory)
    return None


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server: `folder` holds its data and its socket; `options` are settings of it.

    With a `port` it listens on the loopback as well.
    """

    folder: Path
    programs: Path
    user: str | None
    options: str = ""
    port: int = 0
    _numbers: Iterator[int] = field(default_factory=count)

    def run(self, program: str, *arguments: str) -> None:
        # Output goes to a file: a server that is left running would hold a pipe open.
        with (self.folder / "said").open("ab") as said:
            done = subprocess.run(
                [str(self.programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                user=self.user,
                group=None if self.user is None else pwd.getpwnam(self.user).pw_gid,
                extra_groups=None if self.user is None else [],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                check=False,
            )
        assert done.returncode == 0, (self.folder / "said").read_text()

    def start(self) -> None:
        listening = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port}"
            if self.port
            else ("-c listen_addresses=''")
        )
        options = (
            f"{listening} -c unix_socket_directories={self.folder} "
            f"-c max_connections=60 -c shared_buffers=32MB {self.options}"
        )
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def sql(
        self, *statements: str, database: str = "postgres", role: str = KEEPER
    ) -> list[tuple[Any, ...]]:
        """Run statements, each committed, and return the rows of the last one."""
        with psycopg.connect(
            host=str(self.folder),
            port=self.port or None,
            user=role,
            dbname=database,
            autocommit=True,
        ) as connection:
            rows: list[tuple[Any, ...]] = []
            for statement in statements:
                cursor = connection.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description else []
            return rows

    def database(self) -> "Team":
        """Make a new database without a store."""
        name = f"team{next(self._numbers)}"
        self.sql(f"create database {name} owner {OWNER}")
        return Team(self, name)


@dataclass(frozen=True, slots=True)
class Team:
    """A database for one store, and the people who use it."""

    server: PostgresServer
    name: str

    def address(self, role: str = OWNER) -> Address:
        port = f"&port={self.server.port}" if self.server.port else ""
        return Address.parse(f"postgresql://{role}@/{self.name}?host={self.server.folder}{port}")

    def sql(self, *statements: str, role: str = KEEPER) -> list[tuple[Any, ...]]:
        return self.server.sql(*statements, database=self.name, role=role)

    def let_in(self) -> None:
        """Grant each person the role they have in the store, once it was made."""
        self.sql(*(f"grant chartproof_{role} to {who}" for who, role in PEOPLE.items() if role))


@contextmanager
def serving(
    programs: Path,
    parent: str | None,
    *,
    files: Mapping[str, bytes] | None = None,
    options: str = "",
    port: int = 0,
) -> Iterator[PostgresServer]:
    """Run a server in a new folder below `parent`, and leave nothing of it behind.

    `files` are put into its data, as its own and nobody else's to read.
    """
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="chartproof-pg-", dir=parent))
    server = PostgresServer(folder, programs, user, options, port)
    try:
        if user is not None:
            shutil.chown(folder, user)
        server.run(
            "initdb", "-D", str(folder / "data"), "-U", KEEPER, "-A", "trust", "-E", "UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip
        for name, content in (files or {}).items():
            path = folder / "data" / name
            path.touch(mode=0o600)
            path.write_bytes(content)
            if user is not None:
                shutil.chown(path, user)
        server.start()
        try:
            server.sql(
                f"create role {OWNER} login createrole",
                *(f"create role {who} login" for who in PEOPLE),
            )
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)


def installed() -> Path:
    """Return the folder of the server's programs; without one the test is skipped and says so."""
    programs = server_programs()
    if programs is None:
        reason = "PostgreSQL is not installed (Debian: postgresql), so its store is not tested"
        if os.environ.get("CHARTPROOF_POSTGRES") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Start the server, or say why there is none."""
    with serving(installed(), fast()) as server:
        yield server
