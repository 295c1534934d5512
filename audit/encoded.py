"""A result as the log keeps it, made by whoever computed it and carried to the one who appends.

What a result costs to be encoded, checked for words of the note and written in canonical JSON is
spent where it was computed; the writer of a store links the texts into its chain as they are. What
travels is a handful of strings instead of a thousand objects.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any, Self

from pydantic import ValidationError

from audit.events import (
    CandidatesRetrieved,
    CandidatesVerified,
    CaseRouted,
    CodesValidated,
    EvidenceExtracted,
    write,
)
from audit.log import Written
from audit.model import AuditError
from audit.results import Stages, decode_result, encode_result
from pipeline.model import CodingResult, Encounter, Provenance, Route


class ResultRefusedError(AuditError):
    """A result is not that of the encounter it came with, or not of the shape the log accepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A result in the words of the log: what each stage's event carries, in their order.

    `wording` is the digest of the encounter whose words its spans name; what was read of the texts
    stays behind when it travels, and is read from them again.
    """

    encounter_id: str
    wording: str
    provenance: Provenance
    texts: tuple[Written, ...]
    _stages: Stages | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, result: CodingResult, encounter: Encounter) -> Self:
        """Encode a result.

        AuditError where a code has no words in the notes, a span names none, or a reason repeats
        four words of a note in a row.
        """
        try:
            stages = encode_result(result, encounter)
        except ValidationError as error:
            raise _misshapen(result.encounter_id, error) from None
        return cls(
            encounter_id=result.encounter_id,
            wording=wording(encounter),
            provenance=result.provenance,
            texts=tuple(write(data) for data in stages.in_order()),
            _stages=stages,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as texts alone."""
        return _arrived, (self.encounter_id, self.wording, self.provenance, self.texts)

    @property
    def stages(self) -> Stages:
        """Return what the texts say; AuditError where they are not of the shape of their kinds."""
        if self._stages is None:
            object.__setattr__(self, "_stages", _read(self))
        assert self._stages is not None
        return self._stages

    def result(self, encounter: Encounter) -> CodingResult:
        """Return the result that was encoded; ResultRefusedError for another encounter."""
        self.insist(encounter)
        return decode_result(self.stages, self.provenance, encounter)

    def insist(self, encounter: Encounter) -> None:
        """Make sure that this is the result of an encounter, word for word, and can be read.

        ResultRefusedError where it is of another encounter or not of the shape of its kinds.
        """
        if (self.encounter_id, self.wording) != (encounter.encounter_id, wording(encounter)):
            raise ResultRefusedError(
                f"The result of encounter {self.encounter_id} was handed in with encounter "
                f"{encounter.encounter_id}, or with another wording of it. It was not recorded."
            )
        _ = self.stages

    def for_a_person(self, reason: str) -> Self:
        """Return the same result in the lane of review, with one more reason for it."""
        routed = self.stages.routed
        routed = routed.model_copy(
            update={"lane": Route.REVIEW, "lane_reasons": (*routed.lane_reasons, reason)}
        )
        return replace(
            self,
            texts=(*self.texts[:-1], write(routed)),
            _stages=replace(self.stages, routed=routed),
        )


def wording(encounter: Encounter) -> str:
    """Return the SHA-256 of an encounter's id and its notes' ids and texts, for one process."""
    notes = [[note.note_id, note.text] for note in encounter.notes]
    return hashlib.sha256(json.dumps([encounter.encounter_id, notes]).encode()).hexdigest()


def _arrived(
    encounter_id: str, digest: str, provenance: Provenance, texts: tuple[Written, ...]
) -> Encoded:
    return Encoded(encounter_id=encounter_id, wording=digest, provenance=provenance, texts=texts)


def _read(encoded: Encoded) -> Stages:
    extracted, retrieved, verified, validated, routed = (each.text for each in encoded.texts)
    try:
        return Stages(
            extracted=EvidenceExtracted.model_validate_json(extracted),
            retrieved=CandidatesRetrieved.model_validate_json(retrieved),
            verified=CandidatesVerified.model_validate_json(verified),
            validated=CodesValidated.model_validate_json(validated),
            routed=CaseRouted.model_validate_json(routed),
        )
    except ValidationError as error:
        raise _misshapen(encoded.encounter_id, error) from None


def _misshapen(encounter_id: str, error: ValidationError) -> ResultRefusedError:
    places = sorted({".".join(map(str, item["loc"][:2])) for item in error.errors()})
    return ResultRefusedError(
        f"A value in the result of encounter {encounter_id} is not of the kind the log accepts "
        f"({', '.join(places)}). It was not recorded; please report this."
    )
