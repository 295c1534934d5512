import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.canonical import MAX_BYTES, RefusedTextError, canonical, decode, printable

PLAIN = "Assessment: asthma, 37.5 °C, µg — stable 🙂 שלום"


@given(st.text())
def test_canonical_text_has_no_cr_no_nul_no_surrogate_and_changes_nothing_else(text: str) -> None:
    found = canonical(text)
    assert not set(found) & set("\r\0")
    found.encode()  # fails on a lone surrogate
    kept = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    assert len(found) == len(kept)
    changed = {a for a, b in zip(kept, found, strict=True) if a != b}
    assert all(c == "\0" or "\ud800" <= c <= "\udfff" for c in changed)


def test_characters_are_not_normalised() -> None:
    assert canonical("cafe\u0301 ﬁne İ") == "cafe\u0301 ﬁne İ"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (PLAIN.encode(), "utf-8"),
        (codecs.BOM_UTF8 + PLAIN.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_encodings_with_a_mark_give_the_same_text(data: bytes, encoding: str) -> None:
    decoded = decode(data)
    assert (decoded.text, decoded.encoding, decoded.guessed) == (PLAIN, encoding, False)


def test_windows_1252_is_read_and_flagged() -> None:
    decoded = decode("Temp 38 °C – “stable”".encode("cp1252"))
    assert decoded.text == "Temp 38 °C – “stable”"
    assert decoded.guessed


def test_only_one_mark_is_stripped() -> None:
    assert decode(codecs.BOM_UTF8 * 2 + b"asthma").text == "\ufeffasthma"


def test_a_nul_in_a_long_note_becomes_a_replacement_character() -> None:
    text = "asthma " * 100
    assert decode(text.encode() + b"\0").text == text + "\ufffd"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (codecs.BOM_UTF8, "is blank"),
        (b" \r\n\t\n", "is blank"),
        ("\u200b\u2060\u00a0\n".encode(), "is blank"),
        (b"%PDF-1.7\nabc", "PDF"),
        (b"PK\x03\x04docx", "Office"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\x7fELF\x02\x01", "program"),
        (b"\x1f\x8b\x08abc", "gzip"),
        (b"{\\rtf1 note}", "RTF"),
        (bytes(range(1, 256)) * 8, "decoded"),
        ("hypertension".encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_LE + b"a\0\x00\xd8", "UTF-16"),
        (codecs.BOM_UTF32_LE + "asthma".encode("utf-32-le"), "UTF-32"),
        ("patient has asthma".encode("cp500"), "decoded"),
        (b"\0\1\2\3" * 50, "binary"),
        (b"asthma\x01\x02\x03\x04 stable", "binary or damaged"),
        (b"a" * MAX_BYTES, "too large"),
    ],
)
def test_what_is_no_note_is_refused_with_a_reason_and_an_advice(data: bytes, says: str) -> None:
    with pytest.raises(RefusedTextError, match=says) as caught:
        decode(data)
    assert "; " in str(caught.value)


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        text = decode(data).text
    except RefusedTextError:
        return
    assert text == canonical("\ufeff" + text)


@given(st.text())
def test_printable_names_fit_on_one_line_and_in_json(text: str) -> None:
    assert len(printable(text).splitlines()) <= 1
    printable(text).encode()  # fails on a lone surrogate
