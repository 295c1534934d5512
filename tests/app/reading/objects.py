"""A small object store on loopback that speaks as much of S3 as reading takes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "charts"


@dataclass
class Store:
    """What lies in the bucket; `refused` keys are answered 403, `broken` ones from half-way on."""

    objects: dict[str, bytes] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    port: int = 0

    def address(self, key: str = "") -> str:
        """Return the address of a key."""
        return (
            f"s3://{BUCKET}/{key}?scheme=http&region=us-east-1"
            f"&endpoint_override=127.0.0.1%3A{self.port}"
        )


@contextmanager
def served() -> Iterator[Store]:
    """Serve a store until the block ends."""
    store = Store()

    class Handler(_Handler):
        objects = store

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    store.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    objects: Store
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).removeprefix("/").partition("/")
        assert bucket == BUCKET
        asked = parse_qs(parts.query)
        if "list-type" in asked:
            self._list(asked)
        elif key in self.objects.refused:
            self._error(403, "AccessDenied", body=body)
        elif key not in self.objects.objects:
            self._error(404, "NoSuchKey", body=body)
        else:
            self._object(key, body=body)

    def _object(self, key: str, *, body: bool) -> None:
        data = self.objects.objects[key]
        begin, end = 0, len(data) - 1
        wanted = self.headers.get("Range", "")
        if wanted:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            begin, end = int(first), min(int(last or end), end)
        if key in self.objects.broken and body and begin >= len(data) // 2:
            self._error(403, "AccessDenied", body=True)
            return
        part = data[begin : end + 1]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {begin}-{end}/{len(data)}")
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT")
        self.end_headers()
        if body:
            self.wfile.write(part)

    def _list(self, asked: dict[str, list[str]]) -> None:
        prefix = asked.get("prefix", [""])[0]
        delimiter = asked.get("delimiter", [""])[0]
        keys, folders = [], set()
        for key in sorted(self.objects.objects):
            if key.startswith(prefix):
                head, cut, _ = key.removeprefix(prefix).partition(delimiter or "\0")
                if cut:
                    folders.add(f"{prefix}{head}{delimiter}")
                else:
                    keys.append(key)
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.objects.objects[key])}</Size>"
            "<LastModified>2026-03-01T00:00:00.000Z</LastModified></Contents>"
            for key in keys
        ) + "".join(
            f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>"
            for each in sorted(folders)
        )
        self._xml(
            200,
            f"<ListBucketResult><Name>{BUCKET}</Name><Prefix>{escape(prefix)}</Prefix>"
            f"<KeyCount>{len(keys) + len(folders)}</KeyCount><IsTruncated>false</IsTruncated>"
            f"{found}</ListBucketResult>",
        )

    def _error(self, status: int, code: str, *, body: bool) -> None:
        self._xml(status, f"<Error><Code>{code}</Code></Error>" if body else "")

    def _xml(self, status: int, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""
