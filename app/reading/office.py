"""Documents people write → canonical text: PDF, DOCX, RTF and HTML; called in a process apart.

Pages of a PDF are told apart by a form feed on a line of its own, paragraphs of a DOCX by an empty
line, so that `app.reading.places` can derive page and paragraph from an offset, and nothing about
places has to be stored beside the text.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from app.canonical import MAX_BYTES, RefusedTextError, canonical, checked

PAGE = "\f\n"
"""Between two pages."""

PARAGRAPH = "\n\n"
"""Between two paragraphs of a DOCX; within one, lines end with a single newline."""

MAX_PAGES = 5_000
_MAX_PART = 50_000_000
_MAX_FOLD = 200
_MIN_FOLDED = 1_000_000
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DAMAGED = "is damaged or no {}; export it again"
_BLANKS = re.compile(r"[^\S\n]*\n\s*")


def text_of(kind: str, data: bytes) -> str:
    """Return the canonical text of a document; `kind` is pdf, docx, rtf or html.

    Raises:
        RefusedTextError: damaged, hostile, without text, or too large.
    """
    try:
        text = _KINDS[kind](data)
    except (MemoryError, RecursionError):
        raise RefusedTextError(
            "takes more memory than a document should; export it as plain text"
        ) from None
    return checked(canonical(text))


def _pdf(data: bytes) -> str:
    # Loaded here: the library is native code, and only the process apart should hold it.
    import pypdfium2  # noqa: PLC0415

    if b"%PDF" not in data[:1024]:
        raise RefusedTextError(_DAMAGED.format("PDF"))
    try:
        with pypdfium2.PdfDocument(data) as document:
            count = len(document)
            if count > MAX_PAGES:
                raise RefusedTextError(f"has {count} pages; the limit is {MAX_PAGES}, split it")
            pages = [document[number].get_textpage().get_text_bounded() for number in range(count)]
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).casefold()
        raise RefusedTextError(
            "is a PDF locked with a password; save it without one"
            if locked
            else _DAMAGED.format("PDF")
        ) from None
    texts = [canonical(page).replace("\f", "\n").strip("\n") for page in pages]
    blank = [str(number) for number, text in enumerate(texts, start=1) if not text.strip()]
    if len(blank) == len(texts):
        raise RefusedTextError(
            "is a scanned PDF: its pages are pictures without text; run text recognition (OCR) "
            "and try again"
        )
    return PAGE.join(f"{text}\n" for text in texts)


def blank_pages(text: str) -> tuple[int, ...]:
    """Return the numbers of the pages of a PDF's text that hold no word."""
    pages = text.split(PAGE)
    return tuple(n for n, page in enumerate(pages, start=1) if len(pages) > 1 and not page.strip())


def _docx(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            root = fromstring(_part(archive, "word/document.xml"), forbid_dtd=True)
    except (zipfile.BadZipFile, KeyError, ParseError, EOFError, NotImplementedError, OSError):
        raise RefusedTextError(_DAMAGED.format("DOCX")) from None
    except DefusedXmlException:
        raise RefusedTextError(
            "is a DOCX that declares entities of its own, as no word processor writes; it was "
            "not opened"
        ) from None
    except RuntimeError:  # what zipfile says of an encrypted part
        raise RefusedTextError("is locked with a password; save it without one") from None
    body = root.find(f"{_WORD}body")
    found = [] if body is None else [_BLANKS.sub("\n", p).strip() for p in _paragraphs(body)]
    return PARAGRAPH.join(paragraph for paragraph in found if paragraph) + "\n"


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return an unpacked part; the declared size is not believed."""
    info = archive.getinfo(name)
    with archive.open(info) as file:
        data = file.read(_MAX_PART + 1)
    folded = len(data) > _MIN_FOLDED and len(data) > _MAX_FOLD * max(1, info.compress_size)
    if len(data) > _MAX_PART or folded:
        raise RefusedTextError(
            "unpacks to far more than a document holds (a zip bomb?); it was not opened"
        )
    return data


def _paragraphs(body: Element) -> Iterator[str]:
    """Yield the text of each paragraph, and of each table row as one paragraph."""
    for element in body:
        if element.tag == f"{_WORD}p":
            yield _runs(element)
        elif element.tag == f"{_WORD}tbl":
            for row in element.iter(f"{_WORD}tr"):
                cells = (
                    " ".join(_runs(p) for p in cell.iter(f"{_WORD}p"))
                    for cell in row.iter(f"{_WORD}tc")
                )
                yield "\t".join(" ".join(cell.split()) for cell in cells)
        elif element.tag in {f"{_WORD}sdt", f"{_WORD}sdtContent"}:
            yield from _paragraphs(element)


def _runs(paragraph: Element) -> str:
    pieces: list[str] = []
    for element in paragraph.iter():
        if element.tag == f"{_WORD}t":
            pieces.append(element.text or "")
        elif element.tag == f"{_WORD}tab":
            pieces.append("\t")
        elif element.tag in {f"{_WORD}br", f"{_WORD}cr"}:
            pieces.append("\n")
        # Deleted words of a tracked change (w:delText) are not part of the document.
    return "".join(pieces)


def _rtf(data: bytes) -> str:
    from striprtf.striprtf import rtf_to_text  # noqa: PLC0415 - as above

    if not data.lstrip().startswith(b"{\\rtf"):
        raise RefusedTextError(_DAMAGED.format("RTF"))
    if len(data) >= 8 * MAX_BYTES:
        raise RefusedTextError("is too large for a note in RTF; remove its pictures or split it")
    try:
        return str(rtf_to_text(data.decode("cp1252", errors="replace"), errors="replace"))
    except (ValueError, IndexError, KeyError, LookupError):
        raise RefusedTextError(_DAMAGED.format("RTF")) from None


_BLOCK = re.compile("p|div|br|li|tr|h[1-6]|table|ul|ol|dt|dd|section")


class _Page(HTMLParser):
    """Collects the words of an HTML page; blocks begin on lines of their own."""

    _HIDDEN = frozenset({"script", "style", "head", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._hidden += tag in self._HIDDEN
        if _BLOCK.fullmatch(tag):
            self.pieces.append("\n")
        elif tag in {"td", "th"}:
            self.pieces.append("\t")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._HIDDEN and self._hidden:
            self._hidden -= 1
        if tag != "br" and _BLOCK.fullmatch(tag):
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(re.sub(r"[ \t\n\r\f]+", " ", data))


def _html(data: bytes) -> str:
    page = _Page()
    page.feed(data.decode("utf-8", errors="replace"))
    page.close()
    return _BLANKS.sub("\n", "".join(page.pieces)).strip() + "\n"


_KINDS: dict[str, Callable[[bytes], str]] = {
    "pdf": _pdf,
    "docx": _docx,
    "rtf": _rtf,
    "html": _html,
}
