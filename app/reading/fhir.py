"""FHIR R4 → notes: Bundles, single resources and NDJSON of a bulk export.

DocumentReference and DiagnosticReport carry the words; Encounter and Patient, wherever they stand
in the bundle or beside the file, carry setting, dates, age and sex. Nothing is ever fetched: a
document that lies elsewhere is named. Fields are read leniently, because real servers leave out and
misplace what a strict model would refuse. Source: https://hl7.org/fhir/R4.
"""

import base64
import binascii
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

from app.assembly import Problem
from app.canonical import MAX_BYTES, RefusedTextError, canonical, checked, decode, printable
from app.reading import Document, Item, NoNotesError, Visit, Withdrawal, ccda
from app.reading.apart import Apart
from app.reading.files import File, exports_beside, lines
from app.reading.rows import parse_object
from app.records import LONGEST_ID, Row
from app.spill import Spill
from pipeline.model import NoteStatus, Setting

_SETTINGS = {
    **ccda.SETTINGS,  # the same value set, v3 ActEncounterCode
    "SS": Setting.OUTPATIENT,
    "PRENC": Setting.OUTPATIENT,
    "FLD": Setting.OTHER,
}
_STATUSES = {
    "registered": NoteStatus.UNSIGNED,
    "partial": NoteStatus.UNSIGNED,
    "preliminary": NoteStatus.UNSIGNED,
    "final": NoteStatus.FINAL,
    "amended": NoteStatus.AMENDED,
    "corrected": NoteStatus.AMENDED,
    "appended": NoteStatus.AMENDED,
}
_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
_KINDS = (
    ("text/plain", ""),
    ("text/html", "html"),
    ("application/xhtml+xml", "html"),
    ("text/rtf", "rtf"),
    ("application/rtf", "rtf"),
    ("text/xml", "ccda"),
    ("application/xml", "ccda"),
    ("application/hl7-v3+xml", "ccda"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/pdf", "pdf"),
)
"""Media types that can be read, the plainest first, and how."""

_CARRY = frozenset({"DocumentReference", "DiagnosticReport"})
_AROUND = frozenset({"Patient", "Encounter", "Binary"})
_MAX_DATA = 4 * 50_000_000 // 3

Resource = Mapping[str, object]


class Shelf:
    """What documents refer to, by `Type/id` and full URL.

    An export may hold millions: they are put aside, but for a Binary, which stays in its file.
    """

    def __init__(self, spill: Spill) -> None:
        self._spill = spill
        self._places: dict[str, int | tuple[File, int]] = {}

    def put(
        self, resource: Resource, *, url: str = "", place: tuple[File, int] | None = None
    ) -> None:
        """Keep a Patient, Encounter or Binary; others are passed over."""
        kind = _text(resource.get("resourceType"))
        if kind not in _AROUND:
            return
        at = place if place and kind == "Binary" else self._spill.put(dict(resource))
        for key in (f"{kind}/{_text(resource.get('id'))}", _key(url)):
            if key:
                self._places[key] = at

    def get(self, reference: object) -> Resource:
        """Return what a reference names, an empty resource where it is not at hand."""
        key = _key(_text(reference))
        at = self._places.get(key)
        if isinstance(at, int):
            resource: Resource = self._spill.get(at)
            return resource
        if at is not None:
            path, offset = at
            with suppress(StopIteration, OSError, RefusedTextError):
                found = parse_object(next(lines(path, start=offset)).data)
                if f"{found.get('resourceType')}/{_text(found.get('id'))}" == key:
                    return found
        return {}  # not there, or the file was changed since


class Exports:
    """The shelves of the folders that NDJSON exports lie in, each filled when first needed."""

    def __init__(self, apart: Apart, spill: Spill) -> None:
        self._apart = apart
        self._spill = spill
        self._shelves: dict[str, Shelf] = {}

    def read_bundle(self, data: bytes, name: str) -> Iterator[Item]:
        """Yield the notes of one JSON value: a Bundle, or a resource that carries a note.

        Raises:
            RefusedTextError: no JSON, or no FHIR resource.
        """
        try:
            resource = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            raise RefusedTextError("is no JSON that can be read; export it again") from None
        if not isinstance(resource, dict) or not _text(resource.get("resourceType")):
            raise NoNotesError("is JSON but no FHIR resource (it has no resourceType)")
        yield from _bundle(resource, name, Shelf(self._spill), self._apart)

    def read_ndjson(self, path: File, name: str) -> Iterator[Item]:
        """Yield the notes of one file of a bulk export; what they refer to lies beside it."""
        others: Counter[str] = Counter()
        for number, line, whole, _ in lines(path):
            source = f"{name}:{number}"
            if not whole:
                sentence = f"{source} is too long for one resource; it was passed over."
                yield Problem(source=source, sentence=sentence)
                continue
            try:
                resource = parse_object(line)
            except RefusedTextError as error:
                digest = hashlib.sha256(line).hexdigest()
                yield Problem(source=source, sha256=digest, sentence=f"{source} {error}.")
                continue
            kind = _text(resource.get("resourceType"))
            if kind in _CARRY or kind == "Bundle":
                yield from _bundle(resource, source, self._shelf(path), self._apart)
            elif kind not in _AROUND:
                others[kind or "unknown"] += 1
        if others:
            counted = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
            yield f"{name} holds resources that carry no note: {counted}; passed over."

    def _shelf(self, path: File) -> Shelf:
        folder = str(path.parent) if isinstance(path, Path) else path.folder
        shelf = self._shelves.get(folder)
        if shelf is None:
            shelf = self._shelves[folder] = Shelf(self._spill)
            for each in exports_beside(path):
                _fill(shelf, each)
        return shelf


def is_export(path: File) -> bool:
    """Tell whether the first line of a file is a FHIR resource."""
    for _, line, whole, _ in lines(path):
        try:
            return whole and "resourceType" in parse_object(line)
        except RefusedTextError:
            return False
    return False


def _fill(shelf: Shelf, path: File) -> None:
    for _, line, whole, offset in lines(path):
        if whole and any(f'"{kind}"'.encode() in line for kind in _AROUND):
            try:
                shelf.put(parse_object(line), place=(path, offset))
            except RefusedTextError:
                continue  # said when the file itself is read


def _bundle(resource: Resource, name: str, shelf: Shelf, apart: Apart) -> Iterator[Item]:
    entries = [(name, resource)]
    if resource.get("resourceType") == "Bundle":
        found = resource.get("entry")
        rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        inner = [(_text(row.get("fullUrl")), row.get("resource")) for row in rows]
        for url, each in inner:
            if isinstance(each, dict):
                shelf.put(each, url=url)
        entries = [
            (f"{name}#{number}", each)
            for number, (_, each) in enumerate(inner, start=1)
            if isinstance(each, dict)
        ]
        if not any(each.get("resourceType") in _CARRY for _, each in entries):
            raise NoNotesError(
                "is a FHIR Bundle without a DocumentReference or DiagnosticReport: nothing to code"
            )
    for source, each in entries:
        if each.get("resourceType") in _CARRY:
            yield from _note(each, source, shelf, apart)


def _note(resource: Resource, source: str, shelf: Shelf, apart: Apart) -> Iterator[Item]:
    kind = _text(resource.get("resourceType"))
    note_id = f"{kind}/{_text(resource.get('id'))}" if resource.get("id") else printable(source)
    visit = _visit(resource, shelf)
    digest = hashlib.sha256(json.dumps(resource, sort_keys=True).encode()).hexdigest()
    statuses = {_text(resource.get("status")), _text(resource.get("docStatus"))}
    if statuses & _WITHDRAWN:
        yield Withdrawal(note_id=note_id, encounter_id=visit.encounter_id, source=source)
        return
    status = _STATUSES.get(
        _text(resource.get("docStatus" if kind == "DocumentReference" else "status")),
        NoteStatus.UNKNOWN,
    )
    replaced = next(
        (
            _key(_text(_at(each, "target", "reference")))
            for each in _list(resource.get("relatesTo"))
            if _at(each, "code") == "replaces"
        ),
        note_id if status is NoteStatus.AMENDED else "",
    )
    fields: dict[str, object] = {
        **visit.fields,
        "note_id": note_id[:LONGEST_ID],
        "kind": _concept(resource.get("type") or resource.get("code")),
        "author": _text(_at(_first(resource.get("author")), "display"))
        or _text(_at(_first(resource.get("performer")), "display")),
        "time": _text(resource.get("date") or resource.get("effectiveDateTime")),
        "status": status,
    }
    try:
        text = _words(resource, shelf, apart)
    except RefusedTextError as error:
        yield Problem(
            source=source,
            note_id=note_id,
            encounter_id=visit.encounter_id,
            sha256=digest,
            sentence=f"{source} {error}.",
        )
        return
    if not text:
        yield f"{source} is a {kind} without words; passed over."
        return
    yield Document(
        row=Row.model_validate({key: value for key, value in fields.items() if value is not None}),
        text=text,
        sha256=digest,
        source=source,
        setting=visit.setting,
        replaces=replaced,
    )


def _visit(resource: Resource, shelf: Shelf) -> Visit:
    reference = _text(_at(_first(_at(resource, "context", "encounter")), "reference")) or _text(
        _at(resource, "encounter", "reference")
    )
    stay = shelf.get(reference)
    subject = _text(_at(resource, "subject", "reference")) or _text(
        _at(stay, "subject", "reference")
    )
    patient = shelf.get(subject)
    setting = _SETTINGS.get(_text(_at(stay, "class", "code")).upper())
    begun, ended = (_day(_at(stay, "period", end)) for end in ("start", "end"))
    inpatient = setting is Setting.INPATIENT
    told = resource.get("date") or resource.get("effectiveDateTime")
    sex = _text(patient.get("gender"))
    return Visit(
        encounter_id=_tail(reference),
        patient_id=_tail(subject),
        account_id=_tail(_text(_at(_first(stay.get("account")), "reference"))),
        setting=setting,
        service_date=None if inpatient else begun or _day(told),
        admitted=begun if inpatient else None,
        discharged=ended if inpatient else None,
        birth=_day(patient.get("birthDate")),
        sex=sex if sex in {"female", "male", "other"} else "",
    )


def _words(resource: Resource, shelf: Shelf, apart: Apart) -> str:
    """Return the words of a resource, "" where it carries none."""
    contents = [_at(each, "attachment") for each in _list(resource.get("content"))]
    contents += _list(resource.get("presentedForm"))
    attachments = [each for each in contents if isinstance(each, dict)]
    order = {media: number for number, (media, _) in enumerate(_KINDS)}
    known = sorted(
        (each for each in attachments if _media(each) in order), key=lambda e: order[_media(e)]
    )
    for attachment in known:
        data = _data(attachment, shelf)
        if data is not None:
            return _read(data, dict(_KINDS)[_media(attachment)], apart)
    if known:
        raise RefusedTextError(
            "points to a document that is not part of the export; nothing is fetched, export it "
            "with its content"
        )
    if attachments:
        raise RefusedTextError("carries no content of a type that holds text")
    conclusion = resource.get("conclusion")
    return checked(canonical(conclusion)) if isinstance(conclusion, str) and conclusion else ""


def _media(attachment: Resource) -> str:
    return _text(attachment.get("contentType")).partition(";")[0].strip().casefold()


def _data(attachment: Resource, shelf: Shelf) -> bytes | None:
    raw = attachment.get("data") or shelf.get(attachment.get("url")).get("data")
    if not isinstance(raw, str):
        return None
    if len(raw) > _MAX_DATA:
        raise RefusedTextError("carries a document that is too large for a note")
    try:
        return base64.b64decode("".join(raw.split()), validate=True)
    except (binascii.Error, ValueError):
        raise RefusedTextError("carries a document whose base64 is damaged") from None


def _read(data: bytes, kind: str, apart: Apart) -> str:
    if not kind:
        return decode(data).text
    if kind == "ccda":
        return ccda.document(data, "attachment").text
    if kind == "html" and len(data) > MAX_BYTES:
        raise RefusedTextError("carries a page that is too large for a note")
    return apart.text_of(kind, data)


def _at(value: object, *path: str) -> object:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _first(value: object) -> object:
    return next(iter(_list(value)), None)


def _text(value: object) -> str:
    return printable(value.strip())[:LONGEST_ID] if isinstance(value, str) else ""


def _concept(value: object) -> str:
    codings: Iterable[object] = _list(_at(value, "coding"))
    shown = (_text(_at(each, "display")) for each in codings)
    return _text(_at(value, "text")) or next((each for each in shown if each), "")


def _key(reference: str) -> str:
    """Return `Type/id` of a relative or absolute reference, a urn as it is."""
    if reference.startswith("urn:") or "/" not in reference:
        return reference
    return "/".join(reference.partition("/_history")[0].rstrip("/").split("/")[-2:])


def _tail(reference: str) -> str:
    return _key(reference).rpartition("/")[2]


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(_text(value)[:10])
    except ValueError:
        return None
