"""Who may act, who signed, and what became of texts and store: the shapes of these events.

Like all events they hold no word of a note: what a person typed is a commitment.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from audit.shapes import Code, Data, Id, Index, Ref, Span

Meaning = Literal["coded", "reviewed", "amended"]
"""What a signature says: these are the codes; a second person agrees; these are the new codes."""

PersonId = Annotated[str, Field(min_length=1, max_length=100)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Hex64 = Ref
"""Thirty-two bytes in hexadecimal: a public key, or a hash."""

FinalCode = tuple[Code, str | None, str, str, tuple[Span, ...]]


class Role(StrEnum):
    """What a person is in a store."""

    CODER = "coder"
    REVIEWER = "reviewer"
    COMPLIANCE = "compliance"
    ADMIN = "admin"


class PersonEnrolled(Data):
    """A person made a signing key: its public half, and the private one locked by a passphrase."""

    person: PersonId
    name: Name
    key: Hex64
    locked: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the locked key."""
        return (self.locked,)


class RolesAssigned(Data):
    """A person holds exactly these roles from now on."""

    person: PersonId
    roles: tuple[Role, ...]


class SessionStarted(Data):
    """A person opened the window, under this account of the operating system."""

    os_user: str
    roles: tuple[Role, ...]


class SessionLocked(Data):
    """The window was covered; `idle` is true where nobody had touched it for too long."""

    idle: bool


class SessionUnlocked(Data):
    """The window was uncovered; `authenticated` is false where no passphrase exists to ask for."""

    authenticated: bool


class SessionEnded(Data):
    """The person closed the window."""


class SigningRefused(Data):
    """A passphrase was not that of the person's signing key."""

    person: PersonId


class SigningReset(Data):
    """The signing key of a person whose passphrase is lost counts no more; `reason` says why.

    Signatures made with it before stay good. The person enrols again.
    """

    person: PersonId
    reason: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the reason."""
        return (self.reason,)


class Statement(Data):
    """What a signature is made over, in its canonical form: the final case and who says what of it.

    `version` counts the submitted versions of the case from 1. `after` is the newest event of the
    case before this one, `[seq, hash]`, and with it all that came before. `content` is the keyed
    digest of the encounter as worded, null where it could not be read. A code is
    `[code, POA or null, origin, status, spans]`.
    """

    store_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    case_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    version: Annotated[int, Field(ge=1)]
    meaning: Meaning
    person: PersonId
    name: Name
    role: Role
    at: str
    after: tuple[Annotated[int, Field(ge=1)], Hex64]
    content: Ref | None
    codes: tuple[FinalCode, ...]


class CaseSigned(Data):
    """A person signed the case: the statement, their public key, and the Ed25519 signature."""

    statement: Statement
    key: Hex64
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class CaseReopened(Data):
    """A submitted case is open again and will be version `version` when it is signed anew."""

    version: Annotated[int, Field(ge=2)]
    reason: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the reason."""
        return (self.reason,)


class RetentionSet(Data):
    """Texts are kept for this many years after the day that decides the release; null: for ever."""

    years: Annotated[int, Field(ge=0, le=200)] | None


class HoldPlaced(Data):
    """The texts of this case, or of the whole store, may not be destroyed; `matter` says why."""

    matter: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the matter."""
        return (self.matter,)


class HoldLifted(HoldPlaced):
    """The hold on this case, or on the whole store, is over."""


class TextsDisposed(Data):
    """The texts `refs` of this case were destroyed with their keys.

    `basis` is the retention rule (`due` is the day from which it allowed this), a person's order
    before that day, or a restore that repeats what had been destroyed before.
    """

    texts: tuple[Ref, ...]
    basis: Literal["rule", "order", "restore"]
    due: str | None
    reason: Ref | None

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the typed reason, if there is one."""
        return () if self.reason is None else (self.reason,)


class BackupMade(Data):
    """A copy of the store up to event `events` was written, and its keys apart from it."""

    events: Index
    head: Hex64
    texts: Index


class StoreRestored(Data):
    """The store was put back from a backup that ended at event `events`.

    `lost` is the newest event that had been stored before, `[seq, hash]`, or null where this
    machine knew no head: the events after `events` up to it are lost. `texts` is how many texts
    came without their key.
    """

    events: Index
    head: Hex64
    lost: tuple[Index, Hex64] | None
    texts: Index


class HistoryReplayed(Data):
    """Recorded work was done again: how many passes, how many the same, and with what settings."""

    config: Id
    passes: Index
    same: Index
    changed: Index
    not_replayed: Index


GOVERNANCE: dict[str, type[Data]] = {
    "case.signed": CaseSigned,
    "case.reopened": CaseReopened,
    "person.enrolled": PersonEnrolled,
    "roles.assigned": RolesAssigned,
    "session.started": SessionStarted,
    "session.locked": SessionLocked,
    "session.unlocked": SessionUnlocked,
    "session.ended": SessionEnded,
    "signing.refused": SigningRefused,
    "signing.reset": SigningReset,
    "retention.set": RetentionSet,
    "hold.placed": HoldPlaced,
    "hold.lifted": HoldLifted,
    "texts.disposed": TextsDisposed,
    "backup.made": BackupMade,
    "store.restored": StoreRestored,
    "history.replayed": HistoryReplayed,
}
"""These shapes by the kind of their events."""
