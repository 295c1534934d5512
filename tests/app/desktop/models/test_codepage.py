import re
from dataclasses import asdict
from html.parser import HTMLParser

import pytest

from app.desktop.models.codepage import line_html, page_html, style
from app.desktop.theme import DARK, LIGHT, Palette
from taxonomy import Encoder, Index, IndexBook, IndexEntry, IndexSource, Taxonomy

ADDRESS = re.compile(r"code:[A-Z][0-9A-Z]{2}(\.[0-9A-Z]{1,4})?|line:[a-z-]+:\d+")


class Reader(HTMLParser):
    """The words and addresses of a text; notes every tag that is not closed again."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def encoder(icd: Taxonomy) -> Encoder:
    index = [
        IndexEntry(title="Odd <b>line</b> & more", level=0, parent=-1, see_also="Other, by type"),
        IndexEntry(title="below", level=1, parent=0, code="S72.00-", modifiers="(acute)"),
        IndexEntry(title="Gone", level=0, parent=-1, code="Z99.999"),
        IndexEntry(title="Other", level=0, parent=-1, code="I10", manifestation="H36"),
    ]
    source = IndexSource(kind="index", year=2026)
    return Encoder(icd, (), IndexBook(index=Index(source, index)))


@pytest.mark.parametrize(
    "code", ["E11.65", "S72.001", "S72.001A", "J45", "T36.0X5", "I42.0", "M17"]
)
def test_every_address_of_a_page_opens(encoder: Encoder, code: str) -> None:
    read = Reader(page_html(encoder.page(code)))
    assert read.addresses
    for address in read.addresses:
        assert ADDRESS.fullmatch(address), address
        assert encoder.page(address.partition(":")[2]).code.code == address.partition(":")[2]


def test_a_page_says_what_the_book_says(encoder: Encoder) -> None:
    words = Reader(page_html(encoder.page("T36.0X5"))).words
    assert "Needs a 7th character" in words
    assert "From T36-T50 Poisoning by" in words
    assert "manifestations of poisoning (read manually)" in words
    assert "Code firstfor adverse effects" in words, "no comma after the name of the note"
    assert "valid until 2026-09-30" in Reader(page_html(encoder.page("I42.0"))).words
    assert "Codes below" in Reader(page_html(encoder.page("J45"))).words


def test_codes_that_only_a_condition_names_are_links_too(encoder: Encoder) -> None:
    page = encoder.page("M14.6")
    note = next(note for note in page.notes if " with .610" in note.note.text)
    assert [target.first for target in note.targets][:2] == ["E08.610", "E09.610"]
    assert "code:E08.610" in Reader(page_html(page)).addresses


def test_the_way_through_the_index_is_a_link(encoder: Encoder) -> None:
    hit = next(hit for hit in encoder.search("odd line below", limit=9) if hit.code == "S72.00")
    read = Reader(page_html(encoder.page("S72.00"), hit))
    assert "line:index:1" in read.addresses
    assert "Odd <b>line</b> & more › below" in read.words


def test_a_line_shows_its_words_as_they_are(encoder: Encoder) -> None:
    read = Reader(line_html(encoder.line("index", 0)))
    assert "Odd <b>line</b> & more" in read.words
    assert "see also" in read.words
    assert "(read manually)" in read.words, "“by type” names no line"
    assert {"line:index:1", "line:index:3"} <= set(read.addresses)
    below = Reader(line_html(encoder.line("index", 1)))
    assert below.addresses == ["line:index:0", "code:S72.00"]
    assert "(acute)" in below.words
    pair = Reader(line_html(encoder.line("index", 3)))
    assert pair.addresses == ["code:I10", "code:H36"]
    assert "Not in this release" in Reader(line_html(encoder.line("index", 2))).words


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_colours_are_those_of_the_palette(palette: Palette) -> None:
    colours = set(re.findall(r"#[0-9a-f]{6}", style(palette)))
    assert colours <= set(asdict(palette).values())
    assert palette.accent in colours
