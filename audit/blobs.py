"""Texts under keyed commitments, apart from the chain, so that they can be erased without it.

A commitment is HMAC-SHA-256 of the text under a random key of its own. A bare hash of a short
text can be found by guessing; this one cannot once its key is destroyed. Knows no medicine.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from audit import log
from audit.cipher import SealError, cipher_of
from audit.tables import BlobRow

_LOSSLESS = "surrogatepass"  # a file name that is not Unicode must come back as it was
_PUT = insert(BlobRow)
_MANY = 500  # names in one query, far below the limit of the database


@dataclass(frozen=True, slots=True)
class Blob:
    """A text with the key of its commitment; `ref` is the commitment in hex."""

    ref: str
    key: bytes
    body: bytes


def commitment(key: bytes, body: bytes) -> str:
    """Return the commitment of a text under its key, as 64 hexadecimal digits."""
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def seal(text: str) -> Blob:
    """Commit to a text under a fresh random key."""
    key = secrets.token_bytes(32)
    body = text.encode(errors=_LOSSLESS)
    return Blob(commitment(key, body), key, body)


def put(connection: Connection, blobs: Iterable[Blob]) -> None:
    """Store sealed texts, inside the caller's transaction."""
    cipher = cipher_of(connection)
    rows = [
        {
            "ref": blob.ref,
            "key": cipher.seal(_place("key", blob.ref), blob.key),
            "body": cipher.seal(_place("body", blob.ref), blob.body),
        }
        for blob in blobs
    ]
    if rows:
        connection.execute(_PUT, rows)


def get(connection: Connection, refs: Iterable[str]) -> dict[str, str]:
    """Return the texts of these commitments; one that was erased is left out."""
    cipher = cipher_of(connection)
    wanted = list(refs)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _MANY):
        part = wanted[start : start + _MANY]
        query = select(col(BlobRow.ref), col(BlobRow.body)).where(col(BlobRow.ref).in_(part))
        found.update(
            (ref, cipher.open(_place("body", ref), body).decode(errors=_LOSSLESS))
            for ref, body in connection.execute(query)
        )
    return found


def erase(connection: Connection, refs: Iterable[str]) -> None:
    """Destroy texts with their keys, inside the caller's transaction."""
    wanted = list(refs)
    for start in range(0, len(wanted), _MANY):
        part = wanted[start : start + _MANY]
        connection.execute(delete(BlobRow).where(col(BlobRow.ref).in_(part)))


def with_keys(connection: Connection, refs: Iterable[str]) -> Iterator[Blob]:
    """Yield the texts of these commitments with their keys; one that was erased is left out."""
    cipher = cipher_of(connection)
    wanted = iter(refs)
    while part := list(islice(wanted, _MANY)):
        query = select(col(BlobRow.ref), col(BlobRow.key), col(BlobRow.body))
        for ref, key, body in connection.execute(query.where(col(BlobRow.ref).in_(part))):
            yield Blob(
                ref, cipher.open(_place("key", ref), key), cipher.open(_place("body", ref), body)
            )


def stored(connection: Connection) -> Iterator[Blob]:
    """Yield every text with its key, in no order; a value that cannot be opened is empty.

    An empty key or body does not agree with its commitment, which is what a check has to find.
    """
    cipher = cipher_of(connection)

    def opened(column: str, ref: str, value: bytes) -> bytes:
        try:
            return cipher.open(_place(column, ref), value)
        except SealError:
            return b""

    query = select(col(BlobRow.ref), col(BlobRow.key), col(BlobRow.body))
    with connection.execute(query, execution_options=log.IN_PARTS) as rows:
        for ref, key, body in rows:
            yield Blob(ref, opened("key", ref, key), opened("body", ref, body))


def _place(column: str, ref: str) -> str:
    return f"blob.{column} {ref}"
