"""The kinds of events and what each carries; the only shapes that may stand in the log.

Nothing here holds a word of a note. A note is a number in its encounter, a span is
`[note, start, end]` in code points, a text is a commitment into the blobs, a score is a decimal
string, a reason is an id. Lists are interned: later members name earlier ones by index, because
a note with 200 mentions would otherwise repeat each candidate many times. `docs/audit-format.md`
describes the same shapes for a reader without this code.
"""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audit.acts import (
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
    PoaSet,
    QueryWritten,
)
from audit.chatevents import (
    ChatAllowed,
    ChatAnswered,
    ChatAsked,
    ChatForbidden,
    PromptActivated,
)
from audit.governance import GOVERNANCE
from audit.lease import CaseClaimed, CaseReleased
from audit.log import Draft, Written
from audit.model import Actor, AuditError, AuditEvent
from audit.shapes import Code, Data, Decimal, Id, Index, Ref, Span
from audit.uses import (
    CasesSearched,
    CheckpointIssued,
    ClockChanged,
    NoteViewed,
    RecordExported,
    SignerRegistered,
    TextCopied,
    Vkey,
)
from pipeline.model import (
    Assertion,
    Channel,
    Claim,
    NoteStatus,
    Route,
    Scope,
    Setting,
    Severity,
    Support,
)


class StoreCreated(Data):
    """A store began. `secret` is the SHA-256 of the random secret of its keyed digests.

    `signer` is the vkey of the key that signs its checkpoints; stores of before have none here.
    """

    store_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    schema_version: int
    secret: Ref
    encrypted: bool
    signer: Vkey | None = None


class StoreUpgraded(Data):
    """The tables of the store got the layout `to_version`; events and texts stayed as they were."""

    from_version: Annotated[int, Field(ge=1)]
    to_version: Annotated[int, Field(ge=2)]


class NoteReceived(Data):
    """One note: its text by commitment, a keyed digest of the bytes received, its length."""

    text: Ref
    digest: Ref
    length: Index
    status: NoteStatus


class RequestedBy(Data):
    """Who started an analysis that the program then did."""

    kind: str
    id: str


class EncounterReceived(Data):
    """An encounter in this wording; `revision` counts the wordings of one case from 1.

    An id that merely repeats a file name is null here and stands in the `header` text.
    """

    revision: Annotated[int, Field(ge=1)]
    content: Ref
    header: Ref
    notes: tuple[NoteReceived, ...]
    encounter_id: str | None
    patient_id: str | None
    account_id: str | None
    setting: Setting
    claim: Claim
    service_date: str | None
    admitted: str | None
    discharged: str | None
    age: Decimal | None
    sex: str | None
    assumed: tuple[str, ...]

    def refs(self) -> tuple[str, ...]:
        """Return the header's commitment and those of the notes."""
        return (self.header, *(note.text for note in self.notes))


class AnalysisStarted(Data):
    """A pass began. `work` is the keyed digest of encounter and provenance."""

    work: Ref
    requested_by: RequestedBy
    code_version: str
    release: str
    taxonomy_digest: str
    model_digest: str
    index_digest: str
    rules_digest: str
    config_digest: str
    scope: Scope
    chat_model: str
    sources: tuple[tuple[str, str], ...] = ()
    libraries: tuple[tuple[str, str], ...]


PlainMentionRow = tuple[Index, Index, Index, str, Assertion, Span | None]
ToldMentionRow = tuple[Index, Index, Index, str, Assertion, Span | None, tuple[str, ...]]
MentionRow = PlainMentionRow | ToldMentionRow
CandidateRow = tuple[str, Decimal, tuple[Channel, ...], tuple[str, ...]]
VerdictRow = tuple[Support, tuple[str, ...], str]
FindingRow = tuple[str, Severity, tuple[str, ...], str, str, tuple[str, ...]]


class EvidenceExtracted(Data):
    """Every mention: `[note, start, end, section, assertion, trigger or null]`.

    A seventh value, where there is one, are its attributes (`side=left`).
    """

    mentions: tuple[MentionRow, ...]


class CandidatesRetrieved(Data):
    """Candidates `[code, score, channels, reasons]`, lists of them, `[mention, list]` traces."""

    candidates: tuple[CandidateRow, ...]
    lists: tuple[tuple[Index, ...], ...]
    traces: tuple[tuple[Index, Index], ...]


class CandidatesVerified(Data):
    """Verdicts `[support, reasons, by]`, and `[code taken, verdict]` for each trace."""

    verdicts: tuple[VerdictRow, ...]
    traces: tuple[tuple[str, Index], ...]


class CodesValidated(Data):
    """Findings, suggestions `[code, mentions, list, verdict, findings]`, exclusions.

    A finding is `[rule, severity, codes, source, release, detail]`, an exclusion
    `[code, reason, mentions]`; `encounter` names the findings on the encounter as a whole.
    `passes` are the rules that found nothing, `[rule, count of codes]`; `unchecked` names the
    findings that say which rules were not asked and which notes a person must read. Logs of
    earlier versions have neither.
    """

    findings: tuple[FindingRow, ...]
    suggestions: tuple[
        tuple[Code, tuple[Index, ...], Index, Index, tuple[Index, ...]],
        ...,
    ]
    excluded: tuple[tuple[str, str, tuple[Index, ...]], ...]
    encounter: tuple[Index, ...]
    passes: tuple[tuple[str, Index], ...] = ()
    unchecked: tuple[Index, ...] = ()


