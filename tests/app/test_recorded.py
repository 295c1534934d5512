"""Conversations with servers made by hand, recorded in a store and held again from it alone."""

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.chatsettings import ChatSettings, Mode
from app.chatting import Clerk, PipeJournal, open_chat
from app.recorded import Record, Speaking, speaking
from audit import Store
from audit.replay import Difference, Past, past
from pipeline.chat import Question, Task
from pipeline.chat.address import Endpoint
from pipeline.chat.controlled import ControlledChat, Form, Plan
from pipeline.chat.limits import Breaker, Limits
from pipeline.chat.model import OK, Answer, Reply, Request
from pipeline.chat.passage import Passage
from pipeline.chat.prompts import Prompts
from pipeline.model import Encounter, Provenance
from tests.audit.builders import CODER, PROVENANCE, encounter, places, result
from tests.pipeline.chat.test_controlled import FIRST, GOOD, NEXT, question

SECOND = Endpoint(url="http://127.0.0.1:3/v1", model="second")
HOLDS = '{"holds": true, "quote": "gout"}'
FAULTS = ("server-error", "rate-limited", "timeout", "wrong-schema", "cut", OK, OK)


@dataclass
class Fickle:
    """Says one thing or another, by chance of a seed; counts how often it was asked."""

    chance: random.Random
    turn: threading.Lock = field(default_factory=threading.Lock)
    sent: int = 0

    def send(self, request: Request, endpoint: Endpoint, seconds: float) -> Reply:
        with self.turn:
            self.sent += 1
            kind = self.chance.choice(FAULTS)
            wait = self.chance.choice([None, 2, 50])
            said = self.chance.choice([GOOD, HOLDS, "{", GOOD.replace("true", "7")])
        return Reply(
            kind=kind,
            body=said if kind == OK else "",
            tokens_in=100,
            tokens_out=20,
            milliseconds=self.chance.randrange(9000),
            retry_after=wait if kind == "rate-limited" else None,
        )


@dataclass
class Held:
    """A conversation that was held: answers, the provenance it was held under, calls sent."""

    answers: tuple[Answer, ...]
    provenance: Provenance
    reasons: tuple[str, ...]
    sent: int


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create_or_open(tmp_path / "s", places=places(tmp_path), actor=CODER) as made:
        yield made


def hold(
    store: Store, visit: Encounter, plan: Plan, asked: Sequence[Question], *, seed: int
) -> Held:
    """Ask of servers made by hand, with a store that keeps what is asked."""
    clerk = Clerk(store, ChatSettings(mode=Mode.ON))
    fickle = Fickle(random.Random(seed))
    prompts = Prompts.read()
    provenance = replace(PROVENANCE, chat_model=plan.servers[0].model, sources=prompts.digests())
    chat = ControlledChat(
        plan=plan,
        prompts=prompts,
        journals=lambda e, p: PipeJournal(lambda message: clerk(e, message), p),
        sender=fickle,
        masks=lambda text, _encounter: Passage.plain(text),
        breaker=Breaker(lambda: 0.0),
        wait=lambda _seconds: None,
    )
    talk = chat.about(visit, provenance)
    answers = tuple(answer for each in asked for answer in talk.ask([each]))
    reasons = tuple(f"model-failed={kind}" for kind in sorted(talk.outcomes) if kind != OK)
    recorded = replace(result(visit.encounter_id, provenance=provenance), lane_reasons=reasons)
    store.record(visit, recorded)
    return Held(answers, provenance, reasons, fickle.sent)


def again(
    store: Store, visit: Encounter, asked: Sequence[Question], held: Held
) -> tuple[Speaking, tuple[Answer, ...], Past, Record]:
    """Hold it again as the record alone says it was held."""
    (row,) = [row for row in store.cases() if row.encounter_id == visit.encounter_id]
    _, (done,) = past(store, row.case_id)
    how = speaking(done)
    assert how is not None
    record = Record.of(store, [done])
    chat = open_chat(how.options(Path("none")), lambda message: record(done.encounter, message))
    assert chat.name == held.provenance.chat_model
    assert chat.sources == held.provenance.sources
    talk = chat.about(done.encounter, held.provenance)
    return how, tuple(answer for each in asked for answer in talk.ask([each])), done, record


def audit(number: int) -> Question:
    return replace(question(number), task=Task.AUDIT, options=("Gout",))


def test_a_conversation_is_held_again_from_the_record_whatever_came_of_it(store: Store) -> None:
    kinds = set()
    for seed in range(40):
        chance = random.Random(seed)
        plan = Plan(
            servers=chance.choice([(FIRST,), (FIRST, NEXT), (NEXT, FIRST)]),
            second=SECOND,
            form=chance.choice(list(Form)),
            seconds=chance.choice([10.0, 60.0]),
            tries=chance.choice([1, 2, 5]),
            limits=chance.choice([Limits(), Limits(calls=5), Limits(tokens=600)]),
        )
        asked = [audit(0), *(question(n) for n in range(4)), audit(1)]
        visit = encounter(f"e-{seed}")
        held = hold(store, visit, plan, asked, seed=seed)
        how, answers, _, _ = again(store, visit, asked, held)
        assert answers == held.answers, seed
        assert how.plan.form is plan.form
        kinds |= {answer.fault for answer in answers}
    assert {"", "budget", "server-error", "timeout", "not-json"} <= kinds


def test_the_record_is_not_added_to_and_what_is_not_in_it_is_named(store: Store) -> None:
    visit = encounter()
    held = hold(store, visit, Plan(servers=(FIRST,)), [question()], seed=1)
    before = len(store.events())
    _, answers, done, record = again(store, visit, [question(), question(9)], held)
    assert len(store.events()) == before
    assert (answers[0], answers[1].fault) == (held.answers[0], "not-recorded")
    now = replace(done.result, lane_reasons=("model-failed=not-recorded",))
    other = Difference(parts=("lane_reasons",))
    assert other.unexplained
    named = record.judged(done, now, other)
    assert named.provenance == (("chat_answers", "recorded", "not all recorded"),)
    assert not named.unexplained
    assert record.judged(done, now, Difference()) == Difference()


def test_a_pass_that_asked_nothing_knows_its_model_and_asks_nowhere(store: Store) -> None:
    visit = encounter()
    held = hold(store, visit, Plan(servers=(NEXT,)), [], seed=1)
    _, answers, _, _ = again(store, visit, [question()], held)
    assert [answer.fault for answer in answers] == ["not-recorded"]


def test_a_prompt_whose_file_is_gone_is_said(store: Store) -> None:
    held = hold(store, encounter(), Plan(servers=(FIRST,)), [question()], seed=1)
    how, _, done, _ = again(store, encounter(), [question()], held)
    assert how.fault(Path("none")) == ""
    own = replace(done.result.provenance, sources=(("prompt verify-7", "7" * 64),))
    gone = speaking(replace(done, result=replace(done.result, provenance=own)))
    assert gone is not None
    assert gone.fault(Path("none")) == "prompt-gone"
