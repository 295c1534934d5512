"""What a person does on the open case: where they stand among its cards, and their decisions.

Keys and buttons end here. A decision goes to the session at once and the cursor moves on without
waiting for the record, so that keys can be typed ahead; the record keeps their order. Accepting
never moves the note; only `show_evidence` does.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.desktop.models.cards import CardRow, Group, next_open
from app.desktop.models.deck import card_rows
from app.desktop.notices import Notice
from app.desktop.session import Session
from app.wording import say
from app.workspace import OpenCase
from audit import Accept, Add, Decision, Reject, Replace
from pipeline.model import EvidenceSpan

_STATUS = {Accept: "accepted", Reject: "rejected", Replace: "replaced"}
"""What a card shows from the key press on; the record follows."""


class Asks(Protocol):
    """What is asked of a person before a decision, and the words they have selected."""

    def reason(self, card: CardRow, then: Callable[[str], None]) -> None:
        """Ask why a code is rejected and give the answer to `then`; nothing on cancel."""

    def code(
        self,
        *,
        title: str,
        start: str,
        evidence: tuple[EvidenceSpan, ...],
        then: Callable[[str, tuple[EvidenceSpan, ...], str, tuple[str, ...]], None],
    ) -> None:
        """Ask for a code, with a reason where there is no evidence; nothing on cancel.

        `then` gets the code, its evidence, the reason and the way by which it was found.
        """

    def selection(self) -> tuple[EvidenceSpan, ...]:
        """Return the words selected in the note, without the spaces around them."""


class Review(QObject):
    """The cursor among the cards of the open case, and the decisions made there."""

    case_changed = Signal(object)
    current_changed = Signal(object)
    evidence_wanted = Signal(object)
    noticed = Signal(object)
    expected = Signal()

    def __init__(self, session: Session, *, asks: Asks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asks = asks
        self._case_id: str | None = None
        self._evidence_at = -1
        self._seen = 0
        self.cards: tuple[CardRow, ...] = ()
        self.key: str | None = None
        session.case_changed.connect(self._show)

    @property
    def current(self) -> CardRow | None:
        """Return the card the cursor is on."""
        return next((card for card in self.cards if card.key == self.key), None)

    def select(self, key: str | None) -> None:
        """Put the cursor on a card."""
        self.key = key
        self._evidence_at = -1
        self.current_changed.emit(self.current)

    def move(self, by: int) -> None:
        """Move the cursor by cards, stopping at the ends."""
        keys = [card.key for card in self.cards]
        if keys:
            at = keys.index(self.key) + by if self.key in keys else 0
            self.select(keys[min(max(at, 0), len(keys) - 1)])

    def accept(self) -> None:
        """Accept the current code; on one considered and excluded, add it with its evidence."""
        card = self.current
        if card is None:
            return
        if not card.billable and card.status in {"excluded", "open"}:
            self._complete(card)
        elif card.status == "excluded":
            self._decide(Add(code=card.code, evidence=card.evidence, reason=""))
        elif card.status in {"accepted", "added"}:
            self.select(next_open(self.cards, card.key))
        elif card.status == "replaced":
            self._say(f"{card.code} was replaced. Undo that with Ctrl+Z to assign it again.")
        else:
            self._decide(Accept(code=card.code))

    def reject(self) -> None:
        """Reject the current code, with a reason asked for by one key."""
        card = self.current
        if card is None:
            return
        if card.status in {"excluded", "rejected", "replaced"}:
            self._say(f"{card.code} is not on the list of codes to assign.")
            return
        self._asks.reason(
            card, lambda reason: self._decide(Reject(code=card.code, reason=reason), card)
        )

    def replace(self) -> None:
        """Put another code in the place of the current one, found by search."""
        card = self.current
        if card is None:
            return
        if card.status in {"excluded", "rejected", "replaced"}:
            self._say(
                f"{card.code} is not on the list of codes to assign. Add another with Ctrl+K."
            )
            return

        def chosen(
            code: str, evidence: tuple[EvidenceSpan, ...], reason: str, path: tuple[str, ...]
        ) -> None:
            self._decide(
                Replace(code=card.code, new_code=code, evidence=evidence, reason=reason, path=path),
                card,
            )

        self._asks.code(
            title=f"Replace {card.code}",
            start=card.title,
            evidence=self._asks.selection() or card.evidence,
            then=chosen,
        )

    def choose(self, number: int) -> None:
        """Replace the current code by the alternative with this number, with the same words."""
        card = self.current
        option = (
            next((item for item in card.options if item.number == number), None) if card else None
        )
        if card is None or option is None:
            return
        if card.status in {"rejected", "replaced"}:
            self._say(f"{card.code} is not on the list of codes to assign. Undo that first.")
            return
        way = say("option_kinds", option.kind or "alternative")
        self._decide(
            Replace(
                code=card.code,
                new_code=option.code,
                evidence=card.evidence,
                reason="" if card.evidence else f"{way}: {option.label or option.title}",
                path=(f"{way}: {option.label or option.title}",),
            )
        )

    def add(self) -> None:
        """Add a code found by search, proven by the words selected in the note."""
        if self._session.case is None:
            return

        def chosen(
            code: str, evidence: tuple[EvidenceSpan, ...], reason: str, path: tuple[str, ...]
        ) -> None:
            self.key = f"code:{code}"
            self._session.decide(Add(code=code, evidence=evidence, reason=reason, path=path))

        self._asks.code(title="Add a code", start="", evidence=self._asks.selection(), then=chosen)

    def show_evidence(self, by: int) -> None:
        """Jump to the next (`1`) or previous (`-1`) words that speak of the current code."""
        card = self.current
        quotes = [quote for quote in card.quotes if quote.shown] if card else []
        if not quotes:
            return
        start = self._evidence_at if self._evidence_at >= 0 else (-1 if by > 0 else 0)
        self._evidence_at = (start + by) % len(quotes)
        self.evidence_wanted.emit(quotes[self._evidence_at])

    def show_quote(self, key: str, number: int) -> None:
        """Jump to one quote of a card."""
        self.select(key)
        card = self.current
        if card is not None and 0 <= number < len(card.quotes) and card.quotes[number].shown:
            self._evidence_at = number
            self.evidence_wanted.emit(card.quotes[number])

    def undo(self) -> None:
        """Take back the last decision."""
        self._session.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        self._session.redo()

    def _complete(self, card: CardRow) -> None:
        """Ask for a code below a category, which cannot be assigned itself."""

        def chosen(
            code: str, evidence: tuple[EvidenceSpan, ...], reason: str, path: tuple[str, ...]
        ) -> None:
            if card.status == "excluded":
                self._decide(Add(code=code, evidence=evidence, reason=reason, path=path), card)
            else:
                self._decide(
                    Replace(
                        code=card.code, new_code=code, evidence=evidence, reason=reason, path=path
                    ),
                    card,
                )

        self._asks.code(
            title=f"Choose a code below {card.code}",
            start=card.code,
            evidence=card.evidence,
            then=chosen,
        )

    def expect(self, *cards: CardRow) -> None:
        """Show cards as they will be once what was just asked for is recorded."""
        changed = {card.key: card for card in cards}
        known = (changed.get(card.key, card) for card in self.cards)
        order = list(Group)
        self.cards = tuple(
            sorted(known, key=lambda card: (order.index(card.group), card.place or len(self.cards)))
        )
        self.expected.emit()

    def _decide(self, decision: Decision, card: CardRow | None = None) -> None:
        card = card or self.current
        if card is None:
            return
        after = next_open(self.cards, card.key)
        self._session.decide(decision)
        status = _STATUS.get(type(decision), card.status)
        self.cards = tuple(
            replace(each, status=status) if each.key == card.key else each for each in self.cards
        )
        self.key = after
        self.expected.emit()
        self.select(after)

    def _say(self, text: str) -> None:
        self.noticed.emit(Notice(text=text, tone="info"))

    def _show(self, opened: OpenCase) -> None:
        same = opened.case.case_id == self._case_id
        self._case_id = opened.case.case_id
        self.cards = card_rows(opened)
        keys = [card.key for card in self.cards]
        back = _taken_back(opened, after=self._seen) if same else None
        self._seen = max((event.seq for event in opened.events), default=0)
        if back in keys:
            self.key = back
        elif not same or self.key not in keys:
            self.key = next_open(self.cards, None)
            self._evidence_at = -1
        self.case_changed.emit(opened)


def _taken_back(opened: OpenCase, *, after: int) -> str | None:
    """Return the card whose decision was just taken back or done again, to go and look at it."""
    if not opened.events or opened.events[-1].seq <= after:
        return None
    data = opened.events[-1].data
    about = data.get("undoes") or data.get("redoes")
    codes = [event.data.get("code") for event in opened.events if event.seq == about]
    return f"code:{codes[0]}" if codes else None
