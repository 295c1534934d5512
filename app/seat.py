"""Who sits at the window: their signature, the lock, and the acts that need either, without Qt."""

from dataclasses import dataclass, field

from audit import Case, Store, Submit
from audit.people import Person, roles_notice
from audit.signoff import SignOff
from audit.staff import Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a person types to sign: a passphrase, and with the first one their printed name."""

    passphrase: str = field(repr=False)
    name: str = ""


class Seat:
    """The person at one store; used on the store's thread, like the workspace it belongs to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._staff = Staff(store)
        self._sign = SignOff(store)

    @property
    def notice(self) -> str:
        """Return what should be known of roles on this store, empty where the server keeps them."""
        return roles_notice(enforced=self._store.door.enforced)

    def me(self) -> Person:
        """Return the person, as the store knows them."""
        return self._staff.me()

    def begin(self) -> None:
        """Record that the person sat down."""
        self._staff.begin()

    def end(self) -> None:
        """Record that the person left."""
        self._staff.end()

    def lock(self, *, idle: bool) -> None:
        """Record that the window was covered."""
        self._staff.lock(idle=idle)

    def unlock(self, passphrase: str) -> None:
        """Record that the window was uncovered; AuditError where the passphrase is wrong."""
        self._staff.unlock(passphrase)

    def reset(self, reason: str) -> Person:
        """Let the person's signing key count no more, where they may; say why they lost it."""
        return self._staff.reset(self.me().id, reason)

    def enrol(self, signature: Signature) -> Person:
        """Make a signing key for a person who has none."""
        return self._staff.enrol(signature.name, signature.passphrase)

    def submit(
        self, case_id: str, submit: Submit, signature: Signature, *, seen: int | None = None
    ) -> Case:
        """Submit a case with a signature; a person without a key makes it with this passphrase."""
        if not self.me().key:
            self.enrol(signature)
        return self._sign.submit(case_id, submit, signature.passphrase, seen=seen)

    def second(self, case_id: str, signature: Signature) -> Case:
        """Sign a submitted case as a second person."""
        if not self.me().key:
            self.enrol(signature)
        return self._sign.second(case_id, signature.passphrase)

    def reopen(self, case_id: str, reason: str, *, seen: int | None = None) -> Case:
        """Open a submitted case again."""
        return self._sign.reopen(case_id, reason, seen=seen)
