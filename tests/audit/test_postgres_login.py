"""A server that is met over TCP: encrypted, with passwords, or with what goes wrong in between.

The server is a real one with a certificate of an authority made here, and takes no connection over
the loopback without TLS and a password (scram-sha-256). `HUSH` is the password, and stands in no
sentence.
"""

import socket
import traceback
from pathlib import Path

import pytest
from keyring.errors import PasswordDeleteError

from audit import Accept, AuditError, Places, Standing, Store, StoreUnreadableError, verify
from audit.address import Address
from audit.postgres_login import find_password, forget_password, keep_password
from tests.audit.builders import CODER, encounter, result
from tests.audit.test_keys import Broken, Forgetful, Memory, use
from tests.postgres import PostgresServer, Team
from tests.tls import PASSWORD, Authority, Guarded, free_port


@pytest.fixture
def store(guarded: Guarded, where: Places) -> Guarded:
    """A store on the server, made over its socket, with its key on this machine."""
    team = guarded.server.database()
    Store.create_or_open(team.address(), places=where, actor=CODER).close()
    team.let_in()
    return Guarded(guarded.server, team, guarded.authority)


def refused(address: Address, where: Places) -> str:
    """Return the one sentence of what cannot be opened; neither it nor its trace has the secret."""
    with pytest.raises(StoreUnreadableError) as told:
        Store.open(address, places=where, actor=CODER)
    report = verify(address, places=where)
    assert (report.status, report.problems) == (Standing.UNREADABLE, (str(told.value),))
    whole = "".join(traceback.format_exception(told.value))
    assert "HUSH" not in whole + repr(address) + str(address)
    assert str(address) in str(told.value)
    return str(told.value)


def test_encrypted_with_a_password_it_is_a_store_like_any_other(
    store: Guarded, where: Places, capfd: pytest.CaptureFixture[str]
) -> None:
    address = store.address(password=PASSWORD)
    with Store.open(address, places=where, actor=CODER) as opened:
        case_id = opened.record(encounter(), result()).case_id
        opened.decide(case_id, Accept(code="I10"))
        assert "HUSH" not in opened.name
        assert not any("HUSH" in event.body for event in opened.events())
        with opened.door.reading() as connection:
            (used,) = connection.exec_driver_sql(
                "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
            ).scalars()
        assert used is True
    assert verify(address, places=where).exit_code == 0
    assert capfd.readouterr() == ("", "")


def test_another_authority_is_not_believed(store: Guarded, where: Places, tmp_path: Path) -> None:
    other = tmp_path / "other.crt"
    other.write_bytes(Authority.make("Another").pem)
    said = refused(store.address(password=PASSWORD, sslrootcert=str(other)), where)
    assert "may be another server" in said


def test_the_name_on_the_certificate_has_to_be_that_of_the_host(
    store: Guarded, where: Places
) -> None:
    said = refused(store.address(password=PASSWORD, host="127.0.0.1"), where)
    assert "certificate of another host" in said


def test_without_the_authority_nothing_can_be_checked(store: Guarded, where: Places) -> None:
    said = refused(store.address(password=PASSWORD, sslrootcert="/nowhere/root.crt"), where)
    assert "sslrootcert=FILE" in said


def test_a_connection_in_the_clear_is_not_let_in(store: Guarded, where: Places) -> None:
    said = refused(store.address(password=PASSWORD, sslmode="disable"), where)
    assert "only over an encrypted connection" in said


def test_a_server_without_encryption_is_not_spoken_to(
    store: Guarded, where: Places, postgres: PostgresServer
) -> None:
    store.server.sql("alter system set ssl = off")
    store.server.stop()
    plain = PostgresServer(
        store.server.folder, store.server.programs, store.server.user, "", store.server.port
    )
    plain.start()
    try:
        said = refused(store.address(password=PASSWORD), where)
    finally:
        plain.stop()
        store.server.start()
        store.server.sql("alter system reset ssl")
    assert "offers no encrypted connection" in said
    assert "Nothing was sent" in said


def test_a_wrong_password_and_a_missing_one_are_told_apart(store: Guarded, where: Places) -> None:
    assert "does not take the password" in refused(store.address(password="HUSH NOT"), where)
    assert "asks for a password and none is at hand" in refused(store.address(), where)


def test_a_role_or_database_that_is_not_there_is_said(store: Guarded, where: Places) -> None:
    gone = Guarded(store.server, Team(store.server, "nowhere"), store.authority)
    assert "does not know this role or database" in refused(gone.address(password=PASSWORD), where)


