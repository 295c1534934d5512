"""C-CDA XML → one note: titles and narrative of all sections, with the encounter around them.

Narrative alone is read (`section/text`): it is what the author signed; the coded entries beside it
are the sender's reading of it. Source: HL7 C-CDA R2.1, CDA R2.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from app.canonical import RefusedTextError, canonical, checked, printable
from app.reading import Document, Item, NoNotesError, Visit
from app.reading.files import content
from app.reading.hl7v2 import day, moment
from app.records import LONGEST_ID, Row
from pipeline.model import NoteStatus, Setting

NAMESPACE = "{urn:hl7-org:v3}"
_MAX_XML = 50_000_000
_MAX_DEPTH = 100
SETTINGS = {
    "IMP": Setting.INPATIENT,
    "ACUTE": Setting.INPATIENT,
    "NONAC": Setting.INPATIENT,
    "AMB": Setting.OUTPATIENT,
    "VR": Setting.OUTPATIENT,
    "HH": Setting.OTHER,
    "EMER": Setting.EMERGENCY,
    "OBSENC": Setting.OBSERVATION,
}
_SEXES = {"F": "female", "M": "male", "UN": "other"}
_LINES = frozenset(f"{NAMESPACE}{tag}" for tag in ("paragraph", "list", "item", "table", "tr"))
_CELLS = frozenset({f"{NAMESPACE}td", f"{NAMESPACE}th"})
_BREAK = f"{NAMESPACE}br"


def read(path: Path, name: str) -> Iterator[Item]:
    """Yield the note of a C-CDA document.

    Raises:
        RefusedTextError: no XML, entities of its own, no clinical document, or no words in it.
    """
    yield document(content(path, limit=_MAX_XML), name)


def document(data: bytes, source: str) -> Document:
    """Return the note of a document's bytes; raises as `read` does."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise RefusedTextError(
            "declares entities of its own (an entity bomb?), which no clinical document does; it "
            "was not opened"
        ) from None
    except (ParseError, ValueError, LookupError):
        raise RefusedTextError("is no XML that can be read; export it again") from None
    if root.tag != f"{NAMESPACE}ClinicalDocument":
        raise NoNotesError("is XML but no C-CDA document (its root is no ClinicalDocument)")
    visit = _visit(root)
    replaced = [
        _id(parent)
        for related in root.iterfind(_path("relatedDocument"))
        if related.get("typeCode") == "RPLC"
        for parent in related.iterfind(_path("parentDocument/id"))
    ]
    note_id = _id(root.find(_path("id"))) or printable(source)[-LONGEST_ID:]
    fields: dict[str, object] = {
        **visit.fields,
        "note_id": note_id,
        "kind": _kind(root),
        "author": _author(root),
        "time": moment(_value(root, "effectiveTime")),
        "status": _status(root, amended=bool(replaced)),
    }
    known = {key: value for key, value in fields.items() if value is not None}
    return Document(
        row=Row.model_validate(known),
        text=checked(canonical(_narrative(root))),
        sha256=hashlib.sha256(data).hexdigest(),
        source=source,
        setting=visit.setting,
        replaces=replaced[0] if replaced else "",
    )


def _path(path: str) -> str:
    return "/".join(NAMESPACE + step for step in path.split("/"))


def _value(element: Element | None, path: str, name: str = "value") -> str:
    found = None if element is None else element.find(_path(path))
    return "" if found is None else printable(found.get(name, "").strip())[:LONGEST_ID]


def _id(element: Element | None) -> str:
    """Return an id as `extension`, or its root where it has none."""
    if element is None:
        return ""
    return printable((element.get("extension") or element.get("root") or "").strip())[:LONGEST_ID]


def _visit(root: Element) -> Visit:
    role = root.find(_path("recordTarget/patientRole"))
    stay = root.find(_path("componentOf/encompassingEncounter"))
    begun = day(_value(stay, "effectiveTime/low")) or day(_value(stay, "effectiveTime"))
    ended = day(_value(stay, "effectiveTime/high"))
    setting = next(
        (
            SETTINGS[code]
            for element in ([] if stay is None else stay.iterfind(_path("code")))
            for each in (element, *element.iterfind(_path("translation")))
            if (code := each.get("code", "")) in SETTINGS
        ),
        None,
    )
    inpatient = setting is Setting.INPATIENT
    return Visit(
        encounter_id="" if stay is None else _id(stay.find(_path("id"))),
        patient_id="" if role is None else _id(role.find(_path("id"))),
        setting=setting,
        service_date=None
        if inpatient
        else begun or day(_value(root, "documentationOf/serviceEvent/effectiveTime/low")),
        admitted=begun if inpatient else None,
        discharged=ended if inpatient else None,
        birth=day(_value(role, "patient/birthTime")),
        sex=_SEXES.get(_value(role, "patient/administrativeGenderCode", "code"), ""),
    )


def _kind(root: Element) -> str:
    title = root.find(_path("title"))
    words = "" if title is None else " ".join("".join(title.itertext()).split())
    return printable(words or _value(root, "code", "displayName"))[:LONGEST_ID]


def _author(root: Element) -> str:
    name = root.find(_path("author/assignedAuthor/assignedPerson/name"))
    words = "" if name is None else " ".join(" ".join(name.itertext()).split())
    return printable(words)[:LONGEST_ID]


def _status(root: Element, *, amended: bool) -> NoteStatus:
    if amended:
        return NoteStatus.AMENDED
    signed = root.find(_path("legalAuthenticator")) is not None
    return NoteStatus.FINAL if signed else NoteStatus.UNKNOWN


def _narrative(root: Element) -> str:
    pieces: list[str] = []
    body = root.find(_path("component"))
    if body is not None:
        _sections(body, pieces, 0)
    lines = (" ".join(line.split(" ")).strip() for line in "".join(pieces).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    if not text:
        raise RefusedTextError(
            "holds no narrative text; a C-CDA with coded entries alone cannot be coded from words"
        )
    return text + "\n"


def _sections(element: Element, pieces: list[str], depth: int) -> None:
    _within(depth)
    for child in element:
        if child.tag == f"{NAMESPACE}title" and element.tag == f"{NAMESPACE}section":
            title = " ".join("".join(child.itertext()).split()).rstrip(":")
            pieces.append(f"\n\n{title}:\n" if title else "\n\n")
        elif child.tag == f"{NAMESPACE}text" and element.tag == f"{NAMESPACE}section":
            _words(child, pieces, depth + 1)
            pieces.append("\n")
        elif child.tag in {f"{NAMESPACE}{t}" for t in ("structuredBody", "component", "section")}:
            _sections(child, pieces, depth + 1)


def _words(element: Element, pieces: list[str], depth: int) -> None:
    _within(depth)
    if element.tag in _LINES or element.tag == _BREAK:
        pieces.append("\n")
    pieces.append(re.sub(r"\s+", " ", element.text or ""))
    for child in element:
        _words(child, pieces, depth + 1)
        if child.tag in _CELLS:
            pieces.append("\t")
        pieces.append(re.sub(r"\s+", " ", child.tail or ""))
    if element.tag in _LINES:
        pieces.append("\n")


def _within(depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise RefusedTextError("is nested more deeply than a clinical document; it was not read")
