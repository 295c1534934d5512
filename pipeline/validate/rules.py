"""What the guidelines take out of the proposals, and what every rule says of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.model import (
    Assertion,
    Encounter,
    Exclusion,
    Finding,
    Proposal,
    Scope,
    Severity,
    Validation,
)
from pipeline.validate import combine, documented, poa, principal, sources, uncertain
from pipeline.validate.codeset import Checked, CodeSet, Ledger, Lists, Options, unordered
from pipeline.validate.engine import RuleBook
from pipeline.validate.specifics import explained
from taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Validator:
    """The rules of this stage, and what came with an import or was switched on."""

    book: RuleBook
    lists: Lists = field(default_factory=Lists)
    options: Options = field(default_factory=Options)

    @classmethod
    def read(cls, *, lists: Lists | None = None, options: Options | None = None) -> "Validator":
        """Read the tables from `resources`."""
        return cls(RuleBook.read(), lists or Lists(), options or Options())

    def validate(
        self, encounter: Encounter, proposals: Sequence[Proposal], taxonomy: Taxonomy, scope: Scope
    ) -> Validation:
        """Return what is left of the proposals, what was taken out and why, and the findings.

        Every mention of the scope `documented` stays, and only rules on the codes by themselves
        are asked: the rest of the guidelines speaks of what is reported.
        """
        kept = list(proposals)
        about = _about_encounter(encounter, taxonomy)
        if scope is Scope.DOCUMENTED:
            alone = self.book.check_codes([proposal.code for proposal in kept], taxonomy)
            return Validation(
                kept=tuple(kept),
                excluded=(),
                findings=alone.findings,
                encounter_findings=(*about, *_nothing(kept, taxonomy)),
                passes=alone.passes,
                unchecked=alone.unchecked,
            )
        words = Ledger(release=taxonomy.release.label)
        certain = uncertain.settle(encounter, kept, words)
        excluded = certain.excluded
        kept, out = _integral(certain.kept)
        excluded += out
        kept, out = _less_specific(kept, taxonomy)
        excluded += out
        combined = combine.combine(kept, self.book.combinations, taxonomy.release.label)
        kept = combined.kept
        excluded += combined.excluded
        words.findings += combined.findings
        documented.unrelated(encounter, kept, combined.findings, words)
        documented.run(encounter, kept, taxonomy, words)
        sources.run(encounter, kept, words)
        read = words.close()
        checked, proposed = self._reported(encounter, kept, taxonomy)
        return Validation(
            kept=tuple(kept),
            excluded=tuple(excluded),
            findings=(*read.findings, *checked.findings, *proposed),
            encounter_findings=(
                *about,
                *_nothing(kept, taxonomy),
                *certain.about,
                *documented.about_encounter(encounter, taxonomy),
            ),
            passes=(*read.passes, *checked.passes),
            unchecked=checked.unchecked,
        )

    def check(self, codes: Sequence[str], taxonomy: Taxonomy) -> list[Finding]:
        """Return the findings on codes by themselves and on pairs kept apart by Excludes1."""
        return list(self.book.check_codes(codes, taxonomy).findings)

    def check_set(self, given: CodeSet, taxonomy: Taxonomy) -> Checked:
        """Return what every rule says of a set of codes as a claim would carry it."""
        return self.book.check(given, taxonomy, lists=self.lists, options=self.options)

    def _reported(
        self, encounter: Encounter, kept: Sequence[Proposal], taxonomy: Taxonomy
    ) -> tuple[Checked, list[Finding]]:
        """Ask the rules about the codes that are left, and propose first code and indicators."""
        codes = tuple(proposal.code for proposal in kept)
        given = unordered(encounter, codes, encounter.decisive_day)
        context = self.book.context(given, taxonomy, lists=self.lists, options=self.options)
        checked = self.book.run(context)
        first = principal.propose(encounter, kept, context, self.book.table)
        proposed = [] if first is None else [first]
        if given.takes_poa:
            suggested = poa.suggest(encounter, kept, taxonomy, self.lists)
            proposed += poa.findings(suggested, taxonomy.release.label, self.lists)
        # The day is spoken of once, among the findings on the encounter.
        found = tuple(each for each in checked.findings if each.codes)
        return replace(checked, findings=found), proposed


def _integral(proposals: list[Proposal]) -> tuple[list[Proposal], list[Exclusion]]:
    """Take out signs and symptoms that a confirmed disease explains (I.B.5, I.C.18.b)."""
    confirmed = [
        p.code for p in proposals if any(t.mention.assertion is Assertion.PRESENT for t in p.traces)
    ]
    kept, excluded = [], []
    for proposal in proposals:
        cause = explained(proposal.code, confirmed)
        if cause is None or any("own-problem" in t.verdict.reasons for t in proposal.traces):
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


def _about_encounter(encounter: Encounter, taxonomy: Taxonomy) -> list[Finding]:
    """Return the findings on what is not known of the encounter."""
    release = taxonomy.release
    findings = []
    if "setting" in encounter.assumed:
        findings.append(_about("setting-assumed", Severity.INFO, "IV", taxonomy))
    day = encounter.decisive_day
    if day is None:
        findings.append(_about("release-assumed", Severity.INFO, "introduction", taxonomy))
    elif not release.effective_from <= day <= release.effective_to:
        findings.append(_about("release-missing", Severity.QUERY, "introduction", taxonomy))
    if release.provisional:
        findings.append(_about("release-provisional", Severity.INFO, "introduction", taxonomy))
    return findings


def _nothing(kept: Sequence[Proposal], taxonomy: Taxonomy) -> list[Finding]:
    return [] if kept else [_about("nothing-documented", Severity.QUERY, "IV.A", taxonomy)]


def _about(rule: str, severity: Severity, section: str, taxonomy: Taxonomy) -> Finding:
    label = taxonomy.release.label
    return Finding(rule=rule, severity=severity, source=f"guideline {section}", release=label)
