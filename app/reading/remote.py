"""Files that lie elsewhere, by their address: s3://, gs://, hdfs://, abfs:// or file://.

They are read through pyarrow's file systems, which are those of Ray: Parquet and NDJSON, a piece at
a time. Credentials come from the environment or the machine's role, never from an address: it is
kept in the plan of a job and named in messages. A store that breaks off ends the job instead of
leaving out notes: half an encounter would be coded as if it were whole.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import parse_qsl, urlsplit

from app import AppError, UsageError
from app.canonical import printable

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

ENDINGS = (".parquet", ".ndjson", ".jsonl")
"""What is read at an address."""

_PLAIN = frozenset({"region", "scheme", "endpoint_override", "retry_limit_seconds"})
_PATIENCE = 60
"""Seconds for which Google's store is asked again where an address says nothing else: its own are
fifteen minutes."""

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_CONTAINER = re.compile(
    r"abfss?://([^/?#@:]+@)[^/?#@:]+\.dfs\.core\.windows\.net(?=[/?#]|$)", re.IGNORECASE
)
"""An address of Azure's usual form: what stands before the account is the container, no user."""
_AWS = re.compile(r"AWS Error ([A-Z_]+)")
_BUFFER = 1 << 20


class RemoteError(AppError):
    """A store elsewhere cannot be read; the job can be resumed."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A file elsewhere: its path within a file system, and the address without its options."""

    system: "FileSystem"
    path: str
    name: str

    @property
    def suffix(self) -> str:
        """Return the ending of its name, with the point."""
        return self.path[self.path.rfind(".") :] if "." in self.path.rpartition("/")[2] else ""

    @property
    def folder(self) -> str:
        """Return the path of the folder it lies in."""
        return self.path.rpartition("/")[0]

    def beside(self) -> "list[Remote]":
        """Return the files of its folder, itself among them."""
        parent = self.name.rpartition("/")[0]
        with _told(parent):
            found = _listed(self.system, self.folder, recursive=False)
        return [Remote(self.system, path, f"{parent}/{path.rpartition('/')[2]}") for path in found]

    def open(self) -> BinaryIO:
        """Return the bytes, to be read in any order; RemoteError where that breaks off."""
        with _told(self.name):
            source = self.system.open_input_file(self.path)
        return cast("BinaryIO", io.BufferedReader(_Stream(source, self.name), _BUFFER))


class _Stream(io.RawIOBase):
    """A file of pyarrow whose failures are told as such, not taken for damage of the file."""

    def __init__(self, source: Any, name: str) -> None:
        self._source = source
        self._name = name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _told(self._name):
            return int(self._source.readinto(buffer))

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with _told(self._name):
            return int(self._source.seek(offset, whence))

    def tell(self) -> int:
        return int(self._source.tell())

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()


def is_address(text: str) -> bool:
    """Tell whether a path is an address."""
    return _ADDRESS.match(text) is not None


def check(address: str) -> None:
    """Raise UsageError where an address may hold a secret."""
    plain = plain_name(address)
    parts = urlsplit(address)
    options = parse_qsl(parts.query, keep_blank_values=True)
    secret = next((key for key, _ in options if key.casefold() not in _PLAIN), "")
    user = "" if _CONTAINER.match(address) else parts.netloc.rpartition("@")[0]
    if user not in {"", "anonymous"} or secret or any("@" in value for _, value in options):
        what = f"the option {secret!r}" if secret else "a user or a password"
        raise UsageError(
            f"The address {plain} names {what}; give credentials by the environment or the role of "
            "this machine, an address is kept with the job."
        )


def plain_name(address: str) -> str:
    """Return an address without user and options, as messages and notes name it.

    The container of an address of Azure's stays.
    """
    before, _, rest = address.partition("://")
    place, slash, path = rest.partition("?")[0].partition("#")[0].partition("/")
    container = _CONTAINER.match(address)
    inside = container[1] if container else ""
    return printable(f"{before}://{inside}{place.rpartition('@')[2]}{slash}{path}")


def _limited(address: str) -> str:
    """Return an address with a limit to how long its store is asked again."""
    google = address.casefold().startswith(("gs://", "gcs://"))
    if not google or "retry_limit_seconds=" in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}retry_limit_seconds={_PATIENCE}"


def find(address: str) -> tuple[list[Remote], int]:
    """Return the files at an address in order of their paths, and how many were passed over.

    Raises:
        UsageError: pyarrow is missing, the address holds a secret or is of no known kind.
        RemoteError: nothing is there, or it cannot be reached.
    """
    check(address)
    name = plain_name(address)
    try:
        from pyarrow import fs  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            f"{name} is read with pyarrow, which is missing; install chartproof[parquet]."
        ) from None
    with _told(name):
        try:
            system, path = fs.FileSystem.from_uri(_limited(address))
        except (ValueError, TypeError, NotImplementedError):
            raise UsageError(
                f"{name} is of no kind of store that can be read; use s3://, gs://, hdfs://, "
                "abfs:// or file://."
            ) from None
        one = system.get_file_info(path).type == fs.FileType.File
        found = [path] if one else _listed(system, path, recursive=True)
    known = [each for each in found if each.casefold().endswith(ENDINGS)]
    root = path.rstrip("/")
    base = name.rstrip("/")
    files = [Remote(system, each, f"{base}{each.removeprefix(root)}") for each in known]
    return files, len(found) - len(known)


def _listed(system: "FileSystem", path: str, *, recursive: bool) -> list[str]:
    """Return the paths of the files below a folder; names that begin with . or _ are no input."""
    from pyarrow import fs  # noqa: PLC0415 - an extra

    infos = system.get_file_info(fs.FileSelector(path, recursive=recursive))
    inside = len(path.rstrip("/"))
    return sorted(
        info.path
        for info in infos
        if info.type == fs.FileType.File
        and not any(part.startswith((".", "_")) for part in info.path[inside:].split("/"))
    )


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn what a file system raises into one sentence, without its own words: they may hold keys.

    Raises:
        RemoteError: always, where the body raised an OSError.
    """
    try:
        yield
    except OSError as error:
        raise RemoteError(f"{printable(name)} cannot be read: {_reason(error)}.") from None


def _reason(error: OSError) -> str:
    known = _AWS.search(str(error))
    if isinstance(error, FileNotFoundError):
        return "nothing is there; check the address"
    if isinstance(error, PermissionError) or (known and known[1] == "ACCESS_DENIED"):
        return "access is denied; check the credentials of this machine"
    told = f" ({known[1].replace('_', ' ').casefold()})" if known else ""
    return f"its store does not answer{told}; check the address and the network, then resume"
