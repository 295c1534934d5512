"""The state of a case folded from its events: pure, and possible from the log alone.

`evolve` folds one event into a `Review`, which holds numbers, spans and commitments but no words.
`audit.case` adds the words.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from audit.events import (
    AnalysisFailed,
    AnalysisStarted,
    CandidatesRetrieved,
    CandidatesVerified,
    CaseRouted,
    CodesValidated,
    Data,
    Decided,
    DecisionAccepted,
    DecisionAdded,
    DecisionRedone,
    DecisionRejected,
    DecisionReplaced,
    DecisionUndone,
    EncounterReceived,
    EvidenceExtracted,
    Span,
    parse,
)
from audit.model import AuditError, AuditEvent
from audit.results import Analysis
from pipeline.model import Route

ABSENT = "absent"
"""The status before of a code that was not in the case."""


class State(StrEnum):
    """How far a case has got."""

    OPEN = "open"
    HELD = "held"
    SUBMITTED = "submitted"
    REOPENED = "reopened"
    FAILED = "failed"


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
    """A code of a case in the terms of the log: spans by note number, reason by commitment."""

    code: str
    origin: Origin
    status: Status
    evidence: tuple[Span, ...]
    revision: int
    replaced_by: str = ""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A decision in the log, with the wording and the analysis it was made on."""

    seq: int
    data: Decided
    revision: int
    analysis: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A finished analysis and the wording of the encounter it read."""

    revision: int
    analysis: Analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The state of a case folded from its events; `version` counts them.

    `works` are the pieces of work the case shows now: the newest analysis, or every failure since.
    """

    case_id: str
    version: int = 0
    opened: int = 0
    updated: str = ""
    state: State = State.OPEN
    lane: Route = Route.REVIEW
    lane_reasons: tuple[str, ...] = ()
    works: tuple[str, ...] = ()
    received: tuple[EncounterReceived, ...] = ()
    failure: AnalysisFailed | None = None
    passes: tuple[Pass, ...] = ()
    running: tuple[Data, ...] = ()
    done: tuple[Made, ...] = ()
    undone: tuple[Made, ...] = ()

    @property
    def revision(self) -> int:
        """Return the number of wordings of the encounter, 0 where none could be read."""
        return len(self.received)

    @property
    def current(self) -> Pass | None:
        """Return the newest analysis, if it read the newest wording."""
        if self.passes and self.passes[-1].revision == self.revision:
            return self.passes[-1]
        return None

    def refs(self) -> tuple[str, ...]:
        """Return the commitments of every text the case needs to be shown."""
        sources = (*self.received, *(made.data for made in self.done))
        failure = () if self.failure is None else self.failure.refs()
        return (*(ref for source in sources for ref in source.refs()), *failure)


def project(events: Iterable[AuditEvent], *, case_id: str) -> Review:
    """Fold the events of one case, in order."""
    review = Review(case_id=case_id)
    for event in events:
        review = evolve(review, event)
    return review


def evolve(review: Review, event: AuditEvent) -> Review:
    """Fold one event of the case; AuditError where it cannot follow on what came before."""
    data = parse(event)
    review = replace(
        review,
        version=review.version + 1,
        opened=review.opened or event.seq,
        updated=event.ts,
    )
    if isinstance(data, Decided | DecisionUndone | DecisionRedone):
        return _decide(review, data, event)
    return _analyse(review, data, event)


def _analyse(review: Review, data: Data, event: AuditEvent) -> Review:
    match data:
        case EncounterReceived():
            return replace(review, received=(*review.received, data), running=())
        case AnalysisStarted():
            return replace(review, works=(data.work,), running=(data,))
        case EvidenceExtracted() | CandidatesRetrieved() | CandidatesVerified() | CodesValidated():
            return replace(review, running=(*review.running, data))
        case CaseRouted():
            return _finish(review, data, event)
        case AnalysisFailed():
            failures = () if review.failure is None else review.works
            return replace(
                review,
                works=(*failures, data.work),
                failure=data,
                state=State.FAILED,
                lane=Route.REVIEW,
                lane_reasons=(data.reason,),
                running=(),
            )
        case _:
            return review


