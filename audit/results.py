"""Coding results to and from events: five events per pass, one for each stage, nothing twice."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Generic, TypeVar

from audit.encounters import decimal
from audit.events import (
    AnalysisStarted,
    CandidateRow,
    CandidatesRetrieved,
    CandidatesVerified,
    CaseRouted,
    CodesValidated,
    EvidenceExtracted,
    FindingRow,
    MentionRow,
    RequestedBy,
)
from audit.log import canonical
from audit.model import Actor, AuditError
from audit.shapes import Data, Span
from pipeline.model import (
    Candidate,
    CodingResult,
    Encounter,
    EvidenceSpan,
    Exclusion,
    Finding,
    Mention,
    MentionTrace,
    Provenance,
    Suggestion,
    Verdict,
)

T = TypeVar("T")
_WORD = re.compile(r"\w+")
_RUN = 4  # words in a row that would count as text of a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What the five events carry in which a result stands, in the order of the log."""

    extracted: EvidenceExtracted
    retrieved: CandidatesRetrieved
    verified: CandidatesVerified
    validated: CodesValidated
    routed: CaseRouted

    def in_order(self) -> tuple[Data, ...]:
        """Return the five."""
        return self.extracted, self.retrieved, self.verified, self.validated, self.routed


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis(Stages):
    """What the events of one finished pass carry."""

    started: AnalysisStarted

    @property
    def provenance(self) -> Provenance:
        """Return what the pass was made with."""
        return Provenance(
            **{field.name: getattr(self.started, field.name) for field in fields(Provenance)}
        )


class _Interned(Generic[T]):
    """Values in the order they first came, each once."""

    def __init__(self) -> None:
        self._index: dict[T, int] = {}

    def put(self, value: T) -> int:
        """Return the index of a value, new or known."""
        return self._index.setdefault(value, len(self._index))

    def __iter__(self) -> Iterator[T]:
        return iter(self._index)


@lru_cache(maxsize=64)
def provenance_json(provenance: Provenance) -> str:
    """Return the canonical JSON of a provenance, the second half of what a piece of work is."""
    return canonical(asdict(provenance))


def start_of(provenance: Provenance, *, work: str, by: Actor) -> AnalysisStarted:
    """Return the event with which an analysis begins."""
    return AnalysisStarted(
        work=work,
        requested_by=RequestedBy(kind=by.kind.value, id=by.id),
        **{field.name: getattr(provenance, field.name) for field in fields(provenance)},
    )


def encode_span(span: EvidenceSpan, encounter: Encounter) -> Span:
    """Return `[note, start, end]`; AuditError where the encounter has no such words."""
    for number, note in enumerate(encounter.notes):
        if note.note_id == span.note_id:
            if 0 <= span.start < span.end <= len(note.text):
                return number, span.start, span.end
            break
    raise AuditError(
        f"A span ({span.start} to {span.end}) names no words of the notes of encounter "
        f"{encounter.encounter_id}. Nothing was recorded."
    )


def decode_span(row: Span, encounter: Encounter) -> EvidenceSpan:
    """Return the span of a row."""
    number, start, end = row
    return EvidenceSpan(note_id=encounter.notes[number].note_id, start=start, end=end)


