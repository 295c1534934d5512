"""Invented example encounters with the codes a coder would assign; see README.md beside this file.

They feed the demo store, the golden tests and the screenshots. Nothing here is derived from a
real chart or from a published data set.
"""

import json
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of a note: the `occurrence`-th (from 1) non-overlapping `quote`, left to right."""

    note_id: str
    quote: str
    occurrence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldCode:
    """A code a coder assigns, the words that prove it and the guideline reason."""

    code: str
    evidence: tuple[Quote, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCoded:
    """A condition the chart names and a coder leaves out; `code` is what one might wrongly give.

    `reason` is one of negated, family, historical, possible, hypothetical, integral-symptom and
    not-managed, as explained in the README.
    """

    condition: str
    evidence: Quote
    reason: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleNote:
    """One document of an example; `text` has LF line ends, `time` is ISO 8601 without a zone."""

    note_id: str
    file: str
    kind: str
    author_role: str
    status: str
    time: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One encounter: a visit has `service_date`, a stay has `admitted` and `discharged`.

    `reportable` is in the order of the claim, first-listed or principal diagnosis first.
    """

    encounter_id: str
    patient_id: str
    account_id: str
    setting: str
    claim: str
    service_date: date | None
    admitted: date | None
    discharged: date | None
    age: int
    sex: str
    summary: str
    notes: tuple[ExampleNote, ...]
    reportable: tuple[GoldCode, ...]
    not_coded: tuple[NotCoded, ...]

    def span(self, quote: Quote) -> tuple[int, int]:
        """Return the half-open code-point range of a quote in its note.

        Raises ValueError where the note is not of this encounter or holds too few occurrences.
        """
        text = next((note.text for note in self.notes if note.note_id == quote.note_id), "")
        start = -1
        offset = 0
        for _ in range(quote.occurrence):
            start = text.find(quote.quote, offset)
            if start < 0:
                break
            offset = start + len(quote.quote)
        if start < 0 or not quote.quote:
            raise ValueError(
                f"Example {self.encounter_id} has no occurrence {quote.occurrence} of a gold quote "
                f"in note {quote.note_id}; correct its encounter.json."
            )
        return start, start + len(quote.quote)


def load() -> tuple[Example, ...]:
    """Return every example, ordered by encounter id, read from the package's own data."""
    folders = sorted(files(__name__).iterdir(), key=lambda folder: folder.name)
    return tuple(_read(folder) for folder in folders if (folder / "encounter.json").is_file())


def _read(folder: Traversable) -> Example:
    raw: dict[str, Any] = json.loads((folder / "encounter.json").read_text(encoding="utf-8"))
    gold = raw.pop("gold")
    notes = raw.pop("notes")
    service_date, admitted, discharged = (
        _day(raw.pop(key, None)) for key in ("service_date", "admitted", "discharged")
    )
    return Example(
        **raw,
        service_date=service_date,
        admitted=admitted,
        discharged=discharged,
        notes=tuple(ExampleNote(**note, text=_text(folder / note["file"])) for note in notes),
        reportable=tuple(
            GoldCode(
                code=item["code"],
                evidence=tuple(Quote(**quote) for quote in item["evidence"]),
                why=item["why"],
            )
            for item in gold["reportable"]
        ),
        not_coded=tuple(
            NotCoded(
                condition=item["condition"],
                evidence=Quote(
                    note_id=item["note_id"], quote=item["quote"], occurrence=item["occurrence"]
                ),
                reason=item["reason"],
                code=item["code"],
            )
            for item in gold["not_coded"]
        ),
    )


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _text(file: Traversable) -> str:
    # Bytes, so that no platform translates line ends: gold offsets count code points.
    return file.read_bytes().decode("utf-8")
