"""A case with its words, as people see it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from audit.acts import Act, CaseHeld, CommentAdded, Poa, QueryWritten
from audit.encounters import decode_encounter
from audit.events import InputRefused
from audit.governance import Statement
from audit.lease import Claim
from audit.lines import CodeLine, Origin, Status, lines
from audit.model import AuditError
from audit.results import decode_result, decode_span
from audit.review import Made, Review, State
from audit.shapes import Span
from pipeline.model import Assertion, CodingResult, Encounter, EvidenceSpan, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A code of a case with its words: `evidence` lies in wording `revision` of the encounter.

    `replaced_by` is set where the status is replaced; `reason` is what the person typed. `marked`
    are the spans a person put to it; `poa` is "" for exempt and None for not said; `assertion` is
    what a person said of the words; `path` the way by which they found the code, in words.
    """

    code: str
    origin: Origin
    status: Status
    evidence: tuple[EvidenceSpan, ...]
    revision: int
    replaced_by: str = ""
    reason: str = ""
    marked: tuple[EvidenceSpan, ...] = ()
    poa: Poa | None = None
    assertion: Assertion | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A text a person wrote: a comment, a query to the provider, why a case is put aside.

    `codes` are those it is about; `evidence` the words a query cites, in wording `revision`; `when`
    is the time of the log.
    """

    text: str
    by: str
    when: str
    codes: tuple[str, ...] = ()
    evidence: tuple[EvidenceSpan, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The review state of one encounter, with its words.

    `encounters` are all wordings, oldest first, `encounter` the newest; `result` is None where
    the newest wording has no finished analysis; `assigned` has the suggested codes in their
    order, then those people brought, all in the order a person gave where `ordered`; `hold` says
    why and since when a held case is put aside; `signatures` are those of all versions; `disposed`
    is when its texts were destroyed; `claim` is who has it in hand, or had; `version` is the number
    of events of the case.
    """

    case_id: str
    encounter: Encounter
    encounters: tuple[Encounter, ...]
    result: CodingResult | None
    lane: Route
    lane_reasons: tuple[str, ...]
    state: State
    errors: tuple[str, ...]
    assigned: tuple[CodeRow, ...]
    can_undo: bool
    can_redo: bool
    version: int
    updated: str
    ordered: bool = False
    comments: tuple[Remark, ...] = ()
    queries: tuple[Remark, ...] = ()
    hold: Remark | None = None
    claim: Claim | None = None
    signatures: tuple[Statement, ...] = ()
    disposed: str = ""

    def row(self, code: str) -> CodeRow | None:
        """Return the row of a code, None where the case has none."""
        return next((row for row in self.assigned if row.code == code), None)

    def quote(self, row: CodeRow) -> tuple[str, ...]:
        """Return the words behind a row, from the wording they were read in."""
        return tuple(self.encounters[row.revision - 1].quote(span) for span in row.evidence)


def reveal(review: Review, texts: Mapping[str, str]) -> Case:
    """Return the case with its words, which `texts` holds by commitment."""
    encounters = tuple(decode_encounter(data, texts) for data in review.received)
    current = review.current
    errors: tuple[str, ...] = ()
    if review.failure is not None:
        errors = tuple(json.loads(texts.get(review.failure.errors, "[]")))
        if not encounters and isinstance(review.failure, InputRefused):
            name = texts.get(review.failure.source, f"erased-{review.case_id[:12]}")
            encounters = (Encounter(encounter_id=name, notes=()),)
    if not encounters:
        raise AuditError(
            f"The case {review.case_id} has no encounter. Run `chartproof audit verify`."
        )
    return Case(
        case_id=review.case_id,
        encounter=encounters[-1],
        encounters=encounters,
        result=None
        if current is None
        else decode_result(current.analysis, current.analysis.provenance, encounters[-1]),
        lane=review.lane,
        lane_reasons=review.lane_reasons,
        state=review.state,
        errors=errors,
        assigned=tuple(_row(line, encounters, texts) for line in lines(review)),
        can_undo=bool(review.done),
        can_redo=bool(review.undone),
        version=review.version,
        updated=review.updated,
        ordered=review.ordered,
        signatures=tuple(signed.statement for signed in review.signatures),
        disposed=review.disposed,
        comments=_remarks(review, CommentAdded, encounters, texts),
        queries=_remarks(review, QueryWritten, encounters, texts),
        hold=_remarks(review, CaseHeld, encounters, texts)[-1]
        if review.state is State.HELD
        else None,
        claim=review.claim,
    )


def _remarks(
    review: Review,
    kind: type[Act],
    encounters: tuple[Encounter, ...],
    texts: Mapping[str, str],
) -> tuple[Remark, ...]:
    return tuple(
        _remark(made, encounters, texts) for made in review.done if isinstance(made.data, kind)
    )


def _remark(made: Made, encounters: tuple[Encounter, ...], texts: Mapping[str, str]) -> Remark:
    data = made.data
    remark = Remark(
        text=texts.get(data.refs()[0], ""), by=made.by, when=made.ts, revision=made.revision
    )
    match data:
        case CommentAdded() if data.code is not None:
            return replace(remark, codes=(data.code,))
        case QueryWritten():
            spans = (decode_span(span, encounters[made.revision - 1]) for span in data.indicators)
            return replace(remark, codes=data.codes, evidence=tuple(spans))
        case _:
            return remark


def _row(line: CodeLine, encounters: tuple[Encounter, ...], texts: Mapping[str, str]) -> CodeRow:
    def words(spans: tuple[Span, ...]) -> tuple[EvidenceSpan, ...]:
        return tuple(decode_span(span, encounters[line.revision - 1]) for span in spans)

    return CodeRow(
        code=line.code,
        origin=line.origin,
        status=line.status,
        evidence=words(line.evidence),
        revision=line.revision,
        replaced_by=line.replaced_by,
        reason="" if line.reason is None else texts.get(line.reason, ""),
        marked=words(line.marked),
        poa=line.poa,
        assertion=line.assertion,
        path=() if line.path is None else tuple(json.loads(texts.get(line.path, "[]"))),
    )
