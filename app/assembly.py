"""Notes with their fields → encounters, with what was refused and what was doubtful."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
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

_TWIN = 200
"""Characters from which two equal notes are no accident."""


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
    gone: set[str] = field(default_factory=set)


class Assembly:
    """Collects notes and turns them into encounters once all are in."""

    def __init__(self, *, default_setting: Setting | None = None) -> None:
        """Start with nothing; `default_setting` applies where no note names a setting."""
        self._default_setting = default_setting
        self._drafts: dict[str, _Draft] = {}
        self._problems: list[Problem] = []
        self._warnings: list[str] = []
        self._arrived = 0

    def warn(self, sentence: str) -> None:
        """Keep a sentence about something doubtful."""
        self._warnings.append(sentence)

    def refuse(self, problem: Problem) -> None:
        """Keep a sentence about something that cannot be coded."""
        self._problems.append(problem)

    def add(
        self,
        note: Note,
        row: Row,
        *,
        setting: Setting | None = None,
        rank: int | None = None,
        replaces: str = "",
    ) -> None:
        """Put a note into its encounter; the first value of each encounter field wins.

        A note that the encounter has already, by its words, is passed over; one that `replaces` an
        earlier version takes its place, in whichever order they come.

        Raises:
            RefusedRowError: the encounter has another note with this id already, or two notes
                without an encounter share one id.
        """
        encounter_id = row.encounter_id or note.note_id
        implicit = not row.encounter_id
        draft = self._drafts.get(encounter_id)
        if draft is None:
            draft = self._drafts[encounter_id] = _Draft(implicit=implicit)
        elif draft.ranked and (draft.implicit or implicit) and replaces != note.note_id:
            other = draft.ranked[0][1].source
            raise RefusedRowError(
                f"has the id {encounter_id!r}, which {other} has already; give each note its own "
                "note_id, or name the folder above both"
            )
        if replaces:
            if implicit and replaces in self._drafts and self._drafts[replaces].implicit:
                self._replace(self._drafts[replaces], note, replaces)
            self._replace(draft, note, replaces)
        elif self._is_old(draft, note, encounter_id):
            return
        self._arrived += 1
        order = (0, rank) if rank is not None else (1, self._arrived)
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

    def _replace(self, draft: _Draft, note: Note, earlier: str) -> None:
        kept = [(order, each) for order, each in draft.ranked if each.note_id != earlier]
        if len(kept) < len(draft.ranked):
            self.warn(f"{note.source} is an amended version and takes the place of {earlier!r}.")
        draft.ranked[:] = [item for item in kept if item[1].note_id != note.note_id]
        draft.gone.add(earlier)

    def _is_old(self, draft: _Draft, note: Note, encounter_id: str) -> bool:
        """Tell whether a note is there already, was replaced or taken back, and say so."""
        if note.note_id in draft.gone:
            self.warn(f"{note.source} was amended or taken back since; passed over.")
            return True
        for _, other in draft.ranked:
            same = other.text == note.text
            if other.note_id == note.note_id and not same:
                raise RefusedRowError(
                    f"repeats the note_id {note.note_id!r} within the encounter {encounter_id!r} "
                    "with other words; give each note of an encounter its own note_id, or the "
                    'status "amended" to the newer one'
                )
            # A note whose words were copied whole into another day's note is a note of its own.
            repeated = len(note.text) >= _TWIN and not _days_differ(other, note)
            if same and (other.note_id == note.note_id or repeated):
                self.warn(f"{note.source} repeats {other.source} word for word; passed over.")
                return True
        return False

    def withdraw(self, note_id: str, encounter_id: str, *, source: str) -> None:
        """Take a note out of its encounter, now or when it comes."""
        key = encounter_id or note_id
        draft = self._drafts.setdefault(key, _Draft(implicit=not encounter_id))
        draft.gone.add(note_id)
        draft.ranked[:] = [item for item in draft.ranked if item[1].note_id != note_id]
        self.warn(f"{source} takes the note {note_id!r} back; it is not coded.")

    def intake(self) -> Intake:
        """Return everything collected so far."""
        drafts = {key: draft for key, draft in self._drafts.items() if draft.ranked}
        self._warn_of_twins(drafts)
        return Intake(
            encounters=tuple(self._encounter(key, draft) for key, draft in drafts.items()),
            problems=tuple(self._problems),
            warnings=tuple(_once(self._warnings)),
        )

    def _warn_of_twins(self, drafts: Mapping[str, _Draft]) -> None:
        """Say that encounters share notes word for word; each stays a case of its own."""
        seen: dict[bytes, str] = {}
        twins: list[tuple[str, str]] = []
        for key, draft in drafts.items():
            for _, note in draft.ranked:
                first = seen.setdefault(sha256(note.text.encode()).digest(), key)
                if first != key and len(note.text) >= _TWIN:
                    twins.append((note.source, first))
        if twins:
            source, first = twins[0]
            self.warn(
                f"{len(twins)} notes have the words of a note of another encounter; check whether "
                f"they belong to both ({source} and the encounter {first!r} first)."
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


def _days_differ(one: Note, other: Note) -> bool:
    return bool(one.time and other.time and one.time[:10] != other.time[:10])


def _once(sentences: list[str]) -> list[str]:
    """Return sentences in order, each once, with its count when it came more than once."""
    counts = Counter(sentences)
    return [f"{s} ({n} times)" if n > 1 else s for s, n in counts.items()]
