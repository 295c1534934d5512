"""What stands before a submission: the codes in the order of the claim, and what speaks against it.

The same every time: errors stop, warnings ask. A code nobody set in order stands where the program
proposes it; an indicator nobody gave is the one the program suggests. Both are shown as proposals,
and the person who submits takes them over.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from audit import Case, CodeRow, State, Status, Submit
from audit.acts import Poa
from pipeline.model import Finding, Route, Severity, Suggestion
from pipeline.validate import CodeEntry, CodeSet, Role, Validator, message
from taxonomy import Taxonomy

PROPOSED = "principal-proposed.Q05"
_ASSIGNED = frozenset({Status.OPEN, Status.ACCEPTED, Status.ADDED})
_EXTERNAL = ("V", "W", "X", "Y")
_SUGGESTED_POA: dict[str, Poa] = {"poa-present.Q12": "Y", "poa-blank.Q12": ""}
_READ = frozenset(
    {
        "uncertain-diagnosis",
        "result-alone.V25",
        "preoperative-only.Q09",
        "uncertain-early.Q02",
        "author-not-provider.V21",
        "unsigned-social.C25",
        "urosepsis.C01",
        "unrelated.V12",
        "comparative.Q05",
    }
)
_ASKED = frozenset({Severity.WARNING, Severity.QUERY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A code as it would be submitted; `by` is accepted, added, preselected or open.

    `poa` is None where none is given or suggested; `poa_proposed` tells a suggested one.
    """

    code: str
    title: str
    by: str
    poa: Poa | None = None
    poa_proposed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that speaks against the submission; `code` is where to go, "" for the case."""

    rule: str
    severity: Severity
    text: str
    codes: tuple[str, ...] = ()
    source: str = ""

    @property
    def code(self) -> str:
        """Return the code to go to."""
        return self.codes[0] if self.codes else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The case as it would be submitted: `ordered` tells whether a person chose the order."""

    case_id: str
    version: int
    lines: tuple[Line, ...]
    errors: tuple[Check, ...]
    warnings: tuple[Check, ...]
    ordered: bool
    takes_poa: bool
    left_out: int
    held: bool = False

    def submit(self) -> Submit:
        """Return the decision that signs this off."""
        return Submit(
            codes=tuple((line.code, line.poa) for line in self.lines),
            warnings=tuple((check.rule, check.codes) for check in self.warnings),
        )


def summarise(case: Case, taxonomy: Taxonomy, validator: Validator) -> Summary:
    """Return the summary of a case as it stands."""
    suggested = {item.code: item for item in (case.result.suggestions if case.result else ())}
    rows = claim_order(case)
    takes_poa = _set(case, ()).takes_poa
    proposed = poa_proposed(case) if takes_poa else {}
    lines = tuple(_line(row, suggested, proposed, taxonomy, takes_poa=takes_poa) for row in rows)
    checks = (*_own(case, lines, takes_poa=takes_poa), *_rules(case, lines, taxonomy, validator))
    return Summary(
        case_id=case.case_id,
        version=case.version,
        lines=lines,
        errors=tuple(check for check in checks if check.severity is Severity.ERROR),
        warnings=tuple(check for check in checks if check.severity in _ASKED),
        ordered=case.ordered,
        takes_poa=takes_poa,
        left_out=len(case.assigned) - len(rows) + len(case.result.excluded if case.result else ()),
        held=case.state is State.HELD,
    )


def claim_order(case: Case) -> tuple[CodeRow, ...]:
    """Return the codes to assign in the order of the claim.

    Where no person has put them in order, a proposed first one leads, and those that need a person
    stand last.
    """
    rows = [row for row in case.assigned if row.status in _ASSIGNED]
    if not case.ordered:
        first = proposed_first(case)
        suggested = {item.code: item for item in (case.result.suggestions if case.result else ())}
        rows.sort(key=lambda row: (row.code != first, needs_person(row, suggested.get(row.code))))
    return tuple(rows)


def needs_person(row: CodeRow, suggestion: Suggestion | None) -> bool:
    """Say whether a code waits for more than a nod: routed to review, or with a grave finding."""
    if suggestion is None or row.status is not Status.OPEN:
        return False
    grave = {Severity.ERROR, Severity.QUERY}
    return suggestion.route is Route.REVIEW or any(
        finding.severity in grave for finding in suggestion.findings
    )


