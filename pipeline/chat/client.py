"""One attempt at a server that speaks the OpenAI chat protocol, through the openai package.

The package is loaded with the first attempt: it takes half a second, and most runs ask nothing. It
retries nothing here and reads no environment; its reply is taken as bytes and read strictly,
because its own reading passes HTML, `null` and a missing choice as an answer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.chat import answers
from pipeline.chat.address import Endpoint, Fault, Resolve, resolve
from pipeline.chat.model import OK, Reply, Request
from pipeline.chat.transport import Deadline, Exchange, RealTimer, Timer

NO_KEY = "none"
"""What a server that asks for no key is sent in its place; the protocol has no empty one."""

_LONGEST_WAIT = 86_400
_LONGEST_NUMBER = 9
_TOKENS_PER_WORD = 0.8
"""A server that counts fewer tokens than this for each word has cut the prompt off in silence."""

_STATUS = {400: "bad-request", 401: "not-authorised", 403: "not-authorised", 404: "not-found"}
_TOO_MANY = 429
_SERVER = 500
_STOPPED = {"length": "cut-short", "content_filter": "filtered"}


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests; `key` gives the key of an origin, from the keyring or the environment."""

    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    timer: Timer = field(default_factory=RealTimer)
    resolver: Resolve = resolve

    def send(self, request: Request, endpoint: Endpoint, seconds: float) -> Reply:
        """Send a request and return what came of it; never raises for what a server does."""
        start = self.timer.now()
        took = 0
        try:
            deadline = Deadline(self.timer, start + seconds)
            status, headers, body = self._post(request, endpoint, deadline)
            took = round(1000 * (self.timer.now() - start))
            return _understood(request, status, headers, body, took)
        except Fault as fault:
            took = took or round(1000 * (self.timer.now() - start))
            unsent = fault.kind in {"address-refused", "unresolved", "not-encrypted"}
            return Reply(kind=fault.kind, milliseconds=took, sent=not unsent)

    def _post(
        self, request: Request, endpoint: Endpoint, deadline: Deadline
    ) -> tuple[int, Mapping[str, str], bytes]:
        import httpx2  # noqa: PLC0415 - loaded when something is asked
        import openai  # noqa: PLC0415

        exchange = Exchange(endpoint, deadline, resolver=self.resolver)

        class Ours(httpx2.BaseTransport):
            def handle_request(self, asked: httpx2.Request) -> httpx2.Response:
                raw = exchange.post(str(asked.url), asked.headers, asked.read())
                return httpx2.Response(
                    raw.status, headers=dict(raw.headers), content=raw.body, request=asked
                )

        speaking = httpx2.Client(transport=Ours(), trust_env=False, follow_redirects=False)
        client = openai.OpenAI(
            api_key=self.keys.get(endpoint.origin) or NO_KEY,
            base_url=endpoint.url,
            http_client=speaking,
            max_retries=0,
            timeout=None,
        )
        try:
            raw = client.chat.completions.with_raw_response.create(**json.loads(request.body))
            reply = raw.http_response
        except openai.APIStatusError as error:
            return error.response.status_code, error.response.headers, b""
        except openai.APIConnectionError as error:
            cause = error.__cause__
            raise Fault(cause.kind if isinstance(cause, Fault) else "no-connection") from None
        except openai.OpenAIError:
            raise Fault("not-json") from None
        finally:
            client.close()
        return reply.status_code, reply.headers, reply.content


def _understood(
    request: Request, status: int, headers: Mapping[str, str], body: bytes, took: int
) -> Reply:
    """Return the reply that a status and a body are."""
    if status == _TOO_MANY:
        return Reply(kind="rate-limited", milliseconds=took, retry_after=_wait(headers))
    if status >= _SERVER:
        return Reply(kind="server-error", milliseconds=took, retry_after=_wait(headers))
    if status != 200:  # noqa: PLR2004 - the one status of an answer
        return Reply(kind=_STATUS.get(status, "bad-request"), milliseconds=took)
    try:
        envelope = json.loads(body)
        if not isinstance(envelope, dict):
            raise Fault("not-an-object")
    except (ValueError, RecursionError):
        raise Fault("empty" if not body.strip() else "not-json") from None
    used = envelope.get("usage")
    tokens_in, tokens_out = _count(used, "prompt_tokens"), _count(used, "completion_tokens")
    text = ""
    try:
        text = _text(envelope)
        _whole(request, tokens_in)
        answers.read(request.task, text)
        kind = OK
    except Fault as fault:
        kind = fault.kind
    return Reply(
        kind=kind,
        body=_storable(text),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        milliseconds=took,
    )


def _text(envelope: Mapping[str, Any]) -> str:
    """Return the words of the first choice; Fault where there are none, or not all of them."""
    choices = envelope.get("choices")
    if not isinstance(choices, list) or not choices:
        raise Fault("no-choices")
    first = choices[0]
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(message, dict):
        raise Fault("no-choices")
    if message.get("refusal"):
        raise Fault("refusal")
    if first.get("finish_reason") in _STOPPED:
        raise Fault(_STOPPED[first["finish_reason"]])
    calls = message.get("tool_calls")
    text = message.get("content")
    if isinstance(calls, list) and len(calls) == 1 and not text:
        function = calls[0].get("function") if isinstance(calls[0], dict) else None
        text = function.get("arguments") if isinstance(function, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise Fault("empty")
    return text


def _whole(request: Request, counted: int | None) -> None:
    """Fault where a server counted too few tokens to have read all messages."""
    messages = json.loads(request.body)["messages"]
    words = sum(len(each["content"].split()) for each in messages)
    if counted is not None and counted < _TOKENS_PER_WORD * words:
        raise Fault("prompt-cut")


def _count(used: object, name: str) -> int | None:
    value = used.get(name) if isinstance(used, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _wait(headers: Mapping[str, str]) -> int | None:
    """Return how many seconds the server asks to wait, where it says so in seconds."""
    asked = headers.get("retry-after", "")
    plain = asked.isascii() and asked.isdecimal() and len(asked) <= _LONGEST_NUMBER
    return min(int(asked), _LONGEST_WAIT) if plain else None


def _storable(text: str) -> str:
    """Return the words that are kept: not more than could be an answer."""
    return text[: answers.LONGEST_ANSWER]
