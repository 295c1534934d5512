import gc
import hashlib
import json
import os
from pathlib import Path

import pytest

from app import UsageError
from app.canonical import MAX_BYTES
from app.ingest import read
from pipeline.model import Claim, Note, Setting

NOTE = "Assessment: essential hypertension.\n"


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in rows))
    return path


def note(note_id: str, **fields: object) -> dict[str, object]:
    return {"note_id": note_id, "text": NOTE, **fields}


def test_a_folder_is_read_in_depth_in_order_and_hidden_names_are_passed_over(
    tmp_path: Path,
) -> None:
    for name in ("b.txt", "a/z.TXT", "a/b/c.txt", ".hidden.txt", ".git/x.txt", "scan.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(NOTE)
    intake = read([tmp_path])
    assert [e.encounter_id for e in intake.encounters] == ["b.txt", "a/z.TXT", "a/b/c.txt"]
    assert [e.notes[0].note_id for e in intake.encounters] == ["b.txt", "a/z.TXT", "a/b/c.txt"]
    assert not intake.problems
    (warning,) = intake.warnings
    assert "scan.png" in warning
    assert ".hidden" not in warning


def test_a_file_keeps_its_digest_its_source_and_its_canonical_text(tmp_path: Path) -> None:
    data = "\ufeffa\r\nb\rc\n".encode()
    (tmp_path / "n.txt").write_bytes(data)
    (encounter,) = read([tmp_path / "n.txt"]).encounters
    (found,) = encounter.notes
    assert found.text == "a\nb\nc\n"
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.note_id == "n.txt"
    assert found.source == (tmp_path / "n.txt").as_posix()


def test_a_missing_setting_is_assumed_and_an_option_is_not(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text(NOTE)
    (assumed,) = read([tmp_path]).encounters
    assert assumed.setting is Setting.OUTPATIENT
    assert "setting" in assumed.assumed
    (told,) = read([tmp_path], setting=Setting.INPATIENT).encounters
    assert told.setting is Setting.INPATIENT
    assert "setting" not in told.assumed
    assert told.claim is Claim.FACILITY


def test_one_bad_file_among_a_hundred_costs_only_itself(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"n{number:03}.txt").write_text(NOTE)
    (tmp_path / "n042.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    intake = read([tmp_path])
    assert len(intake.encounters) == 99
    (problem,) = intake.problems
    assert problem.note_id == "n042.txt"
    assert problem.sentence.startswith(f"{tmp_path.as_posix()}/n042.txt is a PNG picture")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\n", "is blank"),
        ("a.txt", b"\x7fELF" + bytes(50), "program"),
        ("a.txt", "asthma".encode("utf-16-le"), "UTF-16"),
        ("a.txt", b"a" * MAX_BYTES, "too large (5.0 MB"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "of no format that can be read (.txt, .md,"),
        ("a.jsonl", b"", "holds no line"),
    ],
)
def test_a_bad_file_named_itself_is_refused_in_a_sentence(
    tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    intake = read([path])
    assert not intake.encounters
    (problem,) = intake.problems
    assert path.as_posix() in problem.sentence
    assert says in problem.sentence
    assert problem.sentence.endswith(".")


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "n.txt").write_text(NOTE)
    intake = read([tmp_path])
    assert len(intake.encounters) == 1
    assert sorted(p.note_id for p in intake.problems) == ["gone.txt", "pipe.txt"]


def test_a_path_that_does_not_exist_costs_only_itself_unless_it_is_all_there_is(
    tmp_path: Path,
) -> None:
    (tmp_path / "n.txt").write_text(NOTE)
    missing = tmp_path / "missing.txt"
    intake = read([missing, tmp_path / "n.txt"])
    assert len(intake.encounters) == 1
    assert "missing.txt does not exist" in intake.problems[0].sentence
    with pytest.raises(UsageError, match=r"missing\.txt does not exist"):
        read([missing])


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    (problem,) = read([tmp_path]).problems
    assert "holds no file of notes (.txt, .md," in problem.sentence


def test_json_lines_give_notes_with_all_their_fields(tmp_path: Path) -> None:
    row = note("n1", encounter_id="e", kind="ED note", author_role="nurse", status="amended")
    path = lines(tmp_path / "x.jsonl", {**row, "age": "50", "setting": "Emergency", "other": 1})
    (encounter,) = read([path]).encounters
    assert (encounter.encounter_id, encounter.age, encounter.setting) == ("e", 50.0, "emergency")
    (found,) = encounter.notes
    assert (found.kind, found.author_role, found.status) == ("ED note", "nurse", "amended")
    assert found.source == f"{path.as_posix()}:1"
    assert found.sha256 == hashlib.sha256(path.read_bytes().rstrip(b"\n")).hexdigest()


def test_notes_with_one_encounter_id_are_one_encounter_in_order(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "x.jsonl",
        note("n2", encounter_id="e", age=50),
        note("alone"),
        note("n1", encounter_id="e", age=51, sex="f"),
    )
    intake = read([path])
    assert [(e.encounter_id, [n.note_id for n in e.notes]) for e in intake.encounters] == [
        ("e", ["n2", "n1"]),
        ("alone", ["alone"]),
    ]
    assert intake.encounters[0].age == 50
    assert intake.encounters[0].sex == "female"
    (warning,) = intake.warnings
    assert "x.jsonl:3" in warning
    assert "age differs" in warning


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{broken", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[1]", "is no JSON object"),
        ({"note_id": "n"}, 'has no "text"'),
        ({"note_id": "n", "text": 5}, 'has no "text"'),
        ({"note_id": "n", "text": ""}, 'has an empty "text"'),
        ({"note_id": "n", "text": " \n"}, "is blank"),
        ({"note_id": "n", "text": "\0\1\2\3"}, "is binary"),
        ({"text": NOTE}, 'has no "note_id"'),
        ({"note_id": "good1", "text": NOTE}, "good1"),
        ({"note_id": "n", "text": NOTE, "setting": "ward"}, "unknown setting 'ward'"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_the_others_are_coded(
    tmp_path: Path, bad: object, says: str
) -> None:
    path = lines(tmp_path / "x.jsonl", note("good1"), bad, "", note("good2"))
    intake = read([path])
    assert [e.encounter_id for e in intake.encounters] == ["good1", "good2"]
    (problem,) = intake.problems
    assert problem.source == f"{path.as_posix()}:2"
    assert problem.sentence.startswith(f"{path.as_posix()}:2 ")
    assert says in problem.sentence
    assert NOTE.strip() not in problem.sentence


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"note_id": "a", "text": "asthma"}\r\n{"text": "\xe9"}\r\n')
    intake = read([path])
    assert [e.encounter_id for e in intake.encounters] == ["a"]
    assert "x.jsonl:2 is not UTF-8" in intake.problems[0].sentence


def test_lone_surrogates_and_line_ends_in_json_become_canonical(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    text = "asthma \\ud83d stable\\r\\n" + "and well " * 30
    path.write_text(f'{{"note_id": "a\\udc00", "text": "{text}"}}\n')
    (encounter,) = read([path]).encounters
    assert encounter.encounter_id == "a\ufffd"
    assert encounter.notes[0].text.startswith("asthma \ufffd stable\nand well ")


def test_a_repeated_note_is_passed_over_and_other_words_under_its_id_are_refused(
    tmp_path: Path,
) -> None:
    row = note("n", encounter_id="e")
    intake = read([lines(tmp_path / "x.jsonl", row, row, {**row, "text": "Gout."})])
    assert len(intake.encounters[0].notes) == 1
    assert "x.jsonl:2 repeats " in intake.warnings[0]
    assert "repeats the note_id 'n'" in intake.problems[0].sentence
    assert intake.refused("e") == intake.problems


def test_files_of_two_folders_with_one_name_are_not_mixed_up(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "n.txt").write_text(NOTE)
    intake = read([tmp_path / "one", tmp_path / "two"])
    assert len(intake.encounters) == 1
    assert "two/n.txt has the id 'n.txt', which " in intake.problems[0].sentence


def test_a_list_of_encounters_gives_files_their_fields(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (notes / name).write_text(NOTE)
    csv = tmp_path / "list.csv"
    csv.write_text(
        "Path,encounter_id,setting,age,kind,whatever\n"
        "b.txt,e1,inpatient,70,discharge summary,1\n"
        "notes/a.txt,e1,,x,,\n"
        "\n"
        ",e9,,,,\n"
    )
    intake = read([notes], encounters=csv)
    first, second = intake.encounters
    assert [n.note_id for n in first.notes] == ["b.txt", "a.txt"], "in the order of the rows"
    assert (first.encounter_id, first.setting, first.age) == ("e1", "inpatient", 70.0)
    assert first.notes[0].kind == "discharge summary"
    assert second.encounter_id == "c.txt"
    assert not intake.problems
    text = " ".join(intake.warnings)
    assert "list.csv:3: age is not a number" in text
    assert "list.csv:5 has no path" in text
    assert "1 of the 3 files" in text


def test_rows_that_name_no_file_or_an_unknown_setting_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(NOTE)
    (tmp_path / "b.txt").write_text(NOTE)
    csv = tmp_path / "list.csv"
    csv.write_text("path,setting\na.txt,ward\nmissing.txt,inpatient\nb.txt,inpatient\n")
    intake = read([tmp_path / "a.txt", tmp_path / "b.txt"], encounters=csv)
    assert [e.encounter_id for e in intake.encounters] == ["b.txt"]
    bad_setting, missing = intake.problems
    assert "list.csv:2, which has the unknown setting 'ward'" in bad_setting.sentence
    assert "list.csv:3 names 'missing.txt'" in missing.sentence


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"file,setting\na.txt,inpatient\n", 'no column "path"'),
        (b'path,setting\n"a.txt,inpatient\n', "is no CSV"),
        (b"\x89PNG\r\n", "PNG"),
        (b"", "is empty"),
    ],
)
def test_a_list_that_cannot_be_read_ends_the_command(
    tmp_path: Path, data: bytes, says: str
) -> None:
    (tmp_path / "a.txt").write_text(NOTE)
    (tmp_path / "list.csv").write_bytes(data)
    with pytest.raises(UsageError, match=says):
        read([tmp_path / "a.txt"], encounters=tmp_path / "list.csv")


