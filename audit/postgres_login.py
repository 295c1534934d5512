"""The password of a database role, in the keyring of the operating system.

It is asked for only where the server wants a password and the address, PGPASSWORD and the password
file have none, so that a keyring which asks the person back is not opened for nothing.
"""

import keyring

from audit.address import Address
from audit.keys import FAILED, SERVICE, from_keyring, into_keyring, keyring_wanted
from audit.model import AuditError


def find_password(address: Address) -> str | None:
    """Return the password kept for this role on this database, None where there is none."""
    return from_keyring(address.account) if keyring_wanted() else None


def keep_password(address: Address, password: str) -> None:
    """Keep a password; AuditError where the machine has no keyring that keeps it."""
    if not keyring_wanted():
        raise AuditError(
            "CHARTPROOF_KEYRING=off keeps the system keyring from being asked. Unset it, or put "
            "the password into ~/.pgpass (mode 0600)."
        )
    if not into_keyring(address.account, password):
        raise AuditError(
            "This machine has no keyring that keeps a password. Put it into ~/.pgpass (mode 0600)."
        )


def forget_password(address: Address) -> bool:
    """Remove the kept password; False where the keyring says that there is none.

    AuditError where the keyring may not be asked, does not answer, or keeps it all the same.
    """
    if not keyring_wanted():
        raise AuditError(
            "CHARTPROOF_KEYRING=off keeps the system keyring from being asked, so a password that "
            "may be in it stays there. Unset it and try again."
        )
    try:
        if keyring.get_password(SERVICE, address.account) is None:
            return False
        keyring.delete_password(SERVICE, address.account)
        kept = keyring.get_password(SERVICE, address.account) is not None
    except FAILED:
        kept = True
    if kept:
        raise AuditError(
            "The system keyring does not answer or does not remove the password, so it may still "
            f"be there. Unlock it and try again, or remove the entry {address.account} of "
            f"{SERVICE} with the keyring's own program."
        )
    return True
