"""The key goes to the keyring where there is one, else into a file, and is found again."""

from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordSetError

from audit import KeyMissingError, Places
from audit.keys import create_key, find_key

ID = "0123456789abcdef" * 2


class Memory(KeyringBackend):
    """A keyring that works."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Forgetful(Memory):
    """A keyring that takes everything and keeps nothing."""

    def get_password(self, service: str, username: str) -> str | None:
        return None


class Broken(Memory):
    """A keyring whose service is not there."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError("no session")

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringError("no session")


def use(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    monkeypatch.delenv("CHARTPROOF_KEYRING", raising=False)
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)


def test_a_working_keyring_keeps_the_key_and_no_file_does(
    monkeypatch: pytest.MonkeyPatch, where: Places, folder: Path
) -> None:
    backend = Memory()
    use(monkeypatch, backend)
    key = create_key(where, ID)
    assert backend.kept == {("chartproof", ID): key.value.hex()}
    assert not where.config.exists()
    assert key.notice is None
    assert find_key(where, ID, folder).value == key.value


@pytest.mark.parametrize("backend", [Forgetful(), Broken()])
def test_without_one_a_file_does_and_says_so(
    monkeypatch: pytest.MonkeyPatch, where: Places, folder: Path, backend: KeyringBackend
) -> None:
    use(monkeypatch, backend)
    key = create_key(where, ID)
    assert where.key(ID).stat().st_mode & 0o777 == 0o600
    assert key.notice is not None
    assert str(where.key(ID)) in key.notice
    assert find_key(where, ID, folder) == key


def test_switched_off_the_keyring_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, where: Places, folder: Path
) -> None:
    backend = Memory()
    use(monkeypatch, backend)
    monkeypatch.setenv("CHARTPROOF_KEYRING", "off")
    key = create_key(where, ID)
    assert backend.kept == {}
    where.key(ID).unlink()
    backend.kept["chartproof", ID] = key.value.hex()
    with pytest.raises(KeyMissingError, match="CHARTPROOF_KEYRING=off"):
        find_key(where, ID, folder)


@pytest.mark.parametrize("backend", [Memory(), Broken()])
def test_a_key_nowhere_is_said_with_where_it_was_sought(
    monkeypatch: pytest.MonkeyPatch, where: Places, folder: Path, backend: KeyringBackend
) -> None:
    use(monkeypatch, backend)
    with pytest.raises(KeyMissingError) as caught:
        find_key(where, ID, folder)
    for part in (str(folder), ID, str(where.key(ID)), "keyring"):
        assert part in str(caught.value)


@pytest.mark.parametrize("content", ["", "zz" * 32, "00" * 31, "00" * 33, "\x00" * 64])
def test_a_key_file_that_is_none_is_said_without_its_content(
    where: Places, folder: Path, content: str
) -> None:
    where.key(ID).parent.mkdir(parents=True)
    where.key(ID).write_text(content)
    with pytest.raises(KeyMissingError, match="64 hexadecimal digits") as caught:
        find_key(where, ID, folder)
    assert "zzzz" not in str(caught.value)


def test_a_key_does_not_show_itself(where: Places) -> None:
    key = create_key(where, ID)
    assert key.value.hex() not in repr(key)
    assert create_key(where, "f" * 32).value != key.value
