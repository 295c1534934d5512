"""The values that travel between a stage that asks, the journal that keeps, and a model that reads.

A question holds words of a note; it leaves this machine only as an endpoint and the masker allow. A
request is what would be sent, word for word; a reply is what came back, or the kind of fault that
came instead. Both are kept before they are used, so that the same question is never asked twice.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pipeline.chat.passage import Passage

OK = "ok"
"""The kind of a reply that came whole; what it says is still to be checked."""


class Task(StrEnum):
    """What a model may be asked: which title, what was missed, or whether a code holds."""

    VERIFY = "verify"
    EXTRACT = "extract"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a stage asks: of this passage, about these words, with these titles to choose from.

    `marked` is the half-open range of the words in `passage`; `options` are descriptions without
    codes, in the order they are shown. `about` names the encounter's note, for the masker.
    """

    task: Task
    passage: str
    marked: tuple[int, int] | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a question: the checked fields of a reply, or why there are none.

    `fault` is the id of what went wrong, empty for an answer; `passage` finds a quote in the words
    that were sent and returns its place in those of the question; `by` names the model.
    """

    fault: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    passage: Passage = field(default_factory=lambda: Passage.plain(""))
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One attempt, as it would be sent: `body` is the canonical JSON of everything in it.

    `endpoint` is the origin it goes to, `remote` whether that is off this machine, `masked` whether
    names and numbers were taken out first. `attempt` counts from 1 over all endpoints.
    """

    task: Task
    prompt: str
    prompt_digest: str
    model: str
    endpoint: str
    remote: bool
    masked: bool
    attempt: int
    body: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 (hex) by which the journal knows this attempt."""
        parts = [self.prompt_digest, self.model, self.endpoint, self.attempt, self.body]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of an attempt: `kind` is `ok` or the id of a fault, `body` the words of the model.

    Tokens are those the server counted, None where it did not; `milliseconds` is how long it took,
    `sent` whether anything left at all, `retry_after` how many seconds the server asked to wait.
    """

    kind: str
    body: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    milliseconds: int = 0
    sent: bool = True
    retry_after: int | None = None


class Journal(Protocol):
    """Where requests are kept before they are sent, and replies before they are used."""

    def begin(self, request: Request) -> Reply | None:
        """Keep a request; return the reply that was kept for it, or None: it may be sent now."""
        ...

    def finish(self, request: Request, reply: Reply) -> Reply:
        """Keep a reply and return the one that counts: the first that was kept."""
        ...


class MemoryJournal:
    """A journal of one run, for a dry run, an evaluation and tests; `kept` may be given before."""

    def __init__(self, kept: Mapping[str, Reply] | None = None) -> None:
        """Start with what was kept before."""
        self.kept: dict[str, Reply] = dict(kept or {})
        self.requests: dict[str, Request] = {}

    def begin(self, request: Request) -> Reply | None:
        """Keep a request and return the reply known for it."""
        self.requests[request.digest] = request
        return self.kept.get(request.digest)

    def finish(self, request: Request, reply: Reply) -> Reply:
        """Keep the first reply to a request."""
        return self.kept.setdefault(request.digest, reply)
