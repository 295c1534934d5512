"""What words look like to the database: as they are in an encrypted file, sealed on a server.

An SQLite store is encrypted page by page, so its columns hold the words themselves. A server reads
what it is given, so there every column that may hold words of a note or a name is sealed before it
is sent: AES-SIV (RFC 5297) under a key made from the store's, bound to the column and the row. The
same value in the same place gives the same bytes, so that a name can be looked up without being
shown. Knows no medicine.
"""

import hashlib
import hmac
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import Connection

from audit.model import AuditError

OPTION = "chartproof_cipher"
"""The execution option of a connection that says how its columns are sealed."""

_PURPOSE = b"chartproof sealed columns 1"


class SealError(AuditError):
    """A sealed value was altered, moved, or sealed under another key."""


class Cipher(Protocol):
    """How a value goes into a column and comes back; `place` names the column and the row."""

    hides: bool

    def seal(self, place: str, value: bytes) -> bytes:
        """Return what the column is to hold."""

    def open(self, place: str, sealed: bytes) -> bytes:
        """Return the value; SealError where it was not sealed here."""


class Plain:
    """Columns of a database that is itself encrypted."""

    hides = False

    def seal(self, place: str, value: bytes) -> bytes:  # noqa: ARG002 - the shape of a cipher
        """Return the value."""
        return value

    def open(self, place: str, sealed: bytes) -> bytes:  # noqa: ARG002
        """Return the value."""
        return sealed


class Sealing:
    """Columns of a server that must not read them."""

    hides = True

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(hmac.new(key, _PURPOSE, hashlib.sha512).digest())

    def seal(self, place: str, value: bytes) -> bytes:
        """Return 16 bytes of tag and the encrypted value."""
        return self._cipher.encrypt(value, [place.encode()])

    def open(self, place: str, sealed: bytes) -> bytes:
        """Return the value."""
        try:
            return self._cipher.decrypt(sealed, [place.encode()])
        except (InvalidTag, ValueError):
            raise SealError(
                "A sealed value in the database was altered, or sealed under another key than the "
                "one kept for this store."
            ) from None


def seal_text(cipher: Cipher, place: str, text: str) -> str:
    """Return what a column of text is to hold: the text, or hexadecimal digits."""
    return cipher.seal(place, text.encode()).hex() if cipher.hides else text


def open_text(cipher: Cipher, place: str, sealed: str) -> str:
    """Return the text of a column; SealError where it was not sealed here."""
    if not cipher.hides:
        return sealed
    try:
        return cipher.open(place, bytes.fromhex(sealed)).decode()
    except ValueError:
        raise SealError("A sealed value in the database was altered.") from None


_PLAIN = Plain()


def cipher_of(connection: Connection) -> Cipher:
    """Return how the columns behind a connection are sealed."""
    found: Cipher = connection.get_execution_options().get(OPTION, _PLAIN)
    return found