class CaseRouted(Data):
    """The lane of the case, and `[confidence, route, reasons]` for each suggestion in order.

    `parts` says for each of them which features moved its confidence; logs of before that have it
    not.
    """

    setting: Setting
    lane: Route
    lane_reasons: tuple[str, ...]
    suggestions: tuple[tuple[Decimal, Route, tuple[str, ...]], ...]
    parts: tuple[tuple[str, ...], ...] = ()


class AnalysisFailed(Data):
    """A pass came to no result; `errors` commits to the sentences, a JSON list."""

    work: Ref
    requested_by: RequestedBy
    reason: Id
    count: Index
    errors: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the error sentences."""
        return (self.errors,)


class InputRefused(AnalysisFailed):
    """A file or line could not be read at all; `source` commits to its name."""

    source: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitments of the source's name and of the error sentences."""
        return (self.source, self.errors)


class DecisionUndone(Data):
    """The newest act of a person still in force, event `undoes`, is taken back."""

    undoes: Annotated[int, Field(ge=1)]


class DecisionRedone(Data):
    """The act last taken back, event `redoes`, is in force again."""

    redoes: Annotated[int, Field(ge=1)]


class CaseViewed(Data):
    """A person opened the case."""


class AuditVerified(Data):
    """The log was checked: verdict, number of events read, number of problems."""

    status: Id
    events: Index
    problems: Index


KINDS: dict[str, type[Data]] = {
    "store.created": StoreCreated,
    "store.upgraded": StoreUpgraded,
    "encounter.received": EncounterReceived,
    "analysis.started": AnalysisStarted,
    "evidence.extracted": EvidenceExtracted,
    "candidates.retrieved": CandidatesRetrieved,
    "candidates.verified": CandidatesVerified,
    "codes.validated": CodesValidated,
    "case.routed": CaseRouted,
    "analysis.failed": AnalysisFailed,
    "input.refused": InputRefused,
    "decision.accepted": DecisionAccepted,
    "decision.rejected": DecisionRejected,
    "decision.replaced": DecisionReplaced,
    "decision.added": DecisionAdded,
    "decision.asserted": DecisionAsserted,
    "decision.undone": DecisionUndone,
    "decision.redone": DecisionRedone,
    "evidence.attached": EvidenceAttached,
    "poa.set": PoaSet,
    "codes.ordered": CodesOrdered,
    "comment.added": CommentAdded,
    "query.written": QueryWritten,
    "case.held": CaseHeld,
    "case.resumed": CaseResumed,
    "case.submitted": CaseSubmitted,
    "case.viewed": CaseViewed,
    "case.claimed": CaseClaimed,
    "case.released": CaseReleased,
    "note.viewed": NoteViewed,
    "text.copied": TextCopied,
    "cases.searched": CasesSearched,
    "record.exported": RecordExported,
    "checkpoint.issued": CheckpointIssued,
    "signer.registered": SignerRegistered,
    "clock.changed": ClockChanged,
    "audit.verified": AuditVerified,
    "chat.asked": ChatAsked,
    "chat.answered": ChatAnswered,
    "chat.allowed": ChatAllowed,
    "chat.forbidden": ChatForbidden,
    "prompt.activated": PromptActivated,
    **GOVERNANCE,
}
PLAIN: frozenset[type[Data]] = frozenset(
    {EvidenceExtracted, CandidatesRetrieved, CandidatesVerified, CodesValidated, CaseRouted}
)
"""Shapes that hold nothing but texts and small integers under ASCII names (a test reads them).

They are long, and what is written of them need not be read back to be known as canonical.
"""

_NAMES = {kind: name for name, kind in KINDS.items()}


D = TypeVar("D", bound=Data)


class _Envelope(BaseModel, Generic[D]):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)
    data: D


_ENVELOPES: dict[str, type[_Envelope[Any]]] = {
    name: _Envelope[kind]  # type: ignore[valid-type]
    for name, kind in KINDS.items()
}


def write(data: Data) -> Written:
    """Return the canonical form of what an event carries."""
    value = data.model_dump()  # enumerations of strings and tuples are JSON as they are
    return Written.plain(value) if type(data) in PLAIN else Written(value)


def draft(
    data: Data, *, actor: Actor, case_id: str | None, written: Written | None = None
) -> Draft:
    """Return the draft of an event that carries `data`, which may be `written` already."""
    return Draft(
        kind=_NAMES[type(data)],
        data=write(data) if written is None else written,
        actor=actor,
        case_id=case_id,
        blobs=data.refs(),
    )


def parse(event: AuditEvent) -> Data:
    """Return what an event carries; AuditError where its kind or shape is not of this version."""
    envelope = _ENVELOPES.get(event.kind)
    if envelope is None:
        raise AuditError(
            f"Event {event.seq} is of the kind {event.kind}, which this version does not know. "
            "Update Chartproof."
        )
    try:
        data: Data = envelope.model_validate_json(event.body).data
    except ValidationError as error:
        raise AuditError(
            f"Event {event.seq} ({event.kind}) does not have the shape of its kind "
            f"({error.error_count()} fields). Run `chartproof audit verify`."
        ) from None
    return data
