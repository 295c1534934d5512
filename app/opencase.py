"""An open case with everything the window shows of it, put into words once, off the GUI thread."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.finer import Finer, finer
from app.hcc import Badge
from audit import AuditEvent, Case
from pipeline.model import CodingResult, Finding
from pipeline.validate import message, words_of
from taxonomy import TabularNote, Taxonomy

INSTRUCTIONS = ("code_first", "use_additional", "code_also")
"""Kinds of tabular notes that tell a coder what else to code, shown on a card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """All the window shows of a case: its state, its events, titles and findings in words.

    `headers` are the codes of the case that are categories of the release, not to be assigned;
    `finer` are for each assigned code the codes that say what it leaves open, `instructions` its
    tabular notes; `badges` are payment categories, where a person wants to see them.
    """

    case: Case
    events: tuple[AuditEvent, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[Finding, str] = field(default_factory=dict)
    headers: frozenset[str] = frozenset()
    finer: Mapping[str, tuple[Finer, ...]] = field(default_factory=dict)
    instructions: Mapping[str, tuple[TabularNote, ...]] = field(default_factory=dict)
    badges: Mapping[str, Badge] = field(default_factory=dict)

    def title(self, code: str) -> str:
        """Return the title of a code of this case, empty where the release has none such."""
        return self.titles.get(code, "")


def open_case(
    case: Case,
    events: tuple[AuditEvent, ...],
    taxonomy: Taxonomy,
    *,
    badges: Mapping[str, Badge],
    before: OpenCase | None = None,
) -> OpenCase:
    """Return a case in words; what `before` says of the same case is taken over where it holds."""
    found = [entry for code in codes_of(case) if (entry := taxonomy.get(code)) is not None]
    known = before if before is not None and _same_reading(before.case, case) else None
    assigned = [row.code for row in case.assigned]
    return OpenCase(
        case=case,
        events=events,
        titles={entry.code: entry.title for entry in found},
        messages={
            item: known.messages[item]
            if known is not None and item in known.messages
            else _said(item, case, taxonomy)
            for item in _findings(case.result)
        },
        headers=frozenset(entry.code for entry in found if not entry.billable),
        finer={
            code: known.finer[code]
            if known is not None and code in known.finer
            else finer(taxonomy, code)
            for code in assigned
        },
        instructions={
            code: known.instructions[code]
            if known is not None and code in known.instructions
            else _instructions(taxonomy, code)
            for code in assigned
        },
        badges=badges,
    )


def _same_reading(one: Case, other: Case) -> bool:
    return (
        one.case_id == other.case_id
        and one.encounter == other.encounter
        and (one.result is None) == (other.result is None)
        and (
            one.result is None
            or other.result is None
            or one.result.provenance == other.result.provenance
        )
    )


def _instructions(taxonomy: Taxonomy, code: str) -> tuple[TabularNote, ...]:
    return taxonomy.notes(code, *INSTRUCTIONS) if code in taxonomy else ()


def codes_of(case: Case) -> frozenset[str]:
    """Return every code that is shown somewhere in a case."""
    codes = {row.code for row in case.assigned}
    codes |= {row.replaced_by for row in case.assigned if row.replaced_by}
    if case.result is not None:
        codes |= {item.code for item in case.result.excluded}
        codes |= {
            candidate.code for item in case.result.suggestions for candidate in item.candidates
        }
    return frozenset(codes)


def _said(finding: Finding, case: Case, taxonomy: Taxonomy) -> str:
    """Return the sentence of a finding, with the words of the notes it points to."""
    quoted = (case.encounter.quote(span) for span in words_of(finding, case.encounter))
    words = ", ".join(f"“{' '.join(quote.split())}”" for quote in quoted)
    sentence = message(finding, taxonomy)
    return f"{sentence} The words: {words}." if words else sentence


def _findings(result: CodingResult | None) -> Iterator[Finding]:
    if result is not None:
        yield from result.findings
        for item in result.suggestions:
            yield from item.findings
