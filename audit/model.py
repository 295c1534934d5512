"""The values every part of the log shares: who acted, what was written, where things lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs


class AuditError(Exception):
    """Root of the errors of this package; the text is a sentence for the person at the screen."""


class ActorKind(StrEnum):
    """What kind of actor did it: a person decides, the program suggests, a policy may accept."""

    PERSON = "person"
    PROGRAM = "program"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it: `id` is an account name, a program name with version, or a policy's name.

    `role` is the role in which a person did it, empty where none was asked.
    """

    kind: ActorKind
    id: str
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One line of the log as read back.

    `seq` counts from 1 without gaps; `ts` is UTC in ISO 8601; `hash` is the chain hash in hex;
    `body` is the stored canonical JSON from which the other fields are taken; `blobs` names the
    texts this event commits to.
    """

    seq: int
    ts: str
    kind: str
    actor: Actor
    case_id: str | None
    data: Mapping[str, Any]
    hash: str
    event_id: str
    group: tuple[int, int]
    blobs: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The folders outside a store: `state` holds heads and locks, `config` holds key files."""

    state: Path
    config: Path

    def head(self, store_id: str) -> Path:
        """Return the path of a store's head file."""
        return self.state / "heads" / store_id

    def checkpoints(self, store_id: str) -> Path:
        """Return the path of the file of a store's signed checkpoints."""
        return self.state / "checkpoints" / store_id

    def disposed(self, store_id: str) -> Path:
        """Return the path of the list of texts that were destroyed in a store."""
        return self.state / "heads" / f"{store_id}.disposed"

    def lock(self, store_id: str) -> Path:
        """Return the path of the file whose lock a writer holds while it appends."""
        return self.state / "locks" / f"{store_id}.lock"

    def key(self, store_id: str) -> Path:
        """Return the path of a store's key file, used where there is no keyring."""
        return self.config / "keys" / store_id


def default_places() -> Places:
    """Return this user's folders as the operating system names them."""
    return Places(
        state=platformdirs.user_state_path("chartproof", appauthor=False),
        config=platformdirs.user_config_path("chartproof", appauthor=False),
    )
