"""`chartproof batch` as people run it: real processes with the real engine."""

import csv
import json
import re
from pathlib import Path

from tests.app.conftest import Run


def facts(run: Run, *arguments: str) -> dict[str, object]:
    (value,) = run("batch", "status", *arguments, "--json").objects
    return value


def test_a_job_from_start_to_report(run: Run, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    rows = [
        {"note_id": f"n{n}", "text": f"Assessment: hypertension, visit {n}. Continue lisinopril."}
        for n in range(3)
    ]
    (notes / "n.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (notes / "scan.pdf").write_bytes(b"%PDF-1.4 broken")
    html, table = tmp_path / "r.html", tmp_path / "r.csv"
    done = run("batch", "start", notes, "--html", html, "--csv", table)
    assert done.code == 1, done.err
    assert done.out == ""
    assert "scan.pdf is damaged or no PDF" in done.err
    assert "3 coded, 0 there already, 1 failed" in done.err
    found = re.search(r"Job (\S+);", done.err)
    assert found
    name = found.group(1)
    told = facts(run)
    assert (told["job"], told["state"], told["total"]) == (name, "finished", 4)
    assert (told["coded"], told["quarantined"], told["left"]) == (3, 1, 0)
    page = html.read_text()
    assert "scan.pdf" in page
    assert "chapter 9" in page
    assert "<script" not in page
    with table.open(newline="") as file:
        lines = {line["encounter_id"]: line for line in csv.DictReader(file)}
    assert lines["n0"]["codes"] == "I10"
    assert lines["n0"]["outcome"] == "done"
    again = run("batch", "resume", name)
    assert again.code == 0
    assert "0 coded, 3 there already, 0 failed" in again.err
    exported = tmp_path / "r.jsonl"
    assert run("batch", "export", name, "--jsonl", exported).code == 0
    codes = [
        json.loads(line)["suggestions"][0]["code"] for line in exported.read_text().splitlines()
    ]
    assert codes == ["I10"] * 3
    assert run("audit", "verify").code == 0


def test_what_cannot_be_done_is_said(run: Run, tmp_path: Path) -> None:
    nothing = run("batch", "status")
    assert nothing.code == 2
    assert "There is no job yet" in nothing.err
    missing = run("batch", "start", tmp_path / "nowhere")
    assert missing.code == 2
    assert "nowhere does not exist" in missing.err
    assert run("batch", "retry").code == 2
    (listed,) = run("batch", "status", "--all", "--json").objects
    assert listed["state"] == "stopped"
    assert run("batch", "cancel").code == 0
    refused = run("batch", "resume")
    assert refused.code == 2
    assert "was cancelled; start it anew" in refused.err
    assert run("batch", "export").code == 2
