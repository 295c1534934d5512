"""The commands beside `code`, as people run them."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
"""`run(arguments…)` of conftest: gives code, out, err and objects, the JSON lines of out."""


def test_help_names_every_command_and_hides_the_demo(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    assert all(word in done.out for word in ("code", "search", "evaluate", "audit", "info"))
    assert "demo" not in done.out
    assert run("--version").out.startswith("chartproof ")


def test_help_loads_no_heavy_library(environment: Mapping[str, str]) -> None:
    heavy = "numpy spacy pydantic PySide6 sqlalchemy sqlmodel hnswlib taxonomy audit keyring"
    script = (
        "import sys, app.cli\n"
        "try: app.cli.app(['--help'])\n"
        "except SystemExit: pass\n"
        f"sys.exit(' '.join(n for n in '{heavy}'.split() if n in sys.modules) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("code", "missing.txt"), "missing.txt does not exist"),
        (("code", "missing.txt", "--setting", "ward"), "'ward' is not one of"),
        (("code", "missing.txt", "--scope", "all"), "all"),
        (("code", "missing.txt", "--workers", "0"), "--workers"),
        (("code",), "Missing argument"),
        (("evaluate",), "Nothing to evaluate"),
        (("evaluate", "missing.jsonl"), "missing.jsonl cannot be read"),
        (("frobnicate",), "No such command"),
        (("search", "gout", "--limit", "0"), "--limit"),
        (("audit", "verify", "--store", "nowhere"), "nowhere"),
    ],
)
def test_a_mistake_of_the_caller_ends_with_2_and_a_sentence(
    run: Run, arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert says in done.err
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "home" / ".local" / "share" / "chartproof" / "store").exists()


def test_without_a_display_the_window_names_the_command_that_needs_none(run: Run) -> None:
    done = run()
    assert done.code == 1
    assert "chartproof code" in done.err


def test_a_misspelt_setting_is_named(run: Run) -> None:
    done = run("info", CHARTPROOF_STROE="/x")
    assert done.code == 2
    assert "CHARTPROOF_STROE" in done.err


def test_search_finds_by_words_and_by_code(run: Run) -> None:
    by_words = run("search", "heart", "attack", "--json").objects[0]
    assert by_words["hits"][0]["code"] == "I21.9"
    by_code = run("search", "e11.6", "--limit", "3", "--json").objects[0]
    assert [hit["code"][:5] for hit in by_code["hits"]] == ["E11.6"] * 3
    assert "I21.9" in run("search", "heart attack").out
    nothing = run("search", "qqqqxxzz")
    assert (nothing.code, nothing.out) == (0, "")
    assert "No code found" in nothing.err


def test_info_names_versions_release_digests_and_every_place(run: Run, tmp_path: Path) -> None:
    facts = run("info", "--json").objects[0]
    assert facts["release"]["label"] == "FY2026"
    assert facts["releases"] == {
        "FY2026": "2025-10-01 to 2026-09-30, tabular list (built in)",
        "FY2027-provisional": "2026-10-01 to 2027-09-30, provisional, tabular list (provisional)",
    }
    assert set(facts["digests"]) == {
        "taxonomy_digest", "model_digest", "index_digest", "rules_digest", "config_digest",
    }  # fmt: skip
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in facts["digests"].values())
    home = str(tmp_path / "home")
    for place in ("store", "demo_store", "heads", "keys", "settings_file"):
        assert facts["paths"][place].startswith(home)
    assert not (tmp_path / "home" / ".local" / "share").exists(), "info makes no store"
    assert "FY2026" in run("info").out


def test_evaluate_scores_documents_and_pairs(run: Run, tmp_path: Path) -> None:
    text = "Assessment: essential hypertension."
    rows = [
        {
            "doc_id": "a",
            "text": text,
            "annotations": [{"code": "I10", "evidence": [[12, 34, "essential hypertension"]]}],
        },
        {"doc_id": "b", "text": "Assessment: gout.", "annotations": [{"code": "C50.911"}]},
    ]
    dataset = tmp_path / "gold.jsonl.gz"
    dataset.write_bytes(gzip.compress("".join(f"{json.dumps(r)}\n" for r in rows).encode()))
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"mention": "essential hypertension", "code": "I10"}\n')
    done = run("evaluate", dataset, "--mentions", pairs, "--scope", "documented", "--json")
    assert done.code == 0, done.err
    (figures,) = done.objects
    assert figures["documents"] == 2
    assert figures["scope"] == "documented"
    for name in ("exact", "category", "without_symptom_chapter", "evidence"):
        assert {"precision", "recall", "f1"} <= set(figures[name])
    assert figures["exact"]["recall"] == 0.5
    assert figures["evidence"]["matched"]["recall"] == 1.0
    assert figures["stages"]["validation"] == 1
    assert len(figures["calibration"]["bins"]) == 10
    assert figures["auto"]["thresholds"][0]["threshold"] == 0.5
    assert figures["seconds"]["p50"] <= figures["seconds"]["p95"]
    assert figures["mentions"]["r_at_1"] == figures["mentions"]["mrr"] == 1.0
    assert "exact" in run("evaluate", dataset).out


def test_the_demo_is_coded_once_and_again_only_on_request(run: Run, tmp_path: Path) -> None:
    first = run("demo", "--no-window")
    assert first.code == 0
    assert "example encounters are coded" in first.err
    store = tmp_path / "home" / ".local" / "share" / "chartproof" / "demo-store"
    before = (store / "store.db").read_bytes()
    second = run("demo")
    assert second.code == 0
    assert "chartproof code" in second.err, "no display, and what to do instead"
    assert (store / "store.db").read_bytes() == before
    assert run("audit", "verify", "--store", store).code == 0
    assert run("demo", "--reset", "--no-window").code == 0
    assert (store / "store.db").read_bytes() != before
