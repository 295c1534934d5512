"""A server that speaks the OpenAI chat protocol over real sockets, and every way it can go wrong.

A kind is a function from a request to what is written to the socket, byte for byte. The table says
what the log must then hold, so that a new kind cannot be added without saying what becomes of it.
"""

import gzip
import json
import re
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True)
class Asked:
    """A request as it came: its headers in lower case, its JSON, and the line it began with."""

    line: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def user(self) -> str:
        return str(self.body["messages"][1]["content"])

    @property
    def passage(self) -> str:
        found = re.search(r"<passage \w+>\n(.*)\n</passage", self.user, re.DOTALL)
        assert found is not None
        return found[1]

    @property
    def marked(self) -> str:
        found = re.search(r"^Words in question: (.*)$", self.user, re.MULTILINE)
        return found[1] if found else ""

    @property
    def options(self) -> list[str]:
        return re.findall(r"^[A-J]\. (.*)$", self.user, re.MULTILINE)

    @property
    def task(self) -> str:
        if "Section:" in self.user:
            return "extract"
        return "audit" if "Description:" in self.user else "verify"


def good(asked: Asked, **fields: object) -> dict[str, object]:
    """Return an answer of the right shape, with the first description and the words themselves."""
    if asked.task == "extract":
        return {"conditions": []} | fields
    if asked.task == "audit":
        return {"holds": True, "quote": asked.marked} | fields
    return {
        "choice": "A",
        "supports": asked.marked,
        "contradicts": "",
        "documented": True,
        "current": True,
        "patient": True,
        "specific": True,
        "laterality": True,
    } | fields


def envelope(content: object, **more: Any) -> dict[str, Any]:
    """Return a chat completion around the words of a model."""
    text = content if isinstance(content, str) or content is None else json.dumps(content)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    choice |= {"finish_reason": more.pop("finish_reason", "stop")}
    choice["message"] |= more.pop("message", {})
    usage = {"prompt_tokens": 600, "completion_tokens": 60, "total_tokens": 660}
    whole = {"id": "c-1", "object": "chat.completion", "created": 1, "model": "faulty"}
    return whole | {"choices": [choice], "usage": usage} | more


