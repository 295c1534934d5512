from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from app.desktop.models.cards import CardRow
from app.desktop.review import Review
from app.workspace import OpenCase
from audit import Accept, Add, Reject, Replace, Status
from pipeline.model import EvidenceSpan
from tests.app.desktop import builders


class Sessions(QObject):
    """A session that keeps what it is asked to record."""

    case_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.case: OpenCase | None = None
        self.asked: list[Any] = []

    def show(self, opened: OpenCase) -> None:
        self.case = opened
        self.case_changed.emit(opened)

    def decide(self, decision: object) -> None:
        self.asked.append(decision)

    def undo(self) -> None:
        self.asked.append("undo")

    def redo(self) -> None:
        self.asked.append("redo")


WAY = ("Read J45.20",)


class Answers:
    """A person who answers at once."""

    def __init__(self) -> None:
        self.words: tuple[EvidenceSpan, ...] = ()
        self.titles: list[str] = []
        self.starts: list[str] = []

    def reason(self, card: CardRow, then: Callable[[str], None]) -> None:
        then("absent")

    def code(
        self,
        *,
        title: str,
        start: str,
        evidence: tuple[EvidenceSpan, ...],
        then: Callable[[str, tuple[EvidenceSpan, ...], str, tuple[str, ...]], None],
    ) -> None:
        self.titles.append(title)
        self.starts.append(start)
        then("J45.20", evidence, "" if evidence else "typed", WAY)

    def selection(self) -> tuple[EvidenceSpan, ...]:
        return self.words


@pytest.fixture
def session(qapp: object) -> Sessions:
    return Sessions()


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def review(session: Sessions, answers: Answers, opened: OpenCase) -> Review:
    review = Review(session, asks=answers)  # type: ignore[arg-type]
    session.show(opened)
    return review


def on(review: Review, code: str) -> CardRow:
    card = next(card for card in review.cards if card.code == code)
    review.select(card.key)
    return card


def code(review: Review) -> str:
    assert review.current is not None
    return review.current.code


def test_the_cursor_begins_at_the_first_open_card(review: Review) -> None:
    assert code(review) == "E11.40"


def test_accept_is_asked_and_the_cursor_goes_on(review: Review, session: Sessions) -> None:
    review.accept()
    review.accept()
    assert session.asked == [Accept(code="E11.40"), Accept(code="I10")]
    assert code(review) == "R05.9"


def test_an_excluded_code_is_added_with_its_words(review: Review, session: Sessions) -> None:
    card = on(review, "R07.9")
    review.accept()
    assert session.asked == [Add(code="R07.9", evidence=card.evidence)]
    source, _ = builders.first_case()
    assert card.evidence == (builders.span(source, "chest pain"),)


def test_reject_carries_the_reason(review: Review, session: Sessions) -> None:
    review.reject()
    assert session.asked == [Reject(code="E11.40", reason="absent")]
    assert code(review) == "I10"


def test_replace_takes_the_words_of_the_code_unless_others_are_selected(
    review: Review, session: Sessions, answers: Answers, opened: OpenCase
) -> None:
    old = on(review, "I10")
    review.replace()
    session.show(opened)
    answers.words = (EvidenceSpan(note_id="clinic", start=0, end=4),)
    on(review, "I10")
    review.replace()
    assert session.asked == [
        Replace(code="I10", new_code="J45.20", evidence=old.evidence, path=WAY),
        Replace(code="I10", new_code="J45.20", evidence=answers.words, path=WAY),
    ]
    assert answers.titles == ["Replace I10"] * 2


def test_a_digit_takes_the_alternative_and_its_words(review: Review, session: Sessions) -> None:
    card = on(review, "R05.9")
    review.choose(2)
    assert session.asked == [
        Replace(
            code="R05.9",
            new_code="R05.2",
            evidence=card.evidence,
            path=("Says more: Subacute",),
        )
    ]


