"""Code cards as values: what each code of a case says on the screen, in three groups.

A card gives the code, then why (the words of the note), what speaks against it, what rules and
notes of the book say, what it leaves open, alternatives, and confidence last: a number shown first
invites agreement with the number. `deck` makes the cards of a case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.hcc import Badge
from audit.acts import Poa
from pipeline.model import Assertion, Encounter, EvidenceSpan, Note, Route

OPTIONS = 9
"""Alternatives on one card: as many as there are digit keys."""

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

    `by_person` tells words that a person put to the code.

    `shown` is False for words of an older wording of the encounter, which no document holds now.
    """

    span: EvidenceSpan
    text: str
    place: str
    before: str = ""
    after: str = ""
    against: bool = False
    by_person: bool = False
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
    """A code to take instead, with a digit.

    `kind` is side, detail or seventh where it says what the code leaves open, in the words of
    `label`; "" for another reading of the same words.
    """

    number: int
    code: str
    title: str
    kind: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """One code of the case as its card shows it.

    `place` is its number on the claim from 1, 0 for a code that is not assigned; `first` is chosen
    or proposed on the principal or first-listed one. `assertion` is what a person said of the
    words.
    """

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
    place: int = 0
    first: str = ""
    poa: Poa | None = None
    poa_asked: bool = False
    poa_proposed: bool = False
    assertion: Assertion | None = None
    instructions: tuple[Remark, ...] = ()
    comments: tuple[str, ...] = ()
    path: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Return whether the card still waits for a person."""
        return self.status == "open"

    @property
    def evidence(self) -> tuple[EvidenceSpan, ...]:
        """Return the spans of its quotes in the wording that is shown."""
        return tuple(quote.span for quote in self.quotes if quote.shown)


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


def quote(
    encounter: Encounter,
    span: EvidenceSpan,
    *,
    place: str = "",
    against: bool = False,
    by_person: bool = False,
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
        by_person=by_person,
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
