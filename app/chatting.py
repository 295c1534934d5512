"""Between a worker that asks a chat model and the store that keeps what was asked.

A worker's journal is a call to the process that writes: the request is committed before the worker
sends it, the reply before the worker uses it. The same process holds what only one may hold: the
budget of the day, and which servers off this machine may be asked today.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import keyring
from keyring.errors import KeyringError

from app.batch import Call
from app.chatsettings import KEY, ChatSettings, Mode
from audit import Store
from audit.exchanges import Permit
from pipeline.chat.address import (
    ChatError,
    Endpoint,
    Fault,
    Network,
    looked_up,
    network_of,
    parts,
)
from pipeline.chat.client import Client
from pipeline.chat.controlled import NOT_RECORDED, ControlledChat, Plan
from pipeline.chat.limits import Breaker
from pipeline.chat.masking import Masker
from pipeline.chat.model import Journal, MemoryJournal, Reply, Request, Task
from pipeline.chat.prompts import Prompts
from pipeline.model import Encounter, Provenance

SERVICE = "chartproof-chat"
"""The keyring's service under which keys of servers lie, by origin."""

_LOOK_UP = 10.0
"""Seconds to find the address of a server that is to be allowed."""

DAY_SPENT = "budget-day"
NOT_ALLOWED = "not-allowed"

