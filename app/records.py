"""One row of input (a JSON line or a CSV row) → checked fields; lenient in, strict inside.

Ids and words are trimmed, an age may be a number or numeric text, blank means unknown. A value
that cannot be used becomes a warning that names its field, and the field counts as absent; an
unknown setting is refused instead, because it decides which guidelines apply.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from app import AppError
from app.canonical import printable
from pipeline.model import Claim, NoteStatus, Setting

OLDEST = 130
LONGEST_ID = 500

_SEXES = {
    "f": "female",
    "female": "female",
    "woman": "female",
    "m": "male",
    "male": "male",
    "man": "male",
    "other": "other",
    "x": "other",
    "u": "",
    "unknown": "",
}


class RefusedRowError(AppError):
    """A row cannot be used at all; the text completes a sentence whose subject is the row."""


class UnusableError(AppError):
    """A value cannot be used; the text completes a clause whose subject is its field."""


class Row(BaseModel):
    """The fields of one input row after cleaning; None and "" mean not given."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    note_id: str = ""
    encounter_id: str = ""
    patient_id: str = ""
    account_id: str = ""
    kind: str = ""
    author: str = ""
    author_role: str = ""
    time: str = ""
    status: NoteStatus = NoteStatus.UNKNOWN
    claim: Claim | None = None
    service_date: date | None = None
    admitted: date | None = None
    discharged: date | None = None
    age: float | None = None
    sex: str = ""


def read_row(raw: Mapping[str, object], *, warn: Callable[[str], None]) -> Row:
    """Return the known fields of a row; other keys are ignored.

    `warn` receives one clause for each unusable value, such as ``age is not a number``; values
    themselves are never repeated, they may be words of a note put into the wrong column.

    Raises:
        RefusedRowError: the setting is not one of the allowed values.
    """
    fields: dict[str, object] = {}
    for name, parse in _PARSERS.items():
        value = raw.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            fields[name] = parse(value)
        except UnusableError as error:
            warn(f"{name} {error}; it counts as not given")
    if "note_id" not in fields and raw.get("doc_id") is not None:
        try:
            fields["note_id"] = _id(raw["doc_id"])
        except UnusableError as error:
            warn(f"doc_id {error}; it counts as not given")
    row = Row.model_validate(fields)
    if row.admitted and row.discharged and row.discharged < row.admitted:
        warn("discharged lies before admitted; check both dates")
    return row


def read_setting(value: object) -> Setting | None:
    """Return the setting a value names; None for blank or absent.

    Raises:
        RefusedRowError: anything else, naming what is allowed.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    word = value.strip().casefold() if isinstance(value, str) else ""
    if word in set(Setting):
        return Setting(word)
    shown = f"the unknown setting {short(value)!r}" if isinstance(value, str) else "no text"
    raise RefusedRowError(f"has {shown} as its setting; use one of {', '.join(Setting)}")


def short(value: str, *, length: int = 40) -> str:
    """Return a value cut to a length that fits a message."""
    value = printable(value.strip())
    return value if len(value) <= length else value[: length - 1] + "…"


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnusableError("is not text")
    text = printable(str(value).strip())
    if len(text) > LONGEST_ID:
        raise UnusableError(f"is longer than {LONGEST_ID} characters")
    return text


def _age(value: object) -> float:
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            raise UnusableError("is not a number of years") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnusableError("is not a number of years")
    if not 0 <= value <= OLDEST:  # false for NaN and infinity too
        raise UnusableError(f"is not between 0 and {OLDEST} years")
    return float(value)


def _date(value: object) -> date:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.strip()).date()
        except ValueError:
            pass
    raise UnusableError("is not a date written as YYYY-MM-DD")


def _sex(value: object) -> str:
    word = value.strip().casefold() if isinstance(value, str) else None
    if word not in _SEXES:
        raise UnusableError("is not one of female, male, other, unknown")
    return _SEXES[word]


def _one_of(kind: type[StrEnum]) -> Callable[[object], StrEnum]:
    def parse(value: object) -> StrEnum:
        word = value.strip().casefold() if isinstance(value, str) else ""
        if word not in set(kind):
            raise UnusableError(f"is not one of {', '.join(kind)}")
        return kind(word)

    return parse


_PARSERS: dict[str, Callable[[object], object]] = {
    "note_id": _id,
    "encounter_id": _id,
    "patient_id": _id,
    "account_id": _id,
    "kind": _id,
    "author": _id,
    "author_role": _id,
    "time": _id,
    "status": _one_of(NoteStatus),
    "claim": _one_of(Claim),
    "service_date": _date,
    "admitted": _date,
    "discharged": _date,
    "age": _age,
    "sex": _sex,
}
