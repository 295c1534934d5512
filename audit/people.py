"""Who may do what: roles as data, people as a projection of the events of the store.

On a local store this guides and records; it protects nothing from a person who holds the key of
the store, who could write events in any name. Only PostgreSQL enforces it, through its own roles.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from audit.events import parse
from audit.governance import (
    HoldLifted,
    HoldPlaced,
    PersonEnrolled,
    RetentionSet,
    Role,
    RolesAssigned,
    SigningRefused,
    SigningReset,
)
from audit.model import AuditError, AuditEvent
from resources import read_json

PATIENCE = 5
"""Wrong passphrases in a row after which a person has to wait."""
WAIT = timedelta(minutes=15)

LOCAL_NOTICE = (
    "On a local store roles guide and are recorded, they do not protect: whoever holds the key of "
    "the store can write in any name. Only a store on PostgreSQL enforces them."
)


SHARED_NOTICE = (
    "The roles of this store are those its database grants, and the server refuses what none of a "
    "person's roles allows, whatever program asks."
)


def roles_notice(*, enforced: bool) -> str:
    """Return what a reader must know of the roles of a store, empty where a server keeps them."""
    return "" if enforced else LOCAL_NOTICE


class Right(StrEnum):
    """What a role may do; `resources/people/roles.json` says which."""

    READ = "read"
    CODE = "code"
    SIGN = "sign"
    SECOND_SIGN = "second-sign"
    REOPEN = "reopen"
    CHECK = "check"
    EXPORT = "export"
    REPLAY = "replay"
    RETAIN = "retain"
    HOLD = "hold"
    DISPOSE = "dispose"
    BACKUP = "backup"
    RESTORE = "restore"
    PEOPLE = "people"


@cache
def rights() -> Mapping[Role, frozenset[Right]]:
    """Return the table of roles."""
    table = read_json("people/roles.json")
    return MappingProxyType({role: frozenset(map(Right, table[role.value])) for role in Role})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of a store: printed name, public signing key in hex, commitment of the locked key.

    `refused` are the times of wrong passphrases, newest last.
    """

    id: str
    name: str = ""
    key: str = ""
    locked: str = ""
    roles: frozenset[Role] = frozenset()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The people of a store and its rules on texts, folded from the events up to number `seq`."""

    seq: int = 0
    known: Mapping[str, Person] = field(default_factory=dict)
    assigned: bool = False
    retention: int | None = None
    held: tuple[int, ...] = ()

    def person(self, name: str) -> Person:
        """Return a person, known or not; in a store without roles a person has all of them."""
        found = self.known.get(name, Person(id=name))
        return found if self.assigned else replace(found, roles=frozenset(Role))

    def granted(self, name: str, roles: Iterable[Role]) -> "People":
        """Return the same people, with the roles that a server says a person has."""
        person = replace(self.known.get(name, Person(id=name)), roles=frozenset(roles))
        return replace(self, known={**self.known, name: person}, assigned=True)

    def role_for(self, name: str, right: Right) -> Role:
        """Return the role in which a person may do something; AuditError where there is none."""
        roles = self.person(name).roles
        for role in Role:
            if role in roles and right in rights()[role]:
                return role
        able = ", ".join(role for role in Role if right in rights()[role])
        held = ", ".join(sorted(roles)) or "no role"
        raise AuditError(
            f"{name} has {held} in this store, and `{right}` needs one of: {able}. Ask an "
            "administrator of the store to assign it."
        )

    def waiting(self, name: str, now: str) -> str:
        """Return until when a person must wait after wrong passphrases, empty if not at all."""
        recent = self.person(name).refused[-PATIENCE:]
        if len(recent) < PATIENCE:
            return ""
        first, last = (datetime.fromisoformat(each) for each in (recent[0], recent[-1]))
        until = last + WAIT
        if last - first > WAIT or datetime.fromisoformat(now) >= until:
            return ""
        return until.strftime("%Y-%m-%dT%H:%M:%SZ")


def fold(people: People, events: Iterable[AuditEvent]) -> People:
    """Fold events of the store, in order; those that say nothing on people only move `seq`."""
    for event in events:
        people = _after(replace(people, seq=event.seq), event)
    return people


_TOLD = frozenset(
    {
        "person.enrolled",
        "roles.assigned",
        "signing.refused",
        "signing.reset",
        "retention.set",
        "hold.placed",
        "hold.lifted",
    }
)


def _after(people: People, event: AuditEvent) -> People:
    if event.kind not in _TOLD:
        return people
    data = parse(event)
    match data:
        case RetentionSet(years=years):
            return replace(people, retention=years)
        case HoldLifted():
            return replace(people, held=())
        case HoldPlaced():
            return replace(people, held=(*people.held, event.seq))
        case PersonEnrolled() | RolesAssigned() | SigningRefused() | SigningReset():
            old = people.known.get(data.person, Person(id=data.person))
            known = {**people.known, data.person: _person(old, data, event.ts)}
            assigned = people.assigned or isinstance(data, RolesAssigned)
            return replace(people, known=known, assigned=assigned)
        case _:
            return people


def _person(
    old: Person, data: PersonEnrolled | RolesAssigned | SigningRefused | SigningReset, ts: str
) -> Person:
    match data:
        case PersonEnrolled():
            return replace(old, name=data.name, key=data.key, locked=data.locked, refused=())
        case RolesAssigned():
            return replace(old, roles=frozenset(data.roles))
        case SigningRefused():
            return replace(old, refused=(*old.refused, ts)[-PATIENCE:])
        case SigningReset():
            return replace(old, key="", locked="", refused=())


def without_admin(people: People, person: str, roles: frozenset[Role]) -> bool:
    """Tell whether nobody would be left to assign roles once `person` holds exactly `roles`."""
    others = (each for each in people.known.values() if each.id != person)
    return Role.ADMIN not in roles and not any(Role.ADMIN in each.roles for each in others)
