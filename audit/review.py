"""The state of a case folded from its events: pure, and possible from the log alone.

`evolve` folds one event into a `Review`, which holds numbers, spans and commitments but no words.
`audit.lines` reads the codes off it, `audit.case` adds the words.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from audit.acts import (
    Act,
    CaseHeld,
    CaseResumed,
    CaseSubmitted,
    CodesOrdered,
)
from audit.events import (
    AnalysisFailed,
    AnalysisStarted,
    CandidatesRetrieved,
    CandidatesVerified,
    CaseRouted,
    CodesValidated,
    DecisionRedone,
    DecisionUndone,
    EncounterReceived,
    EvidenceExtracted,
    parse,
)
from audit.governance import CaseReopened, CaseSigned, HoldLifted, HoldPlaced, TextsDisposed
from audit.lease import Claim, follow
from audit.model import AuditError, AuditEvent
from audit.results import Analysis
from audit.shapes import Data
from pipeline.model import Route


class State(StrEnum):
    """How far a case has got."""

    OPEN = "open"
    HELD = "held"
    SUBMITTED = "submitted"
    REOPENED = "reopened"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An act of a person in the log, with the wording and the analysis it was made on."""

    seq: int
    data: Act
    revision: int
    analysis: int
    ts: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A finished analysis and the wording of the encounter it read."""

    revision: int
    analysis: Analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The state of a case folded from its events; `version` counts them.

    `works` are the pieces of work the case shows now: the newest analysis, or every failure since.
    `done` are a person's acts in force, `undone` those taken back and not yet followed by another;
    `signed` tells that the case was submitted once, though that may be taken back by now.
    `signatures` are those of all versions, `reopened` counts how often a submitted case was opened
    again. `on_hold` says that its texts must stay, `disposed` when they were destroyed. `newest` is
    the number and hash of its newest event, `claim` who has it in hand, if anybody had.
    """

    case_id: str
    version: int = 0
    opened: int = 0
    updated: str = ""
    lane: Route = Route.REVIEW
    lane_reasons: tuple[str, ...] = ()
    works: tuple[str, ...] = ()
    received: tuple[EncounterReceived, ...] = ()
    failure: AnalysisFailed | None = None
    passes: tuple[Pass, ...] = ()
    running: tuple[Data, ...] = ()
    done: tuple[Made, ...] = ()
    undone: tuple[Made, ...] = ()
    signed: bool = False
    signatures: tuple[CaseSigned, ...] = ()
    reopened: int = 0
    on_hold: bool = False
    disposed: str = ""
    newest: tuple[int, str] = (0, "")
    claim: Claim | None = None

    @property
    def state(self) -> State:
        """Return how far the case has got: a person's word first, then the program's."""
        for made in reversed(self.done):
            match made.data:
                case CaseSubmitted():
                    return State.SUBMITTED
                case CaseHeld():
                    return State.HELD
                case CaseResumed():
                    break
        if self.failure is not None:
            return State.FAILED
        return State.REOPENED if self.signed else State.OPEN

    @property
    def is_signed(self) -> bool:
        """Return whether the case is submitted under a signature, which Undo cannot take back."""
        version = self.reopened + 1
        return self.state is State.SUBMITTED and any(
            signed.statement.version == version for signed in self.signatures
        )

    @property
    def ordered(self) -> bool:
        """Return whether a person put the codes in order."""
        return any(isinstance(made.data, CodesOrdered | CaseSubmitted) for made in self.done)

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


def evolve(review: Review, event: AuditEvent, data: Data | None = None) -> Review:
    """Fold one event of the case; AuditError where it cannot follow on what came before.

    `data` is what the event carries, where that is at hand and need not be read from it again.
    """
    data = parse(event) if data is None else data
    review = replace(
        review,
        version=review.version + 1,
        opened=review.opened or event.seq,
        updated=event.ts,
        newest=(event.seq, event.hash),
        claim=follow(review.claim, data, event),
    )
    if isinstance(data, CaseSigned | CaseReopened | TextsDisposed | HoldPlaced):
        return _govern(review, data, event)
    if isinstance(data, Act | DecisionUndone | DecisionRedone):
        return _decide(review, data, event)
    return _analyse(review, data, event)


def changes(event: AuditEvent) -> bool:
    """Tell whether an event makes a case another one for who has it before them."""
    return isinstance(
        parse(event),
        Act
        | DecisionUndone
        | DecisionRedone
        | CaseReopened
        | CaseSigned
        | TextsDisposed
        | EncounterReceived
        | CaseRouted
        | AnalysisFailed,
    )


def _analyse(review: Review, data: Data, event: AuditEvent) -> Review:
    match data:
        case EncounterReceived():
            received = (*review.received, data)
            return replace(review, received=received, running=(), disposed="")
        case AnalysisStarted():
            return replace(review, running=(data,))
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
                lane=Route.REVIEW,
                lane_reasons=(data.reason,),
                running=(),
            )
        case _:
            return review


def _govern(
    review: Review,
    data: CaseSigned | CaseReopened | TextsDisposed | HoldPlaced,
    event: AuditEvent,
) -> Review:
    match data:
        case CaseSigned():
            return replace(review, signatures=(*review.signatures, data))
        case CaseReopened() if review.state is State.SUBMITTED:
            # Only a submission can be the newest act of a submitted case.
            return replace(review, done=review.done[:-1], undone=(), reopened=review.reopened + 1)
        case TextsDisposed():
            # The work was done on words that are gone: the same words coming in again are news.
            return replace(review, disposed=event.ts, works=())
        case HoldPlaced():
            return replace(review, on_hold=not isinstance(data, HoldLifted))
        case _:
            raise _out_of_turn(event)


def _decide(
    review: Review, data: Act | DecisionUndone | DecisionRedone, event: AuditEvent
) -> Review:
    done, undone = review.done, review.undone
    match data:
        case Act():
            made = Made(
                seq=event.seq,
                data=data,
                revision=review.revision,
                analysis=len(review.passes),
                ts=event.ts,
                by=event.actor.id,
            )
            signed = review.signed or isinstance(data, CaseSubmitted)
            return replace(review, done=(*done, made), undone=(), signed=signed)
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
        works=(started.work,),
        passes=(*review.passes, Pass(revision=review.revision, analysis=analysis)),
        running=(),
        failure=None,
        lane=routed.lane,
        lane_reasons=routed.lane_reasons,
    )


def _out_of_turn(event: AuditEvent) -> AuditError:
    return AuditError(
        f"Event {event.seq} ({event.kind}) does not follow on the events of its case before it. "
        "Run `chartproof audit verify`."
    )
