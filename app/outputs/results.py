"""The results of cases as JSON lines, CSV, Parquet or FHIR NDJSON.

JSON lines are the objects of `code --json`. CSV and Parquet have a row for each code of a case, and
FHIR a Condition: *provisional* as long as the case is not submitted, *confirmed* afterwards.
"""

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app import UsageError, present
from app.reading.places import place_of
from audit import Case, CodeRow, State, Status
from audit.export.fhir import labels
from audit.export.sheet import maker_of
from taxonomy import Releases, Taxonomy

ROWS = 1_000
"""Rows that are held before they are written as one group of a Parquet file."""

COLUMNS = {
    "case_id": str,
    "encounter_id": str,
    "patient_id": str,
    "setting": str,
    "lane": str,
    "state": str,
    "code": str,
    "title": str,
    "standing": str,
    "status": str,
    "origin": str,
    "confidence": float,
    "route": str,
    "note_id": str,
    "start": int,
    "end": int,
    "quote": str,
    "place": str,
    "release": str,
}
_GONE = frozenset({Status.REJECTED, Status.REPLACED})
_SYSTEM = "http://hl7.org/fhir/sid/icd-10-cm"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"

Rows = Iterator[Mapping[str, Any]]


class _Writer(Protocol):
    def write(self, row: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of output: how a case becomes rows, how rows are written; `texts` holds words."""

    rows: Callable[[Case, Taxonomy], Rows]
    writer: Callable[[Path], _Writer]
    texts: bool


def write(path: Path, form: str, cases: Iterable[Case], releases: Releases) -> int:
    """Write the results of cases to a file that appears when it is whole; return its rows.

    Cases without a result (nothing could be read) are left out: the report of the job names them.

    Raises:
        UsageError: Parquet without pyarrow.
        OSError: the file cannot be written.
    """
    chosen = FORMS[form]
    partial = path.with_name(f"{path.name}.partial")
    count = 0
    writer = chosen.writer(partial)
    try:
        for case in cases:
            if case.result is None:
                continue
            origin = case.result.provenance
            taxonomy = releases.recorded(origin.release, origin.taxonomy_digest)
            for row in chosen.rows(case, taxonomy):
                writer.write(row)
                count += 1
    except BaseException:
        writer.close()
        partial.unlink(missing_ok=True)
        raise
    writer.close()
    partial.replace(path)
    return count


def _objects(case: Case, taxonomy: Taxonomy) -> Rows:
    assert case.result is not None
    yield present.coded(
        case.encounter,
        case.result,
        taxonomy=taxonomy,
        case_id=case.case_id,
        state=case.state,
        errors=case.errors,
    )


def _standing(case: Case) -> str:
    return "submitted" if case.state is State.SUBMITTED else "suggested"


def _codes(case: Case, taxonomy: Taxonomy) -> Rows:
    """Yield a row for each code that stands, with the first words behind it."""
    assert case.result is not None
    suggested = {item.code: item for item in case.result.suggestions}
    for row in _standing_rows(case):
        item = suggested.get(row.code)
        span = (row.marked or row.evidence or (None,))[0]
        encounter = case.encounters[row.revision - 1]
        place = None if span is None else place_of(encounter.note(span.note_id), span.start)
        known = taxonomy.get(row.code)
        yield {
            "case_id": case.case_id,
            "encounter_id": case.encounter.encounter_id,
            "patient_id": case.encounter.patient_id,
            "setting": case.encounter.setting.value,
            "lane": case.lane.value,
            "state": case.state.value,
            "code": row.code,
            "title": known.title if known else "",
            "standing": _standing(case),
            "status": row.status.value,
            "origin": row.origin.value,
            "confidence": None if item is None else item.confidence,
            "route": "" if item is None else item.route.value,
            "note_id": "" if span is None else span.note_id,
            "start": None if span is None else span.start,
            "end": None if span is None else span.end,
            "quote": "" if span is None else encounter.quote(span),
            "place": "" if place is None else f"{place[0]} {place[1]}",
            "release": case.result.provenance.release,
        }


def _standing_rows(case: Case) -> list[CodeRow]:
    return [row for row in case.assigned if row.status not in _GONE]


def _conditions(case: Case, taxonomy: Taxonomy) -> Rows:
    """Yield a Condition (FHIR R4) for each code that stands."""
    submitted = case.state is State.SUBMITTED
    status = ("confirmed", "Confirmed") if submitted else ("provisional", "Provisional")
    encounter = case.encounter
    rows = zip(_standing_rows(case), _codes(case, taxonomy), strict=True)
    for decided, row in rows:
        condition: dict[str, Any] = {
            "resourceType": "Condition",
            "id": f"{case.case_id}-{str(row['code']).replace('.', '-')}",
            "meta": labels(maker_of(decided)),
            "verificationStatus": {
                "coding": [{"system": _VERIFICATION, "code": status[0], "display": status[1]}]
            },
            "category": [{"coding": [{"system": _CATEGORY, "code": "encounter-diagnosis"}]}],
            "code": {
                "coding": [{"system": _SYSTEM, "code": row["code"], "display": row["title"]}],
                "text": f"{row['title']} ({row['standing']})",
            },
            "subject": {"identifier": {"value": encounter.patient_id or "unknown"}},
            "encounter": {"identifier": {"value": encounter.encounter_id}},
        }
        if row["quote"]:
            condition["evidence"] = [{"code": [{"text": row["quote"]}]}]
        yield condition


class _Lines:
    def __init__(self, path: Path) -> None:
        self._file = _private(path).open("wb")

    def write(self, row: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    def close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


class _Csv:
    def __init__(self, path: Path) -> None:
        self._file = _private(path).open("w", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._file, list(COLUMNS))
        self._writer.writeheader()

    def write(self, row: Mapping[str, Any]) -> None:
        self._writer.writerow({key: safe(value) for key, value in row.items()})

    def close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


class _Parquet:
    def __init__(self, path: Path) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 - an extra
            from pyarrow import parquet  # noqa: PLC0415
        except ImportError:
            raise UsageError(
                "Parquet needs pyarrow, which is missing; install chartproof[parquet]."
            ) from None
        types = {str: pa.string(), float: pa.float64(), int: pa.int64()}
        self._table = pa.Table
        self._schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
        self._writer = parquet.ParquetWriter(_private(path), self._schema, compression="zstd")
        self._rows: list[Mapping[str, Any]] = []

    def write(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= ROWS:
            self._flush()

    def _flush(self) -> None:
        self._writer.write_table(self._table.from_pylist(self._rows, schema=self._schema))
        self._rows = []

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()


def _private(path: Path) -> Path:
    """Make a file that only this account may read; results are as confidential as charts."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    return path


def safe(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value


FORMS: Mapping[str, Form] = {
    "jsonl": Form(rows=_objects, writer=_Lines, texts=True),
    "csv": Form(rows=_codes, writer=_Csv, texts=True),
    "parquet": Form(rows=_codes, writer=_Parquet, texts=True),
    "fhir": Form(rows=_conditions, writer=_Lines, texts=True),
}
