"""HL7 v2: ORU and MDM as hospitals send them, damaged and hostile; all of it invented."""

import base64
from datetime import date
from pathlib import Path

import pytest

from app.assembly import Intake
from app.ingest import read
from pipeline.model import NoteStatus, Setting
from tests.app.reading.makers import pdf

MDM = r"""MSH|^~\&|DICT|HOSP|CP|HOSP|202603051015||MDM^T02^MDM_T02|M1|P|2.5.1
EVN||202603051015
PID|1||PAT-3^^^HOSP^MR||Invented^Ada||19480712|F||||||||||ACC-1
PV1|1|I|W^1^2||||||||||||||||ENC-9|||||||||||||||||||||||||20260301|20260305
TXA|1|Discharge summary|TX|202603051010|||||77^Invented^Bea|||DOC-1|||||LA
OBX|1|TX|18842-5^Discharge summary||Assessment:||||||F
OBX|2|TX|18842-5^Discharge summary||Pneumonia \T\ gout.\.br\Type 2 diabetes mellitus.||||||F
"""
ORU = r"""MSH|^~\&|RIS|HOSP|CP|HOSP|20260302||ORU^R01|M2|P|2.5.1
PID|1||PAT-3||Invented^Ada||19480712|F
PV1|1|O|||||||||||||||||VIS-4
OBR|1||RAD-5|71046^Chest radiograph|||202603020930||||||||||||||||||C
OBX|1|FT|IMP||Impression: right lower lobe pneumonia.~No effusion.||||||C
OBR|2||LAB-6|GLU^Glucose|||20260302||||||||||||||||||F
OBX|1|NM|GLU||140|mg/dL|||||F
"""


def given(tmp_path: Path, *messages: str, joined: str = "\r") -> Intake:
    path = tmp_path / "in.hl7"
    path.write_bytes("".join(m.replace("\n", joined) for m in messages).encode())
    return read([path])


@pytest.mark.parametrize("joined", ["\r", "\n", "\r\n"])
def test_a_document_brings_its_visit(tmp_path: Path, joined: str) -> None:
    intake = given(tmp_path, MDM, joined=joined)
    assert not intake.problems
    (found,) = intake.encounters
    assert (found.encounter_id, found.patient_id, found.account_id) == ("ENC-9", "PAT-3", "ACC-1")
    assert (found.setting, found.sex, found.age) == (Setting.INPATIENT, "female", 77.0)
    assert (found.admitted, found.discharged) == (date(2026, 3, 1), date(2026, 3, 5))
    (note,) = found.notes
    assert note.text == "Assessment:\nPneumonia & gout.\nType 2 diabetes mellitus.\n"
    assert (note.note_id, note.kind, note.status) == ("DOC-1", "Discharge summary", "final")
    assert (note.author, note.time) == ("Invented", "2026-03-05T10:10")


def test_results_give_a_note_for_each_order_with_words(tmp_path: Path) -> None:
    intake = given(tmp_path, ORU)
    (found,) = intake.encounters
    assert (found.setting, found.service_date) == (Setting.OUTPATIENT, date(2026, 3, 2))
    (note,) = found.notes
    assert note.text == "Impression: right lower lobe pneumonia.\nNo effusion.\n"
    assert (note.note_id, note.kind) == ("RAD-5", "Chest radiograph")
    assert note.status is NoteStatus.AMENDED
    assert any("numbers and no text" in warning for warning in intake.warnings)


def test_messages_in_frames_and_batches_are_told_apart(tmp_path: Path) -> None:
    framed = f"FHS|^~\\&|x\nBHS|^~\\&|x\n\x0b{MDM}\x1c\n\x0b{ORU}\x1c\nBTS|2\n"
    intake = given(tmp_path, framed)
    assert [e.encounter_id for e in intake.encounters] == ["ENC-9", "VIS-4"]


