"""Present on admission, as far as the chart tells it (Appendix I of the guidelines).

A suggestion for the indicator of each code of a facility's inpatient claim: Y for what is lasting
or inborn and for what the notes name at admission; nothing where only later notes name it, because
whether it was there is for a person to say. N is never suggested.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.model import Encounter, Finding, Proposal, Severity
from pipeline.validate.codeset import Lists
from resources import read_json
from taxonomy import Taxonomy

_SOURCE = "guideline Appendix I"
_AT_ADMISSION = frozenset({"chief-complaint", "admission-diagnosis", "history-present-illness"})
_BEFORE_ADMISSION = frozenset({"past-medical-history", "problem-list", "past-surgical-history"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PoaSuggestion:
    """What an indicator could be: Y, "" for exempt, None for open; `reason` is an id."""

    code: str
    indicator: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Table:
    lasting: tuple[str, ...]
    sudden: tuple[str, ...]
    admission_notes: tuple[str, ...]


@cache
def _table() -> _Table:
    data = read_json("rules/poa.json")
    return _Table(
        tuple(data["lasting"]), tuple(data["sudden_words"]), tuple(data["admission_note_kinds"])
    )


def suggest(
    encounter: Encounter, kept: Sequence[Proposal], taxonomy: Taxonomy, lists: Lists
) -> tuple[PoaSuggestion, ...]:
    """Return a suggestion for each code, in the order given."""
    return tuple(_suggest(encounter, proposal, taxonomy, lists) for proposal in kept)


def findings(suggested: Sequence[PoaSuggestion], release: str, lists: Lists) -> list[Finding]:
    """Return the suggestions as one finding for each indicator, information only."""
    told = ("missing=poa-exempt",) if lists.poa_exempt is None else ()
    found = []
    for rule, indicator in (("poa-present", "Y"), ("poa-blank", ""), ("poa-open", None)):
        codes = tuple(each.code for each in suggested if each.indicator == indicator)
        if codes:
            found.append(
                Finding(
                    rule=f"{rule}.Q12",
                    severity=Severity.INFO,
                    codes=codes,
                    source=_SOURCE,
                    release=release,
                    detail=told,
                )
            )
    return found


def _suggest(
    encounter: Encounter, proposal: Proposal, taxonomy: Taxonomy, lists: Lists
) -> PoaSuggestion:
    code = proposal.code
    if lists.poa_exempt is not None and code in lists.poa_exempt:
        return PoaSuggestion(code=code, indicator="", reason="exempt")
    table = _table()
    title = taxonomy.title(code).lower()
    # A code that also says something sudden is N where that came later, so the title decides.
    sudden = any(word in title for word in table.sudden)
    if code.startswith(table.lasting) and not sudden:
        return PoaSuggestion(code=code, indicator="Y", reason="lasting")
    for trace in proposal.traces:
        mention = trace.mention
        kind = encounter.note(mention.span.note_id).kind.lower()
        at_admission = any(word in kind for word in table.admission_notes)
        if at_admission or mention.section in _AT_ADMISSION:
            return PoaSuggestion(code=code, indicator="Y", reason="named-at-admission")
        if mention.section in _BEFORE_ADMISSION and not sudden:
            return PoaSuggestion(code=code, indicator="Y", reason="named-before-admission")
    return PoaSuggestion(code=code, indicator=None, reason="named-later")
