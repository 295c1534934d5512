"""Code cards as values: what each code of a case says on the screen, in three groups.

Pure functions over an `OpenCase`. A card gives the code, then why (the words of the note), what
speaks against it, what rules say, alternatives, and confidence last: a number shown first invites
agreement with the number.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from app.hcc import Badge
from app.wording import say
from app.workspace import OpenCase
from audit import CodeRow, Origin
from pipeline.model import (
    Assertion,
    Candidate,
    Encounter,
    EvidenceSpan,
    Exclusion,
    Finding,
    Mention,
    Note,
    Route,
    Severity,
    Suggestion,
    Support,
)

OPTIONS = 9
"""Alternatives on one card: as many as there are digit keys."""

ALWAYS = 3
"""Alternatives shown however well they match."""

LIKELY = 0.4
"""Score from which further ones are shown: more would bury the rest of the card."""

AROUND = 48
"""Code points of the note shown before and after a quote, to read it in its sentence."""


class Group(StrEnum):
    """Where a card stands, in the order of the pane."""

    ASSIGN = "assign"
    NEEDS = "needs"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of the note with a little of what surrounds them, and what was read from them.

    `shown` is False for words of an older wording of the encounter, which no document holds now.
    """

    span: EvidenceSpan
    text: str
    place: str
    before: str = ""
    after: str = ""
    against: bool = False
    trigger: EvidenceSpan | None = None
    shown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One sentence on a card: a finding, a reason. `tone` is good, info, query, warn or bad."""

    text: str
    tone: str = "info"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An alternative, chosen with a digit."""

    number: int
    code: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """One code of the case as its card shows it."""

    key: str
    group: Group
    code: str
    title: str
    status: str
    by_person: bool = False
    quotes: tuple[Quote, ...] = ()
    remarks: tuple[Remark, ...] = ()
    options: tuple[Option, ...] = ()
    note: str = ""
    billable: bool = True
    confidence: float | None = None
    route: Route | None = None
    parts: tuple[str, ...] = ()
    moved: str = ""
    badge: Badge | None = None

    @property
    def open(self) -> bool:
        """Return whether the card still waits for a person."""
        return self.status == "open"

    @property
    def evidence(self) -> tuple[EvidenceSpan, ...]:
        """Return the spans of its quotes in the wording that is shown."""
        return tuple(quote.span for quote in self.quotes if quote.shown)


def card_rows(open_case: OpenCase) -> tuple[CardRow, ...]:
    """Return the cards of a case: to assign, needs you, considered and excluded."""
    case = open_case.case
    result = case.result
    suggestions = {item.code: item for item in result.suggestions} if result else {}
    excluded = result.excluded if result else ()
    cards = [_code_card(open_case, row, suggestions.get(row.code)) for row in case.assigned]
    taken = {row.code for row in case.assigned}
    cards += [
        _exclusion_card(open_case, at, exclusion)
        for at, exclusion in enumerate(excluded)
        if exclusion.code not in taken
    ]
    order = list(Group)
    return tuple(sorted(cards, key=lambda card: order.index(card.group)))


def grouped(cards: Iterable[CardRow]) -> dict[Group, tuple[CardRow, ...]]:
    """Return the cards by group, every group present."""
    cards = tuple(cards)
    return {group: tuple(card for card in cards if card.group is group) for group in Group}


def next_open(cards: tuple[CardRow, ...], key: str | None) -> str | None:
    """Return the card to go to once `key` is decided: the next one open, else the one after it.

    Excluded cards are open to nobody: they are passed over unless nothing else is left.
    """
    keys = [card.key for card in cards]
    at = keys.index(key) if key in keys else -1
    waiting = [card.key for card in cards[at + 1 :] if card.open and card.key != key]
    waiting += [card.key for card in cards[: max(at, 0)] if card.open]
    if waiting:
        return waiting[0]
    return key if key in keys else (keys[0] if keys else None)


def case_remarks(open_case: OpenCase) -> tuple[Remark, ...]:
    """Return what the rules say of the encounter as a whole, the gravest first."""
    result = open_case.case.result
    if result is None:
        return ()
    return _findings(open_case, result.findings)


