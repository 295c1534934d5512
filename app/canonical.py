"""Bytes received → canonical note text, or a refusal in a sentence.

Canonical text is what every offset of the program counts in: decoded (UTF-8 with or without a
mark, UTF-16 with a mark, else Windows-1252 and flagged), one leading byte-order mark stripped, CRLF
and CR turned into LF, NUL and lone surrogates into U+FFFD. It is not normalised (no NFC): that
would change lengths and break the digest-to-text relation people can check by hand.
"""

import codecs
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass

from app import AppError

MAX_BYTES = 5_000_000
"""A note of this many bytes or more is refused: 5 MB is some thousand pages, not one note."""

MAX_CONTROL_SHARE = 0.01

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATE_OR_NUL = re.compile(r"[\x00\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SAVE_AS_TEXT = "export it as plain text (UTF-8) and try again"

_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP or Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"SQLite format 3\x00", "a database"),
)


class RefusedTextError(AppError):
    """These bytes are no note; the text completes a sentence whose subject is the file or line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Canonical text and the encoding it was read with; `guessed` when that was Windows-1252."""

    text: str
    encoding: str
    guessed: bool = False


def canonical(text: str) -> str:
    """Return the canonical form of a text; idempotent but for a second leading mark."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE_OR_NUL.sub("\ufffd", text)


def printable(text: str) -> str:
    """Return a name or id without control characters and lone surrogates, fit for one line."""
    return _UNPRINTABLE.sub("\ufffd", text)


def decode(data: bytes) -> Decoded:
    """Return the canonical text of a file's bytes.

    Raises:
        RefusedTextError: empty, blank, binary, undecodable, or `MAX_BYTES` and more.
    """
    if not data:
        raise RefusedTextError("is empty; remove it or export the note again")
    _refuse_size(len(data))
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise RefusedTextError(f"is {what}, not text; {_SAVE_AS_TEXT}")
    decoded = _decode(data)
    return Decoded(
        text=checked(canonical(decoded.text)), encoding=decoded.encoding, guessed=decoded.guessed
    )


def checked(text: str) -> str:
    """Return a canonical text unchanged if it can be a note.

    Raises:
        RefusedTextError: blank, mostly control characters, or too large.
    """
    _refuse_size(len(text))
    if not any(_visible(character) for character in text):
        raise RefusedTextError("is blank; remove it or export the note again")
    controls = sum(1 for _ in _CONTROL.finditer(text)) + text.count("\ufffd")
    if controls > MAX_CONTROL_SHARE * len(text) and controls > 1:
        raise RefusedTextError(
            f"is binary or damaged: {controls:,} of its {len(text):,} characters are no text; "
            + _SAVE_AS_TEXT
        )
    return text


def _decode(data: bytes) -> Decoded:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise RefusedTextError(f"cannot be decoded (UTF-32); {_SAVE_AS_TEXT}")
    if not wide and data.count(0) > MAX_CONTROL_SHARE * len(data):
        raise RefusedTextError(
            "is binary (many zero bytes; perhaps UTF-16 without its mark); " + _SAVE_AS_TEXT
        )
    # The mark stays in the text here: `canonical` strips it, and only one of it.
    wide_name = "utf-16-be" if data.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    with suppress(UnicodeDecodeError):
        name = wide_name if wide else "utf-8"
        return Decoded(text=data.decode(name), encoding=name)
    if wide:
        raise RefusedTextError(f"cannot be decoded (damaged UTF-16); {_SAVE_AS_TEXT}")
    try:
        return Decoded(text=data.decode("cp1252"), encoding="cp1252", guessed=True)
    except UnicodeDecodeError:
        raise RefusedTextError(
            f"cannot be decoded (neither UTF-8 nor UTF-16 nor Windows-1252); {_SAVE_AS_TEXT}"
        ) from None


def _refuse_size(size: int) -> None:
    if size >= MAX_BYTES:
        raise RefusedTextError(
            f"is too large ({size / 1e6:.1f} MB; the limit is {MAX_BYTES / 1e6:.0f} MB a note); "
            "split it into its notes"
        )


def _visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ"
