"""What a chat model was asked and said in a recorded pass, given again without any network.

Servers and form are those of the requests in the record, not those of today's settings; which
prompts were in force stands in the provenance. How often each server was tried and where a budget
ended is not set again: the record ends where the pass did.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.chatting import Begin, ChatOptions, Finish
from audit import Store
from audit.replay import Difference, Past
from pipeline.chat.address import ChatError, Endpoint, Network
from pipeline.chat.controlled import BUDGET, NOT_RECORDED, Form, Plan, form_of
from pipeline.chat.limits import Limits
from pipeline.chat.model import Reply, Request, Task
from pipeline.chat.prompts import Prompts
from pipeline.model import CodingResult, Encounter

SILENT = "silent"

_NOWHERE = "http://localhost"
"""Stands for the server of a pass that asked nothing; nothing is sent there."""

_TRIES = 5
_LONG = 1e9
_PROMPT = re.compile(r"prompt (?P<task>[a-z]+)-(?P<version>[1-9][0-9]*)")

Active = tuple[tuple[Task, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """How a pass asked a chat model: servers and form, and the versions of prompts in force."""

    plan: Plan
    active: Active

    def options(self, site: Path) -> ChatOptions:
        """Return what a worker needs to ask in the same words, with prompts of a site's own."""
        return ChatOptions(plan=self.plan, replay=True, active=dict(self.active), site=site)

    def fault(self, site: Path) -> str:
        """Return why it cannot ask in the same words; empty where it can."""
        try:
            Prompts.read(site, dict(self.active))
        except ChatError:
            return "prompt-gone"
        return ""


def speaking(each: Past) -> Speaking | None:
    """Return how a pass asked a chat model; None where it had none."""
    origin = each.result.provenance
    if origin.chat_model == SILENT:
        return None
    sources = dict(origin.sources)
    asked = [
        request
        for request in each.requests
        if sources.get(f"prompt {request.prompt}") == request.prompt_digest
    ]
    first = _servers(request for request in asked if request.task is not Task.AUDIT)
    servers = [server for server in first if server.model == origin.chat_model]
    servers += [server for server in first if server not in servers]
    if not servers or servers[0].model != origin.chat_model:
        servers.insert(0, Endpoint(url=_NOWHERE, model=origin.chat_model))
    second = _servers(request for request in asked if request.task is Task.AUDIT)
    return Speaking(
        plan=Plan(
            servers=tuple(servers),
            second=second[0] if second else None,
            form=form_of(asked[0].body) if asked else Form.SCHEMA,
            seconds=_LONG,
            tries=_TRIES,
            limits=Limits(),
        ),
        active=tuple(
            (Task(named["task"]), int(named["version"]))
            for name in sources
            if (named := _PROMPT.fullmatch(name)) is not None
        ),
    )


@dataclass(frozen=True, slots=True)
class Record:
    """Answers what workers ask from the record alone, and knows where that was not enough.

    A question that is not there was left out for its budget where the pass says that one was spent.
    """

    store: Store
    spent: frozenset[int]
    lacking: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, store: Store, passes: Iterable[Past]) -> "Record":
        """Return what answers for these passes; each is known by its encounter, the object."""
        return cls(store, frozenset(id(p.encounter) for p in passes if _spent(p.result)))

    def __call__(self, encounter: Encounter, message: object) -> object:
        """Return the reply to a request; nothing for what else a worker asks."""
        match message:
            case Begin(request=request):
                return self._begin(encounter, request)
            case Finish(reply=reply):
                return reply
        return None

    def judged(self, each: Past, now: CodingResult, difference: Difference) -> Difference:
        """Return a difference that says where answers were not in the record."""
        number = id(each.encounter)
        lacks = f"model-failed={NOT_RECORDED}" in now.lane_reasons
        if difference.same or not (lacks or (number in self.spent and number in self.lacking)):
            return difference
        named = ("chat_answers", "recorded", "not all recorded")
        return replace(difference, provenance=(*difference.provenance, named))

    def _begin(self, encounter: Encounter, request: Request) -> Reply:
        known = self.store.chat.recall(encounter, request)
        if known is not None:
            return known
        if request.attempt > 1:
            return Reply(kind=NOT_RECORDED, sent=False)
        self.lacking.add(id(encounter))
        return Reply(kind=BUDGET if id(encounter) in self.spent else NOT_RECORDED, sent=False)


def _spent(result: CodingResult) -> bool:
    return f"model-failed={BUDGET}" in result.lane_reasons


def _servers(requests: Iterable[Request]) -> list[Endpoint]:
    """Return the servers that were asked, in the order in which they are turned to."""
    ordered = sorted(requests, key=lambda request: request.attempt)
    return list(
        dict.fromkeys(
            Endpoint(
                url=request.endpoint,
                model=request.model,
                network=Network.PUBLIC if request.remote else Network.LOOPBACK,
            )
            for request in ordered
        )
    )
