"""The commands beside `code`, as people run them."""

import gzip
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from taxonomy.library import Library, Manifest, PartRecord

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
        (("evaluate", "x.jsonl", "--html", "no/r.html"), "The folder of no/r.html does not exist"),
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


HIT_KEYS = {
    "code", "title", "billable", "matched", "kind", "score",
    "incomplete", "path", "index", "line", "see", "see_also",
}  # fmt: skip
NOTE_KEYS = {
    "kind", "node", "level", "number", "own", "place", "text", "links", "targets", "unresolved",
}  # fmt: skip
PAGE_KEYS = {
    "code", "title", "billable", "incomplete", "base", "order", "default", "valid_from", "valid_to",
    "trail", "notes", "children", "siblings", "sevenths",
}  # fmt: skip


def test_the_answer_of_a_search_has_its_schema(run: Run) -> None:
    answer = run("search", "s72001", "--json").objects[0]
    assert set(answer) == {"schema", "text", "release", "indexes", "hits", "page"}
    assert (answer["schema"], answer["text"], answer["indexes"]) == (1, "s72001", [])
    assert answer["release"] == {
        "label": "FY2026",
        "effective_from": "2025-10-01",
        "effective_to": "2026-09-30",
        "provisional": False,
    }
    assert all(set(hit) == HIT_KEYS for hit in answer["hits"])
    page = answer["page"]
    assert set(page) == PAGE_KEYS
    assert (page["code"], page["billable"], page["incomplete"]) == ("S72.001", False, "seventh")
    assert [step["level"] for step in page["trail"]][:2] == ["chapter", "section"]
    assert page["sevenths"][0] == {
        "char": "A",
        "meaning": "initial encounter for closed fracture",
        "code": "S72.001A",
    }
    for note in page["notes"]:
        assert set(note) == NOTE_KEYS
        for link in note["links"]:
            assert note["text"][link["start"] : link["end"]] == link["code"]
        assert all(set(target) == {"first", "last"} for target in note["targets"])
    assert run("search", "asthma", "--json").objects[0]["page"] is None


def test_a_code_shows_its_page(run: Run) -> None:
    done = run("search", "e11.65")
    assert done.code == 0
    assert "E11.65  Type 2 diabetes mellitus with hyperglycemia" in done.out
    assert "Chapter 4 › E08-E13 › E11 › E11.6" in done.out
    assert "Excludes1" in done.out
    assert "gestational diabetes (O24.4-)" in done.out
    assert "read manually" not in done.out
    assert "read manually" in run("search", "T36.0X5A").out
    below = run("search", "J45").out
    assert "Codes below" in below
    assert "J45.9    Other and unspecified asthma" in below


INDEX = """RowID,Letter,Level,Term,See,SeeAlso,NonEssModif,Code
1,W,0,Windswept leg,,,,M21.80
2,W,0,Windy leg,Windswept leg,Storm,,
"""


def test_an_imported_index_is_searched_and_its_sees_followed(run: Run, tmp_path: Path) -> None:
    read = run("search", "windy", "--json")
    assert all(hit["path"] == [] for hit in read.objects[0]["hits"])
    keep_index(tmp_path / "home" / ".local" / "share" / "chartproof" / "taxonomy")
    answer = run("search", "windy", "leg", "--json").objects[0]
    assert answer["indexes"] == ["index"]
    hit = answer["hits"][0]
    assert (hit["code"], hit["path"], hit["see"]) == ("M21.80", ["Windy leg"], "Windswept leg")
    assert hit["see_also"] == "Storm"
    assert "Windy leg, see Windswept leg, see also Storm" in run("search", "windy leg").out


def keep_index(folder: Path) -> None:
    """Put a two-line index into a library; `taxonomy import` refuses one so short."""
    data = INDEX.encode()
    record = PartRecord(
        kind="index",
        name="index.csv",
        year=2026,
        sha256=hashlib.sha256(data).hexdigest(),
        counts={"lines": 2},
    )
    manifest = Manifest(
        label="FY2026",
        effective_from=date(2025, 10, 1),
        effective_to=date(2026, 9, 30),
        parts=(record,),
    )
    assert Library(folder).activate(manifest, {"index": data})


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


def test_evaluate_writes_a_page_keeps_a_run_and_compares_it(run: Run, tmp_path: Path) -> None:
    text = "Assessment: essential hypertension."
    gold = {"doc_id": "visit-1", "text": text, "annotations": [{"code": "I10"}]}
    dataset = tmp_path / "gold.jsonl"
    dataset.write_text(f"{json.dumps(gold)}\n")
    first = run("evaluate", dataset, "--save", "run.json", "--html", "report.html", "--json")
    assert first.code == 0, first.err
    assert "report.html is written" in first.err
    page = (tmp_path / "report.html").read_text("utf-8")
    saved = (tmp_path / "run.json").read_text("utf-8")
    assert "gold.jsonl" in page
    assert "essential hypertension." not in page + saved, "no words of a note"
    earlier = json.loads(saved)
    assert earlier["documents"][0]["doc_id"] == "visit-1"
    earlier["documents"][0]["suggested"] = []
    (tmp_path / "earlier.json").write_text(json.dumps(earlier))
    done = run("evaluate", dataset, "--compare", "earlier.json", "--json")
    assert done.code == 0, done.err
    assert done.objects[0]["comparison"]["changed"] == [
        {
            "doc_id": "visit-1",
            "gained_right": ["I10"],
            "gained_wrong": [],
            "lost_right": [],
            "lost_wrong": [],
        }
    ]


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
