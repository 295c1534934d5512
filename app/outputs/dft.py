"""A submitted case as HL7 v2.5.1 DFT^P03: its diagnoses as DG1 segments, and no charge.

Everything in a message follows from the log, so that the same submission is the same bytes whenever
it is written: MSH-10 is a digest of store, case and event, MSH-7 the time of the event. A receiver
that keeps the control ids it has seen takes each submission once. Source: HL7 v2.5.1 chapter 6.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.model import Encounter, Setting

ADD, UPDATE, DELETE = "A", "U", "D"
"""DG1-21, table 0206: what a diagnosis is against the submission before."""

_CLASSES = {
    Setting.INPATIENT: "I",
    Setting.OUTPATIENT: "O",
    Setting.EMERGENCY: "E",
    Setting.OBSERVATION: "O",
    Setting.OTHER: "U",
}
_SEXES = {"female": "F", "male": "M", "other": "O"}
_ESCAPES = str.maketrans(
    {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": " ", "\n": " "}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A code as submitted; `poa` is None where not said, "" where exempt."""

    code: str
    title: str
    poa: str | None
    action: str = ADD


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One submission of a case: by whom and when, with the diagnoses in order."""

    control_id: str
    case_id: str
    seq: int
    when: str
    by: str
    encounter: Encounter
    diagnoses: Sequence[Diagnosis]


def control_id(store_id: str, case_id: str, seq: int) -> str:
    """Return MSH-10: 20 letters that name one submission, by its event, and no other."""
    return hashlib.sha256(f"{store_id}\0{case_id}\0{seq}".encode()).hexdigest()[:20].upper()


def message(submission: Submission) -> bytes:
    """Return the message, its segments ended by carriage returns, in UTF-8."""
    chart = submission.encounter
    when = _stamp(submission.when)
    visit = _day(chart.admitted or chart.service_date)
    segments = [
        [
            "MSH",
            "^~\\&",
            "CHARTPROOF",
            "",
            "",
            "",
            when,
            "",
            "DFT^P03^DFT_P03",
            submission.control_id,
            "P",
            "2.5.1",
            *[""] * 5,
            "UNICODE UTF-8",
        ],
        ["EVN", "P03", when],
        [
            "PID",
            "1",
            "",
            _text(chart.patient_id),
            *[""] * 4,
            _SEXES.get(chart.sex, "U"),
            *[""] * 9,
            _text(chart.account_id),
        ],
        [
            "PV1",
            "1",
            _CLASSES[chart.setting],
            *[""] * 16,
            _text(chart.encounter_id),
            *[""] * 24,
            visit,
            _day(chart.discharged),
        ],
    ]
    segments += [
        _dg1(number, each, submission) for number, each in enumerate(_sorted(submission), 1)
    ]
    return "".join("|".join(fields).rstrip("|") + "\r" for fields in segments).encode()


def _sorted(submission: Submission) -> Iterable[Diagnosis]:
    """Put what is taken back behind what stands, so that set ids follow the claim's order."""
    return sorted(submission.diagnoses, key=lambda each: each.action == DELETE)


def _dg1(number: int, each: Diagnosis, submission: Submission) -> list[str]:
    fields = [""] * 28
    fields[0] = "DG1"
    fields[1] = str(number)
    fields[3] = f"{_text(each.code)}^{_text(each.title)}^I10C"
    fields[5] = _stamp(submission.when)
    fields[6] = "F"
    fields[15] = str(number) if each.action != DELETE else "0"
    fields[16] = _text(submission.by)
    fields[20] = f"{submission.case_id}-{_text(each.code)}"
    fields[21] = each.action
    fields[26] = each.poa or ""
    return fields[:27]


def changed(now: Sequence[Diagnosis], before: Sequence[str]) -> tuple[Diagnosis, ...]:
    """Return the diagnoses with their actions against the codes submitted before."""
    kept = tuple(replace(each, action=UPDATE if each.code in before else ADD) for each in now)
    codes = {each.code for each in now}
    gone = (Diagnosis(code=code, title="", poa=None, action=DELETE) for code in before)
    return (*kept, *(each for each in gone if each.code not in codes))


def _text(value: str) -> str:
    return value.translate(_ESCAPES)


def _day(value: date | None) -> str:
    return "" if value is None else value.strftime("%Y%m%d")


def _stamp(when: str) -> str:
    """Return a time of the log (ISO 8601, UTC) as an HL7 time stamp."""
    digits = "".join(each for each in when[:19] if each.isdigit())
    return f"{digits}+0000"
