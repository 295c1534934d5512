"""The record of what the program suggested and people decided, which can be checked.

Events are the truth: a hash-chained log in an encrypted store, with its head kept outside. Every
other table is made from it. `Store` is the one door in, `verify` reads without trusting.
"""

from audit.case import Case, CodeRow
from audit.check import Report, Standing, verify
from audit.database import StoreBusyError, StoreReadOnlyError, StoreUnreadableError
from audit.decisions import Accept, Add, Decision, Reject, Replace
from audit.head import HeadError
from audit.keys import KeyMissingError
from audit.model import Actor, ActorKind, AuditError, AuditEvent, Places, default_places
from audit.review import Origin, State, Status
from audit.store import Recorded, Store
from audit.worklist import CaseRow

__all__ = [
    "Accept",
    "Actor",
    "ActorKind",
    "Add",
    "AuditError",
    "AuditEvent",
    "Case",
    "CaseRow",
    "CodeRow",
    "Decision",
    "HeadError",
    "KeyMissingError",
    "Origin",
    "Places",
    "Recorded",
    "Reject",
    "Replace",
    "Report",
    "Standing",
    "State",
    "Status",
    "Store",
    "StoreBusyError",
    "StoreReadOnlyError",
    "StoreUnreadableError",
    "default_places",
    "verify",
]