def http(
    body: bytes | str | dict[str, Any] | None, status: str = "200 OK", **headers: str
) -> bytes:
    """Return a whole HTTP reply."""
    if isinstance(body, dict) or body is None:
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    given = {"Content-Type": "application/json", "Content-Length": str(len(body))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def said(asked: Asked, **fields: object) -> bytes:
    """Return a reply with a good answer but for these fields."""
    return http(envelope(good(asked, **fields)))


def _cut(whole: bytes, share: float = 0.5) -> bytes:
    head, _, body = whole.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + body[: int(len(body) * share)]


def _endless(prefix: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + prefix
    while True:
        yield b" " * 8192


def _drip() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    while True:
        yield b" "


def _redirect(status: str) -> "Kind":
    return Kind(
        lambda asked: http("", status, Location=str(asked.headers["x-elsewhere"])), "redirect"
    )


def _homoglyph(text: str) -> str:
    return text.replace("o", "\u043e").replace("a", "\u0430").replace("e", "\u0435")


def _one_letter_off(text: str) -> str:
    return text[:-1] + ("x" if text[-1] != "x" else "y")


@dataclass(frozen=True)
class Kind:
    """What a server does, and the kind the log must give it (`gate:` where a stage drops it).

    `attempts` is how many requests the server must see for one question; `silent` and `step` say
    how a test's clock runs: the seconds that pass at each read, or all of them at once.
    """

    write: Callable[[Asked], bytes | Iterator[bytes] | None]
    outcome: str
    attempts: int = 1
    silent: bool = False
    step: float = 0.0


TITLE = "Type 2 diabetes mellitus without complications"

KINDS: dict[str, Kind] = {
    "500": Kind(lambda a: http("no", "500 Internal Server Error"), "server-error", attempts=2),
    "503 html": Kind(
        lambda a: http("<h1>busy</h1>", "503 Busy", Content_Type="text/html"),
        "server-error",
        attempts=2,
    ),
    "429 with Retry-After": Kind(
        lambda a: http({"error": {"message": "slow"}}, "429 Too Many", Retry_After="1"),
        "rate-limited",
        attempts=2,
    ),
    "429 for an hour": Kind(
        lambda a: http({"error": {}}, "429 Too Many", Retry_After="3600"), "rate-limited"
    ),
    "400": Kind(lambda a: http({"error": {"message": "bad"}}, "400 Bad"), "bad-request"),
    "401": Kind(lambda a: http({"error": {}}, "401 Unauthorized"), "not-authorised"),
    "404": Kind(lambda a: http({"error": {}}, "404 Not Found"), "not-found"),
    "html with 200": Kind(
        lambda a: http("<html>Please log in</html>", Content_Type="text/html"), "not-json"
    ),
    "null": Kind(lambda a: http(None), "not-an-object"),
    "another object": Kind(lambda a: http({"hello": 1}), "no-choices"),
    "empty choices": Kind(lambda a: http(envelope("") | {"choices": []}), "no-choices"),
    "no content": Kind(lambda a: http(envelope(None)), "empty"),
    "cut JSON": Kind(lambda a: http(http(envelope(good(a)))[300:]), "not-json"),
    "empty body": Kind(lambda a: http(""), "empty"),
    "cut in the body": Kind(lambda a: _cut(said(a)), "cut", attempts=2),
    "cut in a chunk": Kind(
        lambda a: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{", "cut", attempts=2
    ),
    "no answer": Kind(lambda a: None, "timeout", silent=True),
    "drip": Kind(lambda a: _drip(), "timeout", step=1.0),
    "301": _redirect("301 Moved"),
    "302": _redirect("302 Found"),
    "307": _redirect("307 Temporary Redirect"),
    "308": _redirect("308 Permanent Redirect"),
    "no HTTP": Kind(lambda a: b"SSH-2.0-OpenSSH_9.6\r\n", "not-http"),
    "wrong schema": Kind(lambda a: http(envelope({"answer": "A"})), "wrong-schema"),
    "extra fields": Kind(lambda a: said(a, code="E11.9"), "wrong-schema"),
    "words for yes": Kind(lambda a: said(a, current="yes"), "wrong-schema"),
    "a code nobody asked about": Kind(lambda a: said(a, choice="E11.9"), "wrong-schema"),
    "a code that does not exist": Kind(lambda a: said(a, choice="Q99.999"), "wrong-schema"),
    "a title instead of a letter": Kind(lambda a: said(a, choice=TITLE), "wrong-schema"),
    "a letter outside the list": Kind(lambda a: said(a, choice="K"), "wrong-schema"),
    "a quote not in the note": Kind(
        lambda a: said(a, supports="diabetes with ketoacidosis"), "gate:quote-not-in-note"
    ),
    "a quote off by a letter": Kind(
        lambda a: said(a, supports=_one_letter_off(a.marked)), "gate:quote-not-in-note"
    ),
    "a quote of look-alikes": Kind(
        lambda a: said(a, supports=_homoglyph(a.marked)), "gate:quote-not-in-note"
    ),
    "a contradiction not in the note": Kind(
        lambda a: said(a, contradicts="patient denies this"), "gate:quote-not-in-note"
    ),
    "another language": Kind(
        lambda a: said(a, supports="diabète sucré de type deux"), "gate:quote-not-in-note"
    ),
    "only talk": Kind(
        lambda a: http(envelope("I believe that the best code is E11.9.")), "not-json"
    ),
    "obeys the note": Kind(
        lambda a: http(envelope({"approve": "all", "codes": ["Z00.00", "E11.9"]})), "wrong-schema"
    ),
    "10 MB": Kind(lambda a: http(envelope("x" * 10_000_000)), "too-large"),
    "a bomb of gzip": Kind(
        lambda a: http(gzip.compress(b" " * 3_000_000), Content_Encoding="gzip"), "encoded"
    ),
    "an answer of 1 MB": Kind(lambda a: http(envelope("[" + "1," * 500_000)), "too-large"),
    "deep nesting": Kind(lambda a: http(envelope("[" * 30_000 + "]" * 30_000)), "too-deep"),
    "deep envelope": Kind(lambda a: http("[" * 200_000 + "]" * 200_000), "not-json"),
    "endless blanks": Kind(lambda a: _endless(b"{"), "too-large"),
    "refusal": Kind(
        lambda a: http(envelope(None, message={"refusal": "I cannot help with that."})), "refusal"
    ),
    "cut short": Kind(lambda a: http(envelope('{"cho', finish_reason="length")), "cut-short"),
    "filtered": Kind(lambda a: http(envelope("", finish_reason="content_filter")), "filtered"),
    "two objects": Kind(
        lambda a: http(envelope(json.dumps(good(a)) + json.dumps(good(a)))), "not-json"
    ),
    "NUL": Kind(lambda a: http(envelope(json.dumps(good(a)) + "\0")), "nul"),
    "a field twice": Kind(
        lambda a: http(envelope(json.dumps(good(a))[:-1] + ', "choice": "B"}')), "wrong-schema"
    ),
    "a prompt cut by the server": Kind(
        lambda a: http(envelope(good(a), usage={"prompt_tokens": 64, "completion_tokens": 9})),
        "prompt-cut",
    ),
}
"""Every way to go wrong, and what becomes of it."""

GOOD = Kind(said, "ok")


@dataclass
class FaultServer:
    """A running server: what it does with the next requests, and those it saw."""

    port: int
    elsewhere: str = ""
    kind: Kind = GOOD
    seen: list[Asked] = field(default_factory=list)
    hold: threading.Event | None = None
    bytes_seen: int = 0
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        state = self.server.state
        line = self.rfile.readline()
        state.bytes_seen += len(line)
        headers: dict[str, str] = {"x-elsewhere": state.elsewhere}
        while (header := self.rfile.readline()).strip():
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        if not body:
            return
        asked = Asked(line.decode("latin-1").strip(), headers, json.loads(body))
        state.seen.append(asked)
        state.arrived.release()
        if state.hold is not None:
            state.hold.wait(30)
        with suppress(OSError):  # the other side had enough
            self._write(state.kind.write(asked))

    def _write(self, written: bytes | Iterator[bytes] | None) -> None:
        if written is None:
            self.rfile.read(1)  # says nothing until the other side goes
        elif isinstance(written, bytes):
            self.wfile.write(written)
        else:
            for piece in written:
                self.wfile.write(piece)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = FaultServer(port=self.server_address[1])
        self._tls = tls

    def get_request(self) -> tuple[Any, Any]:
        link, address = super().get_request()
        if self._tls is not None:
            link.settimeout(30)
            link = self._tls.wrap_socket(link, server_side=True)
        return link, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is expected here."""


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """Run a server on a free port of loopback until the block ends."""
    with _Server(tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.state
        finally:
            server.shutdown()
            thread.join()


@dataclass
class HandTimer:
    """A clock that stands still but for what a kind of fault lets pass, and waits that are kept."""

    silent: bool = False
    step: float = 0.0
    clock: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.clock

    def receive(self, source: Any, into: memoryview, seconds: float) -> int:
        if self.silent:
            self.clock += seconds
            raise TimeoutError
        source.settimeout(30)
        self.clock += self.step
        return int(source.recv_into(into))

    def wait(self, seconds: float) -> None:
        self.clock += seconds
        self.waits.append(seconds)


def certificate(folder: Path, *, host: str) -> tuple[ssl.SSLContext, Path]:
    """Return a server's side of TLS with a certificate of its own making, and its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "server.pem", folder / "server.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
