"""The record of what the program suggested and people decided, which can be checked.

Events are the truth: a hash-chained log in an encrypted store, with its head kept outside. Every
other table is made from it. `Store` is the one door in, `verify` reads without trusting.
"""

from audit.analyses import Recorded
from audit.case import Case, CodeRow, Remark
from audit.check import Report, Standing, verify
from audit.database import StoreBusyError, StoreReadOnlyError, StoreUnreadableError
from audit.decisions import (
    Accept,
    Add,
    Arrange,
    Assert,
    Attach,
    Comment,
    Decision,
    Hold,
    Indicate,
    Query,
    Reject,
    Replace,
    Resume,
    Submit,
)
from audit.head import HeadError
from audit.keys import KeyMissingError
from audit.lease import Claim, ClaimedError, StaleError
from audit.lines import Origin, Status
from audit.model import Actor, ActorKind, AuditError, AuditEvent, Places, default_places
from audit.review import State
from audit.store import Store
from audit.where import Where, locate
from audit.worklist import CaseRow, Listing

__all__ = [
    "Accept",
    "Actor",
    "ActorKind",
    "Add",
    "Arrange",
    "Assert",
    "Attach",
    "AuditError",
    "AuditEvent",
    "Case",
    "CaseRow",
    "Claim",
    "ClaimedError",
    "CodeRow",
    "Comment",
    "Decision",
    "HeadError",
    "Hold",
    "Indicate",
    "KeyMissingError",
    "Listing",
    "Origin",
    "Places",
    "Query",
    "Recorded",
    "Reject",
    "Remark",
    "Replace",
    "Report",
    "Resume",
    "StaleError",
    "Standing",
    "State",
    "Status",
    "Store",
    "StoreBusyError",
    "StoreReadOnlyError",
    "StoreUnreadableError",
    "Submit",
    "Where",
    "default_places",
    "locate",
    "verify",
]
