"""What a person may do to a case and its codes, and when it makes sense."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audit.acts import (
    Act,
    CaseHeld,
    CaseResumed,
    CaseSubmitted,
    CodesOrdered,
    CommentAdded,
    DecisionAccepted,
    DecisionAdded,
    DecisionAsserted,
    DecisionRejected,
    DecisionReplaced,
    EvidenceAttached,
    Poa,
    PoaSet,
    QueryWritten,
)
from audit.case import Case, CodeRow
from audit.lines import ABSENT, Status
from audit.model import AuditError
from audit.results import encode_span
from audit.review import State
from audit.shapes import Span
from pipeline.model import Assertion, EvidenceSpan, Route

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
    """Put `new_code` in the place of a code, with words of the notes or a reason.

    `path` are the steps by which the new code was found, in words for a person.
    """

    code: str
    new_code: str
    evidence: tuple[EvidenceSpan, ...] = ()
    reason: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Bring in a code, with words of the notes or a reason; `path` as in `Replace`."""

    code: str
    evidence: tuple[EvidenceSpan, ...] = ()
    reason: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assert:
    """Say what the words of a code assert; a code whose words are not present is taken out."""

    code: str
    assertion: Assertion


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach:
    """Put words of the notes to a code of the case."""

    code: str
    evidence: tuple[EvidenceSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicate:
    """Say whether a condition was present on admission: Y, N, U, W, "" exempt, None not said."""

    code: str
    poa: Poa | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrange:
    """Put the codes in order, the principal or first-listed one first."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Write a comment on the case, or on a code of it."""

    text: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Ask the provider: the whole text as it goes out, and the words of the notes it cites."""

    text: str
    indicators: tuple[EvidenceSpan, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Put the case aside; `reason` is an id or what was typed."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Take up a case that was put aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """Sign the case off with these codes in this order, each with its POA indicator or None.

    `warnings` are those the person saw, as rule and codes. A code that is still open may be among
    `codes` only where the program preselected it.
    """

    codes: tuple[tuple[str, Poa | None], ...]
    warnings: tuple[tuple[str, tuple[str, ...]], ...] = ()


CodeDecision = Accept | Reject | Replace | Add | Assert
Decision = CodeDecision | Attach | Indicate | Arrange | Comment | Query | Hold | Resume | Submit

_OPEN_TO = {
    Accept: frozenset({Status.OPEN, Status.REJECTED}),
    Reject: frozenset({Status.OPEN, Status.ACCEPTED, Status.ADDED}),
    Replace: frozenset({Status.OPEN, Status.ACCEPTED, Status.ADDED}),
    Assert: frozenset({Status.OPEN, Status.ACCEPTED, Status.ADDED, Status.REJECTED}),
}
_ASSIGNED = frozenset({Status.OPEN, Status.ACCEPTED, Status.ADDED})

Seal = Callable[[str], str]


def prepare(case: Case, decision: Decision, *, seal: Seal) -> Act:
    """Return the event of a decision; AuditError says why it cannot be made on this case."""
    if case.disposed:
        raise AuditError(
            f"The texts of this case were destroyed on {case.disposed[:10]}, so nothing can be "
            "decided on them."
        )
    if case.state is State.SUBMITTED:
        raise AuditError("This case is submitted. Take that back first (Undo), then change it.")
    return _PREPARE[type(decision)](case, decision, seal)


def _on_code(case: Case, decision: CodeDecision, seal: Seal) -> Act:
    if isinstance(decision, Add):
        before = _free(case, decision.code)
    else:
        row = _known(case, decision.code)
        if row.status not in _OPEN_TO[type(decision)]:
            raise AuditError(
                f"The code {row.code} is already {row.status.value} in this case. Undo that first."
            )
        before = row.status.value
    if isinstance(decision, Accept):
        return DecisionAccepted(code=decision.code, before=before, reason=None)
    if isinstance(decision, Assert):
        return DecisionAsserted(
            code=decision.code, before=before, reason=None, assertion=decision.assertion
        )
    reason = decision.reason.strip()
    sealed = seal(reason) if reason else None
    if isinstance(decision, Reject):
        return DecisionRejected(code=decision.code, before=before, reason=sealed)
    if isinstance(decision, Replace):
        _free(case, decision.new_code, replacing=decision.code)
    evidence = _proof(case, decision, reason)
    path = seal(json.dumps(decision.path, ensure_ascii=False)) if decision.path else None
    if isinstance(decision, Replace):
        return DecisionReplaced(
            code=decision.code,
            before=before,
            reason=sealed,
            new_code=decision.new_code,
            evidence=evidence,
            path=path,
        )
    return DecisionAdded(
        code=decision.code, before=before, reason=sealed, evidence=evidence, path=path
    )


def _attach(case: Case, decision: Attach, _seal: Seal) -> Act:
    row = _assigned(case, decision.code)
    new = tuple(span for span in decision.evidence if span not in row.evidence)
    if not new:
        raise AuditError(f"These words are marked for {row.code} already.")
    return EvidenceAttached(code=row.code, evidence=_spans(case, new))


def _indicate(case: Case, decision: Indicate, _seal: Seal) -> Act:
    return PoaSet(code=_assigned(case, decision.code).code, poa=decision.poa)


def _arrange(case: Case, decision: Arrange, _seal: Seal) -> Act:
    codes = tuple(_assigned(case, code).code for code in decision.codes)
    if len(set(codes)) < len(codes):
        raise AuditError("A code stands twice in the order. Give each its one place.")
    return CodesOrdered(codes=codes)


def _comment(case: Case, decision: Comment, seal: Seal) -> Act:
    about = _known(case, decision.code).code if decision.code else None
    return CommentAdded(code=about, text=_typed(decision.text, seal, what="comment"))


def _hold(case: Case, decision: Hold, seal: Seal) -> Act:
    if case.state is State.HELD:
        raise AuditError("This case is on hold already. Take it up first.")
    return CaseHeld(reason=_typed(decision.reason, seal, what="reason"))


def _resume(case: Case, _decision: Resume, _seal: Seal) -> Act:
    if case.state is not State.HELD:
        raise AuditError("This case is not on hold.")
    return CaseResumed()


def _query(case: Case, query: Query, seal: Seal) -> Act:
    if not query.indicators:
        raise AuditError(
            "A query cites words of the notes. Select the words that make you ask, then write it."
        )
    return QueryWritten(
        codes=tuple(_known(case, code).code for code in query.codes),
        indicators=_spans(case, query.indicators),
        text=_typed(query.text, seal, what="query"),
    )


def _submit(case: Case, submit: Submit, _seal: Seal) -> Act:
    if case.state is State.HELD:
        raise AuditError("This case is on hold. Take it up first, then submit it.")
    given = [code for code, _ in submit.codes]
    rows = {row.code: row for row in case.assigned if row.status in _ASSIGNED}
    preselected = {
        item.code
        for item in (case.result.suggestions if case.result is not None else ())
        if item.route is Route.AUTO
    }
    waiting = [
        code
        for code, row in rows.items()
        if row.status is Status.OPEN and (code not in preselected or code not in given)
    ]
    if waiting:
        raise AuditError(
            f"Not decided yet: {', '.join(waiting)}. Accept or reject it, then submit."
        )
    if len(set(given)) < len(given) or set(given) != set(rows):
        raise AuditError(
            "The codes to submit are not those of the case as it stands now. Open the summary "
            "again; nothing was recorded."
        )
    return CaseSubmitted(codes=submit.codes, warnings=submit.warnings)


_PREPARE: dict[type, Callable[[Case, Any, Seal], Act]] = {
    Accept: _on_code,
    Reject: _on_code,
    Replace: _on_code,
    Add: _on_code,
    Assert: _on_code,
    Attach: _attach,
    Indicate: _indicate,
    Arrange: _arrange,
    Comment: _comment,
    Query: _query,
    Hold: _hold,
    Resume: _resume,
    Submit: _submit,
}


def _known(case: Case, code: str) -> CodeRow:
    row = case.row(code)
    if row is None:
        raise AuditError(
            f"The code {_named(code)} is not in the case {case.case_id}. Add it, with the words "
            "that prove it."
        )
    return row


def _assigned(case: Case, code: str) -> CodeRow:
    row = _known(case, code)
    if row.status not in _ASSIGNED:
        raise AuditError(f"The code {row.code} was {row.status.value} and is not to be assigned.")
    return row


def _typed(text: str, seal: Seal, *, what: str) -> str:
    words = text.strip()
    if not words:
        raise AuditError(f"The {what} is empty. Type it first.")
    return seal(words)


def _spans(case: Case, evidence: tuple[EvidenceSpan, ...]) -> tuple[Span, ...]:
    return tuple(encode_span(span, case.encounter) for span in evidence)


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


def _proof(case: Case, decision: Replace | Add, reason: str) -> tuple[Span, ...]:
    if not decision.evidence and not reason:
        raise AuditError(
            "A code that a person brings in needs words of the notes or a reason. Mark the words, "
            "or type why."
        )
    return _spans(case, decision.evidence)


def _named(code: str) -> str:
    """Return a code as it may stand in a sentence; anything else could be words of a note."""
    return code if _CODE.fullmatch(code) else "That text"
