"""A second reader sees one description and not the first answer; a no, or nothing, is a review."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.chat import Answer, Question, Task
from pipeline.engine import Engine
from pipeline.model import CodingResult, Encounter, Route
from pipeline.route import Lines, Policy
from pipeline.run import analyse
from tests.pipeline.chat_scripts import Scripted, answer, marked

NOTE = "ASSESSMENT\nEssential hypertension, well controlled on lisinopril. Continue.\n"


def coded(
    engine: Engine, chart: Encounter, say: Callable[[Question], Answer]
) -> tuple[CodingResult, Scripted]:
    """Code with a policy that lets everything pass unseen, but for the second reader."""
    bold = Policy(strata={}, otherwise=Lines(auto=0.0, confirm=0.0))
    chat = Scripted(say, tasks=(Task.AUDIT,))
    router = replace(engine.router, policy=bold)
    return analyse(chart, replace(engine, router=router, chat=chat), lambda _: None), chat


def test_a_second_reader_who_agrees_changes_nothing(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    result, chat = coded(engine, encounter(NOTE), lambda q: answer(q, holds=True, quote=marked(q)))
    ours = next(s for s in result.suggestions if s.code == "I10")
    assert ours.route is Route.AUTO
    question = next(q for q in chat.asked if q.options == ("Essential (primary) hypertension",))
    assert question.task is Task.AUDIT
    assert marked(question) == "Essential hypertension"
    assert "I10" not in question.passage


@pytest.mark.parametrize(
    ("say", "reason"),
    [
        (lambda q: answer(q, holds=False, quote=marked(q)), "second-opinion-disagrees"),
        (
            lambda q: answer(q, holds=True, quote="a made-up quote"),
            "second-opinion-missing=quote-not-in-note",
        ),
        (lambda q: Answer(fault="timeout"), "second-opinion-missing=timeout"),
    ],
)
def test_a_second_reader_who_does_not_agree_sends_it_to_review(
    engine: Engine,
    encounter: Callable[..., Encounter],
    say: Callable[[Question], Answer],
    reason: str,
) -> None:
    result, _ = coded(engine, encounter(NOTE), say)
    ours = next(s for s in result.suggestions if s.code == "I10")
    assert ours.route is Route.REVIEW
    assert reason in ours.reasons
    assert result.lane is Route.REVIEW
