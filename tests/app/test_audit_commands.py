"""Vouching for a record and handing it out, as people do it: real commands, one after another."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.audit_commands import Form
from audit.export import FORMS

NOTE = "ASSESSMENT: gout of the left knee, continue allopurinol."


@pytest.fixture
def store(tmp_path: Path, run: Callable[..., Any]) -> Path:
    note = tmp_path / "Okonkwo Ada.txt"
    note.write_text(NOTE)
    folder = tmp_path / "store"
    assert run("code", note, "--store", folder).code == 0
    return folder


def test_a_record_is_vouched_for_exported_and_checked(
    tmp_path: Path, store: Path, run: Callable[..., Any]
) -> None:
    anchor, bundle, key = tmp_path / "anchor.txt", tmp_path / "bundle", tmp_path / "key.txt"
    done = run("audit", "checkpoint", anchor, "--store", store)
    assert (done.code, done.out) == (0, "")
    assert anchor.read_text().startswith("chartproof/")
    assert run("audit", "checkpoint", anchor, "--store", store).code == 1  # never written over
    assert run("audit", "checkpoint", key, "--key", "--store", store).code == 0
    done = run("audit", "export", bundle, "--store", store, "--without-text", "--json")
    assert done.code == 0, done.err
    assert done.objects[0]["cases"] == 1
    assert run("audit", "verify", "--store", store, "--against", anchor).code == 0
    assert run("audit", "verify", "--bundle", bundle, "--key", key, "--against", anchor).code == 0
    assert run("audit", "verify", "--bundle", bundle).code == 3
    alone = subprocess.run(
        [sys.executable, "-I", bundle / "chartproof_verify.py", bundle, "--key", key],
        capture_output=True,
        text=True,
        check=False,
    )
    assert alone.returncode == 0, alone.stderr
    for path in bundle.iterdir():
        content = path.read_bytes()
        assert b"allopurinol" not in content
        assert b"Okonkwo" not in content + path.name.encode()


def test_a_check_writes_nothing_unless_it_is_asked_to_record_its_verdict(
    tmp_path: Path, store: Path, run: Callable[..., Any]
) -> None:
    first = run("audit", "verify", "--store", store, "--json").objects[0]
    done = run("audit", "verify", "--store", store, "--record", "--json")
    assert (done.code, done.objects[0]["recorded"]) == (0, True)
    assert done.objects[0]["events"] == first["events"]
    assert run("audit", "export", tmp_path / "bundle", "--store", store).code == 0
    lines = (tmp_path / "bundle" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    found = json.loads(lines[first["events"]])
    assert (found["kind"], found["actor"]["kind"]) == ("audit.verified", "person")
    assert found["data"] == {"events": first["events"], "problems": 0, "status": "intact"}

    heads = tmp_path / "home" / ".local/state/chartproof/heads"
    min(heads.iterdir(), key=lambda path: len(path.name)).write_bytes(b"")
    done = run("audit", "verify", "--store", store, "--record")
    assert done.code == 3
    assert "was not recorded" in done.err
    done = run("audit", "verify", "--bundle", tmp_path, "--record")
    assert done.code == 2
    assert "an export takes no events" in done.err.replace("\n", " ")


def test_a_case_is_exported_in_every_form(
    tmp_path: Path, store: Path, run: Callable[..., Any]
) -> None:
    assert {form.value for form in Form} == {"bundle", *FORMS}
    arguments = [word for form in FORMS for word in ("--form", form)]
    done = run("audit", "export", tmp_path / "forms", "--store", store, *arguments)
    assert done.code == 0, done.err
    ends = sorted(path.name.partition(".")[2] for path in (tmp_path / "forms").iterdir())
    assert ends == ["csv", "fhir.json", "html", "json", "pdf"]
    (page,) = (tmp_path / "forms").glob("*.html")
    assert "gout, left knee" in page.read_text()  # the title comes from the release
    (pdf,) = (tmp_path / "forms").glob("*.pdf")
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_what_cannot_be_exported_or_compared_is_one_sentence(
    tmp_path: Path, store: Path, run: Callable[..., Any]
) -> None:
    for arguments, code, said in (
        (("audit", "export", tmp_path / "x", "--case", "none", "--store", store), 1, "none"),
        (("audit", "export", store, "--store", store), 1, "is there already"),
        (("audit", "export", tmp_path / "x", "--store", tmp_path / "no"), 1, "no store"),
        (("audit", "verify", "--store", store, "--against", tmp_path / "no"), 2, "cannot be read"),
        (("audit", "verify", "--bundle", tmp_path / "no"), 2, "no bundle"),
    ):
        done = run(*arguments)
        assert done.code == code, done.err
        assert said in done.err
        assert "Traceback" not in done.err
        assert NOTE not in done.err
    assert not (tmp_path / "x").exists()
    report = run("audit", "verify", "--store", store, "--json")
    assert json.loads(report.out)["status"] == "intact"
