"""What a person does on the open case besides deciding on codes: said, ordered, asked, signed off.

Keys and buttons end here as in `review`, which holds the cursor. Each act is one call of the
session; what needs words is asked for first.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.desktop.models.cards import CardRow, Group
from app.desktop.notices import Notice
from app.desktop.review import Review
from app.desktop.session import Session
from app.query import Draft
from app.signoff import Summary
from app.wording import say
from audit import Arrange, Assert, Attach, Comment, Hold, Indicate, Query, Resume, State
from audit.acts import Poa
from pipeline.model import Assertion, EvidenceSpan

ASSERTIONS = (
    Assertion.PRESENT,
    Assertion.NEGATED,
    Assertion.HISTORICAL,
    Assertion.FAMILY,
    Assertion.POSSIBLE,
    Assertion.HYPOTHETICAL,
)
"""What the key for assertion goes through, from what is read most often."""

INDICATORS: tuple[Poa | None, ...] = ("Y", "N", "U", "W", "", None)
"""What the key for present on admission goes through; "" is exempt, None takes the answer away."""


class Questions(Protocol):
    """What is asked of a person before an act."""

    def selection(self) -> tuple[EvidenceSpan, ...]:
        """Return the words selected in the note, without the spaces around them."""

    def comment(self, card: CardRow | None, then: Callable[[str, str], None]) -> None:
        """Ask for a comment; `then` gets its text and the code it is on, "" for the case."""

    def hold(self, then: Callable[[str], None]) -> None:
        """Ask why the case is put aside."""

    def query(
        self, card: CardRow | None, then: Callable[[Draft, str, tuple[str, ...]], None]
    ) -> None:
        """Ask for a query; `then` gets the draft, its whole text and the codes it is about."""

    def summary(
        self, seen: Summary, *, submit: Callable[[], None], go: Callable[[str], None]
    ) -> None:
        """Show what would be submitted; `go` takes a person to a code."""


class Acts(QObject):
    """The acts of a case, done where the cursor of the review is."""

    noticed = Signal(object)

    def __init__(
        self, session: Session, review: Review, *, asks: Questions, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._review = review
        self._asks = asks

    def say_assertion(self) -> None:
        """Say the next thing of the current code's words: absent, past, of the family and so on."""
        card = self._review.current
        if card is None:
            return
        if card.group is Group.EXCLUDED and card.assertion is None:
            self._say("not-assigned", code=card.code)
            return
        now = ASSERTIONS.index(card.assertion or Assertion.PRESENT)
        said = ASSERTIONS[(now + 1) % len(ASSERTIONS)]
        self._session.decide(Assert(code=card.code, assertion=said))
        self._review.expect(replace(card, assertion=said))

    def step_poa(self) -> None:
        """Give the current code its next present-on-admission indicator."""
        card = self._assigned()
        if card is None:
            return
        if not card.poa_asked:
            self._say("poa-not-asked")
            return
        at = -1
        if not card.poa_proposed and card.poa in INDICATORS:
            at = INDICATORS.index(card.poa)
        # The first press confirms what is proposed.
        poa = card.poa if card.poa_proposed else INDICATORS[(at + 1) % len(INDICATORS)]
        self._session.decide(Indicate(code=card.code, poa=poa))
        self._review.expect(replace(card, poa=poa, poa_proposed=False))

    def make_principal(self) -> None:
        """Put the current code first."""
        card = self._assigned()
        if card is not None and not (card.place == 1 and card.first == "chosen"):
            self._order(card.code, 0)

    def move_code(self, by: int) -> None:
        """Move the current code by places on the claim; the cursor goes with it."""
        card = self._assigned()
        if card is not None:
            group = self._group(card)
            at = group.index(card.code) + by
            if 0 <= at < len(group):
                codes = self._codes()
                self._order(card.code, codes.index(group[at]))

    def place_code(self, key: str, before: str) -> None:
        """Put a card that was dragged before another; last of its group where that is no card."""
        self._review.select(key)
        card = self._assigned()
        if card is None or key == before:
            return
        codes = [code for code in self._codes() if code != card.code]
        other = next((each.code for each in self._review.cards if each.key == before), "")
        group = [code for code in self._group(card) if code != card.code]
        if other in codes:
            self._order(card.code, codes.index(other))
        elif group:
            self._order(card.code, codes.index(group[-1]) + 1)

    def attach(self) -> None:
        """Put the words selected in the note to the current code."""
        card = self._assigned()
        words = self._asks.selection()
        if card is None:
            return
        if not words:
            self._say("select-words", code=card.code)
            return
        self._session.decide(Attach(code=card.code, evidence=words))

    def comment(self) -> None:
        """Ask for a comment on the current code or on the case."""
        if self._session.case is not None:
            self._asks.comment(
                self._review.current,
                lambda text, code: self._session.decide(Comment(text=text, code=code)),
            )

    def hold(self) -> None:
        """Put the case aside with a reason, or take it up again."""
        opened = self._session.case
        if opened is None:
            return
        if opened.case.state is State.HELD:
            self._session.decide(Resume())
            return
        self._asks.hold(lambda reason: self._session.decide(Hold(reason=reason)))

    def query(self) -> None:
        """Compose a query to the provider about the current code."""
        if self._session.case is None:
            return

        def written(draft: Draft, text: str, codes: tuple[str, ...]) -> None:
            spans = tuple(each.span for each in draft.indicators)
            self._session.decide(Query(text=text, indicators=spans, codes=codes))
            self._say("query-kept")

        self._asks.query(self._review.current, written)

    def summary(self) -> None:
        """Show what would be submitted, once all decisions are recorded."""
        opened = self._session.case
        if opened is None:
            return
        if opened.case.state is State.SUBMITTED and not self._session.pending:
            self._say("is-submitted")
            return
        case_id = opened.case.case_id
        self._session.ask(lambda workspace: workspace.summary(case_id), self._show_summary)

    def _show_summary(self, seen: Summary) -> None:
        opened = self._session.case
        if opened is not None and opened.case.case_id == seen.case_id:
            self._asks.summary(
                seen,
                submit=lambda: self._session.signature_wanted.emit(seen),
                go=lambda code: self._review.select(f"code:{code}"),
            )

    def _assigned(self) -> CardRow | None:
        """Return the current card if its code is to be assigned; say so where it is not."""
        card = self._review.current
        if card is not None and not card.place:
            self._say("not-assigned", code=card.code)
            return None
        return card

    def _codes(self) -> list[str]:
        """Return the codes in the order of the claim."""
        placed = [card for card in self._review.cards if card.place]
        return [card.code for card in sorted(placed, key=lambda card: card.place)]

    def _group(self, card: CardRow) -> list[str]:
        """Return the codes that stand with a card, in the order of the claim."""
        same = [each for each in self._review.cards if each.group is card.group and each.place]
        return [each.code for each in sorted(same, key=lambda each: each.place)]

    def _order(self, code: str, at: int) -> None:
        codes = [each for each in self._codes() if each != code]
        codes.insert(at, code)
        self._session.decide(Arrange(codes=tuple(codes)))
        places = {each: number for number, each in enumerate(codes, start=1)}
        self._review.expect(
            *(
                replace(
                    card,
                    place=places[card.code],
                    first="chosen" if places[card.code] == 1 else "",
                )
                for card in self._review.cards
                if card.place
            )
        )

    def _say(self, identifier: str, **values: str) -> None:
        self.noticed.emit(Notice(text=say("told", identifier, **values)))
