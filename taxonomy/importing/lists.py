"""Read the lists that are tables of text: order file, POA-exempt list, code edits, HCCs.

Each reader takes text and returns a value, or raises ValueError with what is wrong; the caller
adds the name of the file. Codes come out with the dot.
"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise

from taxonomy.places import dotted

_CODE = re.compile(r"[A-Z][0-9A-Z]{2}[0-9A-Z]{0,4}")
_ORDER_LINE = re.compile(r"(\d{5}) ([A-Z0-9]{3,7}) +([01]) (\S.*)")
_SHORT_TITLE = 60
_POA_HEAD = re.compile(r"Ord(?:er)?(Apr)?((?:20)?\d\d)\tPOAexemptCode\tDescription")
_POA_COLUMNS = 3
_MCE_TXT_YEAR = 1983
"""Version 37 of the Medicare Code Editor belongs to FY2020, version 43 to FY2026."""
_MCE_COLUMNS = (
    "MCE_Version",
    "ICD_Version",
    "MCE_Section",
    "MCE_Subsection",
    "MCE_Edit_Type",
    "ICD_Code_Type",
    "ICD_Code",
    "ICD_Desc",
)
_MCE_TXT = {
    "Newborn_Only": "newborn",
    "Pediatric_Only": "pediatric",
    "Maternity_Only": "maternity",
    "Adult_Only": "adult",
    "Principal_Manifestation": "manifestation",
    "Principal_Unacceptable": "unacceptable",
}
_MCE_JSON = {
    "manifestation_not_pdx": "manifestation",
    "unacceptable_pdx": "unacceptable",
    "unacceptable_pdx_unless_secondary": "unless-secondary",
    "age_newborn": "newborn",
    "age_pediatric": "pediatric",
    "age_maternity": "maternity",
    "age_adult": "adult",
}
AGES = {"newborn": (0, 0), "pediatric": (0, 17), "maternity": (9, 64), "adult": (15, 124)}
"""Ages in years, both included, of the four age lists (Medicare Code Editor, edit 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """The rows of an order file in its order: code and whether it is billable."""

    rows: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoaExempt:
    """The codes that need no present-on-admission indicator, by their order numbers."""

    orders: dict[str, int]
    year: int
    april: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEdits:
    """The lists of the Medicare Code Editor that speak of diagnoses.

    `lists` by name: newborn, pediatric, maternity, adult (their ages in `AGES`), manifestation
    (never principal), unacceptable (as principal), unless-secondary (unacceptable as principal
    unless a second diagnosis is there). `year` is None where the file names no version.
    """

    lists: dict[str, frozenset[str]]
    year: int | None

    def ages(self) -> dict[str, tuple[int, int, frozenset[str]]]:
        """Return the age lists by name: first and last year of age, and the codes."""
        return {name: (*AGES[name], self.lists[name]) for name in AGES}


@dataclass(frozen=True, slots=True, kw_only=True)
class HccMap:
    """The payment categories of codes by model, such as "CMS-HCC Model V28"."""

    models: dict[str, dict[str, tuple[str, ...]]]


def read_order(text: str) -> OrderFile:
    """Read the order file in its fixed columns, or as columns order, code, billable, long_title."""
    lines = _lines(text)
    tabs = lines[0] == "order\tcode\tbillable\tlong_title"
    rows: list[tuple[str, bool]] = []
    for number, line in enumerate(lines[1:] if tabs else lines, start=1):
        if tabs:
            fields = line.split("\t")
        else:
            match = _ORDER_LINE.fullmatch(line)
            fields = list(match.groups()) if match is not None else []
        if len(fields) != len(("order", "code", "billable", "title")) or not fields[3]:
            raise ValueError(f"line {number} is no row of an order file")
        order, code, billable, _ = fields
        if order != f"{number:05d}":
            raise ValueError(f"row {number:05d} is missing or twice (found {order!r})")
        rows.append((_code(code), billable == "1"))
    _unique(code for code, _ in rows)
    return OrderFile(rows=tuple(rows))


def read_poa(text: str) -> PoaExempt:
    """Read the list of codes exempt from the present-on-admission indicator."""
    lines = _lines(text)
    head = _POA_HEAD.fullmatch(lines[0])
    if head is None:
        raise ValueError("its first line is not the heading of a POA-exempt list")
    orders: dict[str, int] = {}
    for row in csv.reader(lines[1:], delimiter="\t"):
        if len(row) != _POA_COLUMNS or not row[0].isdecimal() or not row[2]:
            raise ValueError(f"the row after {len(orders)} codes is no row of a POA-exempt list")
        code = _code(row[1])
        if code in orders:
            raise ValueError(f"{code} stands in it twice")
        orders[code] = int(row[0])
    if any(first >= second for first, second in pairwise(orders.values())):
        raise ValueError("its order numbers do not rise")
    year = int(head.group(2))
    return PoaExempt(
        orders=orders, year=year if year > _CENTURY else 2000 + year, april=bool(head.group(1))
    )


_CENTURY = 2000


def read_edits_json(text: str) -> CodeEdits:
    """Read the Medicare Code Editor's lists from JSON; their own counts must agree."""
    try:
        value = json.loads(text)
        lists = {
            name: [_code(row["code"]) for row in value["codes"][key]]
            for key, name in _MCE_JSON.items()
        }
        counts = {name: value["counts"][key] for key, name in _MCE_JSON.items()}
        ages = {
            name: (each["min_age"], each["max_age"])
            for name, each in value["age_categories"].items()
        }
    except (json.JSONDecodeError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is not whole ({type(error).__name__})") from error
    for name, codes in lists.items():
        _unique(iter(codes))
        if counts[name] != len(codes):
            raise ValueError(f"its list {name} has {len(codes)} codes, and says {counts[name]}")
    if ages != AGES:
        raise ValueError("its ages are not those of the Medicare Code Editor")
    return CodeEdits(lists={name: frozenset(codes) for name, codes in lists.items()}, year=None)


def read_edits_text(text: str) -> CodeEdits:
    """Read the Medicare Code Editor's lists from tab-separated text."""
    lists: dict[str, list[str]] = {name: [] for name in _MCE_TXT.values()}
    versions: set[str] = set()
    rows = csv.DictReader(_lines(text, ended=False), delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(rows.fieldnames or ()) != _MCE_COLUMNS:
        raise ValueError("its first line is not the heading of the code edits")
    for row in rows:
        if None in row or None in row.values():
            raise ValueError(f"line {rows.line_num} is no row of the code edits")
        versions.add(row["MCE_Version"])
        name = _MCE_TXT.get(row["MCE_Edit_Type"])
        if name is not None and row["ICD_Code_Type"] == "D":
            lists[name].append(_code(row["ICD_Code"]))
    if len(versions) != 1 or not (version := versions.pop()).isdecimal():
        raise ValueError("it does not name one version")
    for codes in lists.values():
        _unique(iter(codes))
    return CodeEdits(
        lists={name: frozenset(codes) for name, codes in lists.items()},
        year=int(version) + _MCE_TXT_YEAR,
    )


def read_hcc(text: str) -> HccMap:
    """Read the map from codes to payment categories."""
    models: dict[str, dict[str, tuple[str, ...]]] = {}
    for bare, category, model in _csv(text):
        if not category.isdecimal() or not model:
            raise ValueError(f"the row of {bare} is not whole")
        codes = models.setdefault(model, {})
        code = _code(bare)
        if category in codes.get(code, ()):
            raise ValueError(f"{code} stands in it twice for {model}")
        codes[code] = (*codes.get(code, ()), category)
    if not models:
        raise ValueError("it has no rows")
    return HccMap(models=models)


def read_rows(text: str) -> tuple[tuple[str, ...], ...]:
    """Read the rows of a CSV file below its heading; none may stand there twice."""
    rows = tuple(_csv(text, ended=False))
    if len(set(rows)) < len(rows):
        raise ValueError("a row stands in it twice")
    return rows


def _csv(text: str, *, ended: bool = True) -> Iterator[tuple[str, ...]]:
    try:
        rows = csv.reader(StringIO("\n".join(_lines(text, ended=ended))), strict=True)
        width = len(next(rows))
        for row in rows:
            if len(row) != width or not row[0]:
                raise ValueError(f"line {rows.line_num} is not whole")
            yield tuple(row)
    except csv.Error as error:
        raise ValueError(f"it is not whole ({error})") from error


def _lines(text: str, *, ended: bool = True) -> list[str]:
    """Return the lines of a table, which must not break off within its last one."""
    if ended and not text.endswith("\n"):
        raise ValueError("it breaks off within a line")
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if not all(lines):
        raise ValueError("it has an empty line")
    return lines


def _code(text: str) -> str:
    bare = text.strip().replace(".", "")
    if not _CODE.fullmatch(bare):
        raise ValueError(f"{text[:20]!r} in it is no code")
    return dotted(bare)


def _unique(codes: Iterator[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise ValueError(f"{code} stands in it twice")
        seen.add(code)
