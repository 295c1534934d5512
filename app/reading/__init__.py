"""Readers: one for each format, all behind one contract.

A reader takes a file and yields `Item`s: a `Document` for each note, a `Problem` for what cannot be
read, a `Withdrawal` for a note that its sender took back, and a string for what is only doubtful.
It drops nothing in silence and stops at nothing: whatever a file holds, the reader ends, and the
next file is read. `SUFFIXES` says which reader a file's name asks for; what the names promise is
checked against the bytes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.assembly import Problem
from app.canonical import RefusedTextError
from app.records import OLDEST, Row
from pipeline.model import Setting

MAX_FILE = 200_000_000
"""A file that must be held whole (PDF, DOCX, RTF, XML, one JSON value) may have this many bytes."""

_YEAR = 365.25

TEXT = "text"
OFFICE = "office"
LINES = "lines"
CSV = "csv"
PARQUET = "parquet"
HL7 = "hl7"
JSON = "json"
XML = "xml"

SUFFIXES = {
    ".txt": TEXT,
    ".md": TEXT,
    ".rtf": OFFICE,
    ".pdf": OFFICE,
    ".docx": OFFICE,
    ".jsonl": LINES,
    ".ndjson": LINES,
    ".csv": CSV,
    ".parquet": PARQUET,
    ".hl7": HL7,
    ".json": JSON,
    ".xml": XML,
}
"""Ending of a file's name → the reader it is given to."""

KNOWN = ", ".join(SUFFIXES)
"""The formats, as a sentence names them."""


class NoNotesError(RefusedTextError):
    """A sound file that holds something else than notes; in a folder it is passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One note as its format gives it.

    `row` holds note id and encounter fields, `text` is canonical, `sha256` the hex digest of the
    bytes the note came in, `replaces` the note id of the version that it takes the place of.
    """

    row: Row
    text: str
    sha256: str
    source: str
    setting: Setting | None = None
    replaces: str = ""
    rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A note that its sender took back; it is not coded."""

    note_id: str
    encounter_id: str
    source: str


Item = Document | Problem | Withdrawal | str
Reader = Callable[[Path, str], Iterator[Item]]
"""Given a file and the name messages know it by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a message or resource says of the encounter around its notes."""

    encounter_id: str = ""
    patient_id: str = ""
    account_id: str = ""
    setting: Setting | None = None
    service_date: date | None = None
    admitted: date | None = None
    discharged: date | None = None
    birth: date | None = None
    sex: str = ""

    @property
    def fields(self) -> dict[str, object]:
        """Return what an encounter's row takes from it, with the age on the day of the visit."""
        found: dict[str, object] = {
            name: getattr(self, name)
            for name in (
                "encounter_id",
                "patient_id",
                "account_id",
                "service_date",
                "admitted",
                "discharged",
                "sex",
            )
        }
        day = self.admitted or self.service_date or self.discharged
        if self.birth and day:
            age = age_on(self.birth, day)
            found["age"] = age if 0 <= age <= OLDEST else None
        return found


def age_on(birth: date, day: date) -> float:
    """Return an age in years: whole ones, and the days as a share of a year in the first."""
    if (day - birth).days < _YEAR:
        return round((day - birth).days / _YEAR, 3)
    return float(day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day)))
