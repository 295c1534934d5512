"""Notes with their fields → encounters, with what was refused and what was doubtful."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, overload

from app.records import RefusedRowError, Row
from app.spill import Spill
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

_UNLISTED = 1 << 40
"""Where notes come that the list of encounters does not name: behind all of its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Input that could not be coded; `sentence` names it and says what to do."""

    source: str
    sentence: str
    note_id: str = ""
    encounter_id: str = ""
    sha256: str = ""


class Shelved(Sequence[Encounter]):
    """Encounters by their number, each made when it is asked for and then forgotten."""

    def __init__(self, count: int, load: Callable[[int], Encounter]) -> None:
        """Hold none of them; `load` makes the one of a number."""
        self._numbers = range(count)
        self._load = load
        self._last: tuple[int, Encounter] | None = None  # it is often asked for twice in a row

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Encounter: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Encounter]: ...
    def __getitem__(self, index: int | slice) -> Encounter | Sequence[Encounter]:
        if isinstance(index, slice):
            return chosen(self, self._numbers[index])
        number = self._numbers[index]
        if self._last is None or self._last[0] != number:
            self._last = number, self._load(number)
        return self._last[1]


def chosen(encounters: Sequence[Encounter], numbers: Sequence[int]) -> Sequence[Encounter]:
    """Return the encounters of some numbers, none of them held."""
    return Shelved(len(numbers), lambda number: encounters[numbers[number]])


@dataclass(frozen=True, kw_only=True)
class Intake:
    """All that was read: encounters in order of their first note, refusals and warnings.

    `recorded` are refusals that need not be recorded again.
    """

    encounters: Sequence[Encounter]
    problems: tuple[Problem, ...] = ()
    recorded: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()

    def refused(self, encounter_id: str) -> tuple[Problem, ...]:
        """Return the refusals that belong to an encounter of which other notes are coded."""
        return tuple(self._refused.get(encounter_id, ()))

    @cached_property
    def _refused(self) -> dict[str, list[Problem]]:
        found: dict[str, list[Problem]] = {}
        for problem in (*self.problems, *self.recorded):
            if problem.encounter_id:
                found.setdefault(problem.encounter_id, []).append(problem)
        return found


class _Kept(NamedTuple):
    """A note that was put aside: its order, marks of its id and its words, and its place.

    The order is the row of the list of encounters, else that of arrival. Marks that differ say that
    two notes differ; where they are equal, the notes are asked.
    """

    order: int
    named: int
    words: int
    place: int


@dataclass(slots=True, kw_only=True)
class _Draft:
    """An encounter in the making; `implicit` when it stands for one note without an id of its own.

    `fields` is the place of what its notes say of it. Millions are held at once: no text is.
    """

    encounter_id: str
    implicit: bool
    kept: list[_Kept]
    fields: int = -1
    gone: frozenset[str] = frozenset()


class Assembly:
    """Collects notes and turns them into encounters once all are in.

    Which notes are one encounter is known only when the last file was read, so each note is put
    aside as it comes, and read back when its encounter is asked for.
    """

    def __init__(
        self, *, default_setting: Setting | None = None, spill: Spill | None = None
    ) -> None:
        """Start with nothing; `default_setting` applies where no note names a setting."""
        self._default_setting = default_setting
        self._spill = spill or Spill()
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
            draft = self._draft(encounter_id, implicit=implicit)
        elif draft.kept and (draft.implicit or implicit) and replaces != note.note_id:
            other = self._note(draft.kept[0]).source
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
        draft.kept.append(
            _Kept(
                order=rank if rank is not None else _UNLISTED + self._arrived,
                named=hash(note.note_id),
                words=hash(note.text),
                place=self._spill.put(note),
            )
        )
        given = {name: getattr(row, name) for name in _ENCOUNTER_FIELDS} | {"setting": setting}
        self._say_of(draft, given, note.source)

    def _draft(self, encounter_id: str, *, implicit: bool) -> _Draft:
        draft = _Draft(encounter_id=encounter_id, implicit=implicit, kept=[])
        self._drafts[encounter_id] = draft
        return draft

    def _say_of(self, draft: _Draft, given: dict[str, Any], source: str) -> None:
        """Take the fields of an encounter that a note gives; the first value of each stays."""
        known = self._fields(draft)
        fields = dict(known)
        for name, value in given.items():
            if value in (None, ""):
                continue
            if fields.setdefault(name, value) != value:
                self.warn(
                    f"{source}: {name} differs from an earlier note of the encounter "
                    f"{draft.encounter_id!r}; the earlier value stays."
                )
        if fields != known:
            draft.fields = self._spill.put(fields)

    def _fields(self, draft: _Draft) -> dict[str, Any]:
        found: dict[str, Any] = {} if draft.fields < 0 else self._spill.get(draft.fields)
        return found

    def _note(self, kept: _Kept) -> Note:
        note: Note = self._spill.get(kept.place)
        return note

    def _is_named(self, kept: _Kept, note_id: str) -> bool:
        return kept.named == hash(note_id) and self._note(kept).note_id == note_id

    def _replace(self, draft: _Draft, note: Note, earlier: str) -> None:
        left = [each for each in draft.kept if not self._is_named(each, earlier)]
        if len(left) < len(draft.kept):
            self.warn(f"{note.source} is an amended version and takes the place of {earlier!r}.")
        draft.kept[:] = [each for each in left if not self._is_named(each, note.note_id)]
        draft.gone |= {earlier}

    def _is_old(self, draft: _Draft, note: Note, encounter_id: str) -> bool:
        """Tell whether a note is there already, was replaced or taken back, and say so."""
        if note.note_id in draft.gone:
            self.warn(f"{note.source} was amended or taken back since; passed over.")
            return True
        named, words = hash(note.note_id), hash(note.text)
        for kept in draft.kept:
            if kept.named != named and kept.words != words:
                continue
            other = self._note(kept)
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
        draft = self._drafts.get(key) or self._draft(key, implicit=not encounter_id)
        draft.gone |= {note_id}
        draft.kept[:] = [each for each in draft.kept if not self._is_named(each, note_id)]
        self.warn(f"{source} takes the note {note_id!r} back; it is not coded.")

    def intake(self) -> Intake:
        """Return everything collected so far."""
        drafts = [draft for draft in self._drafts.values() if draft.kept]
        self._warn_of_twins(drafts)
        return Intake(
            encounters=Shelved(len(drafts), lambda number: self._encounter(drafts[number])),
            problems=tuple(self._problems),
            warnings=tuple(_once(self._warnings)),
        )

    def _warn_of_twins(self, drafts: Sequence[_Draft]) -> None:
        """Say that encounters share notes word for word; each stays a case of its own."""
        seen: dict[int, str] = {}
        twins, told = 0, ""
        for draft in drafts:
            for kept in draft.kept:
                first = seen.setdefault(kept.words, draft.encounter_id)
                if first == draft.encounter_id:
                    continue
                note = self._note(kept)
                if len(note.text) >= _TWIN:
                    twins += 1
                    told = told or f"{note.source} and the encounter {first!r} first"
        if twins:
            self.warn(
                f"{twins} notes have the words of a note of another encounter; check whether "
                f"they belong to both ({told})."
            )

    def _encounter(self, draft: _Draft) -> Encounter:
        fields = self._fields(draft)
        assumed = set()
        if "setting" not in fields:
            if self._default_setting is None:
                assumed.add("setting")
            fields["setting"] = self._default_setting or Setting.OUTPATIENT
        if "claim" not in fields:
            assumed.add("claim")
            inpatient = fields["setting"] is Setting.INPATIENT
            fields["claim"] = Claim.FACILITY if inpatient else Claim.PROFESSIONAL
        return Encounter(
            encounter_id=draft.encounter_id,
            notes=tuple(self._note(kept) for kept in sorted(draft.kept, key=_by_order)),
            assumed=frozenset(assumed),
            **fields,
        )


def _by_order(kept: _Kept) -> int:
    return kept.order


def _days_differ(one: Note, other: Note) -> bool:
    return bool(one.time and other.time and one.time[:10] != other.time[:10])


def _once(sentences: list[str]) -> list[str]:
    """Return sentences in order, each once, with its count when it came more than once."""
    counts = Counter(sentences)
    return [f"{s} ({n} times)" if n > 1 else s for s, n in counts.items()]
