"""A case as CSV for a spreadsheet and as JSON for a program."""

import csv
import io
from collections.abc import Mapping

from audit.checkpoints import Checkpoint
from audit.encounters import is_plain
from audit.export.sheet import Coded, Quote, Sheet

SCHEMA = 1
COLUMNS = (
    "case_id",
    "encounter_id",
    "patient_id",
    "account_id",
    "setting",
    "service_date",
    "admitted",
    "discharged",
    "state",
    "lane",
    "position",
    "code",
    "title",
    "standing",
    "maker",
    "decision",
    "replaced_by",
    "poa",
    "confidence",
    "decided_by",
    "decided_at",
    "reason",
    "evidence",
    "release",
    "roles",
)
_LIVE = tuple("=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20")
"""What begins a cell that a spreadsheet may take for a formula (ASVS 5.0, 1.2.10)."""


def csv_of(sheet: Sheet) -> str:
    """Return the codes of a case as CSV, one a row, in UTF-8 with a mark for spreadsheets.

    A cell that could be taken for a formula, blanks before it or not, has an apostrophe put before
    it; the bundle and JSON have the values as they are.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for coded in sheet.codes:
        row = _row(sheet, coded)
        writer.writerow([inert(row[name]) for name in COLUMNS])
    return "\ufeff" + stream.getvalue()


def inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    plain = cell.replace("\x00", "\ufffd")
    live = plain.startswith(_LIVE) or plain.lstrip().startswith(_LIVE)
    return f"'{plain}" if live else plain


def _row(sheet: Sheet, coded: Coded) -> Mapping[str, str]:
    encounter = sheet.encounter
    ids = ids_of(sheet)
    return {
        **{name: str(ids[name] or "") for name in ids},
        "case_id": sheet.case_id,
        "setting": encounter.setting.value,
        "state": sheet.state.value,
        "lane": sheet.lane,
        "position": str(coded.position),
        "code": coded.code,
        "title": coded.title,
        "standing": coded.standing.value,
        "maker": coded.maker.value,
        "decision": coded.decision.value,
        "replaced_by": coded.replaced_by,
        "poa": "" if coded.poa is None else coded.poa or "exempt",
        "confidence": "" if coded.confidence is None else f"{coded.confidence:.4f}",
        "decided_by": coded.decided_by,
        "decided_at": coded.decided_at,
        "reason": coded.reason,
        "evidence": " | ".join(_place(quote) for quote in coded.quotes),
        "release": "" if sheet.provenance is None else sheet.provenance.release,
        "roles": sheet.roles,
    }


def _place(quote: Quote) -> str:
    place = f"{quote.note} {quote.start}-{quote.end}"
    return f"{place}: {' '.join(quote.words.split())}" if quote.words else place


def ids_of(sheet: Sheet) -> dict[str, str | None]:
    """Return ids and days; an id that is also the name of a file goes only with the words."""
    encounter = sheet.encounter

    def shown(value: str) -> str | None:
        # What could not be read has no note, and its id is the name of the file.
        plain = bool(encounter.notes) and is_plain(encounter, value)
        return value if value and (sheet.texts or plain) else None

    return {
        "encounter_id": shown(encounter.encounter_id),
        "patient_id": shown(encounter.patient_id),
        "account_id": shown(encounter.account_id),
        **{
            name: None if day is None else day.isoformat()
            for name, day in (
                ("service_date", encounter.service_date),
                ("admitted", encounter.admitted),
                ("discharged", encounter.discharged),
            )
        },
    }


def json_of(sheet: Sheet, checkpoint: Checkpoint) -> dict[str, object]:
    """Return a case as the object of a JSON file, with the place of the log it was read at."""
    origin = sheet.provenance
    return {
        "schema": SCHEMA,
        "store": sheet.store_id,
        "case_id": sheet.case_id,
        **ids_of(sheet),
        "setting": sheet.encounter.setting.value,
        "claim": sheet.encounter.claim.value,
        "state": sheet.state.value,
        "submitted_by": sheet.submitted_by or None,
        "submitted_at": sheet.submitted_at or None,
        "lane": sheet.lane,
        "updated": sheet.updated,
        "texts": sheet.texts,
        "release": None if origin is None else origin.release,
        "code_version": None if origin is None else origin.code_version,
        "scope": None if origin is None else origin.scope.value,
        "codes": [
            {
                "position": coded.position,
                "code": coded.code,
                "title": coded.title,
                "standing": coded.standing.value,
                "maker": coded.maker.value,
                "decision": coded.decision.value,
                "replaced_by": coded.replaced_by or None,
                "poa": coded.poa,
                "confidence": coded.confidence,
                "reasons": list(coded.reasons),
                "decided_by": coded.decided_by or None,
                "decided_at": coded.decided_at or None,
                "reason": coded.reason or None,
                "evidence": [
                    {
                        "note": quote.note,
                        "start": quote.start,
                        "end": quote.end,
                        **(
                            {"before": quote.before, "words": quote.words, "after": quote.after}
                            if sheet.texts
                            else {}
                        ),
                    }
                    for quote in coded.quotes
                ],
            }
            for coded in sheet.codes
        ],
        "comments": [
            {"text": each.text, "by": each.by, "when": each.when, "codes": list(each.codes)}
            for each in sheet.comments
        ],
        "queries": [
            {"text": each.text, "by": each.by, "when": each.when, "codes": list(each.codes)}
            for each in sheet.queries
        ],
        "signatures": [
            {
                "name": each.name,
                "person": each.person,
                "role": each.role.value,
                "meaning": each.meaning,
                "at": each.at,
                "version": each.version,
            }
            for each in sheet.signatures
        ],
        "history": [
            {
                "seq": step.seq,
                "when": step.when,
                "who": step.who,
                "actor": step.actor,
                "role": step.role or None,
                "kind": step.kind,
                "hash": step.hash,
            }
            for step in sheet.history
        ],
        "roles": sheet.roles or None,
        "checkpoint": {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
        },
    }
