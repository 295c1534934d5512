"""What was asked of a chat model and what came back, where it may be sent, which prompts hold.

Reached as `Store.chat`. A request is committed before it is sent, a reply before it is used; what
was asked once is never asked again, whatever ended the process in between.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from audit import blobs, log
from audit.analyses import Analyses
from audit.change import Change
from audit.chatevents import (
    ChatAllowed,
    ChatAnswered,
    ChatAsked,
    ChatForbidden,
    PromptActivated,
)
from audit.door import PROGRAM, Door
from audit.encounters import decimal
from audit.events import AnalysisStarted, CaseRouted, parse
from audit.model import ActorKind, AuditError, AuditEvent
from audit.results import start_of
from audit.tables import EventRow
from pipeline.chat.model import Reply, Request
from pipeline.model import Encounter, Provenance

INTERRUPTED = "interrupted"
"""The kind of a reply that never came back to us: the process ended while it was on its way."""

_FAILED = ("model-failed=", "model-dropped=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """Where an endpoint off this machine may be asked from, until the end of which day."""

    endpoint: str
    network: str
    expires: date
    masking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used: calls that were sent, tokens, seconds, money, and for how many cases.

    `settled` counts the cases whose questions all came to something: none failed, none was dropped.
    """

    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    cases: int = 0
    settled: int = 0

    def plus(self, reply: ChatAnswered) -> "Usage":
        """Return the sum with one reply."""
        return replace(
            self,
            calls=self.calls + reply.sent,
            tokens=self.tokens + (reply.tokens_in or 0) + (reply.tokens_out or 0),
            seconds=self.seconds + reply.milliseconds / 1000,
            cost=self.cost + float(reply.cost),
        )


