"""Where the release comes from: the official XML carried by the package `simple-icd-10-cm`.

The package itself is never imported: it parses the whole list at import (3 s). Only its data
file is read, and only while its bytes are the ones this program was built for.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from taxonomy.model import Release, TaxonomyError

_PACKAGE = "simple_icd_10_cm"
_FILE = "data/icd10c-tabular-April-1-2026.xml"
_HOW = "reinstall it with: pip install --force-reinstall simple-icd-10-cm==1.5.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The published size of a release: rows of the order file, and billable codes among them."""

    rows: int
    billable: int


FY2026 = Release(
    label="FY2026",
    effective_from=date(2025, 10, 1),
    effective_to=date(2026, 9, 30),
    digest="f161f8182aff3ce3a2a78e202f8259c08eaee2c670a9e45b0072445c52302935",
    source="CDC/NCHS tabular list, April 1 2026 update, carried by simple-icd-10-cm 1.5.0",
)
"""FY2026; the update of April 2026 added no codes to the list in force from October 2025."""

FY2026_TOTALS = Totals(rows=98_186, billable=74_719)


def tabular_path() -> Path:
    """Return where the installed package keeps the tabular XML; TaxonomyError where it does not."""
    spec = find_spec(_PACKAGE)
    folders = spec.submodule_search_locations if spec is not None else None
    if not folders:
        raise TaxonomyError(
            f"The package simple-icd-10-cm, which carries the ICD-10-CM list, is missing; {_HOW}."
        )
    return Path(folders[0]) / _FILE


def read_tabular(path: Path, *, digest: str) -> bytes:
    """Return the bytes of the tabular XML; TaxonomyError unless their SHA-256 is `digest`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TaxonomyError(
            f"The ICD-10-CM list {path} cannot be read ({error.strerror}); {_HOW}."
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise TaxonomyError(
            f"The ICD-10-CM list {path} is not the April 2026 release this program was built for "
            f"(SHA-256 {found}, expected {digest}); {_HOW}."
        )
    return data
