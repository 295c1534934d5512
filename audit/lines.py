"""The codes of a case, read off its folded events: what was suggested, what people did to it."""

from dataclasses import dataclass, replace
from enum import StrEnum

from audit.acts import (
    Act,
    CaseSubmitted,
    CodesOrdered,
    Decided,
    DecisionAccepted,
    DecisionAdded,
    DecisionAsserted,
    DecisionRejected,
    DecisionReplaced,
    EvidenceAttached,
    Poa,
    PoaSet,
)
from audit.review import Made, Pass, Review
from audit.shapes import Span
from pipeline.model import Assertion

ABSENT = "absent"
"""The status before of a code that was not in the case."""


CODED = frozenset({Assertion.PRESENT, Assertion.POSSIBLE})
"""What may be said of words whose code stays; the rules decide on what is possible."""


class Status(StrEnum):
    """What was decided on a code: nothing yet, or the newest decision in force."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"
    ADDED = "added"


class Origin(StrEnum):
    """Who brought a code into the case."""

    SUGGESTED = "suggested"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """A code of a case in the terms of the log: spans by note number, texts by commitment.

    `marked` are the spans a person put to it. `poa` is "" for exempt and None for not said;
    `assertion` is what a person said of its words, `path` the way by which they found it.
    """

    code: str
    origin: Origin
    status: Status
    evidence: tuple[Span, ...]
    revision: int
    replaced_by: str = ""
    reason: str | None = None
    marked: tuple[Span, ...] = ()
    poa: Poa | None = None
    assertion: Assertion | None = None
    path: str | None = None


def lines(review: Review) -> tuple[CodeLine, ...]:
    """Return the codes of a case: in the order a person gave them, then as they came in."""
    rows: dict[str, CodeLine] = {}
    order: tuple[str, ...] = ()
    if review.current is not None:
        rows.update(_suggested(review.current))
    kept = {code for made in review.done for code in _decided(made.data)}
    for made in review.done:
        gone = [code for code in _named(made.data) if code in kept and code not in rows]
        if gone and made.analysis:
            # Decided on an older analysis, which suggested it: that stays as it was decided.
            older = _suggested(review.passes[made.analysis - 1])
            rows.update({code: older[code] for code in gone if code in older})
        order = _arrange(order, made.data)
        _apply(rows, made)
    first = [rows.pop(code) for code in order if code in rows]
    return (*first, *rows.values())


def _decided(data: Act) -> tuple[str, ...]:
    """Return the codes an act decides on, which stay though a later analysis has them not."""
    match data:
        case Decided():
            return (data.code,)
        case CaseSubmitted():
            return tuple(code for code, _ in data.codes)
        case _:
            return ()


def _named(data: Act) -> tuple[str, ...]:
    match data:
        case EvidenceAttached() | PoaSet():
            return (data.code,)
        case _:
            return _decided(data)


def _arrange(order: tuple[str, ...], data: Act) -> tuple[str, ...]:
    """Return the order of the codes after an act; a code takes the place of one it replaces."""
    match data:
        case CodesOrdered():
            return data.codes
        case CaseSubmitted():
            return tuple(code for code, _ in data.codes)
        case DecisionReplaced() if data.code in order and data.new_code not in order:
            at = order.index(data.code)
            return (*order[:at], data.new_code, *order[at:])
        case _:
            return order


def _suggested(done: Pass) -> dict[str, CodeLine]:
    mentions = done.analysis.extracted.mentions
    return {
        code: CodeLine(
            code=code,
            origin=Origin.SUGGESTED,
            status=Status.OPEN,
            evidence=tuple(mentions[n][:3] for n in evidence),
            revision=done.revision,
        )
        for code, evidence, _, _, _ in done.analysis.validated.suggestions
    }


def _apply(rows: dict[str, CodeLine], made: Made) -> None:
    data = made.data
    match data:
        case Decided():
            _decide(rows, data, made)
        case EvidenceAttached() if data.code in rows:
            rows[data.code] = _attached(rows[data.code], data.evidence, made.revision)
        case PoaSet() if data.code in rows:
            rows[data.code] = replace(rows[data.code], poa=data.poa)
        case CaseSubmitted():
            for code, poa in data.codes:
                line = rows[code]
                taken = Status.ACCEPTED if line.status is Status.OPEN else line.status
                rows[code] = replace(line, status=taken, poa=poa)


def _decide(rows: dict[str, CodeLine], data: Decided, made: Made) -> None:
    match data:
        case DecisionAccepted():
            _mark(rows, data, Status.ACCEPTED)
            if rows[data.code].assertion not in CODED:
                rows[data.code] = replace(rows[data.code], assertion=None)
        case DecisionRejected():
            _mark(rows, data, Status.REJECTED)
        case DecisionReplaced():
            known = data.new_code in rows
            _bring(rows, data.new_code, data.evidence, made, path=data.path, known=known)
            _mark(rows, data, Status.REPLACED, replaced_by=data.new_code)
        case DecisionAdded():
            known = data.before != ABSENT
            _bring(rows, data.code, data.evidence, made, path=data.path, known=known)
        case DecisionAsserted():
            rows[data.code] = _asserted(rows[data.code], data.assertion)


def _asserted(line: CodeLine, assertion: Assertion) -> CodeLine:
    """Take a code out whose words say something else, and open it again where that is reversed."""
    status = line.status
    if assertion not in CODED:
        status = Status.REJECTED
    elif status is Status.REJECTED and line.assertion is not None and line.assertion not in CODED:
        status = Status.OPEN if line.origin is Origin.SUGGESTED else Status.ADDED
    return replace(line, status=status, assertion=assertion)


def _attached(line: CodeLine, evidence: tuple[Span, ...], revision: int) -> CodeLine:
    """Put words to a code; those of an older wording give way, and never come in."""
    if revision < line.revision:
        return line
    if revision > line.revision:
        return replace(line, evidence=evidence, marked=evidence, revision=revision)
    new = tuple(span for span in evidence if span not in line.evidence)
    return replace(line, evidence=(*line.evidence, *new), marked=(*line.marked, *new))


def _mark(rows: dict[str, CodeLine], data: Decided, status: Status, replaced_by: str = "") -> None:
    rows[data.code] = replace(
        rows[data.code], status=status, replaced_by=replaced_by, reason=data.reason
    )


def _bring(
    rows: dict[str, CodeLine],
    code: str,
    evidence: tuple[Span, ...],
    made: Made,
    *,
    path: str | None,
    known: bool,
) -> None:
    """Put a code into the case that a person wants there, whether it was `known` then or not."""
    before = rows.get(code) if known else None
    line = CodeLine(
        code=code,
        origin=Origin.PERSON if before is None else before.origin,
        status=Status.ADDED,
        evidence=evidence,
        revision=made.revision,
        reason=made.data.reason if isinstance(made.data, Decided) else None,
        marked=evidence,
        poa=None if before is None else before.poa,
        path=path,
    )
    if before is not None and not evidence:
        line = replace(
            line, evidence=before.evidence, marked=before.marked, revision=before.revision
        )
    rows[code] = line
