"""Who vouches for a log: the Ed25519 key of a store, and texts signed with it.

Signed texts have the form of C2SP *signed-note*, keys that of its *vkey*:

    text, ending in a line feed
    (empty line)
    — NAME base64(id ‖ signature)        id = SHA-256(NAME ‖ 0x0A ‖ 0x01 ‖ public)[:4]

    NAME+hex(id)+base64(0x01 ‖ public)

The signature is over the text with its last line feed. The private key is in the keyring, else in
a file of mode 0600 beside the key that opens the store.
"""

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.keys import KeyMissingError, create_key, find_key
from audit.model import AuditError, Places

_ED25519 = b"\x01"
_ID_BYTES = 4
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_NAME = re.compile(r"[^\s+]{1,200}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_LONGEST = 1 << 20


class SignatureError(AuditError):
    """A text is not signed as it should be, or a key is none."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key and the name it signs under."""

    name: str
    value: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.value).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the 32 key bytes in hex: what people read to each other."""
        return hashlib.sha256(self.value).hexdigest()

    @property
    def vkey(self) -> str:
        """Return the key as one line."""
        encoded = base64.b64encode(_ED25519 + self.value).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made a signature over a message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.value).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private key of a store, and the name it signs under."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r})"

    @property
    def public(self) -> PublicKey:
        """Return the public half."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        value = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return PublicKey(self.name, value)

    def sign(self, text: str) -> str:
        """Return a text, which ends in a line feed, with the signature of this key."""
        if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
            raise SignatureError("Only a text of whole lines without control characters is signed.")
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        encoded = base64.b64encode(self.public.id + signature).decode()
        return f"{text}\n\u2014 {self.name} {encoded}\n"


@dataclass(frozen=True, slots=True)
class SignedText:
    """A signed text taken apart; nothing is believed before a key has `checked` it."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def checked(self, key: PublicKey) -> bool:
        """Tell whether `key` signed it: its first line under that name and id decides."""
        for name, identity, signature in self.signatures:
            if (name, identity) == (key.name, key.id):
                return key.signed(self.text.encode(), signature)
        return False


def read_signed(content: bytes) -> SignedText:
    """Take a signed text apart; SignatureError where it is none."""
    try:
        decoded = content.decode()
    except UnicodeDecodeError:
        raise SignatureError("is not UTF-8") from None
    text, gap, lines = decoded.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or len(content) > _LONGEST:
        raise SignatureError("is not a signed text")
    if any(c < " " and c != "\n" for c in decoded):
        raise SignatureError("is not a signed text: it holds control characters")
    signatures = []
    for line in lines.removesuffix("\n").split("\n"):
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            value = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            value = b""
        if mark != "\u2014" or not _NAME.fullmatch(name) or len(value) <= _ID_BYTES:
            raise SignatureError("is not a signed text: a line below it is no signature")
        signatures.append((name, value[:_ID_BYTES], value[_ID_BYTES:]))
    return SignedText(f"{text}\n", tuple(signatures))


def read_vkey(text: str) -> PublicKey:
    """Return the key of a `NAME+id+base64` line; SignatureError where it is none."""
    name, _, rest = text.strip().partition("+")
    identity, _, encoded = rest.partition("+")
    try:
        value = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if not _NAME.fullmatch(name) or value[:1] != _ED25519 or len(value) != 1 + _KEY_BYTES:
        raise SignatureError("is not a key: it has the form NAME+ID+BASE64 of an Ed25519 key")
    key = PublicKey(name, value[1:])
    if key.id.hex() != identity:
        raise SignatureError("is not a key: its id is not that of the key")
    return key


def trusted_key(given: str) -> tuple[PublicKey | None, str]:
    """Return what a person trusts: a key (its file, or the line itself) or a fingerprint.

    Returns:
        The key where it was given whole, and its fingerprint.

    Raises:
        SignatureError: it is neither.
    """
    plain = given.strip().lower().removeprefix("sha256:").replace(":", "")
    if _FINGERPRINT.fullmatch(plain):
        return None, plain
    text = given
    path = Path(given).expanduser()
    if "+" not in given or path.exists():
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise SignatureError(
                f"The key {given} is neither a file that can be read nor a fingerprint of 64 "
                "hexadecimal digits."
            ) from None
    try:
        key = read_vkey(text)
    except SignatureError as error:
        raise SignatureError(f"The key {given} {error}.") from None
    return key, key.fingerprint


def signer_name(store_id: str) -> str:
    """Return the name under which a store signs; it is the origin of its checkpoints as well."""
    return f"chartproof/{store_id}"


def find_signing_key(places: Places, store_id: str, store: str) -> SigningKey | None:
    """Return the key a store signs with on this machine; None where there is none."""
    try:
        found = find_key(places, _kept(store_id), store)
    except KeyMissingError:
        return None
    return SigningKey(signer_name(store_id), found.value)


def new_signing_key(store_id: str) -> SigningKey:
    """Return a new random key, which is kept nowhere yet."""
    return SigningKey(signer_name(store_id), secrets.token_bytes(_KEY_BYTES))


def keep_signing_key(places: Places, store_id: str, key: SigningKey) -> None:
    """Keep a key where the key of the store is kept; KeyMissingError where that cannot be done."""
    create_key(places, _kept(store_id), value=key.seed)


def _kept(store_id: str) -> str:
    return f"{store_id}.sign"