def encode_result(result: CodingResult, encounter: Encounter) -> Stages:
    """Return what the events of a result carry.

    AuditError where a suggestion or exclusion has no words in the notes, or where a reason
    repeats four words of a note in a row.
    """
    if result.encounter_id != encounter.encounter_id:
        raise AuditError(
            f"The result of encounter {result.encounter_id} was handed in with encounter "
            f"{encounter.encounter_id}. Nothing was recorded."
        )
    proposed = [(item.code, item.evidence) for item in result.suggestions]
    for code, evidence in (*proposed, *((item.code, item.evidence) for item in result.excluded)):
        if not evidence:
            raise AuditError(
                f"The code {code} of encounter {encounter.encounter_id} has no words in the "
                "notes behind it. Nothing was recorded."
            )
    mentions, candidates = _Interned[Mention](), _Interned[Candidate]()
    lists, verdicts = _Interned[tuple[int, ...]](), _Interned[Verdict]()
    findings = _Interned[Finding]()

    # A suggestion has the list of its trace, the very same one, so each is gone through once; all
    # of them live as long as the result, so that none takes the place of another.
    known: dict[int, int] = {}

    def listed(found: tuple[Candidate, ...]) -> int:
        if id(found) not in known:
            known[id(found)] = lists.put(tuple(candidates.put(each) for each in found))
        return known[id(found)]

    traces = [(mentions.put(trace.mention), listed(trace.candidates)) for trace in result.traces]
    taken = [(trace.code, verdicts.put(trace.verdict)) for trace in result.traces]
    suggestions = [
        (
            item.code,
            tuple(mentions.put(mention) for mention in item.evidence),
            listed(item.candidates),
            verdicts.put(item.verdict),
            tuple(findings.put(finding) for finding in item.findings),
        )
        for item in result.suggestions
    ]
    excluded = [
        (item.code, item.reason, tuple(mentions.put(mention) for mention in item.evidence))
        for item in result.excluded
    ]
    whole = tuple(findings.put(finding) for finding in result.findings)
    unchecked = tuple(findings.put(finding) for finding in result.unchecked)
    stages = Stages(
        extracted=EvidenceExtracted(
            mentions=tuple(_mention_row(mention, encounter) for mention in mentions)
        ),
        retrieved=CandidatesRetrieved(
            candidates=tuple(_candidate_row(candidate) for candidate in candidates),
            lists=tuple(lists),
            traces=tuple(traces),
        ),
        verified=CandidatesVerified(
            verdicts=tuple((v.support, v.reasons, v.by) for v in verdicts), traces=tuple(taken)
        ),
        validated=CodesValidated(
            findings=tuple(_finding_row(finding) for finding in findings),
            suggestions=tuple(suggestions),
            excluded=tuple(excluded),
            encounter=whole,
            passes=tuple(_pass_row(each) for each in result.passes),
            unchecked=unchecked,
        ),
        routed=CaseRouted(
            setting=result.setting,
            lane=result.lane,
            lane_reasons=result.lane_reasons,
            suggestions=tuple(
                (decimal(item.confidence), item.route, item.reasons) for item in result.suggestions
            ),
            parts=tuple(item.parts for item in result.suggestions),
        ),
    )
    _refuse_words(_strings(stages), encounter)
    return stages


def decode_result(stages: Stages, provenance: Provenance, encounter: Encounter) -> CodingResult:
    """Return the result recorded by these events, equal to the one that was encoded."""
    mentions = [_mention(row, encounter) for row in stages.extracted.mentions]
    candidates = [_candidate(row) for row in stages.retrieved.candidates]
    lists = [tuple(candidates[n] for n in row) for row in stages.retrieved.lists]
    verdicts = [Verdict(support=s, reasons=r, by=by) for s, r, by in stages.verified.verdicts]
    findings = [_finding(row) for row in stages.validated.findings]
    traces = zip(stages.retrieved.traces, stages.verified.traces, strict=True)
    proposed = stages.validated.suggestions
    parts = stages.routed.parts or ((),) * len(proposed)
    routed = zip(proposed, stages.routed.suggestions, parts, strict=True)
    return CodingResult(
        encounter_id=encounter.encounter_id,
        setting=stages.routed.setting,
        traces=tuple(
            MentionTrace(
                mention=mentions[mention],
                candidates=lists[found],
                code=code,
                verdict=verdicts[verdict],
            )
            for (mention, found), (code, verdict) in traces
        ),
        suggestions=tuple(
            Suggestion(
                code=code,
                evidence=tuple(mentions[n] for n in evidence),
                candidates=lists[found],
                verdict=verdicts[verdict],
                findings=tuple(findings[n] for n in named),
                confidence=float(confidence),
                route=route,
                reasons=reasons,
                parts=moved,
            )
            for (code, evidence, found, verdict, named), (
                confidence,
                route,
                reasons,
            ), moved in routed
        ),
        excluded=tuple(
            Exclusion(code=code, reason=reason, evidence=tuple(mentions[n] for n in evidence))
            for code, reason, evidence in stages.validated.excluded
        ),
        findings=tuple(findings[n] for n in stages.validated.encounter),
        lane=stages.routed.lane,
        lane_reasons=stages.routed.lane_reasons,
        provenance=provenance,
        passes=tuple(f"{rule}={codes}" for rule, codes in stages.validated.passes),
        unchecked=tuple(findings[n] for n in stages.validated.unchecked),
    )