def test_a_host_that_cannot_be_reached_is_said(where: Places) -> None:
    closed = Address.parse(f"postgresql://ada:HUSH@127.0.0.1:{free_port()}/x")
    assert "cannot be reached" in refused(closed, where)


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(where: Places) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        address = Address.parse(f"postgresql://ada:HUSH@127.0.0.1:{port}/x?connect_timeout=1")
        assert "does not answer" in refused(address, where)


def test_the_password_may_come_from_its_file_or_the_environment(
    store: Guarded, where: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "passwords"
    escaped = PASSWORD.replace(":", r"\:")
    kept.write_text(f"localhost:*:{store.team.name}:ada:{escaped}\n")
    kept.chmod(0o600)
    with monkeypatch.context() as patch:
        patch.setenv("PGPASSFILE", str(kept))
        Store.open(store.address(), places=where, actor=CODER).close()
    Store.open(store.address(passfile=str(kept)), places=where, actor=CODER).close()
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    Store.open(store.address(), places=where, actor=CODER).close()
    monkeypatch.setenv("PGPASSWORD", "HUSH NOT")
    assert "does not take the password" in refused(store.address(), where)


class Counting(Memory):
    """A keyring that counts how often it is asked."""

    asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        return super().get_password(service, username)


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Counting:
    ring = Counting()
    use(monkeypatch, ring)
    return ring


def test_the_password_may_lie_in_the_keyring_which_is_asked_only_where_it_is_wanted(
    store: Guarded, where: Places, ring: Counting
) -> None:
    assert "none is at hand" in refused(store.address(), where)
    keep_password(store.address(), PASSWORD)
    Store.open(store.address(), places=where, actor=CODER).close()
    ring.asked = 0
    Store.open(store.address(password=PASSWORD), places=where, actor=CODER).close()
    Store.open(store.team.address("ada"), places=where, actor=CODER).close()
    assert ring.asked == 0
    keep_password(store.address(), "HUSH NOT")
    assert "does not take the password" in refused(store.address(), where)
    assert forget_password(store.address())
    assert not forget_password(store.address())
    assert find_password(store.address()) is None


@pytest.mark.parametrize("backend", [Forgetful, Broken])
def test_a_keyring_that_keeps_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, backend: type[Memory]
) -> None:
    address = Address.parse("postgresql://ada@localhost/x")
    with pytest.raises(AuditError, match="CHARTPROOF_KEYRING=off"):
        keep_password(address, PASSWORD)
    use(monkeypatch, backend())
    with pytest.raises(AuditError, match="no keyring that keeps a password"):
        keep_password(address, PASSWORD)
    assert find_password(address) is None


class Clinging(Memory):
    """A keyring that lets nothing go, and says so or does not."""

    silent = False

    def delete_password(self, service: str, username: str) -> None:
        if not self.silent:
            raise PasswordDeleteError("locked")


class Silent(Clinging):
    silent = True


def test_a_password_is_said_to_be_gone_only_where_the_keyring_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = Address.parse("postgresql://ada@localhost/x")
    with pytest.raises(AuditError, match="CHARTPROOF_KEYRING=off"):
        forget_password(address)
    for backend in (Clinging(), Silent()):
        use(monkeypatch, backend)
        assert not forget_password(address), "nothing was kept yet"
        keep_password(address, PASSWORD)
        with pytest.raises(AuditError, match="may still be there") as told:
            forget_password(address)
        assert "HUSH" not in str(told.value)
    use(monkeypatch, Broken())
    with pytest.raises(AuditError, match="may still be there"):
        forget_password(address)


def test_each_role_and_database_has_a_password_of_its_own() -> None:
    given = [
        "postgresql://ada@localhost/x",
        "postgresql://ben@localhost/x",
        "postgresql://ada@localhost/y",
        "postgresql://ada@localhost:6000/x",
        "postgresql://ada@db.example.org/x",
    ]
    assert len({Address.parse(each).account for each in given}) == len(given)
    same = "postgresql://ada:HUSH@localhost/x?sslmode=require"
    assert Address.parse(same).account == Address.parse(given[0]).account


@pytest.mark.parametrize("wait", ["0", "-1", "x", "601", "1.5"])
def test_a_wait_that_is_no_time_is_said(wait: str) -> None:
    with pytest.raises(AuditError, match="from 1 to 600"):
        Address.parse(f"postgresql://ada@localhost/x?connect_timeout={wait}")
