"""Rules that ask which note, section or author a condition was read from.

As in `documented`, a finding carries the place of the words, and takes no code out.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.model import Assertion, Encounter, Finding, NoteStatus, Proposal, Setting, Severity
from pipeline.validate.codeset import Ledger
from pipeline.validate.documented import place

_HISTORY_CODES = ("Z", "I25.2", "I69", "B90", "B91", "B92", "B94", "O94")
_ABNORMAL = tuple(f"R{number}" for number in range(70, 98))
_RESULTS = "results"
_BEFORE_SURGERY = "admission-diagnosis"
_AFTER_SURGERY = re.compile(r"\bpost-?\s?operative diagnos[ei]s\b", re.IGNORECASE)
_LAST_NOTE = re.compile(r"\bdischarge\b|\bfinal\b", re.IGNORECASE)
_PROVIDER = re.compile(
    r"\b(?:nurse practitioner|np|aprn|arnp|crna|cnm|midwife|physician|doctor|md|do|pa)\b",
    re.IGNORECASE,
)
_CLINICIAN = re.compile(
    r"\b(?:nurse|rn|lpn|lvn|dietiti?an|nutritionist|social worker|lcsw|msw|therapist|pt|ot|slp|"
    r"case manager|pharmacist|paramedic|emt|medical assistant|student|scribe)\b",
    re.IGNORECASE,
)
_ANY_CLINICIAN = ("Z", "V", "W", "X", "Y", "R29.7", "R40.2")
_SOCIAL = tuple(f"Z{number}" for number in range(55, 66))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    rule: str
    severity: Severity
    inpatient: str
    elsewhere: str
    asked: Callable[[Encounter, Proposal], bool]
    holds: Callable[[Encounter, Proposal], bool]


def run(encounter: Encounter, kept: Sequence[Proposal], ledger: Ledger) -> None:
    """Ask every rule of this family about every code."""
    for proposal in kept:
        for rule in _RULES:
            if rule.asked(encounter, proposal):
                ledger.look(rule.rule, 1)
                ledger.findings += _ask(encounter, proposal, rule, ledger.release)


def _ask(encounter: Encounter, proposal: Proposal, rule: _Rule, release: str) -> Iterator[Finding]:
    if rule.holds(encounter, proposal):
        section = rule.inpatient if _is_stay(encounter) else rule.elsewhere
        yield Finding(
            rule=rule.rule,
            severity=rule.severity,
            codes=(proposal.code,),
            source=f"guideline {section}",
            release=release,
            detail=(place(encounter, proposal.traces[0].mention.span),),
        )


def _is_stay(encounter: Encounter) -> bool:
    return encounter.setting is Setting.INPATIENT


def _sections(proposal: Proposal) -> set[str]:
    return {trace.mention.section for trace in proposal.traces}


def _asked_result(encounter: Encounter, proposal: Proposal) -> bool:
    return _is_stay(encounter) and proposal.code.startswith(_ABNORMAL)


def _result_alone(_encounter: Encounter, proposal: Proposal) -> bool:
    return _sections(proposal) == {_RESULTS}


def _asked_history(_encounter: Encounter, proposal: Proposal) -> bool:
    """A history of what lasts (hypertension) is the disease itself; the verifier says so."""
    lasting = any("history-of-lasting" in trace.verdict.reasons for trace in proposal.traces)
    return not lasting and not proposal.code.startswith(_HISTORY_CODES)


def _history_alone(_encounter: Encounter, proposal: Proposal) -> bool:
    return all(trace.mention.assertion is Assertion.HISTORICAL for trace in proposal.traces)


def _asked_surgery(encounter: Encounter, proposal: Proposal) -> bool:
    spans = (trace.mention.span for trace in proposal.traces)
    return any(_AFTER_SURGERY.search(encounter.note(span.note_id).text) for span in spans)


def _preoperative_only(_encounter: Encounter, proposal: Proposal) -> bool:
    return _sections(proposal) == {_BEFORE_SURGERY}


def _asked_early(encounter: Encounter, proposal: Proposal) -> bool:
    uncertain = all(t.mention.assertion is Assertion.POSSIBLE for t in proposal.traces)
    return uncertain and _is_stay(encounter) and bool(_last_notes(encounter))


def _uncertain_early(encounter: Encounter, proposal: Proposal) -> bool:
    named = {trace.mention.span.note_id for trace in proposal.traces}
    return named.isdisjoint(_last_notes(encounter))


def _last_notes(encounter: Encounter) -> set[str]:
    return {note.note_id for note in encounter.notes if _LAST_NOTE.search(note.kind)}


def _asked_author(encounter: Encounter, proposal: Proposal) -> bool:
    """Some codes may rest on any clinician's words (I.B.14), and an unnamed role says nothing."""
    spans = (trace.mention.span for trace in proposal.traces)
    roles = [encounter.note(span.note_id).author_role for span in spans]
    return all(roles) and not proposal.code.startswith(_ANY_CLINICIAN)


def _not_provider(encounter: Encounter, proposal: Proposal) -> bool:
    spans = (trace.mention.span for trace in proposal.traces)
    roles = [encounter.note(span.note_id).author_role for span in spans]
    return all(_CLINICIAN.search(role) and not _PROVIDER.search(role) for role in roles)


def _asked_social(_encounter: Encounter, proposal: Proposal) -> bool:
    return proposal.code.startswith(_SOCIAL)


def _unsigned(encounter: Encounter, proposal: Proposal) -> bool:
    notes = (encounter.note(trace.mention.span.note_id) for trace in proposal.traces)
    return all(note.status is NoteStatus.UNSIGNED for note in notes)


_RULES = (
    _Rule(
        rule="result-alone.V25",
        severity=Severity.QUERY,
        inpatient="III.B",
        elsewhere="III.B",
        asked=_asked_result,
        holds=_result_alone,
    ),
    _Rule(
        rule="history-alone.Q07",
        severity=Severity.INFO,
        inpatient="III.A",
        elsewhere="IV.J",
        asked=_asked_history,
        holds=_history_alone,
    ),
    _Rule(
        rule="preoperative-only.Q09",
        severity=Severity.WARNING,
        inpatient="IV.N",
        elsewhere="IV.N",
        asked=_asked_surgery,
        holds=_preoperative_only,
    ),
    _Rule(
        rule="uncertain-early.Q02",
        severity=Severity.WARNING,
        inpatient="II.H",
        elsewhere="II.H",
        asked=_asked_early,
        holds=_uncertain_early,
    ),
    _Rule(
        rule="author-not-provider.V21",
        severity=Severity.QUERY,
        inpatient="I.B.14",
        elsewhere="I.B.14",
        asked=_asked_author,
        holds=_not_provider,
    ),
    _Rule(
        rule="unsigned-social.C25",
        severity=Severity.WARNING,
        inpatient="I.C.21.c.17",
        elsewhere="I.C.21.c.17",
        asked=_asked_social,
        holds=_unsigned,
    ),
)
