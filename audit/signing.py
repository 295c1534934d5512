"""A person's signing key, and the signature over the final state of a case.

The private key exists in the store only locked by the person's passphrase, so that a signature
shows that the passphrase was typed for it. What is signed are the bytes of the statement in the
canonical form of the log (RFC 8785), with Ed25519 (RFC 8032).
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.governance import CaseSigned, Statement
from audit.log import canonical
from audit.passphrase import lock, unlock

PersonKey = Ed25519PrivateKey


def new_key(passphrase: str) -> tuple[str, str]:
    """Return the public half of a new key in hex, and the private half locked by a passphrase."""
    private = Ed25519PrivateKey.generate()
    return _public(private), lock(private.private_bytes_raw(), passphrase)


def open_key(locked: str, passphrase: str) -> PersonKey:
    """Return the private key; WrongPassphraseError where the passphrase is another."""
    return Ed25519PrivateKey.from_private_bytes(unlock(locked, passphrase))


def sign(statement: Statement, private: PersonKey) -> CaseSigned:
    """Return the event of a signature."""
    return CaseSigned(
        statement=statement,
        key=_public(private),
        signature=private.sign(signed_bytes(statement)).hex(),
    )


def valid(signed: CaseSigned) -> bool:
    """Tell whether a signature is that of its key over its statement."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.key))
    try:
        key.verify(bytes.fromhex(signed.signature), signed_bytes(signed.statement))
    except InvalidSignature:
        return False
    return True


def signed_bytes(statement: Statement) -> bytes:
    """Return what is signed: the canonical JSON of the statement."""
    return canonical(statement.model_dump(mode="json")).encode()


def _public(private: Ed25519PrivateKey) -> str:
    return private.public_key().public_bytes_raw().hex()