def test_other_separators_are_those_that_the_message_names(tmp_path: Path) -> None:
    other = MDM.replace("|", "#").replace("^", "@")
    (found,) = given(tmp_path, other).encounters
    assert found.notes[0].kind == "Discharge summary"
    assert found.patient_id == "PAT-3"


def test_an_amended_document_takes_the_place_of_the_first_in_any_order(tmp_path: Path) -> None:
    edit = MDM.replace("MDM^T02", "MDM^T10").replace("|DOC-1|", "|DOC-2|DOC-1|")
    edit = edit.replace("gout", "no gout after all").replace("|||LA", "||LA")
    for messages in ((MDM, edit), (edit, MDM)):
        intake = given(tmp_path, *messages)
        (found,) = intake.encounters
        (note,) = found.notes
        assert (note.note_id, note.status) == ("DOC-2", NoteStatus.AMENDED)
        assert not intake.problems


def test_a_cancelled_document_is_not_coded(tmp_path: Path) -> None:
    cancel = MDM.replace("MDM^T02", "MDM^T11")
    for messages in ((MDM, cancel), (cancel, MDM)):
        intake = given(tmp_path, *messages)
        assert not intake.encounters
        assert any("takes the note 'DOC-1' back" in warning for warning in intake.warnings)


def test_a_document_sent_twice_is_one_note(tmp_path: Path) -> None:
    intake = given(tmp_path, MDM, MDM.replace("|M1|", "|M9|"))
    assert len(intake.encounters[0].notes) == 1
    assert "word for word" in intake.warnings[0]


def test_an_embedded_pdf_is_opened(tmp_path: Path) -> None:
    data = base64.b64encode(pdf(["Assessment: gout."])).decode()
    head, _, _ = MDM.partition("OBX|1")
    (found,) = given(tmp_path, f"{head}OBX|1|ED|x||X^AP^PDF^Base64^{data}||||||F\n").encounters
    assert "gout" in found.notes[0].text


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (MDM.replace(r"|^~\&|", "|^^^^|", 1), "separators that cannot be told apart"),
        (MDM.replace(r"MSH|^~\&|", "MSHaaaaaa", 1), "separators that cannot be told apart"),
        ("MSH|^~\\&|x\nPID;1;PAT-3\nOBX;1;TX\n", "does not use the separators"),
        (MDM.partition("OBX")[0], "holds no text"),
        (ORU.partition("OBR")[0], "holds no OBR"),
        (MDM.partition("OBX")[0] + "OBX|1|ED|x||X^AP^PDF^Base64^%%%||||||F\n", "base64"),
        (MDM.partition("OBX")[0] + "OBX|1|ED|x||X^AP^PDF^Base64^R09VVA==||||||F\n", "PDF"),
        (MDM.replace("TXA|1", "TXB|1").replace("|M1|", "||"), "names no document"),
    ],
)
def test_a_bad_message_costs_only_itself(tmp_path: Path, bad: str, says: str) -> None:
    intake = given(tmp_path, bad, ORU)
    assert [e.encounter_id for e in intake.encounters] == ["VIS-4"]
    (problem,) = intake.problems
    assert problem.sentence.startswith(f"{tmp_path.as_posix()}/in.hl7:1 ")
    assert says in problem.sentence
    assert "Invented" not in problem.sentence


@pytest.mark.parametrize(("data", "says"), [(b"", "is empty"), (b"Assessment: gout.", "no HL7")])
def test_a_file_that_is_no_hl7_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "in.hl7").write_bytes(data)
    (problem,) = read([tmp_path]).problems
    assert says in problem.sentence


def test_other_messages_are_passed_over_and_named(tmp_path: Path) -> None:
    intake = given(tmp_path, "MSH|^~\\&|a|b|c|d|2026||ADT^A01|1|P|2.5\nPID|1\n", ORU)
    assert len(intake.encounters) == 1
    assert any("of type ADT" in warning for warning in intake.warnings)
