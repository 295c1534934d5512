"""The cards of a case: from what was suggested, found, decided and said to what is shown.

Pure functions over an `OpenCase`.
"""

from dataclasses import dataclass, replace
from itertools import groupby

from app.desktop.models.cards import (
    OPTIONS,
    CardRow,
    Group,
    Option,
    Quote,
    Remark,
    document_name,
    quote,
)
from app.signoff import claim_order, needs_person, poa_proposed, proposed_first
from app.wording import say
from app.workspace import OpenCase
from audit import Case, CodeRow, Origin
from audit.acts import Poa
from pipeline.model import (
    Assertion,
    Candidate,
    Claim,
    CodingResult,
    Encounter,
    EvidenceSpan,
    Exclusion,
    Finding,
    Mention,
    Route,
    Setting,
    Severity,
    Suggestion,
    Support,
)

FINER = 6
"""Choices of what a code leaves open that take a digit; the rest stands on the tabular page."""

CHIPS = frozenset({"principal-proposed.Q05", "poa-present.Q12", "poa-blank.Q12"})
"""Findings that a chip of the card says in a word."""

AGAINST = 3
"""Contradicting quotes on one card."""

DENIED = frozenset({Assertion.NEGATED, Assertion.FAMILY, Assertion.HYPOTHETICAL})

ALWAYS = 3
"""Alternatives shown however well they match."""

LIKELY = 0.4
"""Score from which further ones are shown: more would bury the rest of the card."""


def card_rows(open_case: OpenCase) -> tuple[CardRow, ...]:
    """Return the cards of a case: to assign, needs you, considered and excluded."""
    case = open_case.case
    result = case.result
    suggestions = {item.code: item for item in result.suggestions} if result else {}
    excluded = result.excluded if result else ()
    claim = _Claim.of(case)
    cards = [_code_card(open_case, row, suggestions.get(row.code), claim) for row in claim.rows]
    taken = {row.code for row in case.assigned}
    cards += [
        _exclusion_card(open_case, at, exclusion)
        for at, exclusion in enumerate(excluded)
        if exclusion.code not in taken
    ]
    order = list(Group)
    return tuple(sorted(cards, key=lambda card: order.index(card.group)))


