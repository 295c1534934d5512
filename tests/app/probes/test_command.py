"""`chartproof evaluate --probes` as people run it."""

import json
from pathlib import Path

from app import tables
from tests.app.conftest import Run

TEXT = "Assessment:\n1. Gout of the right foot, continue allopurinol.\n2. Acute bronchitis.\n"


def test_probes_report_shares_and_failures(run: Run, tmp_path: Path) -> None:
    start = TEXT.index("Acute bronchitis")
    evidence = [[start, start + len("Acute bronchitis"), "Acute bronchitis"]]
    row = {"doc_id": "d", "text": TEXT, "annotations": [{"code": "J20.9", "evidence": evidence}]}
    path = tmp_path / "coded.jsonl"
    path.write_text(json.dumps(row), "utf-8")
    done = run("evaluate", "--probes", path, "--seed", "3", "--json")
    assert done.code == 0, done.err
    (figures,) = done.objects
    probes = figures["probes"]
    assert probes["kinds"]["deleted"] == {
        "asked": 1,
        "as_expected": 1,
        "share": 1.0,
        "elsewhere": 0,
    }
    assert probes["asked"] == sum(kind["asked"] for kind in probes["kinds"].values()) >= 4
    assert probes["as_expected"] == probes["asked"] - len(probes["failures"])


def test_the_table_names_each_probe_and_the_words_of_a_failure() -> None:
    share = {"asked": 2, "as_expected": 1, "share": 0.5, "elsewhere": 0}
    failure = {
        "probe": "negated",
        "document": "d",
        "code": "J20.9",
        "expected": [],
        "found": ["J20.9"],
        "words": "No bronchitis.",
    }
    shown = tables.figures(
        {"probes": {**share, "kinds": {"negated": share}, "failures": [failure]}}
    )
    shares, failures = shown[1:]
    assert [str(next(iter(column.cells))) for column in shares.columns] == [
        "negated",
        "2",
        "1",
        "0.5000",
        "0",
    ]
    assert str(list(shares.columns[0].cells)[-1]) == "all"
    assert [str(next(iter(column.cells))) for column in failures.columns] == [
        "negated",
        "d",
        "J20.9",
        "",
        "J20.9",
        "No bronchitis.",
    ]
