"""A page becomes a PDF that holds its words, with and without a window."""

import subprocess
import sys

import pypdfium2
import pytest
from pytestqt.qtbot import QtBot

from app.desktop.pdf import pdf_of

PAGE = (
    "<html><body><h1>Coding record</h1><p><b>I10</b> Essential (primary) hypertension</p>"
    + "<p>Line of the history.</p>" * 120
    + "</body></html>"
)


def words(content: bytes) -> tuple[int, str]:
    with pypdfium2.PdfDocument(content) as document:
        pages = [document[n].get_textpage().get_text_bounded() for n in range(len(document))]
    return len(pages), " ".join(pages)


def test_a_pdf_has_the_words_of_the_page_on_as_many_sheets_as_it_needs(qtbot: QtBot) -> None:
    content = pdf_of(PAGE)
    assert content.startswith(b"%PDF-")
    sheets, text = words(content)
    assert sheets > 1
    assert "I10 Essential (primary) hypertension" in text
    assert text.count("Line of the history.") == 120


@pytest.mark.parametrize("platform", ["", "offscreen"])
def test_a_pdf_needs_no_display(platform: str) -> None:
    """In a process of its own that has neither a display nor a word about how to do without."""
    script = (
        "import sys; from app.desktop.pdf import pdf_of\n"
        "sys.stdout.buffer.write(pdf_of(sys.stdin.read()))"
    )
    environment = {"PATH": "", "PYTHONPATH": ":".join(sys.path), "HOME": "/nonexistent"}
    if platform:
        environment["QT_QPA_PLATFORM"] = platform
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        input=PAGE.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert words(done.stdout)[1].startswith("Coding record")