def _code_card(open_case: OpenCase, row: CodeRow, suggestion: Suggestion | None) -> CardRow:
    case = open_case.case
    quotes: tuple[Quote, ...] = ()
    if suggestion is not None:
        quotes = _quotes(case.encounter, suggestion.evidence)
    quoted = {quote.span for quote in quotes}
    typed = tuple(span for span in row.evidence if span not in quoted)
    if row.revision == len(case.encounters):
        place = say("places", str(row.origin))
        quotes += tuple(quote(case.encounter, span, place=place) for span in typed)
    else:
        older = case.encounters[row.revision - 1]
        place = say("places", "older")
        quotes += tuple(replace(quote(older, span, place=place), shown=False) for span in typed)
    return CardRow(
        key=f"code:{row.code}",
        group=_group(row, suggestion),
        code=row.code,
        title=open_case.title(row.code),
        status=str(row.status),
        by_person=row.origin is Origin.PERSON,
        quotes=quotes,
        remarks=_remarks(open_case, suggestion) if suggestion else (),
        options=_options(open_case, row.code, suggestion.candidates) if suggestion else (),
        note=_note(row),
        billable=row.code not in open_case.headers,
        confidence=suggestion.confidence if suggestion else None,
        route=suggestion.route if suggestion else None,
        parts=_parts(suggestion) if suggestion else (),
        moved=_moved(suggestion) if suggestion else "",
        badge=open_case.badges.get(row.code),
    )


def _group(row: CodeRow, suggestion: Suggestion | None) -> Group:
    if row.status in {"rejected", "replaced"}:
        return Group.EXCLUDED
    if row.status == "open" and suggestion is not None and _needs_you(suggestion):
        return Group.NEEDS
    return Group.ASSIGN


def _needs_you(suggestion: Suggestion) -> bool:
    grave = {Severity.ERROR, Severity.QUERY}
    return suggestion.route is Route.REVIEW or any(
        finding.severity in grave for finding in suggestion.findings
    )


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
    told = {finding.rule for finding in suggestion.findings}
    asked = tuple(
        Remark(text=say("reasons", reason), tone="query")
        for reason in suggestion.reasons
        if suggestion.route is Route.REVIEW and reason not in told
    )
    return (*_findings(open_case, suggestion.findings), *doubts, *asked)


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
    others = {
        candidate.code: candidate.score
        for candidate in candidates
        if candidate.code != code and candidate.code not in open_case.headers
    }
    return tuple(
        Option(number=number, code=other, title=open_case.title(other))
        for number, (other, score) in enumerate(others.items(), start=1)
        if number <= ALWAYS or (number <= OPTIONS and score >= LIKELY)
    )


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


def quote(
    encounter: Encounter,
    span: EvidenceSpan,
    *,
    place: str = "",
    against: bool = False,
    trigger: EvidenceSpan | None = None,
) -> Quote:
    """Return the words under a span with those around them on the same line of the note."""
    text = encounter.note(span.note_id).text
    before = text[max(0, span.start - AROUND) : span.start].rpartition("\n")[2]
    after = text[span.end : span.end + AROUND].partition("\n")[0]
    return Quote(
        span=span,
        text=one_line(text[span.start : span.end]),
        place=place,
        before=_whole_words(before, cut_left=True) if span.start > len(before) else before,
        after=_whole_words(after, cut_left=False),
        against=against,
        trigger=trigger,
    )


def _whole_words(words: str, *, cut_left: bool) -> str:
    """Drop the word a cut went through, and say with an ellipsis that there is more."""
    if len(words) < AROUND:
        return words
    if cut_left:
        return "…" + (words.partition(" ")[2] or words)
    return (words.rpartition(" ")[0] or words) + "…"


def document_name(note: Note) -> str:
    """Return what a note calls itself, or its id where it says nothing."""
    kind = note.kind.replace("_", " ").replace("-", " ").strip()
    return kind[:1].upper() + kind[1:] if kind else note.note_id


def one_line(words: str) -> str:
    """Return words with every run of white space as one space, for a line of a card."""
    return " ".join(words.split())
