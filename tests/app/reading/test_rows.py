"""CSV and Parquet rows; JSON lines are tested with `app.ingest`."""

import json
from datetime import date
from pathlib import Path

import pytest

from app.ingest import read

NOTE = "Assessment: gout,\nleft foot."


def test_a_csv_gives_notes_with_all_their_fields(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text(
        "Note_ID,encounter_id,text,age,setting,time\n"
        f'n1,e,"{NOTE}",71,inpatient,2026-03-01\n\nn2,e,Plan.,,,\n'
    )
    intake = read([path])
    assert not intake.problems
    (found,) = intake.encounters
    assert (found.age, found.setting) == (71.0, "inpatient")
    assert [note.text for note in found.notes] == [NOTE, "Plan."]
    assert found.notes[0].time == "2026-03-01"
    assert found.notes[1].source == f"{path.as_posix()}:5"


@pytest.mark.parametrize(
    ("data", "says", "kept"),
    [
        (b'note_id,text\na,gout\nb,"gout', "is no CSV after line", 1),
        (b"note_id,text\na,gout\nb,\xff\xfe\n", "is not UTF-8 after line", 0),
        (b"", 'no column "text"', 0),
        (b"x,y\n1,2\n", 'no column "text"', 0),
        (b'note_id,text\na,gout\nb,"' + b"x" * 6_000_000, "is no CSV after line", 1),
        (b"note_id,text\na,gout\n,gout\n", 'has no "note_id"', 1),
    ],
)
def test_a_bad_csv_keeps_what_stands_before_the_fault(
    tmp_path: Path, data: bytes, says: str, kept: int
) -> None:
    (tmp_path / "n.csv").write_bytes(data)
    intake = read([tmp_path / "n.csv"])
    assert len(intake.encounters) == kept
    (problem,) = intake.problems
    assert says in problem.sentence


def test_a_list_of_encounters_in_the_folder_of_notes_is_no_file_of_notes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(NOTE)
    (tmp_path / "list.csv").write_text("path,encounter_id\na.txt,e\n")
    (tmp_path / "other.csv").write_text("x,y\n1,2\n")
    intake = read([tmp_path], encounters=tmp_path / "list.csv")
    assert [e.encounter_id for e in intake.encounters] == ["e"]
    assert not intake.problems
    assert any("other.csv has no column" in warning for warning in intake.warnings)


def test_parquet_gives_the_same_notes_as_json_lines(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    rows = [
        {"note_id": f"n{n}", "encounter_id": f"e{n // 2}", "text": f"{NOTE} {n}", "age": 50 + n}
        for n in range(600)
    ]
    table = arrow.Table.from_pylist([{**row, "service_date": date(2026, 3, 1)} for row in rows])
    parquet.write_table(table, tmp_path / "n.parquet", row_group_size=100)
    (tmp_path / "n.jsonl").write_text(
        "".join(json.dumps({**row, "service_date": "2026-03-01"}) + "\n" for row in rows)
    )
    ours, theirs = read([tmp_path / "n.parquet"]), read([tmp_path / "n.jsonl"])
    assert len(ours.encounters) == 300
    for one, other in zip(ours.encounters, theirs.encounters, strict=True):
        assert (one.encounter_id, one.age, one.service_date) == (
            other.encounter_id,
            other.age,
            other.service_date,
        )
        assert [n.text for n in one.notes] == [n.text for n in other.notes]


@pytest.mark.parametrize("fault", ["cut", "flipped", "empty", "text", "columns"])
def test_a_bad_parquet_file_is_refused_and_the_rest_goes_on(tmp_path: Path, fault: str) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    path = tmp_path / "n.parquet"
    name = "words" if fault == "columns" else "text"
    table = arrow.Table.from_pylist([{"note_id": f"n{n}", name: f"{NOTE} {n}"} for n in range(50)])
    parquet.write_table(table, path, compression="zstd", write_page_checksum=True)
    data = path.read_bytes()
    half = len(data) // 2
    damaged = {
        "cut": data[:-20],
        "flipped": data[:half] + bytes(255 - b for b in data[half : half + 40]) + data[half + 40 :],
        "empty": b"",
        "text": b"Assessment: gout.",
        "columns": data,
    }[fault]
    path.write_bytes(damaged)
    (tmp_path / "a.txt").write_text(NOTE)
    intake = read([path, tmp_path / "a.txt"])
    assert intake.encounters[-1].encounter_id == "a.txt"
    (problem,) = intake.problems
    assert "n.parquet" in problem.sentence