Today = Callable[[], date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """A worker is about to send a request for an encounter."""

    provenance: Provenance
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """A worker has a reply and has not used it yet."""

    request: Request
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """What a worker needs to ask; travels to it, and holds no key.

    `active` are the versions of prompts in force, `site` the folder of a site's own.
    """

    plan: Plan
    replay: bool
    active: Mapping[Task, int]
    site: Path


class PipeJournal:
    """The journal of one encounter in a worker."""

    def __init__(self, call: Call, provenance: Provenance) -> None:
        """Ask through `call` on behalf of an analysis of this provenance."""
        self._call = call
        self._provenance = provenance

    def begin(self, request: Request) -> Reply | None:
        """Have a request kept; return the reply that is known for it."""
        known = self._call(Begin(provenance=self._provenance, request=request))
        return known if isinstance(known, Reply) else None

    def finish(self, request: Request, reply: Reply) -> Reply:
        """Have a reply kept; return the one that counts."""
        kept = self._call(Finish(request=request, reply=reply))
        return kept if isinstance(kept, Reply) else reply


class Clerk:
    """Answers what workers call for, and keeps it in a store; the only one who writes."""

    def __init__(
        self, store: Store, chat: ChatSettings, *, today: Today = lambda: datetime.now(UTC).date()
    ) -> None:
        """Begin with what the store says was used today."""
        self._chat = store.chat
        self._settings = chat
        self._today = today
        self._permits = store.chat.permits()

    def __call__(self, encounter: Encounter, message: object) -> object:
        """Keep a request or a reply; return what counts."""
        match message:
            case Begin(provenance=provenance, request=request):
                return self._begin(encounter, provenance, request)
            case Finish(request=request, reply=reply):
                return self._finish(encounter, request, reply)
        raise TypeError(type(message).__name__)

    def _begin(
        self, encounter: Encounter, provenance: Provenance, request: Request
    ) -> Reply | None:
        if self._settings.mode is Mode.REPLAY:
            known = self._chat.recall(encounter, request)
            return known or Reply(kind=NOT_RECORDED, sent=False)
        known = self._chat.begin(encounter, provenance, request)
        if known is not None:
            return known
        fault = self._fault(request)
        if not fault:
            return None
        return self._finish(encounter, request, Reply(kind=fault, sent=False))

    def _fault(self, request: Request) -> str:
        """Return why a request may not be sent today; empty where it may."""
        if request.remote:
            permit = self._permits.get(request.endpoint)
            if permit is None or permit.expires < self._today():
                return NOT_ALLOWED
        day = self._settings.day
        if (day.calls, day.tokens, day.seconds, day.cost) == (None,) * 4:
            return ""
        used = self._chat.usage(since=self._today().isoformat())
        spent = day.spent(
            calls=used.calls, tokens=used.tokens, seconds=used.seconds, cost=used.cost
        )
        return DAY_SPENT if spent else ""

    def _finish(self, encounter: Encounter, request: Request, reply: Reply) -> Reply:
        cost = self._settings.prices.of(reply) if reply.sent else 0.0
        return self._chat.finish(encounter, request, reply, cost=cost)


def allow(
    store: Store, url: str, *, reason: str, agreement: str, until: date, today: date
) -> Permit:
    """Let a server off this machine be asked until a day; return what was committed.

    Raises:
        ChatError: the address is none, lies on this machine or nowhere, is not encrypted, or the
            day is past.
        AuditError: the reason or the agreement is missing.
    """
    endpoint = Endpoint(url=url, model="")
    scheme, host, port = parts(url)
    if until < today:
        raise ChatError(f"{until} is past; give a last day from today on.")
    try:
        kinds = {network_of(address) for address in looked_up(host, port, _LOOK_UP)}
    except Fault:
        raise ChatError(f"{host} has no address now; check the name and the network.") from None
    if kinds == {Network.LOOPBACK}:
        raise ChatError(f"{host} is this machine, which needs no permission.")
    if len(kinds) != 1 or not kinds <= {Network.PRIVATE, Network.PUBLIC}:
        raise ChatError(f"{host} has addresses that no chart may be sent to.")
    if scheme != "https":
        raise ChatError(f"{url} is not encrypted; give its https address.")
    permit = Permit(
        endpoint=endpoint.origin,
        network=kinds.pop().value,
        expires=until,
        masking=Masker.read().digest,
    )
    store.chat.allow(permit=permit, reason=reason, agreement=agreement)
    return permit


def figures(store: Store, *, today: date) -> Mapping[str, object]:
    """Return what asking used, today and in all, and for each case that it settled.

    A case is settled by it where its questions were answered and no answer failed or was dropped.
    """
    whole = store.chat.usage()
    share = max(whole.settled, 1)
    return {
        "today": asdict(store.chat.usage(since=today.isoformat())),
        "all": asdict(whole),
        "per_settled_case": None
        if not whole.settled
        else {
            "calls": round(whole.calls / share, 2),
            "tokens": round(whole.tokens / share, 1),
            "seconds": round(whole.seconds / share, 2),
            "cost": round(whole.cost / share, 6),
        },
    }


def prompts(store: Store, site: Path) -> Prompts:
    """Return the prompts at hand, with the versions in force in a store.

    Raises:
        ChatError: the file of a version in force was changed since.
    """
    found = Prompts.read(site, in_force(store))
    for each in store.chat.activations():
        prompt = found.known.get((Task(each.task), each.version))
        in_use = found.active[Task(each.task)] == each.version
        if in_use and prompt is not None and prompt.digest != each.digest:
            raise ChatError(
                f"The prompt {prompt.id} was changed since it was put in force; give the new "
                "wording a version of its own, or put the file back."
            )
    return found


def direct(store: Store, chat: ChatSettings, *, site: Path) -> ControlledChat:
    """Return the chat model for words that are of no chart: a check, or golden questions.

    Raises:
        ChatError: no server and no model is set.
    """
    chosen = options(store, chat, site=site)
    return controlled(
        chosen.plan,
        prompts=prompts(store, site),
        journals=lambda _encounter, _provenance: MemoryJournal(),
    )


def options(store: Store, chat: ChatSettings, *, site: Path) -> ChatOptions:
    """Return what workers need, with the permissions and the prompts that the store holds.

    Raises:
        ChatError: it is on without a server and a model.
    """
    if not chat.servers:
        raise ChatError(
            "No chat model is named. Set chat_url and chat_model in the settings file that "
            "`chartproof info` names, or chat to off."
        )
    prompts(store, site)
    permits = store.chat.permits()
    second = None if chat.second is None else _allowed(chat.second, permits)
    plan = Plan(
        servers=tuple(_allowed(server, permits) for server in chat.servers),
        second=second,
        form=chat.form,
        seconds=chat.seconds,
        tries=chat.tries,
        flight=chat.flight,
        limits=chat.encounter,
        prices=chat.prices,
    )
    return ChatOptions(
        plan=plan, replay=chat.mode is Mode.REPLAY, active=in_force(store), site=site
    )


def in_force(store: Store) -> Mapping[Task, int]:
    """Return the versions of prompts that were put in force in a store."""
    return {Task(each.task): each.version for each in store.chat.activations()}


def _allowed(endpoint: Endpoint, permits: Mapping[str, Permit]) -> Endpoint:
    """Return a server with the kind of address it may have; loopback where nobody allowed it."""
    permit = permits.get(endpoint.origin)
    if permit is None:
        return endpoint
    return replace(endpoint, network=Network(permit.network))


def open_chat(chosen: ChatOptions, call: Call) -> ControlledChat:
    """Return the chat model of a worker; its keys are read here, in the process that sends."""
    return controlled(
        chosen.plan,
        prompts=Prompts.read(chosen.site, chosen.active),
        journals=lambda _encounter, provenance: PipeJournal(call, provenance),
        replay=chosen.replay,
    )


def controlled(
    plan: Plan,
    *,
    prompts: Prompts,
    journals: Callable[[Encounter, Provenance], Journal],
    replay: bool = False,
) -> ControlledChat:
    """Return a chat model on this machine's network and clock."""
    servers = (*plan.servers, *(() if plan.second is None else (plan.second,)))
    return ControlledChat(
        plan=plan,
        prompts=prompts,
        journals=journals,
        sender=None if replay else Client(keys=keys_of(servers)),
        masks=Masker.read(),
        breaker=Breaker(time.monotonic),
        wait=time.sleep if not replay else lambda _seconds: None,
    )


def keys_of(servers: tuple[Endpoint, ...]) -> Mapping[str, str]:
    """Return the key of each origin that has one: the environment's is the first server's."""
    found: dict[str, str] = {}
    for server in servers:
        if server.origin not in found and (key := _keyring_key(server.origin)):
            found[server.origin] = key
    given = os.environ.get(KEY, "").strip()
    if given and servers:
        found[servers[0].origin] = given
    return found


def _keyring_key(origin: str) -> str:
    if os.environ.get("CHARTPROOF_KEYRING", "").strip().lower() in {"off", "0", "no"}:
        return ""
    try:
        return keyring.get_password(SERVICE, origin) or ""
    except (KeyringError, OSError, RuntimeError):
        return ""
