"""What an import can hold, and the least and the known sizes of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

TABULAR = "tabular"
ORDER = "order"
INDEX = "index"
EXTERNAL = "external-causes"
DRUGS = "drugs"
NEOPLASMS = "neoplasms"
POA = "poa-exempt"
EDITS = "edits"
HCC = "hcc"
HCC_LABELS = "hcc-labels"
HCC_HIERARCHIES = "hcc-hierarchies"

NAMES: Mapping[str, str] = {
    TABULAR: "tabular list",
    ORDER: "order file",
    INDEX: "Alphabetic Index",
    EXTERNAL: "Index to External Causes",
    DRUGS: "Table of Drugs and Chemicals",
    NEOPLASMS: "Table of Neoplasms",
    POA: "POA-exempt list",
    EDITS: "Medicare Code Editor lists",
    HCC: "map from codes to HCCs",
    HCC_LABELS: "labels of HCCs",
    HCC_HIERARCHIES: "hierarchies of HCCs",
}

DECIDING = (TABULAR, EDITS, POA)
"""The parts that decide which codes are suggested and what is said of them. The others serve the
search for codes, the check of an import, or the window."""

LAGGING = frozenset({INDEX, EXTERNAL, DRUGS, NEOPLASMS, EDITS})
"""Parts that may be taken from another year on request: every code of theirs is verified in the
tabular list before it is used. A tabular list, order file or POA list of another year is wrong."""

_CMS = "CMS, ICD-10 page, “ICD-10 Files” (cms.gov)"
_CDC = "CDC/NCHS, ICD-10-CM page (cdc.gov/nchs)"
_TABLES = f"in “Code Tables, Tabular and Index”: {_CMS}, or {_CDC}"
PUBLISHED_AT: Mapping[str, str] = {
    TABULAR: _TABLES,
    ORDER: f"in “Code Descriptions in Tabular Order”: {_CMS}, or {_CDC}",
    INDEX: _TABLES,
    EXTERNAL: _TABLES,
    DRUGS: _TABLES,
    NEOPLASMS: _TABLES,
    POA: f"“POA Exempt Codes”: {_CMS}",
    EDITS: "in “Definitions of Medicare Code Edits”: CMS, page “MS-DRG Classifications and "
    "Software” (cms.gov); taken as JSON or as tab-separated text",
}
"""Where a part is published, as page names."""

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file that was read and found whole: what it is, how much it holds, and what it says.

    `year` is the fiscal year it names, None where it names none; `value` is what its reader
    made of it.
    """

    kind: str
    name: str
    digest: str
    year: int | None
    counts: Counts
    data: bytes = field(repr=False)
    value: object = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The least each part must hold, and the exact sizes of known files by kind and year.

    The least values lie below the newest files looked at, by a margin; letters are exact, so that
    a list cut at the end of a line is found short. Known: the published totals of FY2026 and
    FY2027, POA lists by their read-me files, the tables of FY2025 as counted.
    """

    least: Mapping[tuple[str, str], int]
    known: Mapping[tuple[str, int], Counts]


OFFICIAL = Limits(
    least={
        (TABULAR, "chapters"): 22,
        (TABULAR, "rows"): 90_000,
        (TABULAR, "billable"): 68_000,
        (ORDER, "rows"): 90_000,
        (INDEX, "letters"): 26,
        (INDEX, "main terms"): 7_000,
        (INDEX, "lines"): 60_000,
        (EXTERNAL, "main terms"): 250,
        (EXTERNAL, "lines"): 6_000,
        (DRUGS, "main terms"): 4_000,
        (DRUGS, "lines"): 6_000,
        (NEOPLASMS, "lines"): 1_500,
        (POA, "codes"): 30_000,
        (EDITS, "manifestation"): 300,
        (EDITS, "unacceptable"): 2_000,
        (HCC, "letters a model"): 20,
        (HCC, "rows"): 5_000,
        (HCC_LABELS, "rows"): 50,
        (HCC_HIERARCHIES, "rows"): 50,
    },
    known={
        (TABULAR, 2026): (("rows", 98_186), ("billable", 74_719)),
        (TABULAR, 2027): (("rows", 98_403), ("billable", 74_879)),
        (POA, 2021): (("codes", 37_258),),
        (POA, 2026): (("codes", 38_349),),
        (EXTERNAL, 2025): (("main terms", 314), ("lines", 8_064)),
        (DRUGS, 2025): (("main terms", 5_177), ("lines", 7_428)),
        (NEOPLASMS, 2025): (("main terms", 1), ("lines", 1_939)),
    },
)
