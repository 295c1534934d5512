"""The people of a store as commands: a signing key, roles, and sessions of the window."""

import getpass
import os
from collections.abc import Iterable

from audit import blobs
from audit.change import Change
from audit.governance import (
    PersonEnrolled,
    Role,
    RolesAssigned,
    SessionEnded,
    SessionLocked,
    SessionStarted,
    SessionUnlocked,
    SigningRefused,
    SigningReset,
)
from audit.model import AuditError
from audit.passphrase import WrongPassphraseError
from audit.people import PATIENCE, Person, Right, without_admin
from audit.shapes import Data
from audit.signing import PersonKey, new_key, open_key
from audit.store import Store


class Staff:
    """Who works on one store; each call is an event where it changes or refuses something."""

    def __init__(self, store: Store) -> None:
        self._door = store.door

    def me(self) -> Person:
        """Return the person this store was opened for, as the store knows them."""
        return self._door.people().person(self._door.actor.id)

    def everyone(self) -> tuple[Person, ...]:
        """Return the persons who have a role or made a key, by id."""
        people = self._door.people(members=True)
        return tuple(people.person(name) for name in sorted(people.known))

    def enrol(self, name: str, passphrase: str, *, old: str = "") -> Person:
        """Make a signing key for the person at the keyboard, locked by a passphrase.

        A person who has one already gives its passphrase as `old`; signatures made with the old
        key stay valid, because the log knows it.
        """
        if self.me().key:
            self.authenticate(old)
        public, locked = new_key(passphrase)

        def command(change: Change) -> None:
            enrolled = PersonEnrolled(
                person=change.actor.id, name=name.strip(), key=public, locked=change.seal(locked)
            )
            change.emit(enrolled, case_id=None)

        self._door.execute(command)
        return self.me()

    def reset(self, person: str, reason: str) -> Person:
        """Let the signing key of a person whose passphrase is lost count no more.

        What it signed stays good; the person chooses another with their next signature.
        AuditError without a reason, without a key to reset, or where the person at the keyboard
        may not say who works on the store.
        """
        words = reason.strip()
        if not words:
            raise AuditError("A signing key is reset only with a reason. Type it first.")

        def command(change: Change) -> None:
            change.require(Right.PEOPLE)
            if not change.people.person(person).key:
                raise AuditError(f"{person} has no signing key in this store to reset.")
            data = SigningReset(person=person, reason=change.seal(words))
            change.emit(data, case_id=None)

        self._door.execute(command)
        return self._door.people().person(person)

    def authenticate(self, passphrase: str) -> PersonKey:
        """Open the person's signing key; a wrong passphrase is an event.

        WrongPassphraseError where it is wrong; AuditError where there is no key yet, or where too
        many were wrong and the person has to wait.
        """
        me = self.me()
        if not me.key:
            raise AuditError(
                f"{me.id} has no signing key in this store. Choose a name and a passphrase first."
            )
        self._patient(me)
        with self._door.reading() as connection:
            locked = blobs.get(connection, [me.locked]).get(me.locked, "")
        try:
            return open_key(locked, passphrase)
        except WrongPassphraseError:
            self._emit(SigningRefused(person=me.id))
            raise WrongPassphraseError(
                f"That is not the passphrase of {me.id}. Nothing was signed; after {PATIENCE} "
                "wrong ones you have to wait."
            ) from None

    def assign(self, person: str, roles: Iterable[Role]) -> Person:
        """Let a person hold exactly these roles; the first assignment ends the personal store.

        AuditError on a server, whose database grants them.
        """
        wanted = frozenset(roles)
        if self._door.shared:
            raise AuditError(
                "The roles of this store are granted by its database, not here. Its administrator "
                f"does it with: grant chartproof_ROLE to {person};"
            )

        def command(change: Change) -> None:
            change.require(Right.PEOPLE)
            if without_admin(change.people, person, wanted):
                raise AuditError(
                    "Nobody would be left who may assign roles. Make somebody admin first."
                )
            named = tuple(role for role in Role if role in wanted)
            change.emit(RolesAssigned(person=person, roles=named), case_id=None)

        self._door.execute(command)
        return self._door.people().person(person)

    def begin(self) -> None:
        """Record that the person opened the window, and under which account of the system."""
        held = self.me().roles
        roles = tuple(role for role in Role if role in held)
        self._emit(SessionStarted(os_user=os_user(), roles=roles))

    def end(self) -> None:
        """Record that the person closed the window."""
        self._emit(SessionEnded())

    def lock(self, *, idle: bool) -> None:
        """Record that the window was covered."""
        self._emit(SessionLocked(idle=idle))

    def unlock(self, passphrase: str) -> None:
        """Record that the window was uncovered; asks for the passphrase where there is one."""
        known = bool(self.me().key)
        if known:
            self.authenticate(passphrase)
        self._emit(SessionUnlocked(authenticated=known))

    def _patient(self, me: Person) -> None:
        until = self._door.people().waiting(me.id, self._door.watch.time())
        if until:
            raise AuditError(
                f"Too many wrong passphrases for {me.id}. Nothing was signed; try again after "
                f"{until}."
            )

    def _emit(self, data: Data) -> None:
        self._door.execute(lambda change: change.emit(data, case_id=None))


def os_user() -> str:
    """Return the account this process runs under."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid-{os.getuid()}"
