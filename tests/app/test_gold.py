import gzip
import json
from pathlib import Path

import pytest

from app import UsageError
from app.gold import read_documents, read_pairs
from pipeline.model import EvidenceSpan, Setting


def write(path: Path, *rows: object) -> Path:
    text = "".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in rows)
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def document(doc_id: str = "d", text: str = "Has asthma.", **fields: object) -> dict[str, object]:
    return {"doc_id": doc_id, "text": text, "annotations": [], **fields}


def annotation(code: str, *evidence: list[object]) -> dict[str, object]:
    return {"code": code, "evidence": list(evidence)}


@pytest.mark.parametrize("name", ["gold.jsonl", "gold.jsonl.gz"])
def test_documents_are_read_plain_or_compressed(tmp_path: Path, name: str) -> None:
    asthma = annotation("j45909", [4, 10, "asthma"])
    row = document(annotations=[asthma, annotation("I10")], setting="inpatient")
    (found,), problems = read_documents(write(tmp_path / name, row), setting=None)
    assert not problems
    assert found.encounter.encounter_id == found.encounter.notes[0].note_id == "d"
    assert found.encounter.setting is Setting.INPATIENT
    assert found.codes == {
        "J45.909": (EvidenceSpan(note_id="d", start=4, end=10),),
        "I10": (),
    }


def test_offsets_follow_the_text_into_its_canonical_form(tmp_path: Path) -> None:
    text = "\ufeffHx:\r\nasthma\r\nand gout"
    spans = [annotation("J45.909", [6, 12, "asthma"]), annotation("M10.9", [18, 22, "gout"])]
    path = write(tmp_path / "g.jsonl", document(text=text, annotations=spans))
    (found,), problems = read_documents(path, setting=None)
    assert not problems
    (note,) = found.encounter.notes
    words = [note.text[s.start : s.end] for spans in found.codes.values() for s in spans]
    assert words == ["asthma", "gout"]


def test_evidence_of_one_code_in_several_annotations_is_joined(tmp_path: Path) -> None:
    spans = [annotation("I10", [0, 3, "Has"]), annotation("I10", [4, 10, "asthma"])]
    path = write(tmp_path / "g.jsonl", document(annotations=spans))
    (found,), _ = read_documents(path, setting=None)
    assert len(found.codes["I10"]) == 2


def test_evidence_that_does_not_stand_at_its_offsets_is_left_out_and_said(tmp_path: Path) -> None:
    spans = [annotation("I10", [0, 6, "asthma"], [5, 400], [3, 2], ["0", 3], [4, 10])]
    path = write(tmp_path / "g.jsonl", document(annotations=spans))
    (found,), (problem,) = read_documents(path, setting=None)
    assert found.codes["I10"] == (EvidenceSpan(note_id="d", start=4, end=10),)
    assert "g.jsonl:1 has 4 pieces of evidence" in problem


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{", "is no JSON"),
        ({"doc_id": "x", "text": "a b"}, 'no list of "annotations"'),
        ({"text": "a b", "annotations": []}, 'has no "doc_id"'),
        (document("good"), "repeats a doc_id"),
        (document("x", annotations=["I10"]), "no object"),
        (document("x", annotations=[{"code": "hypertension"}]), 'no usable "code"'),
        (document("x", text=" "), "blank"),
        (document("x", setting="ward"), "unknown setting"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_scored(
    tmp_path: Path, bad: object, says: str
) -> None:
    path = write(tmp_path / "g.jsonl", document("good"), bad, document("last"))
    found, (problem,) = read_documents(path, setting=None)
    assert [each.encounter.encounter_id for each in found] == ["good", "last"]
    assert problem.startswith(f"{path.as_posix()}:2 ")
    assert says in problem


def test_pairs_are_read_and_bad_lines_named(tmp_path: Path) -> None:
    rows = ({"mention": "gout", "code": "m10.9"}, {"mention": " ", "code": "I10"}, {"mention": "x"})
    pairs, problems = read_pairs(write(tmp_path / "p.jsonl", *rows))
    assert [(p.mention, p.code) for p in pairs] == [("gout", "M10.9")]
    assert ["p.jsonl:2" in problems[0], "p.jsonl:3" in problems[1]] == [True, True]


def test_files_without_anything_usable_end_the_command(tmp_path: Path) -> None:
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"doc_id": 1}\n' * 100)[:-20])
    for name, says in [("cut.jsonl.gz", "damaged"), ("absent.jsonl", "No such file")]:
        with pytest.raises(UsageError, match=says):
            read_documents(tmp_path / name, setting=None)
    with pytest.raises(UsageError, match="holds no pair"):
        read_pairs(write(tmp_path / "empty.jsonl"))
