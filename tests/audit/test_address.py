"""Addresses of databases: what is accepted, what is sent in the clear, what is shown."""

from pathlib import Path

import pytest

from audit import AuditError, locate
from audit.address import Address, is_local_host


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ("postgresql://ada@db.example.org/charts", "verify-full"),
        ("postgres://ada@10.0.0.7:6000/charts", "verify-full"),
        ("postgresql://ada@db.example.org/charts?sslmode=require", "require"),
        ("postgresql://ada@a.example.org/charts?host=b.example.org", "verify-full"),
        ("postgresql://ada@/charts?host=/run/postgresql", None),
        ("postgresql://ada@localhost/charts", None),
        ("postgresql://ada@127.0.0.1/charts", None),
        ("postgresql://ada@[::1]/charts", None),
        ("postgresql:///charts", None),
    ],
)
def test_another_machine_is_spoken_to_encrypted(given: str, mode: str | None) -> None:
    assert Address.parse(given).url.query.get("sslmode") == mode


def test_a_host_from_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example.org")
    assert Address.parse("postgresql:///charts").url.query["sslmode"] == "verify-full"


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "nonsense"])
def test_less_is_refused(mode: str) -> None:
    with pytest.raises(AuditError, match="in the clear"):
        Address.parse(f"postgresql://ada@db.example.org/charts?sslmode={mode}")


@pytest.mark.parametrize(
    "given",
    [
        "mysql://ada:HUSH@localhost/charts",
        "postgresql://ada:HUSH@localhost",
        "postgresql://ada:HUSH@localhost:many/charts",
        "postgresql://ada:HUSH@localhost/charts?service=x",
        "postgresql://ada:HUSH@localhost/charts?password=HUSH",
    ],
)
def test_what_is_no_address_is_said_without_repeating_it(given: str) -> None:
    with pytest.raises(AuditError) as said:
        Address.parse(given)
    assert "HUSH" not in str(said.value)
    assert said.value.__cause__ is None


def test_what_is_shown_reads_back_and_has_no_password() -> None:
    given = "postgresql://ada:HU%20SH@db.example.org:6000/charts?sslmode=require"
    address = Address.parse(given)
    assert str(address) == "postgresql://ada@db.example.org:6000/charts?sslmode=require"
    assert "HU" not in repr(address) + str(address)
    assert str(Address.parse(str(address))) == str(address)
    assert address.url.password == "HU SH"


def test_a_name_of_a_store_is_an_address_only_where_it_begins_like_one() -> None:
    assert locate("some/folder") == Path("some/folder")
    assert locate("postgresql folder") == Path("postgresql folder")
    assert isinstance(locate("postgresql://ada@localhost/charts"), Address)


def test_hosts_of_this_machine() -> None:
    assert all(map(is_local_host, ["", "localhost", "127.8.8.8", "::1", "/run", "@abstract"]))
    assert not any(map(is_local_host, ["localhost.example.org", "10.0.0.1", "127.0.0.1.nip.io"]))
