"""What is marked in a note: evidence by kind, headings, and what stands at a place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.desktop.models.cards import CardRow, Group, Quote

HEADING = re.compile(
    r"^[ \t]*(?:"
    r"[A-Z][A-Z /&,()'-]{2,40}:(?=[ \t]*\S)"
    r"|[A-Z][A-Z0-9 /&,()'-]{3,58}[ \t]*$"
    r"|[A-Z][A-Za-z0-9 /&,()'-]{1,58}:[ \t]*$"
    r")",
    re.MULTILINE,
)
"""Capitals up to a colon, a line of capitals, or a short line that ends in a colon."""


class Mark(StrEnum):
    """How evidence is drawn, weakest first: a later one is drawn over an earlier one."""

    AGAINST = "against"
    SUPPORTS = "supports"
    PERSON = "person"
    TRIGGER = "trigger"
    CURRENT = "current"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Highlight:
    """A half-open code-point range of the note with its mark and the card it belongs to."""

    start: int
    end: int
    mark: Mark
    card: str


def same_place(position: int, old: str, new: str) -> int:
    """Return where a place of a text lies in a new wording that differs from it in one stretch."""
    begins = _alike(old, new)
    if position <= begins:
        return position
    longest = min(len(old), len(new)) - begins
    ends = min(longest, _alike(old[::-1], new[::-1]))
    return max(begins, position - len(old) + len(new)) if position >= len(old) - ends else begins


def _alike(first: str, second: str) -> int:
    """Return how many characters two texts begin alike with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))


def headings(text: str) -> tuple[tuple[int, int], ...]:
    """Return the code-point ranges of lines that look like headings; for the eye only."""
    return tuple(match.span() for match in HEADING.finditer(text))


def highlights(
    cards: Iterable[CardRow], note_id: str, current: str | None
) -> tuple[Highlight, ...]:
    """Return the marks of one note in drawing order; the current card's evidence comes last."""
    marks: set[Highlight] = set()
    for card in cards:
        for quote in (quote for quote in card.quotes if quote.shown):
            marks |= set(_of_quote(card, quote, note_id, current=card.key == current))
    order = list(Mark)
    return tuple(sorted(marks, key=lambda mark: (order.index(mark.mark), mark)))


def _of_quote(card: CardRow, quote: Quote, note_id: str, *, current: bool) -> Iterable[Highlight]:
    against = quote.against or card.group is Group.EXCLUDED
    other = Mark.AGAINST if against else Mark.PERSON if quote.by_person else Mark.SUPPORTS
    chosen = current and (not quote.against or card.group is Group.EXCLUDED)
    kind = Mark.CURRENT if chosen else other
    if quote.span.note_id == note_id:
        yield Highlight(start=quote.span.start, end=quote.span.end, mark=kind, card=card.key)
    trigger = quote.trigger
    if current and trigger is not None and trigger.note_id == note_id:
        yield Highlight(start=trigger.start, end=trigger.end, mark=Mark.TRIGGER, card=card.key)


def cards_at(marks: Iterable[Highlight], position: int) -> tuple[str, ...]:
    """Return the cards whose evidence covers a code point, those with the shortest span first."""
    over = [mark for mark in marks if mark.start <= position < mark.end]
    over.sort(key=lambda mark: mark.end - mark.start)
    return tuple(dict.fromkeys(mark.card for mark in over))
