"""Bytes locked by a passphrase: scrypt and AES-256-GCM, as one line of ASCII.

    chartproof-locked-1 ‖ salt (16) ‖ nonce (12) ‖ AES-GCM(key, nonce, content)     in base64

The key is scrypt(passphrase in NFKC, salt, n = 2¹⁵, r = 8, p = 1), 32 bytes.
"""

import base64
import binascii
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from audit.model import AuditError

SHORTEST = 8
"""Characters a passphrase has at least."""
_MAGIC = b"chartproof-locked-1"
_SALT, _NONCE = 16, 12


class WrongPassphraseError(AuditError):
    """A passphrase does not open what it should."""


def lock(content: bytes, passphrase: str) -> str:
    """Return the content locked; AuditError where the passphrase is too short."""
    if len(passphrase) < SHORTEST:
        raise AuditError(f"A passphrase has at least {SHORTEST} characters. Choose a longer one.")
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, content, _MAGIC)
    return base64.b64encode(_MAGIC + salt + nonce + sealed).decode()


def unlock(locked: str, passphrase: str) -> bytes:
    """Return what was locked.

    WrongPassphraseError where it is another passphrase, AuditError where nothing was locked.
    """
    try:
        raw = base64.b64decode(locked, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if not raw.startswith(_MAGIC) or len(raw) < len(_MAGIC) + _SALT + _NONCE:
        raise AuditError("What should be locked by a passphrase is damaged.")
    rest = raw[len(_MAGIC) :]
    salt, nonce, sealed = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, _MAGIC)
    except InvalidTag:
        raise WrongPassphraseError("That is not the passphrase.") from None


def _key(passphrase: str, salt: bytes) -> bytes:
    words = unicodedata.normalize("NFKC", passphrase).encode(errors="surrogatepass")
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(words)
