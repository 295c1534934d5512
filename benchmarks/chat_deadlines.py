"""Whether a call ends when it should, by the wall clock: `python benchmarks/chat_deadlines.py`.

Servers on loopback that answer too slowly in four ways, each asked with a deadline of one second:
one that takes the request and says nothing, one that sends its headers a byte every tenth of a
second, one that sends its body so, and one that never takes the connection from the queue. Beside
each the time that the same server takes a client of the `openai` package with its timeout set to
one second, which measures from byte to byte. Limit: the deadline and 0.25 s.
"""

import argparse
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import httpx2
import openai

from pipeline.chat.address import Endpoint
from pipeline.chat.client import Client
from pipeline.chat.model import Request, Task

DEADLINE = 1.0
LIMIT = DEADLINE + 0.25
_PEER_AT_MOST = 6.0
_PAUSE = 0.1
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n"


def main() -> None:
    """Ask each server, and print how long it took."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for name, behaviour in (
        ("says nothing", _silent),
        ("drips its headers", _drips_headers),
        ("drips its body", _drips_body),
        ("never accepts", None),
    ):
        with socket.create_server(("127.0.0.1", 0), backlog=1) as server:
            stopped = threading.Event()
            if behaviour is not None:
                threading.Thread(
                    target=_serve, args=(server, behaviour, stopped), daemon=True
                ).start()
            port = server.getsockname()[1]
            ours, kind = _ours(port)
            theirs = _theirs(port)
            stopped.set()
        met = "met" if ours <= LIMIT else "NOT MET"
        beyond = f"{theirs:.2f} s" if theirs < _PEER_AT_MOST else f"over {_PEER_AT_MOST:.0f} s"
        print(f"{name:18} ours {ours:.2f} s ({kind}), openai {beyond}; limit {LIMIT} s: {met}")


def _ours(port: int) -> tuple[float, str]:
    target = Endpoint(url=f"http://127.0.0.1:{port}/v1", model="slow")
    request = Request(
        task=Task.VERIFY,
        prompt="verify-1",
        prompt_digest="",
        model=target.model,
        endpoint=target.origin,
        remote=False,
        masked=False,
        attempt=1,
        body='{"model": "slow", "messages": []}',
    )
    began = time.monotonic()
    reply = Client().send(request, target, DEADLINE)
    return time.monotonic() - began, reply.kind


def _theirs(port: int) -> float:
    """Return what the client of the package takes; it is left alone after six seconds."""

    def ask() -> None:
        with suppress(openai.OpenAIError, httpx2.HTTPError):
            openai.OpenAI(
                base_url=f"http://127.0.0.1:{port}/v1",
                api_key="none",
                timeout=DEADLINE,
                max_retries=0,
            ).chat.completions.create(model="slow", messages=[])

    began = time.monotonic()
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PEER_AT_MOST)
    return time.monotonic() - began


def _serve(
    server: socket.socket,
    behaviour: Callable[[socket.socket, threading.Event], None],
    stopped: threading.Event,
) -> None:
    while not stopped.is_set():
        with suppress(OSError):
            connection, _ = server.accept()
            threading.Thread(target=behaviour, args=(connection, stopped), daemon=True).start()


def _silent(_connection: socket.socket, stopped: threading.Event) -> None:
    stopped.wait(_PEER_AT_MOST)


def _drips_headers(connection: socket.socket, stopped: threading.Event) -> None:
    _drip(connection, _HEAD, stopped)


def _drips_body(connection: socket.socket, stopped: threading.Event) -> None:
    with suppress(OSError):
        connection.sendall(_HEAD + b"\r\n")
        _drip(connection, b" " * 400, stopped)


def _drip(connection: socket.socket, text: bytes, stopped: threading.Event) -> None:
    with suppress(OSError):
        for byte in text:
            connection.sendall(bytes([byte]))
            if stopped.wait(_PAUSE):
                return


if __name__ == "__main__":
    main()