def proposed_first(case: Case) -> str | None:
    """Return the code the program proposes as principal or first-listed, None without one."""
    found = (finding for finding in _findings(case) if finding.rule == PROPOSED)
    codes = {row.code for row in case.assigned if row.status in _ASSIGNED}
    return next((f.codes[0] for f in found if f.codes and f.codes[0] in codes), None)


def poa_proposed(case: Case) -> dict[str, Poa]:
    """Return the indicators the program suggests: Y by the chart, "" for exempt."""
    return {
        code: _SUGGESTED_POA[finding.rule]
        for finding in _findings(case)
        if finding.rule in _SUGGESTED_POA
        for code in finding.codes
    }


def _findings(case: Case) -> Iterator[Finding]:
    if case.result is not None:
        yield from case.result.findings
        for item in case.result.suggestions:
            yield from item.findings


def _line(
    row: CodeRow,
    suggested: dict[str, Suggestion],
    proposed: dict[str, Poa],
    taxonomy: Taxonomy,
    *,
    takes_poa: bool,
) -> Line:
    found = taxonomy.get(row.code)
    item = suggested.get(row.code)
    preselected = row.status is Status.OPEN and item is not None and item.route is Route.AUTO
    poa = row.poa if row.poa is not None or not takes_poa else proposed.get(row.code)
    return Line(
        code=row.code,
        title=found.title if found is not None else "",
        by="preselected" if preselected else str(row.status),
        poa=poa,
        poa_proposed=row.poa is None and poa is not None,
    )


def _own(case: Case, lines: tuple[Line, ...], *, takes_poa: bool) -> Iterator[Check]:
    """Yield what no rule on codes can know: what is undecided, held, empty, not said."""
    if case.state is State.HELD:
        yield Check(rule="held", severity=Severity.ERROR, text="The case is on hold.")
    waiting = tuple(line.code for line in lines if line.by == "open")
    if waiting:
        yield Check(
            rule="undecided",
            severity=Severity.ERROR,
            text=f"Not decided yet: {', '.join(waiting)}.",
            codes=waiting,
        )
    silent = tuple(line.code for line in lines if takes_poa and line.poa is None)
    if silent:
        yield Check(
            rule="poa-missing",
            severity=Severity.ERROR,
            text=f"Not said whether present on admission: {', '.join(silent)}.",
            codes=silent,
            source="guideline Appendix I",
        )
    if not lines:
        yield Check(
            rule="no-codes", severity=Severity.WARNING, text="No code is assigned in this case."
        )
    if case.result is None:
        yield Check(
            rule="not-analysed",
            severity=Severity.WARNING,
            text="The program did not read these notes; nothing was suggested.",
        )


def _rules(
    case: Case, lines: tuple[Line, ...], taxonomy: Taxonomy, validator: Validator
) -> Iterator[Check]:
    """Yield what the rules say of these codes in this order, and what they said of the notes."""
    entries = tuple(
        CodeEntry(
            code=line.code,
            role=_role(line.code, first=not at),
            poa=line.poa,
        )
        for at, line in enumerate(lines)
    )
    now = validator.check_set(_set(case, entries), taxonomy).findings
    assigned = {line.code for line in lines}
    read = (
        finding
        for finding in _findings(case)
        if finding.codes and set(finding.codes) <= assigned and _of_words(finding)
    )
    told = {Severity.ERROR, *_ASKED}
    for finding in dict.fromkeys((*now, *read)):
        if finding.severity in told:
            yield Check(
                rule=finding.rule,
                severity=finding.severity,
                text=message(finding, taxonomy),
                codes=finding.codes,
                source=finding.source,
            )


def _of_words(finding: Finding) -> bool:
    """Say whether a finding speaks of the notes; one on codes alone was made anew."""
    return finding.rule in _READ or any(each.startswith("words=") for each in finding.detail)


def _role(code: str, *, first: bool) -> Role:
    if first:
        return Role.PRINCIPAL
    return Role.EXTERNAL_CAUSE if code.startswith(_EXTERNAL) else Role.SECONDARY


def _set(case: Case, entries: tuple[CodeEntry, ...]) -> CodeSet:
    encounter = case.encounter
    return CodeSet(
        entries=entries,
        setting=encounter.setting,
        claim=encounter.claim,
        day=encounter.decisive_day,
        age=encounter.age,
        sex=encounter.sex,
    )
