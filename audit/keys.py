"""The key of a store: in the operating system's keyring, else in a file of mode 0600."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import keyring
from keyring.errors import KeyringError

from audit.head import write_private
from audit.model import AuditError, Places

SERVICE = "chartproof"
KEY_BYTES = 32


FAILED = (KeyringError, OSError, RuntimeError)
"""What a keyring raises that does not work: a machine without a desktop session has none."""


class KeyMissingError(AuditError):
    """There is no usable key for a store on this machine."""


@dataclass(frozen=True, slots=True)
class StoreKey:
    """A raw 256-bit key, and the file it came from where it is not in the keyring."""

    value: bytes
    file: Path | None

    def __repr__(self) -> str:
        return f"StoreKey(file={self.file!r})"

    @property
    def notice(self) -> str | None:
        """Return a sentence for the person when the key lies in a file."""
        if self.file is None:
            return None
        return (
            f"The key of this store lies in the file {self.file}, which only your account may "
            "read, because no system keyring is in use. Whoever has this file and the store can "
            "read the notes."
        )


def create_key(places: Places, store_id: str, *, value: bytes | None = None) -> StoreKey:
    """Keep a key, a new random one where none is given: in the keyring if it works, else a file."""
    value = value or secrets.token_bytes(KEY_BYTES)
    if keyring_wanted() and into_keyring(store_id, value.hex()):
        return StoreKey(value, None)
    path = places.key(store_id)
    try:
        write_private(path, value.hex().encode() + b"\n")
    except OSError as error:
        raise KeyMissingError(
            f"The key of the new store cannot be written to {path}: {error.strerror}. "
            "Make that folder writable and try again."
        ) from None
    return StoreKey(value, path)


def find_key(places: Places, store_id: str, folder: Path | str) -> StoreKey:
    """Return a store's key, from its file if there is one, else from the keyring.

    The file is looked for first because asking a keyring may take a second or a dialogue.
    KeyMissingError says where the key was looked for.
    """
    path = places.key(store_id)
    try:
        content = path.read_text("ascii", errors="replace")
    except FileNotFoundError:
        content = None
    except OSError as error:
        raise KeyMissingError(
            f"The key file {path} of the store {folder} cannot be read: {error.strerror}."
        ) from None
    if content is not None:
        return StoreKey(_parse(content, f"The key file {path}", folder), path)
    if not keyring_wanted():
        raise KeyMissingError(
            f"The store {folder} cannot be opened: its key is not in {path}, and "
            "CHARTPROOF_KEYRING=off keeps the system keyring from being asked. Unset it, or bring "
            "the key file from the machine that made the store."
        )
    stored = from_keyring(store_id)
    if stored is None:
        raise KeyMissingError(
            f"The store {folder} cannot be opened: its key is neither in the system keyring "
            f"(service {SERVICE}, name {store_id}) nor in {path}. Bring the key from the machine "
            "that made the store."
        )
    return StoreKey(_parse(stored, "The key in the system keyring", folder), None)


def _parse(text: str, what: str, folder: Path | str) -> bytes:
    try:
        value = bytes.fromhex(text.strip())
    except ValueError:
        value = b""
    if len(value) != KEY_BYTES:
        raise KeyMissingError(
            f"{what} is not a key of 64 hexadecimal digits, so the store {folder} cannot be "
            "opened. Restore the key from a backup."
        )
    return value


def keyring_wanted() -> bool:
    """Tell whether the system keyring may be asked at all."""
    return os.environ.get("CHARTPROOF_KEYRING", "").strip().lower() not in {"off", "0", "no"}


def from_keyring(name: str) -> str | None:
    """Return what the system keyring keeps under a name, None where it has or answers nothing."""
    try:
        return keyring.get_password(SERVICE, name)
    except FAILED:
        return None


def into_keyring(name: str, value: str) -> bool:
    """Keep a value in the system keyring; tell whether it gives it back."""
    try:
        keyring.set_password(SERVICE, name, value)
        return keyring.get_password(SERVICE, name) == value
    except FAILED:
        return False
