"""The values the rules look at: a set of codes with roles, setting, dates, age and sex."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from pipeline.model import Claim, Encounter, Finding, Setting, Severity
from taxonomy import Supplements

_WEIGHT = MappingProxyType(
    {Severity.INFO: 0, Severity.WARNING: 1, Severity.QUERY: 2, Severity.ERROR: 3}
)


class Role(StrEnum):
    """What a code is reported as; `UNORDERED` where nobody has put the codes in order yet."""

    PRINCIPAL = "principal"
    SECONDARY = "secondary"
    EXTERNAL_CAUSE = "external-cause"
    UNORDERED = "unordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry:
    """One code as reported. `poa` is Y, N, U, W, "" for left blank, None for not given."""

    code: str
    role: Role = Role.SECONDARY
    poa: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSet:
    """The codes of one encounter in the order of the claim.

    The first-listed code is the one with the role PRINCIPAL, else the first of the set. Where any
    code is UNORDERED the order means nothing, and no rule on sequence is asked. `day` is the day
    whose release counts; `age` is in years, None for not given.
    """

    entries: tuple[CodeEntry, ...]
    setting: Setting = Setting.OUTPATIENT
    claim: Claim = Claim.PROFESSIONAL
    day: date | None = None
    age: float | None = None
    sex: str = ""

    @property
    def is_ordered(self) -> bool:
        """Say whether the order of the codes is one a person chose."""
        return bool(self.entries) and all(e.role is not Role.UNORDERED for e in self.entries)

    @property
    def takes_poa(self) -> bool:
        """Say whether present-on-admission indicators belong on this claim (Appendix I)."""
        return self.setting is Setting.INPATIENT and self.claim is Claim.FACILITY


def unordered(encounter: Encounter, codes: tuple[str, ...], day: date | None) -> CodeSet:
    """Return the codes of an encounter whose order nobody has decided yet."""
    return CodeSet(
        entries=tuple(CodeEntry(code=code, role=Role.UNORDERED) for code in codes),
        setting=encounter.setting,
        claim=encounter.claim,
        day=day,
        age=encounter.age,
        sex=encounter.sex,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Lists that are published as files and come with an import; None is a list not imported.

    Codes with the dot. `manifestation`, `unacceptable` and `unless_secondary` are edits 6 and 9
    of the Medicare Code Editor, `ages` its edit 4: name → (first year, last year, codes);
    `poa_exempt` is the list of codes whose present-on-admission field stays blank.
    """

    manifestation: frozenset[str] | None = None
    unacceptable: frozenset[str] | None = None
    unless_secondary: frozenset[str] = frozenset()
    ages: Mapping[str, tuple[int, int, frozenset[str]]] | None = None
    poa_exempt: frozenset[str] | None = None


def lists_of(supplements: Supplements | None) -> Lists:
    """Return the imported lists that rules ask; None for each that was not imported."""
    if supplements is None:
        return Lists()
    edits = supplements.edits
    if edits is None:
        return Lists(poa_exempt=supplements.poa_exempt)
    return Lists(
        manifestation=edits.lists["manifestation"],
        unacceptable=edits.lists["unacceptable"],
        unless_secondary=edits.lists.get("unless-secondary", frozenset()),
        ages=edits.ages(),
        poa_exempt=supplements.poa_exempt,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person may switch on: `sex` compares codes with the sex given, as advice only."""

    sex: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the rules said of a set of codes.

    `findings` in a fixed order; `passes` are rules that looked at codes and found nothing, each
    as `id.rule=count of codes`; `unchecked` are findings of severity info that name a rule that
    could not be asked and what is missing for it.
    """

    findings: tuple[Finding, ...]
    passes: tuple[str, ...] = ()
    unchecked: tuple[Finding, ...] = ()


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Collects what one run of the rules finds, and how many codes each rule looked at."""

    release: str
    findings: list[Finding] = field(default_factory=list)
    looked: dict[str, int] = field(default_factory=dict)
    unchecked: list[Finding] = field(default_factory=list)

    def look(self, rule: str, codes: int) -> None:
        """Note that a rule was asked about so many codes."""
        if codes:
            self.looked[rule] = self.looked.get(rule, 0) + codes

    def close(self) -> Checked:
        """Return the outcome; a rule that found anything is no pass.

        Where several rules turn the same codes round, the gravest says it.
        """
        found = {finding.rule for finding in self.findings}
        kept: list[Finding] = []
        turned: dict[frozenset[str], int] = {}
        for finding in dict.fromkeys(self.findings):
            codes = frozenset(finding.codes)
            if len(codes) > 1 and finding.detail and finding.detail[0].startswith("first="):
                at = turned.setdefault(codes, len(kept))
                if at < len(kept):
                    if _WEIGHT[finding.severity] > _WEIGHT[kept[at].severity]:
                        kept[at] = finding
                    continue
            kept.append(finding)
        return Checked(
            findings=tuple(kept),
            passes=tuple(f"{rule}={n}" for rule, n in self.looked.items() if rule not in found),
            unchecked=tuple(self.unchecked),
        )
