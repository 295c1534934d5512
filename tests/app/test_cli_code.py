"""`chartproof code` as people run it, with good notes and bad, whole stores and damaged ones."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from taxonomy.source import FY2026, read_tabular, tabular_path

NOTES = {
    "htn.txt": "Assessment: essential hypertension, on lisinopril. No asthma.\n",
    "crlf.txt": "ASSESSMENT\r\n1. Type 2 diabetes mellitus.\r\n2. Gout of the left foot.\r\n",
    "emoji.txt": "🙂 Assessment and plan: asthma 😷, continue albuterol; café au lait 🧑‍⚕️.\n",
    "rtl.txt": "שלום. Assessment: atrial fibrillation, מרשם apixaban renewed.\n",
    "latin.txt": "Assessment: migraine, 38 \xb0C yesterday.\n",
}

Run = Callable[..., Any]
"""`run(arguments…)` of conftest: gives code, out, err and objects, the JSON lines of out."""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in NOTES.items():
        encoding = "cp1252" if name == "latin.txt" else "utf-8"
        (folder / name).write_bytes(text.encode(encoding))
    return folder


def masked(out: str) -> str:
    """Hide what may differ between two runs of one input: the random ids of cases."""
    return re.sub(r'"case_id": "[^"]+"', '"case_id": "…"', out)


def check(value: dict[str, Any], texts: Mapping[str, str]) -> None:
    """Hold an object against the schema of the issue and against the texts it quotes."""
    assert set(value) == {
        "schema", "encounter_id", "case_id", "setting", "release", "scope", "lane",
        "lane_reasons", "state", "errors", "notes", "suggestions", "excluded", "findings",
        "checked", "provenance",
    }  # fmt: skip
    assert value["schema"] == 1
    assert value["lane"] in {"auto", "confirm", "review"}
    for note in value["notes"]:
        assert set(note) == {"note_id", "sha256", "source"}
    for suggestion in value["suggestions"]:
        assert set(suggestion) == {
            "code", "title", "confidence", "route", "evidence", "candidates", "verdict",
            "findings", "reasons", "confidence_parts",
        }  # fmt: skip
        assert 0 <= suggestion["confidence"] <= 1
        assert set(suggestion["verdict"]) == {"support", "reasons", "by"}
        for candidate in suggestion["candidates"]:
            assert set(candidate) == {"code", "title", "score", "reasons"}
            assert candidate["title"]
    for proposal in (*value["suggestions"], *value["excluded"]):
        assert re.fullmatch(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", proposal["code"])
        assert proposal["title"]
        assert proposal["evidence"]
        for piece in proposal["evidence"]:
            assert set(piece) == {
                "note_id", "start", "end", "quote", "section", "assertion", "trigger",
                "attributes", "place",
            }  # fmt: skip
            assert piece["quote"]
            assert texts[piece["note_id"]][piece["start"] : piece["end"]] == piece["quote"]
    for excluded in value["excluded"]:
        assert set(excluded) == {"code", "title", "reason", "evidence"}
        assert excluded["reason"]
    assert set(value["checked"]) == {"passes", "not_checked"}
    assert all(codes > 0 for codes in value["checked"]["passes"].values())
    for finding in (*value["findings"], *value["checked"]["not_checked"]):
        assert set(finding) == {"rule", "severity", "codes", "message", "source", "words"}
        for words in finding["words"]:
            note = texts[words["note_id"]]
            assert note[words["start"] : words["end"]] == words["quote"] != ""
        assert finding["message"]


def test_notes_of_every_script_are_coded_with_quotes_at_their_offsets(
    run: Run, notes: Path
) -> None:
    done = run("code", notes, "--json")
    assert done.code == 0, done.err
    assert len(done.objects) == len(NOTES)
    texts = {name: text.replace("\r\n", "\n") for name, text in NOTES.items()}
    for value in done.objects:
        check(value, texts)
        assert value["state"] == "open"
        assert {"setting-assumed", "release-assumed"} <= {f["rule"] for f in value["findings"]}
    codes = {v["encounter_id"]: {s["code"] for s in v["suggestions"]} for v in done.objects}
    assert "I10" in codes["htn.txt"]
    assert "I48.91" in codes["rtl.txt"]
    assert "latin.txt is not UTF-8 and was read as Windows-1252" in done.err
    assert run("audit", "verify").code == 0


def test_one_and_two_workers_give_the_same_bytes_and_a_second_run_adds_nothing(
    run: Run, notes: Path, tmp_path: Path
) -> None:
    for number in range(12):
        (notes / f"visit{number}.txt").write_text(f"A/P: {number + 2}-year h/o COPD, stable.\n")
    one = run("code", notes, "--json", "--workers", "1", "--store", tmp_path / "one")
    two = run("code", notes, "--json", "--workers", "2", "--store", tmp_path / "two")
    assert one.code == two.code == 0
    assert one.out
    assert masked(one.out) == masked(two.out)
    again = run("code", notes, "--json", "--workers", "2", "--store", tmp_path / "one")
    assert again.out == one.out, "the same cases, the same bytes"
    assert f"{len(NOTES) + 12} were there already" in again.err


def test_bad_notes_are_listed_and_recorded_and_the_good_ones_coded(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    bad = {
        "binary.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "blank.txt": b" \r\n\t\n",
        "empty.txt": b"",
        "large.txt": b"asthma " * 750_000,
        "undecodable.txt": b"asthma \x81\x8d\x8f stable",
    }
    for number in range(5):
        (folder / f"good{number}.txt").write_text(f"Assessment: asthma, visit {number}.\n")
    for name, data in bad.items():
        (folder / name).write_bytes(data)
    done = run("code", folder, "--json")
    assert done.code == 1
    failed = {v["notes"][0]["note_id"]: v for v in done.objects if v["state"] == "failed"}
    assert sorted(failed) == sorted(bad)
    for name, value in failed.items():
        check(value, {})
        (error,) = value["errors"]
        assert name in error
        assert error in done.err
        assert value["case_id"]
    good = [v for v in done.objects if v["state"] == "open"]
    assert [v["encounter_id"] for v in good] == [f"good{n}.txt" for n in range(5)]
    assert all(v["suggestions"] for v in good)
    verified = run("audit", "verify", "--json")
    assert verified.code == 0
    assert verified.objects[0]["status"] == "intact"


def test_broken_lines_and_an_unknown_setting_are_named_by_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    text = "Assessment: gout."
    rows = (
        {"note_id": "a", "encounter_id": "e", "text": text},
        "{broken",
        {"note_id": "b", "text": text, "setting": "ward"},
        {"note_id": "c", "encounter_id": "e", "text": ""},
        {"doc_id": "d", "text": text, "setting": "inpatient", "age": "x"},
    )
    path.write_text("".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in rows))
    done = run("code", path, "--json")
    assert done.code == 1
    *refused, shared, other = done.objects
    assert [v["notes"][0]["source"] for v in refused] == [f"{path}:{n}" for n in (2, 3, 4)]
    assert "inpatient, outpatient, emergency, observation, other" in refused[1]["errors"][0]
    assert shared["encounter_id"] == "e"
    assert (shared["lane"], shared["errors"]) == ("review", refused[2]["errors"])
    assert "note-refused" in shared["lane_reasons"]
    assert (other["encounter_id"], other["setting"]) == ("d", "inpatient")
    assert "in.jsonl:5: age is not a number" in done.err


def test_a_table_is_printed_for_people(run: Run, notes: Path) -> None:
    done = run("code", notes / "htn.txt")
    assert done.code == 0
    assert "htn.txt" in done.out
    assert "I10" in done.out
    assert "encounters coded into" in done.err


@pytest.mark.parametrize(
    ("damage", "exit_code"), [("flip", {1, 2}), ("absent", {2}), ("head", {3}), ("text", {2})]
)
def test_a_damaged_store_is_said_by_verify_and_refused_by_code(
    run: Run, notes: Path, tmp_path: Path, damage: str, exit_code: set[int]
) -> None:
    store = tmp_path / "store"
    (tmp_path / "empty.txt").touch()
    assert run("code", tmp_path / "empty.txt", "--store", store).code == 1, "refused and recorded"
    database = store / "store.db"
    match damage:
        case "flip":
            data = bytearray(database.read_bytes())
            for offset in range(5000, len(data), 997):
                data[offset] ^= 0xFF
            database.write_bytes(data)
        case "absent":
            database.unlink()
        case "head":
            for head in (tmp_path / "home").rglob("heads/*"):
                head.unlink()
        case "text":
            database.write_text("this is no database " * 500)
    done = run("audit", "verify", "--store", store)
    assert done.code in exit_code, done.err
    assert done.err.strip(), "a sentence says why"
    if damage != "absent":
        coded = run("code", notes / "rtl.txt", "--store", store, "--json")
        assert coded.code != 0
        assert coded.out == ""
        assert str(store) in coded.err


def test_a_store_that_cannot_be_made_is_named(run: Run, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run("code", notes, "--store", tmp_path / "file", "--json")
    assert done.code != 0
    assert done.out == ""
    assert str(tmp_path / "file") in done.err


def test_a_closed_pipe_ends_quietly(
    notes: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    script = f"{sys.executable} -m app code {notes} --json | true"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


def test_an_interrupt_keeps_what_was_coded(
    tmp_path: Path, environment: Mapping[str, str], run: Run
) -> None:
    path = tmp_path / "many.jsonl"
    rows = ({"note_id": f"n{n}", "text": f"Assessment: gout, visit {n}."} for n in range(3000))
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "code", str(path), "--json", "--workers", "2"],
        cwd=tmp_path,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does: parent and workers alike
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err.decode()
    assert b"Traceback" not in err
    assert b"are in the store" in err
    assert run("audit", "verify").code == 0
    done = {first["encounter_id"], *(json.loads(line)["encounter_id"] for line in out.splitlines())}
    assert 0 < len(done) < 3000


def test_each_encounter_is_coded_in_the_release_of_its_day(run: Run, tmp_path: Path) -> None:
    """The golden case, by one worker and by two: I42.0 is valid until 2026-09-30."""
    folder = tmp_path / "dated"
    folder.mkdir()
    days = ["2026-09-30", "2026-10-01", "2028-01-01", ""] * 3
    rows = ["path,service_date"]
    for number, day in enumerate(days):
        (folder / f"v{number:02}.txt").write_text(
            f"Assessment: dilated cardiomyopathy, continue carvedilol. Visit {number}.\n"
        )
        rows.append(f"v{number:02}.txt,{day}")
    (folder / "list.csv").write_text("\n".join(rows) + "\n")
    command = ("code", folder, "--encounters", folder / "list.csv", "--json")
    one = run(*command, "--workers", "1", "--store", tmp_path / "one")
    two = run(*command, "--workers", "2", "--store", tmp_path / "two")
    assert one.code == two.code == 0, one.err + two.err
    assert masked(one.out) == masked(two.out)
    by_day = dict(zip(days[:4], one.objects[:4], strict=True))
    codes = {day: {s["code"] for s in value["suggestions"]} for day, value in by_day.items()}
    assert [value["release"] for value in by_day.values()] == [
        "FY2026",
        "FY2027-provisional",
        "FY2027-provisional",
        "FY2026",
    ]
    assert "I42.0" in codes["2026-09-30"]
    assert "I42.0" not in codes["2026-10-01"]
    assert "I42.00" in codes["2026-10-01"]
    (successor,) = [s for s in by_day["2026-10-01"]["suggestions"] if s["code"] == "I42.00"]
    assert successor["title"] == "Dilated cardiomyopathy, unspecified"
    assert "In its place: I42.00, I42.01 and I42.09." in str(successor["findings"])
    assert "release-missing" in by_day["2028-01-01"]["lane_reasons"]
    assert "compared-with FY2026" in by_day["2026-10-01"]["provenance"]["sources"]
    assert run("audit", "verify", "--store", tmp_path / "one").code == 0


def test_an_imported_release_is_coded_with_on_its_days(run: Run, tmp_path: Path) -> None:
    data = read_tabular(tabular_path(), digest=FY2026.digest)
    official = data.replace(b"<version>2026</version>", b"<version>2028</version>")
    (tmp_path / "list.xml").write_bytes(official)
    assert run("taxonomy", "import", tmp_path / "list.xml").code == 0
    folder = tmp_path / "dated"
    folder.mkdir()
    for name in ("old", "new"):
        (folder / f"{name}.txt").write_text(f"Assessment: gout, continue allopurinol ({name}).\n")
    (folder / "list.csv").write_text("path,service_date\nold.txt,2026-03-01\nnew.txt,2027-11-01\n")
    done = run("code", folder, "--encounters", folder / "list.csv", "--json")
    assert done.code == 0, done.err
    new, old = done.objects
    assert (old["release"], new["release"]) == ("FY2026", "FY2028")
    assert [s["code"] for s in new["suggestions"]] == [s["code"] for s in old["suggestions"]]
    assert old["provenance"]["taxonomy_digest"] == FY2026.digest
    assert new["provenance"]["taxonomy_digest"] == hashlib.sha256(official).hexdigest()
    assert "rovisional" not in str(new["findings"])
