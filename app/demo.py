"""The example encounters of the package, as encounters to be coded."""

import hashlib

from pipeline.model import Claim, Encounter, Note, NoteStatus, Setting
from resources import examples
from resources.examples import Example


def encounters() -> tuple[Encounter, ...]:
    """Return the examples in order of their ids; their texts are canonical as they stand."""
    return tuple(_encounter(example) for example in examples.load())


def _encounter(example: Example) -> Encounter:
    return Encounter(
        encounter_id=example.encounter_id,
        patient_id=example.patient_id,
        account_id=example.account_id,
        setting=Setting(example.setting),
        claim=Claim(example.claim),
        service_date=example.service_date,
        admitted=example.admitted,
        discharged=example.discharged,
        age=float(example.age),
        sex=example.sex,
        notes=tuple(
            Note(
                note_id=note.note_id,
                text=note.text,
                sha256=hashlib.sha256(note.text.encode()).hexdigest(),
                source=f"examples/{example.encounter_id}/{note.file}",
                kind=note.kind,
                author_role=note.author_role,
                time=note.time,
                status=NoteStatus(note.status),
            )
            for note in example.notes
        ),
    )
