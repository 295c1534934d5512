"""`taxonomy import` and `taxonomy info` as people run them, in a home of their own."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxonomy.source import FY2026, read_tabular, tabular_path

REPOSITORY = Path(__file__).parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("CHARTPROOF_", "XDG_"))},
        "HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(REPOSITORY),
        "CHARTPROOF_CACHE": str(tmp_path / "cache"),
    }

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "app", "taxonomy", *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        assert "A fault inside" not in done.stdout + done.stderr
        return done

    return run


def info(run: Run) -> list[dict[str, Any]]:
    done = run("info", "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["releases"]
    return found


def test_info_shows_both_releases_and_where_the_rest_is_published(run: Run) -> None:
    whole, provisional = info(run)
    assert (whole["label"], whole["billable"]) == ("FY2026", 74_719)
    assert (whole["effective_from"], whole["effective_to"]) == ("2025-10-01", "2026-09-30")
    assert (provisional["label"], provisional["provisional"]) == ("FY2027-provisional", True)
    assert provisional["rows"] == 98_403
    text = run("info").stdout
    assert "provisional: import the official release" in text
    assert "POA Exempt Codes" in text
    assert FY2026.digest in text


def test_the_whole_list_is_imported_as_another_release(run: Run, tmp_path: Path) -> None:
    data = read_tabular(tabular_path(), digest=FY2026.digest)
    later = data.replace(b"<version>2026</version>", b"<version>2028</version>")
    (tmp_path / "list.xml").write_bytes(later)
    done = run("import", "list.xml")
    assert done.returncode == 0, done.stderr
    assert "98,186 rows" in done.stdout
    assert "FY2028 is in force from 2027-10-01 to 2028-09-30." in done.stderr
    assert [each["label"] for each in info(run)] == ["FY2026", "FY2027-provisional", "FY2028"]
    assert info(run)[-1]["digest"] == hashlib.sha256(later).hexdigest()
    again = json.loads(run("import", "list.xml", "--json").stdout)
    assert (again["label"], again["changed"]) == ("FY2028", False)

    cut = later[: later.rindex(b"<chapter>")] + b"</ICD10CM.tabular>"
    (tmp_path / "cut.xml").write_bytes(cut)
    refused = run("import", "cut.xml")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "cut.xml is too short for the tabular list: it has 21 chapters" in refused.stderr
    assert info(run)[-1]["digest"] == hashlib.sha256(later).hexdigest()


def test_a_file_that_is_none_of_ours_is_refused_in_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    for arguments in (("note.txt",), ("nowhere.zip",)):
        done = run("import", *arguments)
        assert done.returncode == 2
        assert done.stdout == ""
        assert arguments[0] in done.stderr
        assert done.stderr.count("\n") == 1
    assert len(info(run)) == 2
    assert not (tmp_path / "home" / ".local").exists()