def test_a_digit_without_an_alternative_does_nothing(review: Review, session: Sessions) -> None:
    on(review, "I10")
    review.choose(1)
    assert session.asked == []


def test_add_takes_the_selected_words_or_a_typed_reason(
    review: Review, session: Sessions, answers: Answers
) -> None:
    review.add()
    answers.words = (EvidenceSpan(note_id="clinic", start=0, end=4),)
    review.add()
    assert session.asked == [
        Add(code="J45.20", reason="typed", path=WAY),
        Add(code="J45.20", evidence=answers.words, path=WAY),
    ]


@pytest.mark.parametrize("method", ["reject", "replace"])
def test_what_cannot_be_done_to_an_excluded_code_is_said(
    review: Review, session: Sessions, method: str
) -> None:
    said: list[str] = []
    review.noticed.connect(lambda notice: said.append(notice.text))
    on(review, "C50.919")
    getattr(review, method)()
    assert session.asked == []
    assert "C50.919" in said[0]


def test_a_replaced_code_is_not_touched_again(
    review: Review, session: Sessions, opened: OpenCase
) -> None:
    rows = tuple(
        replace(row, status=Status.REPLACED, replaced_by="R05.8") if row.code == "R05.9" else row
        for row in opened.case.assigned
    )
    session.show(replace(opened, case=replace(opened.case, assigned=rows)))
    said: list[str] = []
    review.noticed.connect(lambda notice: said.append(notice.text))
    on(review, "R05.9")
    review.accept()
    review.choose(1)
    review.reject()
    assert session.asked == []
    assert len(said) == 3


def test_a_category_is_never_assigned_but_opened(
    review: Review, session: Sessions, answers: Answers, opened: OpenCase
) -> None:
    session.show(replace(opened, headers=frozenset({"R07.9", "I10"})))
    excluded, proposed = on(review, "R07.9"), on(review, "I10")
    review.accept()
    on(review, "R07.9")
    review.accept()
    assert answers.starts == ["I10", "R07.9"]
    assert session.asked == [
        Replace(code="I10", new_code="J45.20", evidence=proposed.evidence, path=WAY),
        Add(code="J45.20", evidence=excluded.evidence, path=WAY),
    ]


def test_the_cursor_stops_at_both_ends(review: Review) -> None:
    review.move(-1)
    assert code(review) == "E11.40"
    for _ in range(20):
        review.move(1)
    assert code(review) == "C50.919"


def test_evidence_is_walked_round_both_ways(review: Review) -> None:
    shown: list[str] = []
    review.evidence_wanted.connect(lambda quote: shown.append(quote.span.note_id))
    for by in (1, 1, 1, -1):
        review.show_evidence(by)
    assert shown == ["clinic", "letter", "clinic", "letter"]


def test_the_last_evidence_comes_first_when_walked_backwards(review: Review) -> None:
    shown: list[str] = []
    review.evidence_wanted.connect(lambda quote: shown.append(quote.span.note_id))
    review.show_evidence(-1)
    assert shown == ["letter"]


def test_the_cursor_keeps_its_card_when_the_case_changes(
    review: Review, session: Sessions, opened: OpenCase
) -> None:
    on(review, "R05.9")
    session.show(opened)
    assert code(review) == "R05.9"


def test_another_case_begins_at_its_first_card(
    review: Review, session: Sessions, opened: OpenCase
) -> None:
    on(review, "R05.9")
    session.show(replace(opened, case=replace(opened.case, case_id="another")))
    assert code(review) == "E11.40"


def test_undo_and_redo_are_handed_on(review: Review, session: Sessions) -> None:
    review.undo()
    review.redo()
    assert session.asked == ["undo", "redo"]


def test_without_a_case_no_key_does_anything(session: Sessions, answers: Answers) -> None:
    review = Review(session, asks=answers)  # type: ignore[arg-type]
    for act in (review.accept, review.reject, review.replace, review.add):
        act()
    review.move(1)
    review.choose(1)
    review.show_evidence(1)
    assert session.asked == []
