"""FHIR R4: Bundles and bulk exports, with what servers leave out; every resource is invented."""

import base64
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.ingest import read
from pipeline.model import NoteStatus, Setting
from tests.app.reading.makers import ccda, pdf

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1950-02-03"}
STAY = {
    "resourceType": "Encounter",
    "id": "e1",
    "class": {"code": "IMP"},
    "subject": {"reference": "Patient/p1"},
    "period": {"start": "2026-03-01T08:00:00Z", "end": "2026-03-05"},
    "account": [{"reference": "Account/a7"}],
}
TEXT = "Assessment: gout of the left foot.\n"


def content(data: bytes, media: str = "text/plain; charset=utf-8") -> dict[str, Any]:
    return {"attachment": {"contentType": media, "data": base64.b64encode(data).decode()}}


def document(**fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [{"code": "11506-3", "display": "Progress note"}]},
        "date": "2026-03-02T09:00:00Z",
        "author": [{"display": "Bea Invented"}],
        "context": {"encounter": [{"reference": "Encounter/e1"}]},
        "content": [content(TEXT.encode())],
        **fields,
    }


def report(**fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": {"text": "Chest radiograph"},
        "subject": {"reference": "Patient/p1"},
        "encounter": {"reference": "https://ehr.example/fhir/Encounter/e1/_history/2"},
        "effectiveDateTime": "2026-03-02",
        "conclusion": "Right lower lobe pneumonia.",
        **fields,
    }


def bundle(path: Path, *resources: object) -> Path:
    entries = [{"resource": each} for each in resources]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return path


def test_a_bundle_gives_notes_with_setting_dates_age_and_sex(tmp_path: Path) -> None:
    intake = read([bundle(tmp_path / "b.json", document(), report(), STAY, PATIENT)])
    assert not intake.problems
    (found,) = intake.encounters
    assert (found.encounter_id, found.patient_id, found.account_id) == ("e1", "p1", "a7")
    assert (found.setting, found.sex, found.age) == (Setting.INPATIENT, "male", 76.0)
    assert (found.admitted, found.discharged) == (date(2026, 3, 1), date(2026, 3, 5))
    note, second = found.notes
    assert (note.note_id, note.kind) == ("DocumentReference/d1", "Progress note")
    assert (note.status, note.author) == (NoteStatus.FINAL, "Bea Invented")
    assert note.text == TEXT
    assert second.text == "Right lower lobe pneumonia."


def test_references_by_full_url_are_followed(tmp_path: Path) -> None:
    note = document(context={"encounter": [{"reference": "urn:uuid:1"}]})
    entries = [
        {"fullUrl": "urn:uuid:9", "resource": note},
        {"fullUrl": "urn:uuid:1", "resource": {**STAY, "subject": {"reference": "urn:uuid:2"}}},
        {"fullUrl": "urn:uuid:2", "resource": PATIENT},
    ]
    path = tmp_path / "b.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
    (found,) = read([path]).encounters
    assert (found.setting, found.sex) == (Setting.INPATIENT, "male")


def test_a_bulk_export_is_read_across_its_files(tmp_path: Path) -> None:
    binary = {"resourceType": "Binary", "id": "b1", "contentType": "text/plain"}
    binary["data"] = base64.b64encode(b"Plan: allopurinol.").decode()
    away = {"attachment": {"contentType": "text/plain", "url": "Binary/b1"}}
    files: dict[str, list[object]] = {
        "Binary.ndjson": [binary],
        "Condition.ndjson": [{"resourceType": "Condition"}],
        "DocumentReference.ndjson": [document(), document(id="d2", content=[away])],
        "Encounter.ndjson": [STAY],
        "Patient.ndjson": [PATIENT],
    }
    for name, rows in files.items():
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    intake = read([tmp_path])
    assert not intake.problems
    (found,) = intake.encounters
    assert [note.text for note in found.notes] == [TEXT, "Plan: allopurinol."]
    assert found.age == 76.0
    assert any("1 Condition" in warning for warning in intake.warnings)
    assert found == read([tmp_path / "DocumentReference.ndjson"]).encounters[0]


