"""Encounters to and from events: ids and dates stand in the event, words and names in texts."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from math import isfinite
from typing import Any

from audit.digests import Secret
from audit.events import EncounterReceived, NoteReceived
from audit.model import AuditError
from pipeline.model import Encounter, Note

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,63}")
_WITHHELD = ("encounter_id", "patient_id", "account_id", "sex")
_NAMED = ("note_id", "source", "sha256", "kind", "author", "author_role", "time")


@lru_cache(maxsize=1 << 14)
def decimal(value: float) -> str:
    """Return a number as a decimal string: four places, or as many as it takes to read it back."""
    if not isfinite(value):
        raise AuditError("A score or age is not a finite number. Nothing was recorded.")
    short = f"{value:.4f}"
    return short if float(short) == value else repr(float(value))


def content_digest(encounter: Encounter, secret: Secret) -> str:
    """Return the keyed digest of an encounter: ids, setting, claim, dates, age, sex, notes.

    Where a note was read from is left out: the same note at another line is the same work.
    """
    return secret.digest(
        "encounter",
        json.dumps(
            {
                "encounter_id": encounter.encounter_id,
                "patient_id": encounter.patient_id,
                "account_id": encounter.account_id,
                "setting": encounter.setting.value,
                "claim": encounter.claim.value,
                "dates": [_day(d) for d in _dates(encounter)],
                "age": None if encounter.age is None else decimal(encounter.age),
                "sex": encounter.sex,
                "assumed": sorted(encounter.assumed),
                "notes": [
                    [note.text, note.status.value]
                    + [getattr(note, name) for name in _NAMED if name != "source"]
                    for note in encounter.notes
                ],
            }
        ),
    )


def is_plain(encounter: Encounter, value: str) -> bool:
    """Tell whether an id may stand where words of notes may not: it is no file name and no text."""
    files = {name for note in encounter.notes for name in (note.note_id, note.source)}
    return value == "" or (value not in files and _PLAIN.fullmatch(value) is not None)


def encode_encounter(
    encounter: Encounter,
    *,
    revision: int,
    content: str,
    secret: Secret,
    seal: Callable[[str], str],
) -> EncounterReceived:
    """Return the event of an encounter; `content` is its digest, `seal` stores a text.

    What `seal` returns is the commitment to the text.

    A file name may hold a patient's name, so an id equal to a note's id or source goes into the
    sealed header, as does everything that is not a plain id.
    """
    ids = [note.note_id for note in encounter.notes]
    if len(set(ids)) != len(ids):
        raise AuditError(
            f"The encounter {encounter.encounter_id} holds two notes of the same id, so a span "
            "could mean either. Give each note its own id."
        )
    shown: dict[str, str | None] = {}
    header: dict[str, Any] = {}
    for name in _WITHHELD:
        value: str = getattr(encounter, name)
        plain = is_plain(encounter, value)
        shown[name] = value if plain else None
        if not plain:
            header[name] = value
    header["notes"] = [[getattr(note, name) for name in _NAMED] for note in encounter.notes]
    service, admitted, discharged = (_day(day) for day in _dates(encounter))
    return EncounterReceived(
        revision=revision,
        content=content,
        header=seal(json.dumps(header)),
        notes=tuple(
            NoteReceived(
                text=seal(note.text),
                digest=secret.digest("note", note.sha256),
                length=len(note.text),
                status=note.status,
            )
            for note in encounter.notes
        ),
        encounter_id=shown["encounter_id"],
        patient_id=shown["patient_id"],
        account_id=shown["account_id"],
        sex=shown["sex"],
        setting=encounter.setting,
        claim=encounter.claim,
        service_date=service,
        admitted=admitted,
        discharged=discharged,
        age=None if encounter.age is None else decimal(encounter.age),
        assumed=tuple(sorted(encounter.assumed)),
    )


def decode_encounter(data: EncounterReceived, texts: Mapping[str, str]) -> Encounter:
    """Return the encounter of an event.

    A text that was erased is read as empty, an id that stood in an erased header as `erased-…`.
    """
    header = json.loads(texts.get(data.header, "{}"))
    names = header.get("notes", [[f"note-{n}", *[""] * 6] for n in range(1, len(data.notes) + 1)])

    def known(name: str, value: str | None) -> str:
        return value if value is not None else str(header.get(name, f"erased-{data.content[:12]}"))

    return Encounter(
        encounter_id=known("encounter_id", data.encounter_id),
        patient_id=known("patient_id", data.patient_id),
        account_id=known("account_id", data.account_id),
        sex=known("sex", data.sex),
        notes=tuple(
            Note(
                **dict(zip(_NAMED, row, strict=True)),
                text=texts.get(note.text, ""),
                status=note.status,
            )
            for row, note in zip(names, data.notes, strict=True)
        ),
        setting=data.setting,
        claim=data.claim,
        service_date=_read_day(data.service_date),
        admitted=_read_day(data.admitted),
        discharged=_read_day(data.discharged),
        age=None if data.age is None else float(data.age),
        assumed=frozenset(data.assumed),
    )


def _dates(encounter: Encounter) -> tuple[date | None, date | None, date | None]:
    return encounter.service_date, encounter.admitted, encounter.discharged


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _read_day(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)