def test_the_same_input_gives_the_same_intake(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.txt"):
        (tmp_path / name).write_text(NOTE)
    one, other = read([tmp_path]), read([tmp_path])
    assert list(one.encounters) == list(other.encounters)
    assert (one.problems, one.warnings) == (other.problems, other.warnings)


def test_encounters_are_made_when_they_are_asked_for(tmp_path: Path) -> None:
    """Notes of one encounter lie in two files, and far apart; none is held between two askings."""
    rows = [note(f"n{n}", encounter_id=f"e{n % 50}", text=f"Visit {n}.") for n in range(100)]
    lines(tmp_path / "a.jsonl", *rows[:50])
    lines(tmp_path / "b.jsonl", *rows[50:])
    found = read([tmp_path]).encounters
    assert len(found) == 50
    assert [[n.text for n in e.notes] for e in found] == [
        [f"Visit {n}.", f"Visit {n + 50}."] for n in range(50)
    ]
    assert found[-1].encounter_id == "e49"
    assert [e.encounter_id for e in found[10:12]] == ["e10", "e11"]
    held = sum(type(each) is Note for each in gc.get_objects())
    for each in found:
        del each
    assert sum(type(each) is Note for each in gc.get_objects()) <= held + 2
    with pytest.raises(IndexError):
        _ = found[50]