class Exchanges:
    """The part of a store that speaks of the chat model."""

    def __init__(self, door: Door, analyses: Analyses) -> None:
        self._door = door
        self._actor = door.actor
        self._analyses = analyses

    def begin(self, encounter: Encounter, provenance: Provenance, request: Request) -> Reply | None:
        """Commit that an analysis began, then a request; return the reply known for it, if any.

        None says that it may be sent now: it never was. A request that was committed and never
        answered may have been sent; its reply is `interrupted`, and stays so.
        """
        case_id = self._door.execute(lambda change: self._start(change, encounter, provenance))
        key = self._key(request)

        def command(change: Change) -> Reply | None:
            asked, answered = _exchange(change, case_id, key)
            if answered is not None:
                return _reply(change, answered)
            if asked:
                lost = Reply(kind=INTERRUPTED)
                self._answer(change, case_id, key, lost, cost=0.0)
                return lost
            change.emit(
                ChatAsked(
                    request=key,
                    body=change.seal(request.body),
                    task=request.task.value,
                    prompt=request.prompt,
                    prompt_digest=request.prompt_digest,
                    model=request.model,
                    endpoint=request.endpoint,
                    remote=request.remote,
                    masked=request.masked,
                    attempt=request.attempt,
                ),
                case_id=case_id,
                actor=PROGRAM,
            )
            return None

        return self._door.execute(command)

    def finish(
        self, encounter: Encounter, request: Request, reply: Reply, *, cost: float = 0.0
    ) -> Reply:
        """Commit a reply; return the one that counts, the first that was committed."""
        key = self._key(request)

        def command(change: Change) -> Reply:
            case_id, _ = change.case_of(encounter)
            _, answered = _exchange(change, case_id, key)
            if answered is not None:
                return _reply(change, answered)
            self._answer(change, case_id, key, reply, cost=cost)
            return reply

        return self._door.execute(command)

    def recall(self, encounter: Encounter, request: Request) -> Reply | None:
        """Return the reply committed for a request; writes nothing and needs no network."""
        key = self._key(request)

        def command(change: Change) -> Reply | None:
            case_id, fresh = change.case_of(encounter)
            answered = None if fresh else _exchange(change, case_id, key)[1]
            return None if answered is None else _reply(change, answered)

        return self._door.execute(command)

    def usage(self, *, since: str = "") -> Usage:
        """Return what was used from a moment on (`2026-05-04` and later), or ever."""
        used = Usage()
        sent: set[str | None] = set()
        settled: dict[str | None, bool] = {}
        for event in self._events("chat.answered", "case.routed"):
            if event.ts < since:
                continue
            data = parse(event)
            if isinstance(data, ChatAnswered):
                used = used.plus(data)
                sent |= {event.case_id} if data.sent else set()
            elif isinstance(data, CaseRouted):
                failed = any(reason.startswith(_FAILED) for reason in data.lane_reasons)
                settled[event.case_id] = not failed
        count = sum(settled.get(case_id, False) for case_id in sent)
        return replace(used, cases=len(sent), settled=count)

    def allow(self, *, permit: Permit, reason: str, agreement: str) -> None:
        """Commit that a person lets an endpoint be asked; AuditError where something is missing."""
        self._by_a_person()
        for name, text in (("reason", reason), ("agreement reference", agreement)):
            if not text.strip():
                raise AuditError(f"Give a {name}: without one no endpoint is allowed.")
        self._door.execute(
            lambda change: change.emit(
                ChatAllowed(
                    endpoint=permit.endpoint,
                    network="private" if permit.network == "private" else "public",
                    reason=change.seal(reason),
                    agreement=change.seal(agreement),
                    expires=permit.expires.isoformat(),
                    masking=permit.masking,
                ),
                case_id=None,
            )
        )

    def forbid(self, endpoint: str) -> None:
        """Commit that a person takes the permission of an endpoint back."""
        self._by_a_person()
        if endpoint not in self.permits():
            raise AuditError(f"{endpoint} is not allowed, so there is nothing to take back.")
        self._door.execute(
            lambda change: change.emit(ChatForbidden(endpoint=endpoint), case_id=None)
        )

    def permits(self) -> dict[str, Permit]:
        """Return the permission of each endpoint that has one, ended ones included."""
        found: dict[str, Permit] = {}
        for event in self._events("chat.allowed", "chat.forbidden"):
            match parse(event):
                case ChatAllowed() as data:
                    found[data.endpoint] = Permit(
                        endpoint=data.endpoint,
                        network=data.network,
                        expires=date.fromisoformat(data.expires),
                        masking=data.masking,
                    )
                case ChatForbidden(endpoint=endpoint):
                    found.pop(endpoint, None)
        return found

    def activate(self, data: PromptActivated) -> None:
        """Commit that a version of a prompt is in force."""
        self._by_a_person()
        self._door.execute(lambda change: change.emit(data, case_id=None))

    def activations(self) -> tuple[PromptActivated, ...]:
        """Return every activation, oldest first."""
        found = (parse(event) for event in self._events("prompt.activated"))
        return tuple(data for data in found if isinstance(data, PromptActivated))

    def _start(self, change: Change, encounter: Encounter, provenance: Provenance) -> str:
        """Begin the analysis of a case, unless that is what it shows as running."""
        content = self._analyses.content_key(encounter)
        work = self._analyses.work(content, provenance)
        case_id, _ = change.case_of(encounter)
        running = change.review(case_id).running
        if not (running and isinstance(running[0], AnalysisStarted) and running[0].work == work):
            self._analyses.receive(change, case_id, encounter, content)
            change.emit(
                start_of(provenance, work=work, by=self._actor),
                case_id=case_id,
                actor=PROGRAM,
            )
        return case_id

    def _answer(self, change: Change, case_id: str, key: str, reply: Reply, *, cost: float) -> None:
        change.emit(
            ChatAnswered(
                request=key,
                kind=reply.kind,
                body=change.seal(reply.body) if reply.body else None,
                sent=reply.sent,
                tokens_in=reply.tokens_in,
                tokens_out=reply.tokens_out,
                milliseconds=reply.milliseconds,
                retry_after=reply.retry_after,
                cost=decimal(cost),
            ),
            case_id=case_id,
            actor=PROGRAM,
        )

    def _key(self, request: Request) -> str:
        return self._door.secret.digest("chat", request.digest)

    def _events(self, *kinds: str) -> Iterable[AuditEvent]:
        query = (
            select(col(EventRow.body), col(EventRow.hash))
            .where(col(EventRow.kind).in_(kinds))
            .order_by(col(EventRow.seq))
        )
        with self._door.reading() as connection:
            return [log.read_event(body, digest) for body, digest in connection.execute(query)]

    def _by_a_person(self) -> None:
        if self._actor.kind is not ActorKind.PERSON:
            raise AuditError(
                f"Only a person may do this, and this store was opened by the "
                f"{self._actor.kind.value} {self._actor.id}."
            )


def _exchange(change: Change, case_id: str, key: str) -> tuple[bool, ChatAnswered | None]:
    """Return whether a request was committed, and its reply."""
    asked = False
    for event in log.read(change.connection, case_id=case_id):
        if event.kind not in {"chat.asked", "chat.answered"} or event.data["request"] != key:
            continue
        data = parse(event)
        if isinstance(data, ChatAnswered):
            return True, data
        asked = True
    return asked, None


def _reply(change: Change, data: ChatAnswered) -> Reply:
    """Return a reply as it was; one whose words were erased says so by its kind."""
    body = ""
    if data.body is not None:
        texts = blobs.get(change.connection, (data.body,))
        if data.body not in texts:
            return Reply(kind="erased", sent=data.sent)
        body = texts[data.body]
    return Reply(
        kind=data.kind,
        body=body,
        tokens_in=data.tokens_in,
        tokens_out=data.tokens_out,
        milliseconds=data.milliseconds,
        retry_after=data.retry_after,
        sent=data.sent,
    )
