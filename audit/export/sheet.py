"""A case as it is handed out: its codes with their words in context, and who did what when.

The same sheet makes CSV, JSON, FHIR and the page to print, so that they say the same. Nothing is
final before a person submitted the case: until then every code stands as *suggested*.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from audit import blobs, log
from audit.acts import Act, CaseSubmitted, Decided, DecisionReplaced
from audit.case import Case, CodeRow, Remark, reveal
from audit.governance import Statement
from audit.lines import Origin, Status
from audit.model import AuditError, AuditEvent
from audit.review import Made, Review, State, project
from pipeline.model import Encounter, EvidenceSpan, Provenance, Suggestion

CONTEXT = 60
"""Code points shown before and behind a quote."""

Title = Callable[[str, Provenance | None], str]
"""Gives the title of a code in the release of a result."""


class Standing(StrEnum):
    """What a code is at the moment of the export."""

    SUGGESTED = "suggested"
    FINAL = "final"
    REJECTED = "rejected"
    REPLACED = "replaced"


class Maker(StrEnum):
    """Who answers for a code: tells machine from person wherever the sheet goes."""

    MACHINE_SUGGESTED = "machine-suggested"
    HUMAN_CONFIRMED = "human-confirmed"
    HUMAN_ENTERED = "human-entered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of a note with what stands around them; the words are empty where none go along."""

    note: str
    start: int
    end: int
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """One code of a case. `decided_by` and `decided_at` are empty where nobody decided yet."""

    position: int
    code: str
    title: str
    standing: Standing
    maker: Maker
    decision: Status
    replaced_by: str
    poa: str | None
    confidence: float | None
    reasons: tuple[str, ...]
    quotes: tuple[Quote, ...]
    decided_by: str
    decided_at: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event of the case: number, time, actor, role, kind."""

    seq: int
    when: str
    who: str
    actor: str
    role: str
    kind: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A case to hand out; `texts` tells whether words of notes and of people are in it.

    `roles` is what a reader must know of the roles of its store, empty where a server keeps them.
    """

    store_id: str
    case_id: str
    encounter: Encounter
    state: State
    lane: str
    updated: str
    texts: bool
    codes: tuple[Coded, ...]
    comments: tuple[Remark, ...]
    queries: tuple[Remark, ...]
    signatures: tuple[Statement, ...]
    submitted_by: str
    submitted_at: str
    provenance: Provenance | None
    history: tuple[Step, ...]
    roles: str

    @property
    def submitted(self) -> bool:
        """Tell whether a person signed the case off."""
        return self.state is State.SUBMITTED

    @property
    def final(self) -> tuple[Coded, ...]:
        """Return the codes of a submitted case in their order; none where it is not submitted."""
        return tuple(each for each in self.codes if each.standing is Standing.FINAL)


def make_sheet(
    connection: Connection, case_id: str, *, store_id: str, title: Title, texts: bool, roles: str
) -> Sheet:
    """Return the sheet of a case; AuditError where there is none of this id."""
    events = tuple(log.read(connection, case_id=case_id))
    if not events:
        raise AuditError(f"There is no case {case_id} in this store.")
    review = project(events, case_id=case_id)
    case = reveal(review, blobs.get(connection, review.refs()))
    by = _deciders(review)
    origin = None if case.result is None else case.result.provenance
    submission = next(
        (made for made in reversed(review.done) if isinstance(made.data, CaseSubmitted)), None
    )
    signed = submission if case.state is State.SUBMITTED else None
    suggested = {} if case.result is None else {s.code: s for s in case.result.suggestions}
    return Sheet(
        store_id=store_id,
        case_id=case_id,
        encounter=case.encounter,
        state=case.state,
        lane=case.lane.value,
        updated=case.updated,
        texts=texts,
        roles=roles,
        codes=tuple(
            _coded(
                case,
                row,
                position=position,
                title=title(row.code, origin),
                suggestion=suggested.get(row.code),
                made=by.get(row.code),
                texts=texts,
            )
            for position, row in enumerate(case.assigned, 1)
        ),
        comments=case.comments if texts else (),
        queries=case.queries if texts else (),
        signatures=case.signatures,
        submitted_by="" if signed is None else signed.by,
        submitted_at="" if signed is None else signed.ts,
        provenance=origin,
        history=tuple(_step(event) for event in events),
    )


def _deciders(review: Review) -> Mapping[str, Made]:
    """Return for each code the newest act in force that decided on it."""
    by: dict[str, Made] = {}
    for made in review.done:
        for code in _decided(made.data):
            open_still = code not in by
            if isinstance(made.data, Decided) or open_still:
                by[code] = made
    return by


def _decided(act: Act) -> tuple[str, ...]:
    match act:
        case DecisionReplaced():
            return act.code, act.new_code
        case Decided():
            return (act.code,)
        case CaseSubmitted():
            return tuple(code for code, _ in act.codes)
        case _:
            return ()


def _coded(
    case: Case,
    row: CodeRow,
    *,
    position: int,
    title: str,
    suggestion: Suggestion | None,
    made: Made | None,
    texts: bool,
) -> Coded:
    return Coded(
        position=position,
        code=row.code,
        title=title,
        standing=_standing(case, row),
        maker=maker_of(row),
        decision=row.status,
        replaced_by=row.replaced_by,
        poa=row.poa,
        confidence=None if suggestion is None else suggestion.confidence,
        reasons=() if suggestion is None else suggestion.reasons,
        quotes=tuple(
            quote(case.encounters[row.revision - 1], span, texts=texts) for span in row.evidence
        ),
        decided_by="" if made is None else made.by,
        decided_at="" if made is None else made.ts,
        reason=row.reason if texts else "",
    )


def _standing(case: Case, row: CodeRow) -> Standing:
    if row.status is Status.REJECTED:
        return Standing.REJECTED
    if row.status is Status.REPLACED:
        return Standing.REPLACED
    final = case.state is State.SUBMITTED and row.status in {Status.ACCEPTED, Status.ADDED}
    return Standing.FINAL if final else Standing.SUGGESTED


def maker_of(row: CodeRow) -> Maker:
    """Return who answers for a code of a case."""
    if row.origin is Origin.PERSON:
        return Maker.HUMAN_ENTERED
    decided = row.status in {Status.ACCEPTED, Status.ADDED}
    return Maker.HUMAN_CONFIRMED if decided else Maker.MACHINE_SUGGESTED


def quote(encounter: Encounter, span: EvidenceSpan, *, texts: bool) -> Quote:
    """Return the words of a span with their surroundings, from the wording they were read in."""
    text = encounter.note(span.note_id).text if texts else ""
    number = [note.note_id for note in encounter.notes].index(span.note_id) + 1
    return Quote(
        note=span.note_id if texts else f"note {number}",
        start=span.start,
        end=span.end,
        before=text[max(0, span.start - CONTEXT) : span.start],
        words=text[span.start : span.end],
        after=text[span.end : span.end + CONTEXT],
    )


def _step(event: AuditEvent) -> Step:
    return Step(
        seq=event.seq,
        when=event.ts,
        who=event.actor.id,
        actor=event.actor.kind.value,
        role=event.actor.role,
        kind=event.kind,
        hash=event.hash,
    )
