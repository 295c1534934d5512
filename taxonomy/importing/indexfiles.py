"""Read an index or table: the official XML (as its XSD describes it), or the flattened CSV.

Readers return the lines, or raise ValueError with what is wrong; the caller adds the name of the
file. XML comes here only after `xmlfiles.outline` found it harmless.
"""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from taxonomy.importing.parts import DRUGS, EXTERNAL, INDEX, NEOPLASMS
from taxonomy.index import ABSENT, IndexEntry

CSV_HEAD = "RowID,Letter,Level,Term,See,SeeAlso,NonEssModif,Code"
_KINDS = {"substance": DRUGS, "neoplasm": NEOPLASMS}
_CODE = re.compile(r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?\.?-{0,2}")
_DEEPEST = 9
_FIRST_CELL = 2


def read_index_xml(data: bytes) -> tuple[str, tuple[str, ...], list[IndexEntry]]:
    """Return the kind of an index, the headings of its cells, and its lines."""
    root = fromstring(data, forbid_dtd=True)
    heads = {
        int(head.get("col") or 0): _words("".join(head.itertext()))
        for head in root.iterfind("indexHeading/head")
    }
    title = _words(root.findtext("title") or "").casefold()
    kind = _KINDS.get(heads.get(1, "").casefold(), EXTERNAL if "external cause" in title else INDEX)
    columns = tuple(heads[at] for at in sorted(heads) if at >= _FIRST_CELL)
    if (kind in {DRUGS, NEOPLASMS}) != bool(columns):
        raise ValueError("its headings are not those of a table")
    entries: list[IndexEntry] = []
    for letter in root.iterfind("letter"):
        for term in letter.iterfind("mainTerm"):
            _walk(term, -1, 0, columns, entries)
    return kind, columns, entries


def read_index_csv(text: str) -> list[IndexEntry]:
    """Return the lines of the flattened index; the numbers of its rows must be complete."""
    try:
        return list(_csv_entries(text))
    except csv.Error as error:
        raise ValueError(f"it is not whole ({error})") from error


def _csv_entries(text: str) -> Iterator[IndexEntry]:
    if not text.endswith("\n"):
        raise ValueError("it breaks off within a line")
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    width = len(next(rows))
    above: list[int] = []
    for number, row in enumerate(rows):
        if len(row) != width or row[0] != str(number + 1):
            raise ValueError(f"row {number + 1} is missing, twice or not whole")
        _, _, level_text, title, see, see_also, modifiers, code = map(_words, row)
        level = int(level_text) if level_text.isdecimal() else _DEEPEST + 1
        if level > min(len(above), _DEEPEST):
            raise ValueError(f"row {number + 1} stands at a level that has no line above it")
        del above[level:]
        yield _checked(
            IndexEntry(
                title=title,
                level=level,
                parent=above[-1] if above else -1,
                modifiers=modifiers,
                code=code,
                see=see,
                see_also=see_also,
            )
        )
        above.append(number)


def _walk(
    element: Element,
    parent: int,
    level: int,
    columns: tuple[str, ...],
    entries: list[IndexEntry],
) -> None:
    title = element.find("title")
    if title is None:
        raise ValueError(f"line {len(entries) + 1} has no title")
    if level and element.get("level") != str(level):
        raise ValueError(f"line {len(entries) + 1} stands at a level that is not its own")
    nemod = title.find("nemod")
    modifiers = "" if nemod is None else nemod.text or ""
    manifestation = _text(element, "manif").strip("[]")
    if not _CODE.fullmatch(manifestation):  # words that belong to the title stand there once
        modifiers, manifestation = f"{modifiers} {manifestation}", ""
    here = len(entries)
    entries.append(
        _checked(
            IndexEntry(
                title=_words(f"{title.text or ''} {'' if nemod is None else nemod.tail or ''}"),
                level=level,
                parent=parent,
                modifiers=_words(modifiers),
                code=_text(element, "code"),
                manifestation=manifestation,
                category=_text(element, "subcat") or _text(element, "seecat"),
                see=_text(element, "see"),
                see_also=_text(element, "seeAlso"),
                cells=_cells(element, columns),
            )
        )
    )
    for term in element.iterfind("term"):
        _walk(term, here, level + 1, columns, entries)


def _cells(element: Element, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return a line's codes by column; () where it has none, as a line with a "see"."""
    found = {cell.get("col"): _words(cell.text or "") for cell in element.iterfind("cell")}
    if not found:
        return ()
    cells = (found.get(str(at), "") for at in range(_FIRST_CELL, len(columns) + _FIRST_CELL))
    return tuple("" if cell in ABSENT else cell for cell in cells)


def _checked(entry: IndexEntry) -> IndexEntry:
    for code in (entry.code, *entry.cells):
        if code and not _CODE.fullmatch(code):
            raise ValueError(f"{code[:20]!r} under {entry.title[:40]!r} is no code")
    if not entry.title and not entry.modifiers:
        raise ValueError("a line has no words")
    return entry


def _text(element: Element, tag: str) -> str:
    return _words(element.findtext(tag) or "")


def _words(text: str) -> str:
    return " ".join(text.split())
