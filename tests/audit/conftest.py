"""Stores in a temporary folder, with their key in a file and a clock that stands still."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit import Accept, Places, Reject, Store
from audit.place import FILE
from tests.audit.builders import CODER, encounter, places, result
from tests.postgres import PostgresServer, Team


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTPROOF_KEYRING", "off")


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return places(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def ticking() -> Callable[[], datetime]:
    """A clock that moves one second at each look."""
    moments = iter(range(10**9))
    start = datetime(2026, 5, 4, 8, tzinfo=UTC)
    return lambda: start + timedelta(seconds=next(moments))


@pytest.fixture
def store(folder: Path, where: Places) -> Iterator[Store]:
    with Store.create_or_open(folder, places=where, actor=CODER, clock=ticking()) as opened:
        yield opened


def fill(store: Store, count: int = 4, *, start: int = 0) -> None:
    for number in range(start, start + count):
        case_id = store.record(encounter(f"e-{number}"), result(f"e-{number}")).case_id
        store.decide(case_id, Accept(code="I10"))


@pytest.fixture
def filled(tmp_path: Path, where: Places) -> Path:
    """A closed store of 33 events; nothing of it is in a write-ahead log."""
    folder = tmp_path / "store"
    with Store.create_or_open(folder, places=where, actor=CODER, clock=ticking()) as store:
        fill(store)
        assert len(store.events()) == 33
    assert [path.name for path in folder.iterdir()] == [FILE]
    return folder


@pytest.fixture
def team(postgres: PostgresServer, where: Places) -> Team:
    """A database with an empty store in it, its people let in, its key on this machine."""
    made = postgres.database()
    began = datetime(2020, 5, 4, tzinfo=UTC)  # before whatever clock a test has
    Store.create_or_open(made.address(), places=where, actor=CODER, clock=lambda: began).close()
    made.let_in()
    return made


OpenAs = Callable[[str], Store]


@pytest.fixture
def open_as(team: Team, where: Places) -> OpenAs:
    """Open the team's store as one of its people, by the server's clock."""
    return lambda role: Store.open(team.address(role), places=where, actor=CODER)


@pytest.fixture
def case_id(open_as: OpenAs) -> str:
    """A case with two codes decided, in nobody's hands."""
    with open_as("ada") as store:
        case_id = store.record(encounter(), result()).case_id
        store.decide(case_id, Accept(code="I10"))
        store.decide(case_id, Reject(code="E11.9", reason="not addressed"))
    return case_id


@pytest.fixture
def filled_team(team: Team, open_as: OpenAs) -> Team:
    """A store of 33 events in which ada coded four cases."""
    with open_as("ada") as store:
        fill(store)
        assert len(store.events()) == 33
    return team
