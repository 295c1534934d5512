"""Notes with their fields → encounters, with what was refused and what was doubtful."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from app.records import RefusedRowError, Row
from pipeline.model import Claim, Encounter, Note, Setting

_ENCOUNTER_FIELDS = (
    "patient_id",
    "account_id",
    "claim",
    "service_date",
    "admitted",
    "discharged",
    "age",
    "sex",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Input that could not be coded; `sentence` names it and says what to do."""

    source: str
    sentence: str
    note_id: str = ""
    encounter_id: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """All that was read: encounters in order of their first note, refusals and warnings."""

    encounters: tuple[Encounter, ...]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()

    def refused(self, encounter_id: str) -> tuple[Problem, ...]:
        """Return the refusals that belong to an encounter of which other notes are coded."""
        return tuple(p for p in self.problems if encounter_id and p.encounter_id == encounter_id)


@dataclass(slots=True, kw_only=True)
class _Draft:
    """An encounter in the making; `implicit` when it stands for one note without an id of its own.

    `ranked` holds notes with their rank: the row of the list of encounters, else order of arrival.
    """

    implicit: bool
    ranked: list[tuple[tuple[int, int], Note]] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)


class Assembly:
    """Collects notes and turns them into encounters once all are in."""

    def __init__(self, *, default_setting: Setting | None = None) -> None:
        """Start with nothing; `default_setting` applies where no note names a setting."""
        self._default_setting = default_setting
        self._drafts: dict[str, _Draft] = {}
        self._problems: list[Problem] = []
        self._warnings: list[str] = []

    def warn(self, sentence: str) -> None:
        """Keep a sentence about something doubtful."""
        self._warnings.append(sentence)

    def refuse(self, problem: Problem) -> None:
        """Keep a sentence about something that cannot be coded."""
        self._problems.append(problem)

    def add(
        self, note: Note, row: Row, *, setting: Setting | None = None, rank: int | None = None
    ) -> None:
        """Put a note into its encounter; the first value of each encounter field wins.

        Raises:
            RefusedRowError: the encounter has a note with this id already, or two notes without an
                encounter share one id.
        """
        encounter_id = row.encounter_id or note.note_id
        implicit = not row.encounter_id
        draft = self._drafts.get(encounter_id)
        if draft is None:
            draft = self._drafts[encounter_id] = _Draft(implicit=implicit)
        elif draft.implicit or implicit:
            other = draft.ranked[0][1].source
            raise RefusedRowError(
                f"has the id {encounter_id!r}, which {other} has already; give each note its own "
                "note_id, or name the folder above both"
            )
        elif any(note.note_id == present.note_id for _, present in draft.ranked):
            raise RefusedRowError(
                f"repeats the note_id {note.note_id!r} within the encounter {encounter_id!r}; "
                "give each note of an encounter its own note_id"
            )
        order = (0, rank) if rank is not None else (1, len(draft.ranked))
        draft.ranked.append((order, note))
        given = {name: getattr(row, name) for name in _ENCOUNTER_FIELDS} | {"setting": setting}
        for name, value in given.items():
            if value in (None, ""):
                continue
            if draft.fields.setdefault(name, value) != value:
                self.warn(
                    f"{note.source}: {name} differs from an earlier note of the encounter "
                    f"{encounter_id!r}; the earlier value stays."
                )

    def intake(self) -> Intake:
        """Return everything collected so far."""
        return Intake(
            encounters=tuple(self._encounter(key, draft) for key, draft in self._drafts.items()),
            problems=tuple(self._problems),
            warnings=tuple(_once(self._warnings)),
        )

    def _encounter(self, encounter_id: str, draft: _Draft) -> Encounter:
        fields: dict[str, Any] = dict(draft.fields)
        assumed = set()
        if "setting" not in fields:
            if self._default_setting is None:
                assumed.add("setting")
            fields["setting"] = self._default_setting or Setting.OUTPATIENT
        if "claim" not in fields:
            assumed.add("claim")
            inpatient = fields["setting"] is Setting.INPATIENT
            fields["claim"] = Claim.FACILITY if inpatient else Claim.PROFESSIONAL
        notes = tuple(note for _, note in sorted(draft.ranked, key=lambda item: item[0]))
        return Encounter(
            encounter_id=encounter_id,
            notes=notes,
            assumed=frozenset(assumed),
            **fields,
        )


def _once(sentences: list[str]) -> list[str]:
    """Return sentences in order, each once, with its count when it came more than once."""
    counts = Counter(sentences)
    return [f"{s} ({n} times)" if n > 1 else s for s, n in counts.items()]
