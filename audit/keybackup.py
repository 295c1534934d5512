"""The keys of a backup, apart from it: without them its texts are noise.

In a backup each text is AES-256-GCM under a key made from the random key of its commitment
(HKDF-SHA-256, info `chartproof text`); the nonce is zero, because a key seals one text. The file
of keys is JSON, or that locked by a passphrase. To destroy a text's key here destroys the text in
every backup.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audit.blobs import Blob
from audit.head import write_private
from audit.model import AuditError
from audit.passphrase import lock, unlock
from audit.shapes import Ref

FORMAT = "chartproof-keys-1"
_NONCE = bytes(12)


class _File(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    format: str
    store_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    events: int = Field(ge=1)
    store_key: Ref
    signing_key: Ref | None
    texts: dict[Ref, Ref]
    disposed: list[Ref]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyBackup:
    """All keys of a store when it had `events` events; `disposed` are texts without one for good.

    `texts` maps the commitment of a text to its key, `signing_key` signs checkpoints.
    """

    store_id: str
    events: int
    store_key: bytes
    signing_key: bytes | None
    texts: Mapping[str, bytes]
    disposed: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"KeyBackup(store_id={self.store_id!r}, events={self.events})"

    def without(self, refs: Iterable[str]) -> "KeyBackup":
        """Return the backup with the keys of these texts destroyed."""
        gone = self.disposed | frozenset(refs)
        return replace(
            self,
            texts={ref: key for ref, key in self.texts.items() if ref not in gone},
            disposed=gone,
        )


def write_keys(path: Path, keys: KeyBackup, passphrase: str = "") -> None:
    """Write a file of keys (mode 0600) in one step, in the place of one that is there."""
    content = _File(
        format=FORMAT,
        store_id=keys.store_id,
        events=keys.events,
        store_key=keys.store_key.hex(),
        signing_key=None if keys.signing_key is None else keys.signing_key.hex(),
        texts={ref: key.hex() for ref, key in keys.texts.items()},
        disposed=sorted(keys.disposed),
    ).model_dump_json()
    if passphrase:
        content = lock(content.encode(), passphrase)
    write_private(path, content.encode() + b"\n")


def is_locked(path: Path) -> bool:
    """Tell whether a file of keys asks for a passphrase."""
    return not _content(path).startswith(b"{")


def read_keys(path: Path, passphrase: str = "") -> KeyBackup:
    """Return the keys of a file; AuditError where it is none, or the passphrase is another."""
    content = _content(path)
    if not content.startswith(b"{"):
        content = unlock(content.decode("ascii", errors="replace"), passphrase)
    try:
        file = _File.model_validate_json(content)
    except ValidationError:
        file = None
    if file is None or file.format != FORMAT:
        raise AuditError(f"The file {path} holds no keys of a backup. Name the file of its keys.")
    return KeyBackup(
        store_id=file.store_id,
        events=file.events,
        store_key=bytes.fromhex(file.store_key),
        signing_key=None if file.signing_key is None else bytes.fromhex(file.signing_key),
        texts={ref: bytes.fromhex(key) for ref, key in file.texts.items()},
        disposed=frozenset(file.disposed),
    )


def destroy_keys(path: Path, refs: Iterable[str], passphrase: str = "") -> int:
    """Destroy the keys of these texts in a file; return how many there were."""
    keys = read_keys(path, passphrase)
    less = keys.without(refs)
    write_keys(path, less, passphrase)
    return len(keys.texts) - len(less.texts)


def seal_text(blob: Blob) -> bytes:
    """Return a text as a backup holds it."""
    return AESGCM(_key(blob.key)).encrypt(_NONCE, blob.body, blob.ref.encode())


def open_text(ref: str, key: bytes, sealed: bytes) -> bytes:
    """Return a text of a backup; AuditError where it is not that of its key."""
    try:
        return AESGCM(_key(key)).decrypt(_NONCE, sealed, ref.encode())
    except InvalidTag:
        raise AuditError(
            f"A text of the backup ({ref[:12]}) does not open with its key: one of the two files "
            "is damaged, or they belong to different stores. Nothing was restored."
        ) from None


def _key(key: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"chartproof text").derive(key)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise AuditError(f"The keys {path} cannot be read: {error.strerror}.") from None