def _decide(
    review: Review, data: Decided | DecisionUndone | DecisionRedone, event: AuditEvent
) -> Review:
    done, undone = review.done, review.undone
    match data:
        case Decided():
            made = Made(
                seq=event.seq, data=data, revision=review.revision, analysis=len(review.passes)
            )
            return replace(review, done=(*done, made), undone=())
        case DecisionUndone(undoes=seq) if done and done[-1].seq == seq:
            return replace(review, done=done[:-1], undone=(*undone, done[-1]))
        case DecisionRedone(redoes=seq) if undone and undone[-1].seq == seq:
            return replace(review, done=(*done, undone[-1]), undone=undone[:-1])
        case _:
            raise _out_of_turn(event)


def _finish(review: Review, routed: CaseRouted, event: AuditEvent) -> Review:
    match review.running:
        case (
            AnalysisStarted() as started,
            EvidenceExtracted() as extracted,
            CandidatesRetrieved() as retrieved,
            CandidatesVerified() as verified,
            CodesValidated() as validated,
        ) if review.received:
            analysis = Analysis(
                started=started,
                extracted=extracted,
                retrieved=retrieved,
                verified=verified,
                validated=validated,
                routed=routed,
            )
        case _:
            raise _out_of_turn(event)
    return replace(
        review,
        passes=(*review.passes, Pass(revision=review.revision, analysis=analysis)),
        running=(),
        failure=None,
        state=State.OPEN if review.state is State.FAILED else review.state,
        lane=routed.lane,
        lane_reasons=routed.lane_reasons,
    )


def _out_of_turn(event: AuditEvent) -> AuditError:
    return AuditError(
        f"Event {event.seq} ({event.kind}) does not follow on the events of its case before it. "
        "Run `chartproof audit verify`."
    )


def lines(review: Review) -> tuple[CodeLine, ...]:
    """Return the codes of a case: those suggested now, then those decided on, in order."""
    rows: dict[str, CodeLine] = {}
    if review.current is not None:
        rows.update(_suggested(review.current))
    for made in review.done:
        data = made.data
        if data.code not in rows and made.analysis:
            # Decided on an older analysis, which suggested it: that stays as it was decided.
            older = _suggested(review.passes[made.analysis - 1])
            rows.update({data.code: older[data.code]} if data.code in older else {})
        _apply(rows, made)
    return tuple(rows.values())


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
        case DecisionAccepted():
            _mark(rows, data, Status.ACCEPTED)
        case DecisionRejected():
            _mark(rows, data, Status.REJECTED)
        case DecisionReplaced():
            _bring(rows, data.new_code, data.evidence, made, known=data.new_code in rows)
            _mark(rows, data, Status.REPLACED, replaced_by=data.new_code)
        case DecisionAdded():
            _bring(rows, data.code, data.evidence, made, known=data.before != ABSENT)


def _mark(rows: dict[str, CodeLine], data: Decided, status: Status, replaced_by: str = "") -> None:
    rows[data.code] = replace(
        rows[data.code], status=status, replaced_by=replaced_by, reason=data.reason
    )


def _bring(
    rows: dict[str, CodeLine], code: str, evidence: tuple[Span, ...], made: Made, *, known: bool
) -> None:
    """Put a code into the case that a person wants there, whether it was `known` then or not."""
    before = rows.get(code) if known else None
    line = CodeLine(
        code=code,
        origin=Origin.PERSON if before is None else before.origin,
        status=Status.ADDED,
        evidence=evidence,
        revision=made.revision,
        reason=made.data.reason,
    )
    if before is not None and not evidence:
        line = replace(line, evidence=before.evidence, revision=before.revision)
    rows[code] = line
