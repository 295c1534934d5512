from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from app import UsageError, evaluate, tables
from app.evaluate import base_of
from pipeline.model import Scope
from taxonomy import Taxonomy
from tests.app.builders import failed, scored, suggestion, trace

DOCUMENTS = [
    scored(
        {"I10": ((0, 5),), "E11.9": ((20, 25),), "R07.9": ((40, 45),)},
        suggestion("I10", (0, 5), confidence=0.9),
        suggestion("E11.65", (20, 25), confidence=0.6),
        traces=(trace(0, 5, "I10", taken="I10"), trace(20, 25, "E11.65", "E11.9", taken="E11.65")),
    ),
    *[failed("N18.30")] * 3,
]


@pytest.fixture
def figures(icd: Taxonomy) -> dict[str, Any]:
    times = [0.1, 0.2, 0.3, 0.4]
    return evaluate.figures(DOCUMENTS, times, taxonomy=icd, scope=Scope.REPORTABLE)


def test_codes_are_compared_without_their_seventh_character(icd: Taxonomy) -> None:
    base = base_of(icd)
    assert base("S52.501A") == base("S52.501D") == base("S52.501") == "S52.501"
    assert base("T81.4XXA") == base("T81.4XXD") == "T81.4", "a code of an earlier release"
    assert base("I10") == "I10"
    assert base("E11.9") == "E11.9"
    assert base("Z99.999") == "Z99.999", "a code the release has not stays as it is"


def test_the_parts_of_the_figures_agree_with_each_other(figures: dict[str, Any]) -> None:
    assert (figures["documents"], figures["failed"]) == (4, 3)
    exact = figures["exact"]
    assert (exact["true"], exact["assigned"], exact["gold"]) == (1, 2, 6)
    assert figures["losses"]["found"] == figures["stages"]["validation"] == exact["true"]
    assert figures["losses"]["gold"] == sum(row["gold"] for row in figures["chapters"]) == 6
    assert figures["partial"]["levels"]["code"]["f1"] == exact["f1"]
    low, high = figures["intervals"]["f1"]
    assert low <= exact["f1"] <= high
    assert figures["calibration"]["gap"] == 0.25
    assert figures["blind_spots"][0]["code"] == "N18.30"


def test_the_terminal_is_shown_every_part(figures: dict[str, Any]) -> None:
    comparison = {
        "difference": {"f1": 0.1, "interval": [-0.1, 0.3], "holds_zero": True},
        "changed": [
            {
                "doc_id": "d1",
                "gained_right": ["I10"],
                "gained_wrong": [],
                "lost_right": [],
                "lost_wrong": ["R05.9", "R06.2"],
            }
        ],
    }
    whole = {**figures, "comparison": comparison, "mentions": {"r_at_1": 0.5}}
    console = Console(width=160, record=True, file=StringIO())
    console.print(*tables.figures(whole))
    said = console.export_text()
    for words in (
        "95 % interval", "pairs: category", "Where codes are lost", "By chapter", "By section",
        "Blind spots (1 of 1)", "Confused families", "Changed documents (1 of 1)", "R05.9 R06.2",
        "routed AUTO", "mean confidence minus precision", "r at 1",
    ):  # fmt: skip
        assert words in said
    assert "{" not in said, "no figure is shown raw"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Nothing to evaluate"),
        ({"mentions": "pairs.jsonl", "compare": "run.json"}, "name a DATASET"),
        ({"mentions": "pairs.jsonl", "written": ["r.html"]}, "name a DATASET"),
        ({"dataset": "gold.jsonl", "written": ["no/such/r.html"]}, "no/such/r.html does not exist"),
        ({"dataset": "gold.jsonl", "written": ["."]}, "is a folder"),
        ({"dataset": "gold.jsonl", "compare": "gold.jsonl"}, "gold.jsonl is no saved run"),
        ({"dataset": "gold.jsonl", "compare": "gone.json"}, "gone.json cannot be read"),
    ],
)
def test_what_cannot_work_is_refused_before_any_note_is_coded(
    given: dict[str, Any], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("gold.jsonl").write_text('{"doc_id": "a", "text": "Gout.", "annotations": []}\n')
    Path("pairs.jsonl").write_text('{"mention": "gout", "code": "M10.9"}\n')
    names = {
        name: Path(given[name]) if name in given else None
        for name in ("dataset", "mentions", "compare")
    }
    with pytest.raises(UsageError, match=sentence):
        evaluate.read(
            **names, broken=None, setting=None, written=[Path(p) for p in given.get("written", ())]
        )
