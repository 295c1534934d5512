"""PDF, DOCX, RTF and HTML: their words, their places, and what hostile files cost."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.canonical import RefusedTextError
from app.ingest import read
from app.reading.apart import Apart
from app.reading.places import place_of
from tests.app.reading.makers import BOMB, docx, paragraph, pdf, words


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    with Apart(patience=20) as apart:
        yield apart


def test_a_pdf_keeps_its_pages(tmp_path: Path, apart: Apart) -> None:
    (tmp_path / "n.pdf").write_bytes(pdf(["Assessment: gout.", "Plan: allopurinol."]))
    (encounter,) = read([tmp_path / "n.pdf"]).encounters
    (note,) = encounter.notes
    assert note.text.index("gout") < note.text.index("\f") < note.text.index("Plan")
    assert place_of(note, note.text.index("gout")) == ("page", 1)
    assert place_of(note, note.text.index("allopurinol")) == ("page", 2)


def test_a_scanned_pdf_is_named_as_such_and_a_single_scanned_page_too(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf(["", ""]))
    (tmp_path / "mixed.pdf").write_bytes(pdf(["Assessment: gout.", ""]))
    intake = read([tmp_path])
    (problem,) = intake.problems
    assert "scan.pdf is a scanned PDF" in problem.sentence
    (warning,) = intake.warnings
    assert "mixed.pdf: page 2 is a picture" in warning


def test_a_pdf_that_declares_two_gigabytes_costs_only_itself(apart: Apart) -> None:
    # What a reader makes of the stream is its own affair; that it ends, and soon, is ours.
    try:
        text = apart.text_of("pdf", pdf(["Assessment: gout."], length=2_000_000_000))
    except RefusedTextError:
        text = "gout"
    assert "gout" in text
    assert "gout" in apart.text_of("pdf", pdf(["Assessment: gout."]))


@pytest.mark.parametrize("cut", [9, 60, 400])
def test_a_damaged_pdf_is_refused_or_read_and_never_ends_the_run(apart: Apart, cut: int) -> None:
    with pytest.raises(RefusedTextError, match="PDF"):
        apart.text_of("pdf", pdf(["Assessment: gout."])[:cut])


def test_a_docx_keeps_its_paragraphs_tables_and_soft_breaks(tmp_path: Path) -> None:
    body = (
        paragraph(words("Assess"), words("ment:"))
        + paragraph()
        + paragraph(words("gout"), "<w:br/>", words("left foot"))
        + "<w:tbl><w:tr><w:tc>"
        + paragraph(words("HbA1c"))
        + "</w:tc><w:tc>"
        + paragraph(words("7.9"))
        + "</w:tc></w:tr></w:tbl>"
        + "<w:p><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>"
    )
    (tmp_path / "n.docx").write_bytes(docx(body))
    (encounter,) = read([tmp_path]).encounters
    (note,) = encounter.notes
    assert note.text == "Assessment:\n\ngout\nleft foot\n\nHbA1c\t7.9\n"
    assert place_of(note, note.text.index("left foot")) == ("paragraph", 2)
    assert place_of(note, note.text.index("7.9")) == ("paragraph", 3)


def bomb() -> bytes:
    return docx(paragraph(words("a" * 60_000_000)))


def lying() -> bytes:
    """Return a DOCX whose directory declares ten bytes for a part of sixty million."""
    data = bytearray(bomb())
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def locked() -> bytes:
    data = bytearray(docx(paragraph(words("gout"))))
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.rfind(mark)
        data[place + offset] |= 1
    return bytes(data)


def empty_archive() -> bytes:
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (bomb, "zip bomb"),
        (lying, "damaged|zip bomb"),
        (locked, "password"),
        (empty_archive, "damaged"),
        (lambda: docx(paragraph(words("gout")))[:200], "damaged"),
        (lambda: docx("<w:p>"), "damaged"),
        (lambda: docx(paragraph(words("&c;")), head=BOMB), "entities"),
        (lambda: docx(""), "blank"),
    ],
)
def test_a_hostile_docx_is_refused_in_a_sentence(apart: Apart, make: object, says: str) -> None:
    assert callable(make)
    with pytest.raises(RefusedTextError, match=says):
        apart.text_of("docx", make())


def test_rtf_is_read_without_its_formatting(tmp_path: Path) -> None:
    rtf = rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Assessment:\par \b gout\b0 , caf\'e9 au lait\par}"
    (tmp_path / "n.rtf").write_bytes(rtf)
    (encounter,) = read([tmp_path]).encounters
    assert encounter.notes[0].text.strip() == "Assessment:\ngout, café au lait"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"no rtf", "no RTF"),
        (rb"{\rtf1 }", "blank"),
        (b"{\\rtf1 " + b"{" * 100_000, "blank|damaged"),
    ],
)
def test_a_bad_rtf_is_refused(apart: Apart, data: bytes, says: str) -> None:
    with pytest.raises(RefusedTextError, match=says):
        apart.text_of("rtf", data)


def test_html_gives_the_words_a_person_would_see(apart: Apart) -> None:
    page = b"<html><head><title>x</title></head><p>Gout&nbsp;of <b>foot</b><script>no()</script>"
    page += b"<ul><li>one<li>two</ul>"
    assert apart.text_of("html", page) == "Gout\xa0of foot\none\ntwo\n"


def test_a_document_that_takes_too_long_or_ends_the_process_costs_only_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Apart(patience=0.0) as impatient, pytest.raises(RefusedTextError, match="took longer"):
        impatient.text_of("rtf", rb"{\rtf1 gout}")
    with Apart() as apart:
        assert apart.text_of("rtf", rb"{\rtf1 gout}") == "gout"
        process = apart._process
        assert process is not None
        process.kill()
        process.join()
        assert apart.text_of("rtf", rb"{\rtf1 gout}") == "gout"
