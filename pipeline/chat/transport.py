"""Our own HTTP client under the openai package: one request, one connection, one deadline.

The client that the package brings follows redirects, sends the words to a proxy the environment
names, and is held open by a server that drips. This one connects to the address that was checked,
reads no environment, refuses redirects and encoded bodies, stops at a number of bytes, and counts
one deadline over name, connection, request and reply. Only the headers listed here leave.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from pipeline.chat.address import Endpoint, Fault, Resolve, looked_up, parts, permitted, resolve

LIMIT = 4_000_000
"""Bytes of a reply that are read; more is no answer to a closed question."""

_SENT = frozenset({"host", "authorization", "content-type", "content-length", "accept"})
_KEPT = ("content-type", "retry-after")
_REDIRECT = range(300, 400)
_CHUNK = 65536


class Timer(Protocol):
    """What passes time: real, or a test's."""

    def now(self) -> float:
        """Return seconds on a clock that only goes forward."""
        ...

    def receive(self, source: Any, into: memoryview, seconds: float) -> int:
        """Read from a socket what is there, waiting at most some seconds (TimeoutError)."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...


class RealTimer:
    """The clock of this machine."""

    def now(self) -> float:
        """Return the monotonic clock."""
        return time.monotonic()

    def receive(self, source: Any, into: memoryview, seconds: float) -> int:
        """Read what is there."""
        source.settimeout(seconds)
        return int(source.recv_into(into))

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on a timer's clock after which nothing is waited for."""

    timer: Timer
    at: float

    def left(self) -> float:
        """Return the seconds left; Fault `timeout` where there are none."""
        seconds = self.at - self.timer.now()
        if seconds <= 0:
            raise Fault("timeout")
        return seconds


class _Reading(io.RawIOBase):
    """The bytes that come in, each read within the deadline."""

    def __init__(self, link: Any, deadline: Deadline) -> None:
        self._link = link
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        seconds = self._deadline.left()
        got = self._deadline.timer.receive(self._link, memoryview(buffer), seconds)
        self._deadline.left()
        return got


class _Link:
    """What the standard library's HTTP takes for a socket."""

    def __init__(self, link: Any, deadline: Deadline) -> None:
        self._link = link
        self._deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the incoming bytes."""
        return io.BufferedReader(_Reading(self._link, self._deadline), _CHUNK)

    def sendall(self, data: bytes) -> None:
        """Send, piece by piece within the deadline."""
        view = memoryview(data)
        while view:
            self._link.settimeout(self._deadline.left())
            view = view[self._link.send(view[:_CHUNK]) :]

    def close(self) -> None:
        """Do nothing: the transport closes what it opened."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A reply as it came: status, the headers that matter in lower case, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """One attempt at one endpoint, within one deadline."""

    def __init__(
        self, endpoint: Endpoint, deadline: Deadline, *, resolver: Resolve = resolve
    ) -> None:
        """Prepare; nothing is opened before a request is handled."""
        self._endpoint = endpoint
        self._deadline = deadline
        self._resolver = resolver

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        """Send a request and return its whole reply; Fault names what went wrong instead."""
        try:
            return self._post(url, headers, body)
        except TimeoutError:
            raise Fault("timeout") from None
        except ssl.SSLError:
            raise Fault("not-encrypted") from None
        except (http.client.IncompleteRead, ConnectionError, EOFError):
            raise Fault("cut") from None
        except http.client.HTTPException:
            raise Fault("not-http") from None
        except OSError:
            raise Fault("no-connection") from None

    def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        scheme, host, port = parts(url)
        if (scheme, host, port) != parts(self._endpoint.url):
            raise Fault("address-refused")
        found = looked_up(host, port, self._deadline.left(), self._resolver)
        link: Any = self._connect(permitted(self._endpoint, found), port)
        try:
            if scheme == "https":
                link.settimeout(self._deadline.left())
                link = ssl.create_default_context().wrap_socket(link, server_hostname=host)
            return self._talk(_Link(link, self._deadline), url, headers, body)
        finally:
            link.close()

    def _connect(self, address: str, port: int) -> socket.socket:
        try:
            return socket.create_connection((address, port), self._deadline.left())
        except TimeoutError:
            raise
        except OSError:
            raise Fault("no-connection") from None

    def _talk(self, link: _Link, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        speaking = http.client.HTTPConnection(parts(url)[1])
        speaking.sock = link  # it needs no more than this of a socket
        path = urlsplit(url).path
        speaking.putrequest("POST", path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if name.lower() in _SENT:
                speaking.putheader(name, value)
        speaking.putheader("Accept-Encoding", "identity")
        speaking.putheader("Connection", "close")
        speaking.endheaders(body)
        with speaking.getresponse() as reply:
            if reply.status in _REDIRECT:
                raise Fault("redirect")
            if reply.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise Fault("encoded")
            kept = {name: reply.headers[name] for name in _KEPT if name in reply.headers}
            return Raw(reply.status, kept, _body(reply))


def _body(reply: http.client.HTTPResponse) -> bytes:
    """Return the whole body; Fault where it is too long, or ends before its announced length."""
    announced = reply.length
    if announced is not None and announced > LIMIT:
        raise Fault("too-large")
    pieces: list[bytes] = []
    size = 0
    while piece := reply.read1(_CHUNK):
        size += len(piece)
        if size > LIMIT:
            raise Fault("too-large")
        pieces.append(piece)
    if announced is not None and size < announced:
        raise Fault("cut")
    return b"".join(pieces)
