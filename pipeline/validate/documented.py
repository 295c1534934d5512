"""Rules that need the words of the notes: what they say beside a mention decides.

A finding points to the words by their place, `words=note:start:end` with the number of the note in
the encounter, and never repeats them. These findings ask; none takes a code out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.model import Assertion, Encounter, EvidenceSpan, Finding, Proposal, Setting, Severity
from taxonomy import Taxonomy

_BEFORE = 40
_AFTER = 40
_IMPENDING = re.compile(r"\b(?:impending|threatened|threatening)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_BORDERLINE = re.compile(r"\bborderline\s+(?:\w+\s+){0,1}$", re.IGNORECASE)
_HEALED = re.compile(r"\b(?:completely |fully |now |well[- ])?healed\b", re.IGNORECASE)
_UROSEPSIS = re.compile(r"\burosepsis\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:no|not|denies|denied|without|negative for|r/o|rule out)\b[^.]*$", re.IGNORECASE
)
_UNRELATED = re.compile(
    r"\b(?:unrelated to|independent of|not (?:due|related|secondary|attributed) to)\b",
    re.IGNORECASE,
)
_HISTORY_CODES = ("Z", "I25.2", "I69", "B90", "B91", "B92", "B94", "O94")
_ULCERS = ("L89", "L97", "L98.4")
_ABNORMAL = tuple(f"R{number}" for number in range(70, 98))
_RESULTS = "results"


def findings(encounter: Encounter, kept: Sequence[Proposal], taxonomy: Taxonomy) -> list[Finding]:
    """Return the findings on codes that the words beside their mentions give rise to."""
    return [
        finding
        for proposal in kept
        for finding in (
            *_beside(encounter, proposal, taxonomy),
            *_history_alone(encounter, proposal, taxonomy.release.label),
            *_result_alone(encounter, proposal, taxonomy.release.label),
        )
    ]


def about_encounter(encounter: Encounter, taxonomy: Taxonomy) -> list[Finding]:
    """Return the findings on words that lead to no code: urosepsis has none (I.C.1.d.1.a.ii)."""
    for number, note in enumerate(encounter.notes):
        for hit in _UROSEPSIS.finditer(note.text):
            line = note.text[: hit.start()].rpartition("\n")[2]
            if not _DENIED.search(line[-_BEFORE:]):
                return [
                    Finding(
                        rule="urosepsis.C01",
                        severity=Severity.QUERY,
                        source="guideline I.C.1.d.1.a.ii",
                        release=taxonomy.release.label,
                        detail=(f"words={number}:{hit.start()}:{hit.end()}",),
                    )
                ]
    return []


def unrelated(
    encounter: Encounter, kept: Sequence[Proposal], linked: Sequence[Finding]
) -> list[Finding]:
    """Ask where conditions were linked and a line of the notes calls something unrelated (I.A.15).

    `linked` are the findings of `combine`, the code that stands for both first.
    """
    found = []
    for finding in linked:
        traces = next((p.traces for p in kept if p.code == finding.codes[0]), ())
        hits = [_hit(encounter, t.mention.span, _UNRELATED, before_only=False) for t in traces]
        places = tuple(dict.fromkeys(hit for hit in hits if hit))
        if places:
            found.append(
                replace(
                    finding,
                    rule="unrelated.V12",
                    severity=Severity.WARNING,
                    source="guideline I.A.15",
                    detail=places,
                )
            )
    return found


def place(encounter: Encounter, span: EvidenceSpan) -> str:
    """Return where words stand, as a finding may carry it."""
    number = next(n for n, note in enumerate(encounter.notes) if note.note_id == span.note_id)
    return f"words={number}:{span.start}:{span.end}"


def _beside(encounter: Encounter, proposal: Proposal, taxonomy: Taxonomy) -> Iterator[Finding]:
    """Yield what stands beside all mentions of a code; one plain mention is enough to be silent."""
    title = taxonomy.title(proposal.code).lower()
    rules = [
        ("impending.V19", Severity.WARNING, "guideline I.B.11", _IMPENDING, True),
        ("borderline.V22", Severity.INFO, "guideline I.B.17", _BORDERLINE, True),
    ]
    if proposal.code.startswith(_ULCERS):
        section = "12.a.4" if proposal.code.startswith("L89") else "12.b.1"
        source = f"guideline I.C.{section}"
        rules.append(("healed-ulcer.C15", Severity.WARNING, source, _HEALED, False))
    for rule, severity, source, pattern, leading in rules:
        if rule.partition(".")[0] in title or "threatened" in title:
            continue
        hits = [
            _hit(encounter, trace.mention.span, pattern, before_only=leading)
            for trace in proposal.traces
        ]
        if all(hits):
            yield Finding(
                rule=rule,
                severity=severity,
                codes=(proposal.code,),
                source=source,
                release=taxonomy.release.label,
                detail=tuple(dict.fromkeys(hit for hit in hits if hit)),
            )


def _hit(
    encounter: Encounter, span: EvidenceSpan, pattern: re.Pattern[str], *, before_only: bool
) -> str:
    """Return the place of the words that match beside a mention, on its line; "" for none."""
    text = encounter.note(span.note_id).text
    start = max(text.rfind("\n", 0, span.start) + 1, span.start - _BEFORE)
    end = span.start
    if not before_only:
        line_end = text.find("\n", span.end)
        end = min(line_end if line_end >= 0 else len(text), span.end + _AFTER)
    found = pattern.search(text[start:end])
    if found is None:
        return ""
    words = EvidenceSpan(note_id=span.note_id, start=start + found.start(), end=start + found.end())
    return place(encounter, words)


def _result_alone(encounter: Encounter, proposal: Proposal, release: str) -> Iterator[Finding]:
    """Ask where an inpatient's abnormal finding rests on results alone (III.B)."""
    if encounter.setting is not Setting.INPATIENT or not proposal.code.startswith(_ABNORMAL):
        return
    if all(trace.mention.section == _RESULTS for trace in proposal.traces):
        yield Finding(
            rule="result-alone.V25",
            severity=Severity.QUERY,
            codes=(proposal.code,),
            source="guideline III.B",
            release=release,
            detail=(place(encounter, proposal.traces[0].mention.span),),
        )


def _history_alone(encounter: Encounter, proposal: Proposal, release: str) -> Iterator[Finding]:
    """Remind that a past condition is a code of Z80 to Z87 (III.A, IV.J).

    A history of what lasts (hypertension) is the disease itself; the verifier says so.
    """
    lasting = any("history-of-lasting" in trace.verdict.reasons for trace in proposal.traces)
    if lasting or proposal.code.startswith(_HISTORY_CODES):
        return
    if all(trace.mention.assertion is Assertion.HISTORICAL for trace in proposal.traces):
        yield Finding(
            rule="history-alone.Q07",
            severity=Severity.INFO,
            codes=(proposal.code,),
            source="guideline III.A"
            if encounter.setting is Setting.INPATIENT
            else "guideline IV.J",
            release=release,
            detail=(place(encounter, proposal.traces[0].mention.span),),
        )
