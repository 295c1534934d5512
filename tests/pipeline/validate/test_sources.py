"""Which note, section or author a condition was read from decides."""

from collections.abc import Callable

import pytest

from pipeline.model import (
    Assertion,
    Claim,
    Finding,
    Note,
    NoteStatus,
    Setting,
    Severity,
    Validation,
)
from pipeline.validate import message
from taxonomy import Taxonomy

Read = Callable[..., Validation]
_STAY = {"setting": Setting.INPATIENT, "claim": Claim.FACILITY}


def named(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.rule: finding for finding in findings}


def note(text: str, number: int = 1, **fields: object) -> Note:
    return Note(note_id=f"n{number}", text=text, sha256="0" * 64, **fields)  # type: ignore[arg-type]


def test_a_result_alone_is_a_question_for_an_inpatient(read: Read) -> None:
    text, found = "Elevated troponin.", {"Elevated troponin": "R79.89"}
    query = named(read(text, found, section="results", **_STAY).findings)["result-alone.V25"]
    assert query.severity is Severity.QUERY
    assert "result-alone.V25" not in named(read(text, found, section="results").findings)
    assert "result-alone.V25" not in named(read(text, found, **_STAY).findings)


def test_a_past_condition_is_a_reminder(read: Read) -> None:
    past = {"assertion": Assertion.HISTORICAL}
    found = named(read("History of gout.", {"gout": "M10.9"}, **past).findings)
    assert found["history-alone.Q07"].source == "guideline IV.J"
    history = read("History of colon cancer.", {"colon cancer": "Z85.038"}, **past)
    assert "history-alone.Q07" not in named(history.findings)
    assert "history-alone.Q07" not in named(read("Gout.", {"Gout": "M10.9"}).findings)


@pytest.mark.parametrize(
    ("role", "asks"),
    [
        ("RN", True),
        ("Registered dietitian", True),
        ("Physical therapist", True),
        ("Nurse practitioner", False),
        ("Physician", False),
        ("MD", False),
        ("", False),
    ],
)
def test_a_diagnosis_is_the_providers_to_make(
    read: Read, taxonomy: Taxonomy, *, role: str, asks: bool
) -> None:
    found = named(read([note("Morbid obesity.", author_role=role)], {"obesity": "E66.01"}).findings)
    assert ("author-not-provider.V21" in found) == asks
    if asks:
        finding = found["author-not-provider.V21"]
        assert finding.severity is Severity.QUERY
        assert "ask the provider" in message(finding, taxonomy)


def test_some_codes_may_rest_on_any_clinician(read: Read) -> None:
    nurse = [note("BMI 41. Homeless.", author_role="RN")]
    found = named(read(nurse, {"BMI 41": "Z68.41", "Homeless": "Z59.00"}).findings)
    assert "author-not-provider.V21" not in found


def test_a_provider_who_agrees_is_enough(read: Read) -> None:
    notes = [note("Obesity", 1, author_role="RN"), note("Obese", 2, author_role="MD")]
    nurse, doctor = (read(notes, {words: "E66.01"}) for words in ("Obesity", "Obese"))
    assert "author-not-provider.V21" in named(nurse.findings)
    assert "author-not-provider.V21" not in named(doctor.findings)


@pytest.mark.parametrize("status", list(NoteStatus))
def test_what_a_patient_reports_is_signed(read: Read, status: NoteStatus) -> None:
    found = named(read([note("Homeless.", status=status)], {"Homeless": "Z59.00"}).findings)
    assert ("unsigned-social.C25" in found) == (status is NoteStatus.UNSIGNED)


def test_what_was_doubted_at_admission_and_not_named_at_discharge(read: Read) -> None:
    doubt = {"assertion": Assertion.POSSIBLE, "trigger": "Possible", **_STAY}
    first = note("Possible pneumonia.", 1, kind="History and physical")
    last = note("Bronchitis treated.", 2, kind="Discharge summary")
    found = read([first, last], {"pneumonia": "J18.9"}, **doubt)
    assert "uncertain-early.Q02" in named(found.findings)
    assert [proposal.code for proposal in found.kept] == ["J18.9"]
    alone = read([first], {"pneumonia": "J18.9"}, **doubt)
    assert "uncertain-early.Q02" not in named(alone.findings)
    still = note("Possible pneumonia.", 1, kind="Discharge summary")
    assert "uncertain-early.Q02" not in named(
        read([still], {"pneumonia": "J18.9"}, **doubt).findings
    )


def test_the_diagnosis_after_the_operation_counts(read: Read) -> None:
    text = "Preoperative diagnosis: ovarian cyst\nPostoperative diagnosis: endometriosis"
    before = read(text, {"ovarian cyst": "N83.209"}, section="admission-diagnosis")
    after = read(text, {"endometriosis": "N80.9"}, section="assessment")
    assert "preoperative-only.Q09" in named(before.findings)
    assert "preoperative-only.Q09" not in named(after.findings)
    assert "preoperative-only.Q09=1" in after.passes
    none = read("Admission diagnosis: cyst", {"cyst": "N83.209"}, section="admission-diagnosis")
    assert "preoperative-only.Q09" not in named(none.findings)
