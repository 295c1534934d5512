"""Which right an event of each kind needs, and with it which role may append it.

Commands ask for the right before they act. A PostgreSQL store has the table `permit` made from
this as well, and its guards refuse an event that none of the writer's roles allows, whatever
program sends it.
"""

from collections.abc import Iterable, Mapping
from itertools import chain

from audit.acts import Act
from audit.events import KINDS, DecisionRedone, DecisionUndone
from audit.governance import Role
from audit.people import Right, rights

PROGRAM = frozenset(
    {
        "encounter.received",
        "analysis.started",
        "evidence.extracted",
        "candidates.retrieved",
        "candidates.verified",
        "codes.validated",
        "case.routed",
        "analysis.failed",
        "input.refused",
        "chat.asked",
        "chat.answered",
    }
)
"""Kinds the program appends in its own name, on behalf of who runs it; the rest are people's."""

_KINDS: Mapping[Right, tuple[str, ...]] = {
    Right.READ: (
        "case.viewed",
        "note.viewed",
        "text.copied",
        "cases.searched",
    ),
    Right.CODE: (
        *PROGRAM,
        "decision.accepted",
        "decision.rejected",
        "decision.replaced",
        "decision.added",
        "decision.asserted",
        "decision.undone",
        "decision.redone",
        "evidence.attached",
        "poa.set",
        "codes.ordered",
        "comment.added",
        "query.written",
        "case.claimed",
        "case.released",
        "case.held",
        "case.resumed",
    ),
    Right.SIGN: ("case.submitted", "case.signed"),
    Right.SECOND_SIGN: ("case.signed",),
    Right.REOPEN: ("case.reopened",),
    Right.EXPORT: ("record.exported",),
    Right.REPLAY: ("history.replayed",),
    Right.RETAIN: ("retention.set",),
    Right.HOLD: ("hold.placed", "hold.lifted"),
    Right.DISPOSE: ("texts.disposed",),
    Right.BACKUP: ("backup.made",),
    Right.RESTORE: ("store.restored",),
    Right.PEOPLE: ("chat.allowed", "chat.forbidden", "prompt.activated", "signing.reset"),
    Right.CHECK: (
        "audit.verified",
        "checkpoint.issued",
        "signer.registered",
        "clock.changed",
        "person.enrolled",
        "session.started",
        "session.locked",
        "session.unlocked",
        "session.ended",
        "signing.refused",
    ),
}

NOBODY = frozenset({"store.created", "store.upgraded", "roles.assigned"})
"""Kinds no role appends on a server: making and upgrading it is its owner's, and roles are granted
by the database."""

ACTS = frozenset(
    kind
    for kind, shape in KINDS.items()
    if issubclass(shape, Act | DecisionUndone | DecisionRedone)
)
"""Kinds by which a person has a hand in what a case says; none follows on a signature."""

CLAIMED = ACTS | {"case.claimed", "case.released", "case.reopened"}
"""Kinds that only the holder of a case appends while somebody has it in hand."""


def kinds(held: Iterable[Right]) -> frozenset[str]:
    """Return the kinds of events that one of these rights allows."""
    return frozenset(chain.from_iterable(_KINDS[right] for right in held))


def permits() -> Mapping[str, frozenset[str]]:
    """Return the kinds of events each role may append."""
    return {role.value: kinds(rights()[role]) for role in Role}
