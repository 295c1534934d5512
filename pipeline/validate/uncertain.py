"""Diagnoses that are documented as uncertain only: counted, taken out, or never counted (Q01-Q03).

Coded as if established on a facility's inpatient claim (II.H, III.C), not coded elsewhere (IV.H);
some diseases are never coded unless confirmed, which is a finding on the encounter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model import (
    Assertion,
    Claim,
    Encounter,
    Exclusion,
    Finding,
    Proposal,
    Setting,
    Severity,
)
from pipeline.validate.codeset import Ledger
from pipeline.validate.documented import place

_RULE = "uncertain-diagnosis"
_CONFIRMED_ONLY = (
    ("B20", "I.C.1.a.1", ""),
    ("Z21", "I.C.1.a.1", ""),
    ("A92.5", "I.C.1.f.1", "Z20.821"),
    ("U07.1", "I.C.1.g.1.a", "Z20.822"),
    ("J09", "I.C.10.c", "J11"),
    ("J10", "I.C.10.c", "J11"),
    ("Y38", "I.C.20.j.2", "X92-Y09"),
)
"""Coded only when confirmed, on a facility's inpatient claim too (exceptions to II.H).

The section, and what stands for a suspected one beside its signs and symptoms.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certain:
    """What is left, what was taken out, and the findings on the encounter."""

    kept: list[Proposal]
    excluded: list[Exclusion]
    about: list[Finding]


def settle(encounter: Encounter, proposals: Sequence[Proposal], ledger: Ledger) -> Certain:
    """Apply the setting's rule for uncertain diagnoses."""
    counted = encounter.setting is Setting.INPATIENT and encounter.claim is Claim.FACILITY
    ledger.look(_RULE, len(proposals))
    result = Certain(kept=[], excluded=[], about=[])
    for proposal in proposals:
        if any(trace.mention.assertion is not Assertion.POSSIBLE for trace in proposal.traces):
            result.kept.append(proposal)
            continue
        words = _words(encounter, proposal)
        only = next((row for row in _CONFIRMED_ONLY if proposal.code.startswith(row[0])), None)
        if counted and only is None:
            result.kept.append(proposal)
            ledger.findings.append(
                _finding(ledger, _RULE, Severity.WARNING, proposal.code, "II.H", words)
            )
            continue
        evidence = tuple(trace.mention for trace in proposal.traces)
        result.excluded.append(Exclusion(code=proposal.code, reason=_RULE, evidence=evidence))
        if counted and only is not None:
            _, section, use = only
            told = (*((f"use={use}",) if use else ()), *words)
            result.about.append(
                _finding(ledger, "confirmed-only.Q03", Severity.INFO, proposal.code, section, told)
            )
    return result


def _words(encounter: Encounter, proposal: Proposal) -> tuple[str, ...]:
    triggers = (trace.mention.trigger for trace in proposal.traces)
    return tuple(place(encounter, span) for span in triggers if span)


def _finding(
    ledger: Ledger, rule: str, severity: Severity, code: str, section: str, detail: tuple[str, ...]
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        codes=(code,),
        source=f"guideline {section}",
        release=ledger.release,
        detail=detail,
    )
