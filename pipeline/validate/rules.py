"""The rules of this stage, each with the guideline section or tabular note it comes from."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from itertools import combinations

from pipeline.model import (
    Assertion,
    Claim,
    Encounter,
    Exclusion,
    Finding,
    Proposal,
    Scope,
    Setting,
    Severity,
    Validation,
)
from pipeline.validate import combine
from pipeline.validate.combine import Combination
from taxonomy import Taxonomy

_UNCERTAIN = frozenset({Assertion.POSSIBLE})


@dataclass(frozen=True, slots=True)
class Validator:
    """The tables of this stage: which disease explains which symptom, and what combines."""

    integral: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    combinations: tuple[Combination, ...]

    @classmethod
    def read(cls) -> "Validator":
        """Read the tables from `resources`."""
        data = json.loads(files("resources").joinpath("rules/integral.json").read_text("utf-8"))
        integral = tuple((tuple(row["diagnoses"]), tuple(row["symptoms"])) for row in data["rows"])
        return cls(integral, combine.read())

    def validate(
        self, encounter: Encounter, proposals: Sequence[Proposal], taxonomy: Taxonomy, scope: Scope
    ) -> Validation:
        """Return what is left of the proposals, what was taken out and why, and the findings."""
        kept = list(proposals)
        excluded: list[Exclusion] = []
        findings: list[Finding] = []
        if scope is Scope.REPORTABLE:
            kept, out, found = _uncertain(encounter, kept, taxonomy)
            excluded += out
            findings += found
            kept, out = self._integral(kept)
            excluded += out
            kept, out = _less_specific(kept, taxonomy)
            excluded += out
            combined = combine.combine(kept, self.combinations, taxonomy.release.label)
            kept = combined.kept
            excluded += combined.excluded
            findings += combined.findings
        findings += self.check([proposal.code for proposal in kept], taxonomy)
        return Validation(
            kept=tuple(kept),
            excluded=tuple(excluded),
            findings=tuple(findings),
            encounter_findings=tuple(_about_encounter(encounter, kept, taxonomy)),
        )

    def check(self, codes: Sequence[str], taxonomy: Taxonomy) -> list[Finding]:
        """Return the findings on a set of codes by themselves, in tabular order of the codes."""
        return [
            *_structure(codes, taxonomy),
            *_excludes1(sorted(set(codes) & set(_known(codes, taxonomy))), taxonomy),
        ]

    def _integral(self, proposals: list[Proposal]) -> tuple[list[Proposal], list[Exclusion]]:
        """Take out signs and symptoms that a confirmed disease explains (I.B.5, I.C.18.b)."""
        confirmed = [
            p.code
            for p in proposals
            if any(t.mention.assertion is Assertion.PRESENT for t in p.traces)
        ]
        kept, excluded = [], []
        for proposal in proposals:
            cause = next(
                (
                    code
                    for diagnoses, symptoms in self.integral
                    if proposal.code.startswith(symptoms)
                    for code in confirmed
                    if code != proposal.code and code.startswith(diagnoses)
                ),
                None,
            )
            if cause is None:
                kept.append(proposal)
            else:
                excluded.append(_exclude(proposal, f"integral-to={cause}"))
        return kept, excluded


def _exclude(proposal: Proposal, reason: str) -> Exclusion:
    return Exclusion(
        code=proposal.code,
        reason=reason,
        evidence=tuple(trace.mention for trace in proposal.traces),
    )


def _uncertain(
    encounter: Encounter, proposals: list[Proposal], taxonomy: Taxonomy
) -> tuple[list[Proposal], list[Exclusion], list[Finding]]:
    """Apply the setting's rule for diagnoses that are documented as uncertain only.

    Coded as if established on a facility's inpatient claim (II.H, III.C), not coded elsewhere
    (IV.H).
    """
    counted = encounter.setting is Setting.INPATIENT and encounter.claim is Claim.FACILITY
    kept: list[Proposal] = []
    excluded: list[Exclusion] = []
    findings: list[Finding] = []
    for proposal in proposals:
        if not all(trace.mention.assertion in _UNCERTAIN for trace in proposal.traces):
            kept.append(proposal)
        elif counted:
            kept.append(proposal)
            findings.append(
                Finding(
                    rule="uncertain-diagnosis",
                    severity=Severity.WARNING,
                    codes=(proposal.code,),
                    source="guideline II.H",
                    release=taxonomy.release.label,
                )
            )
        else:
            excluded.append(_exclude(proposal, "uncertain-diagnosis"))
    return kept, excluded, findings


def _less_specific(
    proposals: list[Proposal], taxonomy: Taxonomy
) -> tuple[list[Proposal], list[Exclusion]]:
    """Take out an "unspecified" code where its category has a more telling one (I.B.2)."""
    kept, excluded = [], []
    for proposal in proposals:
        better = next(
            (
                other.code
                for other in proposals
                if other.code != proposal.code
                and other.code[:3] == proposal.code[:3]
                and _is_unspecified(proposal.code, taxonomy)
                and not _is_unspecified(other.code, taxonomy)
            ),
            None,
        )
        if better is None:
            kept.append(proposal)
        else:
            excluded.append(_exclude(proposal, f"less-specific-than={better}"))
    return kept, excluded


def _is_unspecified(code: str, taxonomy: Taxonomy) -> bool:
    found = taxonomy.get(code)
    return found is not None and (
        "unspecified" in found.title.lower() or "without complications" in found.title.lower()
    )


def _known(codes: Sequence[str], taxonomy: Taxonomy) -> list[str]:
    return [code for code in codes if taxonomy.get(code) is not None]


def _structure(codes: Sequence[str], taxonomy: Taxonomy) -> list[Finding]:
    """Return findings on existence, length, 7th character and repeats (I.A.2-5, I.B.2, I.B.12)."""
    release = taxonomy.release.label
    findings = []
    for code, times in Counter(codes).items():
        found = taxonomy.get(code)
        if found is None:
            findings.append(_error("exists", code, "guideline I.A.2", release))
            continue
        characters = {} if found.billable else taxonomy.seventh_characters(code)
        if characters:
            valid = tuple(full for c in characters if (full := taxonomy.with_seventh(code, c)))
            findings.append(_error("seventh-character", code, "guideline I.A.5", release, valid))
        elif not found.billable:
            findings.append(
                _error("billable", code, "guideline I.B.2", release, taxonomy.children(code))
            )
        if times > 1:
            findings.append(_error("duplicate", code, "guideline I.B.12", release))
    return findings


def _error(
    rule: str, code: str, source: str, release: str, detail: tuple[str, ...] = ()
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        codes=(code,),
        source=source,
        release=release,
        detail=detail,
    )


def _excludes1(codes: Sequence[str], taxonomy: Taxonomy) -> list[Finding]:
    """Return a finding for each pair that a type 1 excludes note keeps apart (I.A.12.a)."""
    findings = []
    for one, other in combinations(codes, 2):
        hit = taxonomy.excludes1(one, other)
        if hit is not None:
            findings.append(
                Finding(
                    rule="excludes1",
                    severity=Severity.WARNING,
                    codes=(hit.holder, hit.excluded),
                    source=f"tabular {hit.note.node} excludes1 {hit.note.number}",
                    release=taxonomy.release.label,
                )
            )
    return findings


def _about_encounter(
    encounter: Encounter, kept: Sequence[Proposal], taxonomy: Taxonomy
) -> list[Finding]:
    """Return the findings on what is not known of the encounter, and on finding nothing."""
    release = taxonomy.release
    findings = []

    def say(rule: str, severity: Severity, source: str) -> None:
        findings.append(Finding(rule=rule, severity=severity, source=source, release=release.label))

    if "setting" in encounter.assumed:
        say("setting-assumed", Severity.INFO, "guideline IV")
    day = _decisive_day(encounter)
    if day is None:
        say("release-assumed", Severity.INFO, "guideline introduction")
    elif not release.effective_from <= day <= release.effective_to:
        say("release-missing", Severity.QUERY, "guideline introduction")
    if not kept:
        say("nothing-documented", Severity.QUERY, "guideline IV.A")
    return findings


def _decisive_day(encounter: Encounter) -> date | None:
    """Return the day whose release counts: discharge of a stay, service date of a visit."""
    if encounter.setting is Setting.INPATIENT:
        return encounter.discharged or encounter.service_date or encounter.admitted
    return encounter.service_date or encounter.discharged or encounter.admitted
