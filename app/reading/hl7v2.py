"""HL7 v2 → notes: ORU results and MDM documents whose words stand in OBX segments.

A file holds one message or many, in a batch or in MLLP frames. Separators are those that MSH names.
Sources: HL7 v2.5.1 chapters 2 (escapes), 3 (PID, PV1), 7 (OBR, OBX), 9 (TXA).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import hl7

from app.assembly import Problem
from app.canonical import MAX_BYTES, RefusedTextError, canonical, checked, decode, printable
from app.reading import MAX_FILE, Document, Item, Visit, Withdrawal
from app.reading.apart import Apart
from app.reading.files import content
from app.records import LONGEST_ID, Row
from pipeline.model import NoteStatus, Setting

_START = re.compile(r"(?m)^\x0b?(?=MSH[^\n])")
_FRAME = re.compile(r"[\x0b\x1c]")
_SEPARATORS = "MSH|^~\\&"
_VALUE = 5  # OBX-5
_DATA = 5  # its component with the bytes of a document
_MINUTES = 12  # digits of a time stamp to the minute
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_SETTINGS = {
    "I": Setting.INPATIENT,
    "B": Setting.INPATIENT,
    "O": Setting.OUTPATIENT,
    "R": Setting.OUTPATIENT,
    "P": Setting.OUTPATIENT,
    "E": Setting.EMERGENCY,
    "OBS": Setting.OBSERVATION,
}
_SEXES = {"F": "female", "M": "male", "O": "other", "A": "other"}
_STATUSES = {
    "C": NoteStatus.AMENDED,
    "F": NoteStatus.FINAL,
    "P": NoteStatus.UNSIGNED,
    "I": NoteStatus.UNSIGNED,
    "R": NoteStatus.UNSIGNED,
    "AU": NoteStatus.FINAL,
    "LA": NoteStatus.FINAL,
    "DI": NoteStatus.UNSIGNED,
    "DO": NoteStatus.UNSIGNED,
    "IN": NoteStatus.UNSIGNED,
    "IP": NoteStatus.UNSIGNED,
    "PA": NoteStatus.UNSIGNED,
}
_TEXTS = frozenset({"TX", "FT", "ST"})
_AMENDS = frozenset({"T08", "T10"})
_CANCELS = "T11"
_EMBEDDED = {"pdf": "pdf", "rtf": "rtf", "html": "html"}


@dataclass(frozen=True, slots=True)
class _Message:
    """A parsed message; fields by segment, number and component, counted from 1."""

    segments: hl7.Message

    def get(self, segment: str, field: int, component: int = 1, *, row: int = 0) -> str:
        """Return a component, unescaped and trimmed; "" where there is none."""
        rows = self.rows(segment)
        return self.of(rows[row], field, component) if row < len(rows) else ""

    def rows(self, segment: str) -> list[hl7.Segment]:
        return [each for each in self.segments if str(each[0]) == segment]

    def of(self, row: hl7.Segment, field: int, component: int = 1) -> str:
        if field >= len(row) or not row[field]:
            return ""
        repetition = row[field][0]
        if isinstance(repetition, str):
            return self.plain(repetition) if component == 1 else ""
        if component > len(repetition):
            return ""
        return self.plain(str(repetition[component - 1]))

    def plain(self, value: str) -> str:
        return printable(self.text(value).strip())[:LONGEST_ID]

    def text(self, value: str) -> str:
        r"""Return a value without escapes: `\.br\` is a line break, formatting goes."""
        value = re.sub(r"\\\.(?:br|sp\d*|ce)\\", "\n", value)
        value = re.sub(r"\\\.(?:in|ti|sk|fi|nf)[-+]?\d*\\|\\[HN]\\", " ", value)
        return str(self.segments.unescape(value))


def read(path: Path, name: str, apart: Apart) -> Iterator[Item]:
    """Yield the notes of a file of messages; a message that cannot be read costs only itself.

    Raises:
        RefusedTextError: the file as a whole holds no HL7 v2.
    """
    data = content(path, limit=MAX_FILE)
    text = _decoded(data)
    starts = [match.end() for match in _START.finditer(text)]
    if not starts:
        raise RefusedTextError("holds no HL7 v2 message: no line begins with MSH")
    for number, (start, end) in enumerate(
        zip(starts, [*starts[1:], len(text)], strict=True), start=1
    ):
        source = f"{name}:{number}"
        raw = _FRAME.sub("", text[start:end])
        try:
            yield from _message(raw, source, apart)
        except (RefusedTextError, RecursionError) as error:
            reason = error if isinstance(error, RefusedTextError) else "is nested too deeply"
            yield Problem(
                source=source,
                sha256=hashlib.sha256(raw.encode()).hexdigest(),
                sentence=f"{source} {reason}.",
            )


def _decoded(data: bytes) -> str:
    if not data.strip(b"\x0b\x1c\r\n\t \xef\xbb\xbf"):
        raise RefusedTextError("is empty; remove it or export it again")
    # The frames of MLLP are control characters, of which `decode` allows few.
    return decode(_without_frames(data)).text if len(data) < MAX_BYTES else _wide(data)


def _without_frames(data: bytes) -> bytes:
    return data.replace(b"\x1c", b"").replace(b"\x0b", b"")


def _wide(data: bytes) -> str:
    try:
        return canonical(_without_frames(data).decode("utf-8-sig"))
    except UnicodeDecodeError:
        return canonical(_without_frames(data).decode("cp1252", errors="replace"))


def _message(raw: str, source: str, apart: Apart) -> Iterator[Item]:
    message = _parsed(raw)
    kind, trigger = message.get("MSH", 9, 1), message.get("MSH", 9, 2)
    if kind not in {"ORU", "MDM"}:
        named = kind or "unknown"
        yield f"{source} is a message of type {named}, which carries no note; passed over."
        return
    visit = _visit(message)
    if kind == "MDM":
        yield from _document(message, visit, trigger, source, raw, apart)
    else:
        yield from _results(message, visit, source, raw, apart)


def _parsed(raw: str) -> _Message:
    separators = raw[len("MSH") : len(_SEPARATORS)]
    told = set(separators)
    if len(told) < len(_SEPARATORS) - len("MSH") or any(mark.isalnum() for mark in told):
        raise RefusedTextError(
            "names separators that cannot be told apart; MSH should begin with MSH|^~\\&"
        )
    lines = [line for line in raw.split("\n") if line.strip()]
    # A break inside a field is a common fault of exports; the words belong to the field before.
    whole: list[str] = []
    for line in lines:
        if whole and not (_SEGMENT.match(line) and line[3:4] == separators[0]):
            if not whole[-1].startswith("OBX"):
                raise RefusedTextError(
                    "does not use the separators its MSH names; a segment cannot be read"
                )
            whole[-1] += "\\.br\\" + line
        else:
            whole.append(line)
    try:
        return _Message(hl7.parse("\r".join(whole)))
    except (hl7.HL7Exception, ValueError, IndexError, KeyError):
        raise RefusedTextError("is no HL7 v2 message that can be read; export it again") from None


def _visit(message: _Message) -> Visit:
    admitted, discharged = day(message.get("PV1", 44)), day(message.get("PV1", 45))
    setting = _SETTINGS.get(message.get("PV1", 2).upper())
    inpatient = setting is Setting.INPATIENT
    seen = day(message.get("OBR", 7)) or day(message.get("TXA", 4)) or admitted
    return Visit(
        encounter_id=message.get("PV1", 19) or message.get("PID", 18),
        patient_id=message.get("PID", 3),
        account_id=message.get("PID", 18),
        setting=setting,
        service_date=None if inpatient else seen,
        admitted=admitted,
        discharged=discharged,
        birth=day(message.get("PID", 7)),
        sex=_SEXES.get(message.get("PID", 8).upper(), ""),
    )


def _document(
    message: _Message, visit: Visit, trigger: str, source: str, raw: str, apart: Apart
) -> Iterator[Item]:
    note_id = message.get("TXA", 12) or message.get("MSH", 10)
    parent = message.get("TXA", 13)
    if not note_id:
        raise RefusedTextError("names no document (TXA-12) and no message id (MSH-10)")
    if trigger == _CANCELS:
        yield Withdrawal(note_id=parent or note_id, encounter_id=visit.encounter_id, source=source)
        return
    status = _STATUSES.get(message.get("TXA", 17).upper(), NoteStatus.UNKNOWN)
    amended = trigger in _AMENDS
    row = _row(
        visit,
        note_id=note_id,
        kind=message.get("TXA", 2),
        author=message.get("TXA", 9, 2) or message.get("TXA", 9),
        time=moment(message.get("TXA", 4)) or moment(message.get("TXA", 6)),
        status=NoteStatus.AMENDED if amended else status,
    )
    yield Document(
        row=row,
        text=_words(message, message.rows("OBX"), apart),
        sha256=hashlib.sha256(raw.encode()).hexdigest(),
        source=source,
        setting=visit.setting,
        replaces=(parent or note_id) if amended else "",
    )


def _results(
    message: _Message, visit: Visit, source: str, raw: str, apart: Apart
) -> Iterator[Item]:
    """Yield one note for each OBR with the text of the OBX that follow it."""
    groups: list[list[hl7.Segment]] = []
    for segment in message.segments:
        if str(segment[0]) == "OBR":
            groups.append([segment])
        elif str(segment[0]) == "OBX" and groups:
            groups[-1].append(segment)
    if not groups:
        raise RefusedTextError("holds no OBR segment, so no result can be read")
    for number, (order, *results) in enumerate(groups, start=1):
        where = source if len(groups) == 1 else f"{source}.{number}"
        wordy = [each for each in results if message.of(each, 2).upper() in {*_TEXTS, "ED"}]
        if not wordy:
            yield f"{where} holds numbers and no text; passed over."
            continue
        control = message.get("MSH", 10) or hashlib.sha256(raw.encode()).hexdigest()[:16]
        note_id = message.of(order, 3) or message.of(order, 2) or f"{control}.{number}"
        status = _STATUSES.get(message.of(order, 25).upper(), NoteStatus.UNKNOWN)
        yield Document(
            row=_row(
                visit,
                note_id=note_id,
                kind=message.of(order, 4, 2) or message.of(order, 4),
                author=message.of(order, 32, 2) or message.of(order, 32),
                time=moment(message.of(order, 7)) or moment(message.of(order, 22)),
                status=status,
            ),
            text=_words(message, wordy, apart),
            sha256=hashlib.sha256(raw.encode()).hexdigest(),
            source=where,
            setting=visit.setting,
            replaces=note_id if status is NoteStatus.AMENDED else "",
        )


def _row(visit: Visit, **fields: object) -> Row:
    known = {name: value for name, value in {**visit.fields, **fields}.items() if value is not None}
    return Row.model_validate(known)


def _words(message: _Message, results: Sequence[hl7.Segment], apart: Apart) -> str:
    parts: list[str] = []
    for result in results:
        kind = message.of(result, 2).upper()
        if kind == "ED":
            parts.append(_embedded(message, result, apart))
        elif kind in _TEXTS and len(result) > _VALUE:
            parts.extend(message.text(str(each)) for each in result[_VALUE])
    if not parts:
        raise RefusedTextError("holds no text: no OBX of type TX, FT, ST or ED")
    return checked(canonical("\n".join(parts) + "\n"))


def _embedded(message: _Message, result: hl7.Segment, apart: Apart) -> str:
    subtype = message.of(result, _VALUE, 3).casefold()
    coding = message.of(result, _VALUE, 4).casefold()
    parts = result[_VALUE][0] if len(result) > _VALUE else ()
    raw = str(parts[_DATA - 1]) if len(parts) >= _DATA else ""
    try:
        data = base64.b64decode(raw, validate=True) if coding == "base64" else raw.encode()
    except binascii.Error:
        raise RefusedTextError("carries a document whose base64 is damaged") from None
    kind = next((kind for word, kind in _EMBEDDED.items() if word in subtype), "")
    return apart.text_of(kind, data) if kind else decode(data).text


def day(value: str) -> date | None:
    """Return the day of an HL7 time stamp (YYYYMMDD…), None where it names none."""
    try:
        return datetime.strptime(value[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def moment(value: str) -> str:
    """Return an HL7 time stamp as ISO 8601 to the minute, "" where it is none."""
    digits = re.match(r"\d{8,14}", value)
    if digits is None or day(value) is None:
        return ""
    text = digits.group()
    shown = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    return f"{shown}T{text[8:10]}:{text[10:12]}" if len(text) >= _MINUTES else shown
