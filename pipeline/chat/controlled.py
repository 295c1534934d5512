"""A chat model that is asked under control: every attempt kept, bounded, and checked for shape.

For each question: the words as they may leave (masked, where the server is off this machine), the
prompt in force, the journal before the network, attempts and fallbacks in their order, one deadline
over all of them. Whatever happens, the question has an answer or the id of a fault; nothing raises.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any, Protocol

from pipeline.chat import answers
from pipeline.chat.address import Endpoint, Fault
from pipeline.chat.limits import RETRIED, Breaker, Limits, Prices, Spending
from pipeline.chat.model import OK, Answer, Journal, Question, Reply, Request, Task
from pipeline.chat.passage import Passage
from pipeline.chat.prompts import Prompts
from pipeline.model import Encounter, Provenance

NOT_RECORDED = "not-recorded"
"""The fault of a replay that meets a question nobody asked before."""

BUDGET = "budget"
"""The fault of a question that was not asked, because what the encounter may use was used."""

_ROOM = {Task.VERIFY: 400, Task.EXTRACT: 1200, Task.AUDIT: 200}
"""Tokens an answer may take."""


class Form(StrEnum):
    """How a server is told which shape to answer in; `chartproof chat check` finds out."""

    SCHEMA = "json_schema"
    TOOLS = "tools"
    PLAIN = "plain"


class Sender(Protocol):
    """What carries a request to a server and always comes back with a reply."""

    def send(self, request: Request, endpoint: Endpoint, seconds: float) -> Reply:
        """Return what came of it within some seconds."""
        ...


Masks = Callable[[str, Encounter], Passage]
"""Takes names and numbers out of words of an encounter; Fault where that is not sure."""

Journals = Callable[[Encounter, Provenance], Journal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a model is asked: servers in order, second reader, form, deadline, limits.

    `seconds` are those of one question, all attempts and waits included; `tries` are attempts at
    each server; `flight` is how many questions of one encounter are on their way at once.
    """

    servers: tuple[Endpoint, ...]
    second: Endpoint | None = None
    form: Form = Form.SCHEMA
    seconds: float = 30.0
    tries: int = 2
    flight: int = 4
    limits: Limits = field(default_factory=Limits)
    prices: Prices = field(default_factory=Prices)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledChat:
    """A chat model of this plan; `sender` is None for a replay, which knows no network.

    `wait` passes the seconds that a server asks for.
    """

    plan: Plan
    prompts: Prompts
    journals: Journals
    sender: Sender | None
    masks: Masks
    breaker: Breaker
    wait: Callable[[float], None]

    @property
    def name(self) -> str:
        """Return the first model's name, for the provenance."""
        return self.plan.servers[0].model

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Return the digests of the prompts in force, for the provenance."""
        return self.prompts.digests()

    def about(self, encounter: Encounter, provenance: Provenance) -> "Conversation":
        """Return what the stages ask about one encounter."""
        return Conversation(self, encounter, self.journals(encounter, provenance))


class Conversation:
    """The questions of one encounter, with what they have used."""

    def __init__(self, chat: ControlledChat, encounter: Encounter, journal: Journal) -> None:
        """Begin with nothing asked."""
        self._chat = chat
        self._encounter = encounter
        self._journal = journal
        self.spending = Spending(limits=chat.plan.limits, prices=chat.plan.prices)
        self.outcomes: Counter[str] = Counter()

    def asks(self, task: Task) -> bool:
        """Tell whether there is a model for a task."""
        return task is not Task.AUDIT or self._chat.plan.second is not None

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """Return the answer to each question, in order, some of them asked at the same time."""
        found: list[Answer] = []
        for round_ in _batched(questions, self._chat.plan.flight):
            found += self._round(round_)
        self.outcomes.update(answer.fault or OK for answer in found)
        return tuple(found)

    def _round(self, questions: Sequence[Question]) -> list[Answer]:
        plan = self._chat.plan
        granted = self.spending.grants(len(questions), plan.tries * len(plan.servers))
        left = self.spending.seconds_left()
        seconds = plan.seconds if left is None else min(plan.seconds, left)
        attempts = [_Attempts(granted=grant, seconds=seconds) for grant in granted]
        if len(questions) == 1:
            answered = [self._answer(questions[0], attempts[0])]
        else:
            with ThreadPoolExecutor(len(questions), "chartproof-chat") as pool:
                answered = list(pool.map(self._answer, questions, attempts))
        for each in attempts:
            for reply in each.replies:
                self.spending.charge(reply)
        return answered

    def _answer(self, question: Question, attempts: "_Attempts") -> Answer:
        """Ask each server in turn until one answers; the last fault stands where none does."""
        plan = self._chat.plan
        servers = plan.servers
        if question.task is Task.AUDIT:
            servers = () if plan.second is None else (plan.second,)
        fault = BUDGET
        for server in servers:
            try:
                passage = self._passage(question, server)
                for _ in range(plan.tries):
                    if not attempts.more():
                        return Answer(fault=fault)
                    request = self._request(question, server, passage, attempts)
                    reply = self._attempt(request, server, attempts)
                    if reply.kind in {NOT_RECORDED, BUDGET}:  # the record ends: no attempt was made
                        fault = fault if attempts.replies else reply.kind
                        break
                    attempts.add(reply)
                    if reply.kind == OK:
                        fields = answers.read(question.task, reply.body)
                        return Answer(fields=fields, passage=passage, by=server.model)
                    fault = reply.kind
                    if not self._again(reply, attempts):
                        break
            except Fault as found:
                fault = found.kind
        return Answer(fault=fault)

    def _passage(self, question: Question, server: Endpoint) -> Passage:
        if not server.remote:
            return Passage.plain(question.passage)
        return self._chat.masks(question.passage, self._encounter)

    def _request(
        self, question: Question, server: Endpoint, passage: Passage, attempts: "_Attempts"
    ) -> Request:
        marked = ""
        if question.marked is not None:
            marked = passage.between(*question.marked)
            if not marked:
                raise Fault("masked-words")
        prompt = self._chat.prompts.of(question.task)
        messages = prompt.messages(passage.text, marked, question.options)
        schema = prompt.schema_for(len(question.options))
        body = _body(self._chat.plan.form, server.model, question.task, messages, schema)
        return Request(
            task=question.task,
            prompt=prompt.id,
            prompt_digest=prompt.digest,
            model=server.model,
            endpoint=server.origin,
            remote=server.remote,
            masked=server.remote,
            attempt=len(attempts.replies) + 1,
            body=json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        )

    def _attempt(self, request: Request, server: Endpoint, attempts: "_Attempts") -> Reply:
        """Return the reply that is known for a request, or send it and keep what comes."""
        known = self._journal.begin(request)
        if known is not None:
            return known
        sender, breaker = self._chat.sender, self._chat.breaker
        name = f"{server.origin} {server.model}"
        if sender is None:
            return Reply(kind=NOT_RECORDED, sent=False)
        if not breaker.closed(name):
            return self._journal.finish(request, Reply(kind="resting", sent=False))
        reply = sender.send(request, server, attempts.left())
        breaker.note(name, reply)
        return self._journal.finish(request, reply)

    def _again(self, reply: Reply, attempts: "_Attempts") -> bool:
        """Tell whether the same server is asked once more, after the wait it asked for."""
        if reply.kind not in RETRIED:
            return False
        pause = reply.retry_after or 0
        if pause >= attempts.left():
            return False
        if pause and attempts.more():
            attempts.waited += pause
            self._chat.wait(pause)
        return True


@dataclass(slots=True, kw_only=True)
class _Attempts:
    """What one question may still use."""

    granted: int
    seconds: float
    waited: float = 0.0
    replies: list[Reply] = field(default_factory=list)

    def more(self) -> bool:
        """Tell whether one more attempt may be made."""
        return len(self.replies) < self.granted and self.left() > 0

    def left(self) -> float:
        """Return the seconds left."""
        used = sum(reply.milliseconds for reply in self.replies) / 1000
        return self.seconds - used - self.waited

    def add(self, reply: Reply) -> None:
        """Keep what came of an attempt."""
        self.replies.append(reply)


def form_of(body: str) -> Form:
    """Return the form in which a request was made, from its body."""
    found = json.loads(body)
    if "response_format" in found:
        return Form.SCHEMA
    return Form.TOOLS if "tools" in found else Form.PLAIN


def _body(
    form: Form,
    model: str,
    task: Task,
    messages: Sequence[Mapping[str, str]],
    schema: Mapping[str, Any],
) -> Mapping[str, Any]:
    """Return what is sent, as the protocol wants it."""
    body: dict[str, Any] = {
        "model": model,
        "messages": messages,
        "temperature": 0,
        "max_tokens": _ROOM[task],
    }
    name = task.value
    if form is Form.SCHEMA:
        shape = {"name": name, "schema": schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    elif form is Form.TOOLS:
        function = {"name": name, "parameters": schema, "description": "Give the answer."}
        body["tools"] = [{"type": "function", "function": function}]
        body["tool_choice"] = {"type": "function", "function": {"name": name}}
    return body


def _batched(questions: Sequence[Question], size: int) -> Iterator[tuple[Question, ...]]:
    rest = iter(questions)
    while batch := tuple(islice(rest, size)):
        yield batch