def _mention_row(mention: Mention, encounter: Encounter) -> MentionRow:
    trigger = None if mention.trigger is None else encode_span(mention.trigger, encounter)
    span = encode_span(mention.span, encounter)
    if not mention.attributes:
        return (*span, mention.section, mention.assertion, trigger)
    return (*span, mention.section, mention.assertion, trigger, mention.attributes)


def _mention(row: MentionRow, encounter: Encounter) -> Mention:
    number, start, end, section, assertion, trigger = row[:6]
    return Mention(
        span=decode_span((number, start, end), encounter),
        section=section,
        assertion=assertion,
        trigger=None if trigger is None else decode_span(trigger, encounter),
        attributes=row[6] if len(row) == 7 else (),  # noqa: PLR2004 - see MentionRow
    )


def _candidate_row(item: Candidate) -> CandidateRow:
    return item.code, decimal(item.score), item.channels, item.reasons


def _candidate(row: CandidateRow) -> Candidate:
    code, score, channels, reasons = row
    return Candidate(code=code, score=float(score), channels=channels, reasons=reasons)


def _finding_row(item: Finding) -> FindingRow:
    return item.rule, item.severity, item.codes, item.source, item.release, item.detail


def _finding(row: FindingRow) -> Finding:
    rule, severity, codes, source, release, detail = row
    return Finding(
        rule=rule, severity=severity, codes=codes, source=source, release=release, detail=detail
    )


def _pass_row(item: str) -> tuple[str, int]:
    rule, _, codes = item.partition("=")
    return rule, int(codes)


def _strings(stages: Stages) -> Iterator[str]:
    """Yield every string of a result that a stage wrote freely."""
    for row in stages.extracted.mentions:
        yield from (row[3], *(row[6] if len(row) == 7 else ()))  # noqa: PLR2004 - see MentionRow
    for code, _, _, reasons in stages.retrieved.candidates:
        yield from (code, *reasons)
    yield from (code for code, _ in stages.verified.traces)
    for _, reasons, by in stages.verified.verdicts:
        yield from (by, *reasons)
    for rule, _, codes, source, release, detail in stages.validated.findings:
        yield from (rule, source, release, *codes, *detail)
    for code, reason, _ in stages.validated.excluded:
        yield from (code, reason)
    yield from (rule for rule, _ in stages.validated.passes)
    yield from stages.routed.lane_reasons
    for _, _, reasons in stages.routed.suggestions:
        yield from reasons
    for moved in stages.routed.parts:
        yield from moved


def _refuse_words(strings: Iterable[str], encounter: Encounter) -> None:
    # The rules bring the taxonomy and numpy with them, which a store is opened without.
    from pipeline.validate import known_rules  # noqa: PLC0415

    # Reasons are few and repeated often, so each is looked at once. The name of a rule is ours
    # whatever the note says: "severe sepsis after infection" is a rule and may be a sentence.
    long = {words for s in set(strings) - known_rules() if (words := _long(s))}
    if not long:
        return
    runs = {
        run
        for note in encounter.notes
        for words in [_words(note.text)]
        for run in zip(*(words[n:] for n in range(_RUN)), strict=False)
    }
    for words in long:
        if any(words[n : n + _RUN] in runs for n in range(len(words) - _RUN + 1)):
            raise AuditError(
                f"A reason in the result of encounter {encounter.encounter_id} repeats words of a "
                "note, and the log holds none. Nothing was recorded; please report this."
            )


@lru_cache(maxsize=65_536)
def _long(reason: str) -> tuple[str, ...]:
    """Return the words of a reason that has enough of them to be text of a note, else none.

    Remembered, because the reasons of one note are those of the next.
    """
    words = _words(reason)
    return words if len(words) >= _RUN else ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in _WORD.findall(text))
