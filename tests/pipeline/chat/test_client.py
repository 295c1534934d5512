"""One attempt over real sockets: whatever a server does, a reply of a known kind, in time."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from pipeline.chat.address import Endpoint, Network
from pipeline.chat.client import Client
from pipeline.chat.model import Request, Task
from pipeline.chat.prompts import Prompts
from tests.fault_server import (
    GOOD,
    KINDS,
    Asked,
    FaultServer,
    HandTimer,
    certificate,
    http,
    serving,
)
from tests.soak import SOAK

RUNS = 2 * SOAK
SECONDS = 20.0
PASSAGE = "Mr Lindqvist is seen for type 2 diabetes mellitus, which is stable on metformin."


def request(endpoint: Endpoint, passage: str = PASSAGE) -> Request:
    prompt = Prompts.read().of(Task.VERIFY)
    marked = "type 2 diabetes mellitus"
    titles = ("Type 2 diabetes mellitus without complications", "Prediabetes")
    body = {
        "model": endpoint.model,
        "messages": prompt.messages(passage, marked, titles),
        "max_tokens": 400,
    }
    return Request(
        task=Task.VERIFY,
        prompt=prompt.id,
        prompt_digest=prompt.digest,
        model=endpoint.model,
        endpoint=endpoint.origin,
        remote=endpoint.remote,
        masked=False,
        attempt=1,
        body=json.dumps(body),
    )


def _always(whole: bytes, _asked: Asked) -> bytes:
    return whole


def endpoint(server: FaultServer) -> Endpoint:
    return Endpoint(url=server.url, model="faulty")


def test_there_are_as_many_kinds_as_were_asked_for() -> None:
    assert len(KINDS) >= 33


@pytest.mark.soak
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_named_in_time_and_nothing_goes_elsewhere(
    server: FaultServer, other: FaultServer, name: str
) -> None:
    server.kind, server.elsewhere = KINDS[name], other.url
    for _ in range(RUNS):
        timer = HandTimer(silent=server.kind.silent, step=server.kind.step)
        target = endpoint(server)
        reply = Client(timer=timer).send(request(target), target, SECONDS)
        expected = server.kind.outcome
        assert reply.kind == ("ok" if expected.startswith("gate:") else expected)
        assert timer.clock - 1000.0 <= SECONDS + 1.0
        assert server.arrived.acquire(timeout=30)
    assert len(server.seen) == RUNS
    assert other.seen == []
    assert other.bytes_seen == 0


def test_a_good_answer_comes_whole_with_what_it_used(server: FaultServer) -> None:
    target = endpoint(server)
    reply = Client(timer=HandTimer()).send(request(target), target, SECONDS)
    assert (reply.kind, reply.tokens_in, reply.tokens_out, reply.sent) == ("ok", 600, 60, True)
    assert json.loads(reply.body)["choice"] == "A"


def test_only_what_is_needed_leaves(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, f"secret-{name}")
    target = endpoint(server)
    Client(keys={target.origin: "key-of-this-server"}, timer=HandTimer()).send(
        request(target), target, SECONDS
    )
    (asked,) = server.seen
    assert asked.line == "POST /v1/chat/completions HTTP/1.1"
    assert set(asked.headers) - {"x-elsewhere"} == {
        "host",
        "authorization",
        "accept",
        "accept-encoding",
        "connection",
        "content-type",
        "content-length",
    }
    assert asked.headers["authorization"] == "Bearer key-of-this-server"
    assert asked.headers["accept-encoding"] == "identity"
    assert "secret" not in str(asked.headers)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "OPENAI_BASE_URL"])
def test_the_environment_sends_nothing_elsewhere(
    server: FaultServer, other: FaultServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, other.url)
    monkeypatch.delenv("no_proxy", raising=False)
    target = endpoint(server)
    assert Client(timer=HandTimer()).send(request(target), target, SECONDS).kind == "ok"
    assert len(server.seen) == 1
    assert other.bytes_seen == 0


def test_a_key_of_one_server_is_not_shown_to_another(server: FaultServer) -> None:
    target = endpoint(server)
    keys = {"https://models.example.org": "key-of-another"}
    Client(keys=keys, timer=HandTimer()).send(request(target), target, SECONDS)
    assert server.seen[0].headers["authorization"] == "Bearer none"
    assert "key-of-another" not in repr(Client(keys=keys))


def test_nobody_listens(server: FaultServer) -> None:
    target = Endpoint(url="http://127.0.0.1:9/v1", model="m")
    reply = Client(timer=HandTimer()).send(request(target), target, SECONDS)
    assert (reply.kind, reply.body) == ("no-connection", "")


@pytest.mark.parametrize(
    "addresses",
    [
        ["93.184.216.34"],
        ["127.0.0.1", "93.184.216.34"],
        ["10.0.0.7"],
        ["::ffff:93.184.216.34"],
        ["169.254.169.254"],
        ["0.0.0.0"],
    ],
)
def test_a_name_that_is_not_this_machine_is_not_called(
    server: FaultServer, addresses: list[str]
) -> None:
    target = Endpoint(url=f"http://localhost.example:{server.port}/v1", model="m")
    client = Client(timer=HandTimer(), resolver=lambda _host, _port: addresses)
    reply = client.send(request(target), target, SECONDS)
    assert (reply.kind, reply.sent) == ("address-refused", False)
    assert server.bytes_seen == 0


def test_a_name_that_is_this_machine_is_called(server: FaultServer) -> None:
    target = Endpoint(url=f"http://models.internal:{server.port}/v1", model="m")
    client = Client(timer=HandTimer(), resolver=lambda _host, _port: ["127.0.0.1"])
    assert client.send(request(target), target, SECONDS).kind == "ok"
    assert server.seen[0].headers["host"] == f"models.internal:{server.port}"


def test_an_allowed_server_is_not_called_without_encryption(server: FaultServer) -> None:
    target = Endpoint(url=server.url, model="m", network=Network.PUBLIC)
    client = Client(timer=HandTimer(), resolver=lambda _host, _port: ["93.184.216.34"])
    reply = client.send(request(target), target, SECONDS)
    assert (reply.kind, reply.sent) == ("not-encrypted", False)


def test_an_allowed_server_whose_name_now_leads_here_is_not_called(server: FaultServer) -> None:
    url = f"https://models.example.org:{server.port}/v1"
    target = Endpoint(url=url, model="m", network=Network.PUBLIC)
    client = Client(timer=HandTimer(), resolver=lambda _host, _port: ["127.0.0.1"])
    assert client.send(request(target), target, SECONDS).kind == "address-refused"
    assert server.bytes_seen == 0


def test_encryption_is_with_who_it_should_be_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, public = certificate(tmp_path, host="models.internal")
    with serving(context) as server:

        def ask(host: str) -> str:
            target = Endpoint(url=f"https://{host}:{server.port}/v1", model="m")
            client = Client(timer=HandTimer(), resolver=lambda _host, _port: ["127.0.0.1"])
            return client.send(request(target), target, SECONDS).kind

        assert ask("models.internal") == "not-encrypted"  # nobody vouches for it
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        assert ask("models.internal") == "ok"
        assert ask("other.internal") == "not-encrypted"  # it is vouched for as another
        assert len(server.seen) == 1


def test_a_name_without_an_address(server: FaultServer) -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError

    target = Endpoint(url="http://nowhere.example/v1", model="m")
    reply = Client(timer=HandTimer(), resolver=nowhere).send(request(target), target, SECONDS)
    assert (reply.kind, reply.sent) == ("unresolved", False)


def test_tools_and_fences_are_read_as_answers(server: FaultServer) -> None:
    target = endpoint(server)
    answer = json.loads(Client(timer=HandTimer()).send(request(target), target, 9).body)
    call = {"id": "1", "type": "function", "function": {"name": "verify"}}
    call["function"] |= {"arguments": json.dumps(answer)}  # type: ignore[operator]
    for message in ({"tool_calls": [call]}, {"content": f"```json\n{json.dumps(answer)}\n```"}):
        choice = {"message": {"content": None} | message, "finish_reason": "stop"}
        whole = http({"choices": [choice]})
        server.kind = replace(GOOD, write=partial(_always, whole))
        reply = Client(timer=HandTimer()).send(request(target), target, SECONDS)
        assert (reply.kind, reply.tokens_in) == ("ok", None)
