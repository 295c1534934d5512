"""Open a file a person supplies: plain, gzip or zip, whatever its name says.

Nothing is ever extracted to a path, every read is bounded, and a zip that tries to leave its
folder or to grow without measure is refused whole.
"""

import gzip
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from taxonomy.importing.refusal import ImportRefusedError

MOST_BYTES = 64 << 20
"""Of one file, unpacked; the largest official one (the tabular list) has 10 MB."""
MOST_TOGETHER = 256 << 20
MOST_MEMBERS = 500
_MOST_RATIO = 200
_RATIO_FROM = 1 << 20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"
_DOCUMENTS = (*_ZIP, b"%PDF", b"\xd0\xcf\x11\xe0")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    IndexError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The bytes of one file, and its name for a person; `packed` where it came out of a zip."""

    name: str
    data: bytes
    packed: bool = False


def members(path: Path) -> Iterator[Member]:
    """Yield the files in a file, documents (PDF, spreadsheets) left out.

    Raises:
        ImportRefusedError: not readable, damaged, too large, or a zip with a hostile member.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ImportRefusedError(
                f"{path} is larger than {MOST_BYTES >> 20} MB and no official file; import the "
                "file as published."
            )
        data = path.read_bytes()
    except OSError as error:
        raise ImportRefusedError(f"{path} cannot be read ({error.strerror}); check it.") from error
    if data.startswith(_ZIP):
        yield from _unzip(path, data)
    else:
        yield Member(name=str(path), data=_plain(str(path), data))


def _plain(name: str, data: bytes) -> bytes:
    """Return bytes as they are, or out of their gzip wrapper."""
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as file:
            plain = file.read(MOST_BYTES + 1)
    except _DAMAGE as error:
        raise ImportRefusedError(
            f"{name} is damaged or cut short (gzip); download it again."
        ) from error
    _bound(name, size=len(plain), packed=len(data))
    return plain


def _unzip(path: Path, data: bytes) -> Iterator[Member]:
    together = 0
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_names(path, infos)
            for info in infos:
                if info.is_dir():
                    continue
                name = f"{path} › {info.filename}"
                _check_member(name, info)
                together += info.file_size
                if together > MOST_TOGETHER:
                    raise ImportRefusedError(
                        f"{path} unpacks to more than {MOST_TOGETHER >> 20} MB and is no official "
                        "release; import the zip as published."
                    )
                with archive.open(info) as file:
                    head = file.read(4)
                    if head.startswith(_DOCUMENTS):
                        continue
                    body = head + file.read(MOST_BYTES + 1)
                _bound(name, size=len(body), packed=info.compress_size)
                yield Member(name=name, data=_plain(name, body), packed=True)
    except _DAMAGE as error:
        raise ImportRefusedError(
            f"{path} is damaged or cut short (zip); download it again."
        ) from error


def _check_names(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_MEMBERS:
        raise ImportRefusedError(
            f"{path} holds more than {MOST_MEMBERS} files and is no official release; import the "
            "zip as published."
        )
    names = [info.filename for info in infos]
    if len(set(names)) < len(names):
        raise ImportRefusedError(f"{path} holds a file twice; import the zip as published.")
    for name in names:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if ".." in parts or name.startswith(("/", "\\")) or ":" in name:
            raise ImportRefusedError(
                f"{path} holds a file that would leave its folder ({name!r}); it is no official "
                "release and was not read."
            )


def _check_member(name: str, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 1:
        raise ImportRefusedError(f"{name} is encrypted; import the zip as published.")
    if info.compress_type not in _METHODS:
        raise ImportRefusedError(
            f"{name} is packed in a way official files are not; import the zip as published."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ImportRefusedError(f"{name} is a link, not a file; import the zip as published.")
    _bound(name, size=info.file_size, packed=info.compress_size)


def _bound(name: str, *, size: int, packed: int) -> None:
    bomb = size > _RATIO_FROM and size > _MOST_RATIO * max(1, packed)
    if size > MOST_BYTES or bomb:
        raise ImportRefusedError(
            f"{name} unpacks to far more than an official file holds; it was not read. Import "
            "the file as published."
        )
