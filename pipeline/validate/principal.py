"""Propose the principal or first-listed diagnosis, with the section that says so.

A proposal and no more: it is a finding of severity info and changes no order. Rules that leave no
choice come first (a birth record, chemotherapy, a poisoning); else the first condition that the
authors assess in the last note that assesses any, because that is what stands after study (II) or
what they name as the reason for the visit (IV.G); then whatever must stand before it.
"""

from collections.abc import Sequence

from pipeline.model import ASSESSED_SECTIONS, Encounter, Finding, Proposal, Setting, Severity
from pipeline.validate.context import Context
from pipeline.validate.conventions import cause_of, is_manifestation
from pipeline.validate.shapes import Row, Table

_BINDING = frozenset({Severity.ERROR, Severity.WARNING})
_NEVER = ("V", "W", "X", "Y")
_SYMPTOM_RULES = ("symptom-before-neoplasm.C05",)
_CHAIN = 4
RULE = "principal-proposed.Q05"


def propose(
    encounter: Encounter, kept: Sequence[Proposal], context: Context, table: Table
) -> Finding | None:
    """Return the proposal as a finding; None where no code of the set may come first.

    `detail` is `basis=rule` or `basis=first-assessed`.
    """
    barred = _barred(context, table)
    able = [
        proposal
        for proposal in kept
        if proposal.code not in barred and proposal.code[0] not in _NEVER
    ]
    forced = _forced(context, table, {proposal.code for proposal in able})
    if forced is not None:
        code, row = forced
        return _finding(context, code, row.source, "rule")
    chosen = _assessed(encounter, able)
    if chosen is None:
        return None
    inpatient = encounter.setting is Setting.INPATIENT
    source = "guideline II" if inpatient else "guideline IV.G"
    code, before = _lead(context, table, chosen.code)
    if before and code not in barred:
        return _finding(context, code, before, "rule")
    return _finding(context, chosen.code, source, "first-assessed")


def _finding(context: Context, code: str, source: str, basis: str) -> Finding:
    return Finding(
        rule=RULE,
        severity=Severity.INFO,
        codes=(code,),
        source=source,
        release=context.ledger.release,
        detail=(f"basis={basis}",),
    )


def _barred(context: Context, table: Table) -> set[str]:
    """Return the codes of the set that never come first."""
    barred = {found.code for found in context.facts if is_manifestation(found)}
    for row in table.rows:
        if row.shape == "not-first" and row.severity in _BINDING:
            barred.update(context.hits.get(row.codes, ()))
    for listed in (context.lists.manifestation, context.lists.unacceptable):
        if listed is not None:
            barred.update(found.code for found in context.facts if found.code in listed)
    return barred


def _forced(context: Context, table: Table, able: set[str]) -> tuple[str, Row] | None:
    """Return the code that a rule puts first, and the rule."""
    for row in table.rows:
        if row.shape != "first" or row.severity not in _BINDING or row.rule in _SYMPTOM_RULES:
            continue
        if context.given.setting not in row.settings:
            continue
        code = next((code for code in context.hits.get(row.codes, ()) if code in able), None)
        if code is not None:
            return code, row
    return None


def _assessed(encounter: Encounter, able: Sequence[Proposal]) -> Proposal | None:
    """Return the condition assessed first in the last note that assesses any.

    Symptoms and Z codes give way to a disease (II.A, IV.D, IV.E).
    """
    numbers = {note.note_id: number for number, note in enumerate(encounter.notes)}
    places = [
        (proposal.code[0] in "RZ", -numbers[span.note_id], span.start, at)
        for at, proposal in enumerate(able)
        for trace in proposal.traces
        if trace.mention.section in ASSESSED_SECTIONS
        for span in (trace.mention.span,)
    ]
    return able[min(places)[-1]] if places else None


def _lead(context: Context, table: Table, code: str) -> tuple[str, str]:
    """Follow what must stand before a code; returns the code and the source, "" for no step."""
    source, seen = "", {code}
    for _ in range(_CHAIN):
        step = cause_of(context, code) or _before(context, table, code)
        if step is None or step[0] in seen:
            break
        code, source = step
        seen.add(code)
    return code, source


def _before(context: Context, table: Table, code: str) -> tuple[str, str] | None:
    for row in table.rows:
        if row.shape == "after" and row.severity in _BINDING:
            others = context.hits.get(row.others, ())
            if others and code in context.hits.get(row.codes, ()) and code not in others:
                return others[0], row.source
    return None
