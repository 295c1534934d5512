"""Digests under the secret of one store, so that nobody outside can test a guess against them."""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """The 32 random bytes of a store from which its keyed digests are made."""

    value: bytes

    def __repr__(self) -> str:
        return "Secret()"

    def digest(self, purpose: str, text: str) -> str:
        """Return HMAC-SHA-256 of `purpose`, a zero byte and `text`, as 64 hexadecimal digits."""
        message = purpose.encode() + b"\x00" + text.encode(errors="surrogatepass")
        return hmac.new(self.value, message, hashlib.sha256).hexdigest()

    @property
    def commitment(self) -> str:
        """Return the SHA-256 of the secret, which binds it to the first event."""
        return hashlib.sha256(self.value).hexdigest()