@pytest.mark.parametrize(
    ("media", "data", "word"),
    [
        ("text/html", b"<p>gout &amp; more</p>", "gout & more"),
        ("text/rtf", rb"{\rtf1 gout}", "gout"),
        ("application/pdf", pdf(["Assessment: gout."]), "gout"),
        ("application/xml", ccda(), "community acquired pneumonia"),
    ],
)
def test_attachments_of_other_types_are_opened(
    tmp_path: Path, media: str, data: bytes, word: str
) -> None:
    (found,) = read(
        [bundle(tmp_path / "b.json", document(content=[content(data, media)]))]
    ).encounters
    assert word in found.notes[0].text


def test_an_amended_document_takes_the_place_of_the_one_it_names(tmp_path: Path) -> None:
    newer = document(
        id="d2",
        docStatus="amended",
        content=[content(b"Assessment: no gout.")],
        relatesTo=[{"code": "replaces", "target": {"reference": "DocumentReference/d1"}}],
    )
    for pair in ((document(), newer), (newer, document())):
        (found,) = read([bundle(tmp_path / "b.json", *pair)]).encounters
        assert [note.note_id for note in found.notes] == ["DocumentReference/d2"]


def test_what_was_entered_in_error_is_not_coded(tmp_path: Path) -> None:
    intake = read([bundle(tmp_path / "b.json", document(status="entered-in-error"), report())])
    (found,) = intake.encounters
    assert [note.note_id for note in found.notes] == ["DiagnosticReport/r1"]


def test_one_text_as_document_and_as_report_is_one_note(tmp_path: Path) -> None:
    words = ("Impression: right lower lobe pneumonia. " * 8).encode()
    both = document(content=[content(words)]), report(presentedForm=[content(words)["attachment"]])
    intake = read([bundle(tmp_path / "b.json", *both)])
    assert len(intake.encounters[0].notes) == 1
    assert "word for word" in intake.warnings[0]


FAR = {"attachment": {"contentType": "text/plain", "url": "https://ehr.example/Binary/7"}}


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (document(content=[FAR]), "not part of the export"),
        (document(content=[content(b"x", "image/png")]), "no content of a type"),
        (document(content=[{"attachment": {"contentType": "text/plain", "data": "%%"}}]), "base64"),
        (document(content=[content(b"%PDF-1.4 broken", "application/pdf")]), "PDF"),
        (document(content=[content(b" ")]), "blank"),
    ],
)  # fmt: skip
def test_a_bad_document_costs_only_itself(tmp_path: Path, bad: object, says: str) -> None:
    intake = read([bundle(tmp_path / "b.json", bad, report())])
    assert len(intake.encounters[0].notes) == 1
    (problem,) = intake.problems
    assert says in problem.sentence
    assert problem.encounter_id == "e1"
    assert intake.refused("e1") == (problem,), "its encounter goes to a person"


@pytest.mark.parametrize(
    "fields",
    [
        {"context": []},
        {"context": {"encounter": {"reference": 5}}},
        {"date": 7, "type": "x", "author": "y"},
        {"docStatus": None, "status": []},
        {"relatesTo": [5, {"code": "replaces"}]},
    ],
)
def test_fields_of_the_wrong_shape_count_as_absent(tmp_path: Path, fields: dict[str, Any]) -> None:
    intake = read([bundle(tmp_path / "b.json", document(**fields))])
    assert len(intake.encounters) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"a": 1}', "no FHIR resource"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {}}]}', "nothing to code"),
        ('{"resourceType": "Bundle", "entry": 5}', "nothing to code"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_fhir_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "b.json").write_text(text)
    (problem,) = read([tmp_path / "b.json"]).problems
    assert says in problem.sentence


def test_a_broken_line_of_an_export_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "DocumentReference.ndjson"
    path.write_text(f"{json.dumps(document())}\n{{broken\n{json.dumps(document(id='d3'))}\n")
    intake = read([path])
    assert len(intake.encounters[0].notes) == 2
    assert intake.problems[0].sentence.startswith(f"{path.as_posix()}:2 is no JSON")
