"""Tell by its content which official file a file is, read it, and find it whole or refuse it."""

import csv
import hashlib
import re
from collections.abc import Callable
from string import ascii_lowercase
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException

from taxonomy.importing import lists, parts
from taxonomy.importing.containers import Member
from taxonomy.importing.indexfiles import CSV_HEAD, read_index_csv, read_index_xml
from taxonomy.importing.parts import Counts, Limits, Part
from taxonomy.importing.refusal import ImportRefusedError, TooShortError
from taxonomy.importing.tabularfile import check_tabular
from taxonomy.importing.xmlfiles import Outline, outline
from taxonomy.index import Index, IndexSource
from taxonomy.model import TaxonomyError
from taxonomy.tabular import parse
from taxonomy.words import fold

_Read = tuple[str, int | None, Counts, object]
_YEAR = re.compile(rb"<version>\s*(20\d\d)\b")
_TABULAR_ROOT = "ICD10CM.tabular"
_INDEX_ROOT = "ICD10CM.index"
_HEAD_BYTES = 4096


def recognise(member: Member, limits: Limits) -> Part | None:
    """Return what a file holds; None where it is none of the files an import takes.

    Raises:
        ImportRefusedError: it is one of them, but damaged, short, doubled, hostile or of changes
            only.
    """
    read = _reader(member)
    if read is None:
        return None
    try:
        kind, year, counts, value = read()
    except ImportRefusedError:
        raise
    except (TaxonomyError, ValueError, ParseError, DefusedXmlException, csv.Error) as error:
        raise ImportRefusedError(
            f"{member.name} is damaged: {error}. Download it again."
        ) from error
    part = Part(
        kind=kind,
        name=member.name,
        digest=hashlib.sha256(member.data).hexdigest(),
        year=year,
        counts=counts,
        data=member.data,
        value=value,
    )
    _check_size(part, limits)
    return part


def _reader(member: Member) -> Callable[[], _Read] | None:
    start = member.data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff")):
        return _xml_reader(member)
    head = start.split(b"\n", 1)[0].rstrip(b"\r").decode("latin-1")
    for pattern, read in _TEXTS:
        if pattern.match(head):
            return lambda: read(_text(member))
    return None


def _xml_reader(member: Member) -> Callable[[], _Read] | None:
    seen = outline(member.name, member.data)
    if seen.root not in {_TABULAR_ROOT, _INDEX_ROOT}:
        return None
    if seen.attributes.get("isAddenda") == "true":
        raise ImportRefusedError(
            f"{member.name} lists changes only (addenda); import the full file."
        )
    if seen.root == _TABULAR_ROOT:
        return lambda: _tabular(member, seen)
    return lambda: _index_xml(member, seen)


def _tabular(member: Member, seen: Outline) -> _Read:
    tabular = parse(member.data)
    rows, billable = check_tabular(tabular, seen)
    counts = (("chapters", len(tabular.chapters)), ("rows", rows), ("billable", billable))
    return parts.TABULAR, _year(member), counts, tabular


def _index_xml(member: Member, seen: Outline) -> _Read:
    kind, columns, entries = read_index_xml(member.data)
    if len(entries) != seen.counts["mainTerm"] + seen.counts["term"]:
        raise ValueError("terms stand in it where none belong")
    year = _year(member)
    source = IndexSource(kind=kind, year=year, columns=columns)
    counts = (
        ("letters", seen.counts["letter"]),
        ("main terms", seen.counts["mainTerm"]),
        ("lines", len(entries)),
    )
    return kind, year, counts, Index(source, entries)


def _index_csv(text: str) -> _Read:
    entries = read_index_csv(text)
    main = [entry.title for entry in entries if entry.level == 0]
    letters = {fold(title)[:1] for title in main} & set(ascii_lowercase)
    counts = (("letters", len(letters)), ("main terms", len(main)), ("lines", len(entries)))
    return parts.INDEX, None, counts, Index(IndexSource(kind=parts.INDEX, year=None), entries)


def _poa(text: str) -> _Read:
    value = lists.read_poa(text)
    return parts.POA, value.year, (("codes", len(value.orders)),), value


def _order(text: str) -> _Read:
    value = lists.read_order(text)
    billable = sum(is_billable for _, is_billable in value.rows)
    return parts.ORDER, None, (("rows", len(value.rows)), ("billable", billable)), value


def _edits_json(text: str) -> _Read:
    return _edits(lists.read_edits_json(text))


def _edits_text(text: str) -> _Read:
    return _edits(lists.read_edits_text(text))


def _edits(value: lists.CodeEdits) -> _Read:
    counts = tuple((name, len(codes)) for name, codes in sorted(value.lists.items()))
    return parts.EDITS, value.year, counts, value


def _hcc(text: str) -> _Read:
    value = lists.read_hcc(text)
    # Models follow each other, each from A to Z: one that breaks off has fewer letters.
    letters = min(len({code[0] for code in codes}) for codes in value.models.values())
    counts = (("letters a model", letters), ("rows", sum(map(len, value.models.values()))))
    return parts.HCC, None, counts, value


def _hcc_labels(text: str) -> _Read:
    rows = lists.read_rows(text)
    return parts.HCC_LABELS, None, (("rows", len(rows)),), rows


def _hcc_hierarchies(text: str) -> _Read:
    rows = lists.read_rows(text)
    return parts.HCC_HIERARCHIES, None, (("rows", len(rows)),), rows


_TEXTS: tuple[tuple[re.Pattern[str], Callable[[str], _Read]], ...] = (
    (re.compile(r"\{"), _edits_json),
    (re.compile(rf"{CSV_HEAD}$"), _index_csv),
    (re.compile(r"Ord\w*\tPOAexemptCode\tDescription$"), _poa),
    (re.compile(r"00001 [A-Z][A-Z0-9]{2,6} +[01] |order\tcode\tbillable\tlong_title$"), _order),
    (re.compile(r"MCE_Version\tICD_Version\t"), _edits_text),
    (re.compile(r"diagnosis_code,cc,model_name$"), _hcc),
    (re.compile(r"cc,label,model_domain,model_version,model_fullname$"), _hcc_labels),
    (
        re.compile(r"cc_parent,cc_child,model_domain,model_version,model_fullname$"),
        _hcc_hierarchies,
    ),
)
"""The first line of each file that is a table of text, and its reader."""


def _check_size(part: Part, limits: Limits) -> None:
    name = parts.NAMES[part.kind]
    known = limits.known.get((part.kind, part.year)) if part.year is not None else None
    for what, count in part.counts:
        least = limits.least.get((part.kind, what), 0)
        if count < least:
            raise TooShortError(
                f"{part.name} is too short for the {name}: it has {count:,} {what}, and a whole "
                f"one has at least {least:,}. Download it again; a list of changes is not "
                "enough."
            )
    if known is not None and part.kind != parts.TABULAR:
        check_known(part, known)


def check_known(part: Part, known: Counts) -> None:
    """Refuse a part whose totals are not the published ones."""
    found = dict(part.counts)
    for what, count in known:
        if found[what] != count:
            raise ImportRefusedError(
                f"{part.name} is not the whole {parts.NAMES[part.kind]} of FY{part.year}: it has "
                f"{found[what]:,} {what}, and {count:,} are published. Download it again."
            )


def _text(member: Member) -> str:
    try:
        text = member.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = member.data.decode("cp1252", errors="strict")
    if "\0" in text:
        raise ValueError("it holds zero bytes")
    return text


def _year(member: Member) -> int:
    found = _YEAR.search(member.data[:_HEAD_BYTES])
    if found is None:
        raise ValueError("it names no version")
    return int(found.group(1))