def case_remarks(open_case: OpenCase) -> tuple[Remark, ...]:
    """Return what the rules say of the encounter as a whole, the gravest first."""
    result = open_case.case.result
    if result is None:
        return ()
    return _findings(open_case, result.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """The codes of a case in the order of the claim, those that are not assigned after them."""

    rows: tuple[CodeRow, ...]
    places: dict[str, int]
    first: str
    takes_poa: bool
    poa: dict[str, Poa]

    @classmethod
    def of(cls, case: Case) -> "_Claim":
        ordered = claim_order(case)
        assigned = {row.code for row in ordered}
        encounter = case.encounter
        inpatient = encounter.setting is Setting.INPATIENT and encounter.claim is Claim.FACILITY
        led = case.ordered or proposed_first(case) is not None
        return cls(
            rows=(*ordered, *(row for row in case.assigned if row.code not in assigned)),
            places={row.code: at for at, row in enumerate(ordered, start=1)},
            first=("chosen" if case.ordered else "proposed") if led else "",
            takes_poa=inpatient,
            poa=poa_proposed(case) if inpatient else {},
        )


def _code_card(
    open_case: OpenCase, row: CodeRow, suggestion: Suggestion | None, claim: _Claim
) -> CardRow:
    case = open_case.case
    place = claim.places.get(row.code, 0)
    poa = claim.poa.get(row.code) if row.poa is None else row.poa
    return CardRow(
        key=f"code:{row.code}",
        group=_group(row, suggestion),
        code=row.code,
        title=open_case.title(row.code),
        status=str(row.status),
        by_person=row.origin is Origin.PERSON,
        quotes=_row_quotes(case, row, suggestion),
        remarks=_remarks(open_case, suggestion) if suggestion else (),
        options=_options(open_case, row.code, suggestion.candidates if suggestion else ()),
        note=_note(row),
        billable=row.code not in open_case.headers,
        confidence=suggestion.confidence if suggestion else None,
        route=suggestion.route if suggestion else None,
        parts=_parts(suggestion) if suggestion else (),
        moved=_moved(suggestion) if suggestion else "",
        badge=open_case.badges.get(row.code),
        place=place,
        first=claim.first if place == 1 else "",
        poa=poa,
        poa_asked=claim.takes_poa and bool(place),
        poa_proposed=row.poa is None and poa is not None,
        assertion=row.assertion,
        instructions=_instructions(open_case, row.code),
        comments=tuple(
            f"{each.by}: {each.text}" for each in case.comments if row.code in each.codes
        ),
        path=row.path,
    )


def _row_quotes(case: Case, row: CodeRow, suggestion: Suggestion | None) -> tuple[Quote, ...]:
    """Return what speaks for a code, what a person put to it, then what speaks against it."""
    quotes: tuple[Quote, ...] = ()
    if suggestion is not None:
        quotes = _quotes(case.encounter, suggestion.evidence)
    quoted = {quote.span for quote in quotes}
    typed = tuple(span for span in row.evidence if span not in quoted)
    marked = frozenset(row.marked)
    if row.revision == len(case.encounters):
        for span in typed:
            place = say("places", "person" if span in marked else str(row.origin))
            quotes += (quote(case.encounter, span, place=place, by_person=span in marked),)
    else:
        older = case.encounters[row.revision - 1]
        place = say("places", "older")
        quotes += tuple(replace(quote(older, span, place=place), shown=False) for span in typed)
    if suggestion is not None and case.result is not None:
        against = _against(case.result, suggestion)
        quotes += _quotes(case.encounter, against, against=True)
    return quotes


def _against(result: CodingResult, suggestion: Suggestion) -> tuple[Mention, ...]:
    """Return mentions that read as the same code and say that it is not so, at most a few."""
    taken = {mention.span for mention in suggestion.evidence}
    found = (
        trace.mention
        for trace in result.traces
        if trace.mention.assertion in DENIED
        and trace.mention.span not in taken
        and (trace.code or (trace.candidates[0].code if trace.candidates else ""))
        == suggestion.code
    )
    return tuple(dict.fromkeys(found))[:AGAINST]


def _instructions(open_case: OpenCase, code: str) -> tuple[Remark, ...]:
    """Return the notes of the book that tell what else to code; items of one list as one line."""
    notes = open_case.instructions.get(code, ())
    found = []
    for (kind, node), same in groupby(notes, key=lambda note: (note.kind, note.node)):
        first, *rest = (note.text.strip(" ,") for note in same)
        items = f"{first.rstrip(':')}: {'; '.join(rest)}" if rest else first
        found.append(Remark(text=f"{say('note_kinds', kind)} {items}", source=f"{node} {kind}"))
    return tuple(found)


def _group(row: CodeRow, suggestion: Suggestion | None) -> Group:
    if row.status in {"rejected", "replaced"}:
        return Group.EXCLUDED
    if needs_person(row, suggestion):
        return Group.NEEDS
    return Group.ASSIGN


def _exclusion_card(open_case: OpenCase, at: int, exclusion: Exclusion) -> CardRow:
    return CardRow(
        key=f"excluded:{at}:{exclusion.code}",
        group=Group.EXCLUDED,
        code=exclusion.code,
        title=open_case.title(exclusion.code),
        status="excluded",
        quotes=_quotes(open_case.case.encounter, exclusion.evidence, against=True),
        note=say("reasons", exclusion.reason),
        billable=exclusion.code not in open_case.headers,
    )


def _quotes(
    encounter: Encounter, mentions: tuple[Mention, ...], *, against: bool = False
) -> tuple[Quote, ...]:
    seen: dict[EvidenceSpan, Quote] = {}
    for mention in mentions:
        said = say("assertions", str(mention.assertion))
        section = say("sections", mention.section)
        document = document_name(encounter.note(mention.span.note_id))
        plain = mention.assertion is Assertion.PRESENT
        parts = (document, section, "" if plain else said)
        seen.setdefault(
            mention.span,
            quote(
                encounter,
                mention.span,
                place=" · ".join(part for part in parts if part),
                against=against or mention.assertion is Assertion.NEGATED,
                trigger=mention.trigger,
            ),
        )
    return tuple(seen.values())


def _note(row: CodeRow) -> str:
    reason = say("reject_reasons", row.reason) if row.reason else ""
    if row.assertion is not None and row.status == "rejected" and not row.reason:
        return say("notes", "asserted", assertion=say("assertions", str(row.assertion)))
    if row.status == "replaced":
        return say("notes", "replaced", code=row.replaced_by, reason=reason).rstrip(": ")
    if row.status in {"rejected", "added"} and reason:
        return say("notes", str(row.status), reason=reason)
    return reason


def _remarks(open_case: OpenCase, suggestion: Suggestion) -> tuple[Remark, ...]:
    verdict = suggestion.verdict
    doubts: tuple[Remark, ...] = ()
    if verdict.support is not Support.SUPPORTED:
        head = say("support", str(verdict.support))
        why = "; ".join(say("reasons", reason) for reason in verdict.reasons)
        doubts = (Remark(text=f"{head}: {why}" if why else head, tone="warn"),)
    findings = tuple(each for each in suggestion.findings if each.rule not in CHIPS)
    told = {finding.rule for finding in suggestion.findings}
    asked = tuple(
        Remark(text=say("reasons", reason), tone="query")
        for reason in suggestion.reasons
        if suggestion.route is Route.REVIEW and reason not in told
    )
    return (*_findings(open_case, findings), *doubts, *asked)


def _findings(open_case: OpenCase, findings: tuple[Finding, ...]) -> tuple[Remark, ...]:
    order = list(Severity)
    tones = {
        Severity.ERROR: "bad",
        Severity.WARNING: "warn",
        Severity.QUERY: "query",
        Severity.INFO: "info",
    }
    return tuple(
        Remark(
            text=open_case.messages.get(finding) or say("rules", finding.rule),
            tone=tones[finding.severity],
            source=finding.source,
        )
        for finding in sorted(findings, key=lambda item: order.index(item.severity))
    )


def _options(
    open_case: OpenCase, code: str, candidates: tuple[Candidate, ...]
) -> tuple[Option, ...]:
    """Return what says more than the code, then other readings of its words, under digits."""
    more = open_case.finer.get(code, ())[:FINER]
    taken = {code, *(each.code for each in more)}
    others = {
        candidate.code: candidate.score
        for candidate in candidates
        if candidate.code not in taken and candidate.code not in open_case.headers
    }
    finer = [
        Option(number=at, code=each.code, title=each.title, kind=each.kind, label=each.label)
        for at, each in enumerate(more, start=1)
    ]
    rest = [
        Option(number=len(finer) + at, code=other, title=open_case.title(other))
        for at, (other, score) in enumerate(others.items(), start=1)
        if at <= ALWAYS or score >= LIKELY
    ]
    return tuple(each for each in (*finer, *rest) if each.number <= OPTIONS)


def _parts(suggestion: Suggestion) -> tuple[str, ...]:
    own = next((item for item in suggestion.candidates if item.code == suggestion.code), None)
    reasons = (*(own.reasons if own else ()), *suggestion.verdict.reasons)
    return tuple(dict.fromkeys(say("reasons", reason) for reason in reasons))


def _moved(suggestion: Suggestion) -> str:
    """Return what raised and what lowered the confidence, as one line."""
    found: dict[str, list[str]] = {"raises": [], "lowers": []}
    for part in suggestion.parts:
        way, _, told = part.partition("=")
        if way in found:
            found[way].append(say("features", told.partition(":")[0]))
    return " · ".join(
        say("moves", way, features=", ".join(names)) for way, names in found.items() if names
    )
