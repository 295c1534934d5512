"""What a person may do to a code, and when it makes sense."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from audit.case import Case
from audit.events import (
    Decided,
    DecisionAccepted,
    DecisionAdded,
    DecisionRejected,
    DecisionReplaced,
)
from audit.model import AuditError
from audit.results import encode_span
from audit.review import ABSENT, Status
from pipeline.model import EvidenceSpan

_CODE = re.compile(r"[A-Z][0-9A-Z]{2}(\.[0-9A-Z]{1,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """Take a code as it stands."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Turn a code down; `reason` is free text and may be empty."""

    code: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Put `new_code` in the place of a code, with words of the notes or a reason."""

    code: str
    new_code: str
    evidence: tuple[EvidenceSpan, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Bring in a code, with words of the notes or a reason."""

    code: str
    evidence: tuple[EvidenceSpan, ...] = ()
    reason: str = ""


Decision = Accept | Reject | Replace | Add

_OPEN_TO = {
    Accept: frozenset({Status.OPEN, Status.REJECTED}),
    Reject: frozenset({Status.OPEN, Status.ACCEPTED, Status.ADDED}),
    Replace: frozenset({Status.OPEN, Status.ACCEPTED, Status.ADDED}),
}
_ASSIGNED = frozenset({Status.OPEN, Status.ACCEPTED, Status.ADDED})


def prepare(case: Case, decision: Decision, *, seal: Callable[[str], str]) -> Decided:
    """Return the event of a decision; AuditError says why it cannot be made on this case."""
    if isinstance(decision, Add):
        before = _free(case, decision.code)
    else:
        row = case.row(decision.code)
        if row is None:
            raise AuditError(
                f"The code {_named(decision.code)} is not in the case {case.case_id}. Add it, "
                "with the words that prove it."
            )
        if row.status not in _OPEN_TO[type(decision)]:
            raise AuditError(
                f"The code {row.code} is already {row.status.value} in this case. Undo that first."
            )
        before = row.status.value
    reason = "" if isinstance(decision, Accept) else decision.reason.strip()
    sealed = seal(reason) if reason else None
    match decision:
        case Accept():
            return DecisionAccepted(code=decision.code, before=before, reason=None)
        case Reject():
            return DecisionRejected(code=decision.code, before=before, reason=sealed)
        case Replace():
            _free(case, decision.new_code, replacing=decision.code)
            return DecisionReplaced(
                code=decision.code,
                before=before,
                reason=sealed,
                new_code=decision.new_code,
                evidence=_proof(case, decision, reason),
            )
        case Add():
            return DecisionAdded(
                code=decision.code,
                before=before,
                reason=sealed,
                evidence=_proof(case, decision, reason),
            )


def _free(case: Case, code: str, *, replacing: str = "") -> str:
    """Return the status of a code that may come into the case, `ABSENT` where it is new."""
    if _CODE.fullmatch(code) is None:
        raise AuditError(f"{_named(code)} is not written like an ICD-10-CM code, such as E11.9.")
    if code == replacing:
        raise AuditError(f"The code {code} cannot be replaced by itself.")
    row = case.row(code)
    if row is None:
        return ABSENT
    if row.status in _ASSIGNED and not (replacing and row.status is Status.OPEN):
        raise AuditError(f"The code {code} is already in this case. Accept it instead.")
    return row.status.value


def _proof(case: Case, decision: Replace | Add, reason: str) -> tuple[tuple[int, int, int], ...]:
    if not decision.evidence and not reason:
        raise AuditError(
            "A code that a person brings in needs words of the notes or a reason. Mark the words, "
            "or type why."
        )
    return tuple(encode_span(span, case.encounter) for span in decision.evidence)


def _named(code: str) -> str:
    """Return a code as it may stand in a sentence; anything else could be words of a note."""
    return code if _CODE.fullmatch(code) else "That text"
