"""C-CDA: the narrative, the encounter around it, and entity bombs."""

from datetime import date
from pathlib import Path

import pytest

from app.ingest import read
from pipeline.model import NoteStatus, Setting
from tests.app.reading.makers import BOMB, ccda


def test_a_document_gives_its_narrative_and_its_encounter(tmp_path: Path) -> None:
    (tmp_path / "d.xml").write_bytes(ccda())
    intake = read([tmp_path])
    assert not intake.problems
    (found,) = intake.encounters
    assert (found.encounter_id, found.patient_id) == ("ENC-9", "PAT-3")
    assert (found.setting, found.sex, found.age) == (Setting.INPATIENT, "female", 77.0)
    assert (found.admitted, found.discharged) == (date(2026, 3, 1), date(2026, 3, 5))
    (note,) = found.notes
    assert (note.note_id, note.kind, note.status) == ("DOC-7", "Discharge Summary", "final")
    assert (note.author, note.time) == ("Ada Invented", "2026-03-05T10:15")
    assert "Hospital Course:\n" in note.text
    assert "community acquired pneumonia." in note.text
    assert "\nWalks alone\n" in note.text
    assert "HbA1c\t7.9" in note.text
    assert "never read" not in note.text


def test_a_replacement_takes_the_place_of_its_parent(tmp_path: Path) -> None:
    replacing = '<relatedDocument typeCode="RPLC"><parentDocument><id extension="DOC-7"/>'
    replacing += "</parentDocument></relatedDocument>"
    newer = ccda(extra=replacing).replace(b'extension="DOC-7"/>\n  <code', b'extension="N"/><code')
    for names in (("a", "b"), ("b", "a")):
        folder = tmp_path / names[0]
        folder.mkdir()
        (folder / f"{names[0]}.xml").write_bytes(ccda())
        (folder / f"{names[1]}.xml").write_bytes(newer)
        (found,) = read([folder]).encounters
        assert [(n.note_id, n.status) for n in found.notes] == [("N", NoteStatus.AMENDED)]


DEEP = "<component><section><text>" + "<content>" * 5000 + "x" + "</content>" * 5000
DEEP += "</text></section></component>"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (ccda(head=BOMB, body="<component><section><title>&c;</title></section></component>"),
         "entity bomb"),
        (ccda(head='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "entit"),
        (ccda()[:600], "no XML"),
        (b"", "no XML"),
        (ccda(body="<component><section><entry/></section></component>"), "no narrative"),
        (ccda(body=DEEP), "nested"),
        (b"<html/>", "no C-CDA"),
    ],
)  # fmt: skip
def test_a_bad_document_is_refused_in_a_sentence_and_the_rest_goes_on(
    tmp_path: Path, data: bytes, says: str
) -> None:
    (tmp_path / "bad.xml").write_bytes(data)
    (tmp_path / "good.txt").write_text("Assessment: gout.")
    intake = read([tmp_path / "bad.xml", tmp_path / "good.txt"])
    assert [e.encounter_id for e in intake.encounters] == ["good.txt"]
    (problem,) = intake.problems
    assert "bad.xml" in problem.sentence
    assert says in problem.sentence


def test_other_xml_in_a_folder_is_passed_over_and_named(tmp_path: Path) -> None:
    (tmp_path / "pom.xml").write_text("<project/>")
    (tmp_path / "good.txt").write_text("Assessment: gout.")
    intake = read([tmp_path])
    assert not intake.problems
    assert "pom.xml is XML but no C-CDA" in intake.warnings[0]
