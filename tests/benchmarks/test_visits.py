"""The script that scores the visits, on made-up ones: totals alone, and of locked ones no more."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.model import (
    CodingResult,
    Encounter,
    EvidenceSpan,
    Mention,
    Provenance,
    Route,
    Scope,
    Suggestion,
    Support,
    Verdict,
)

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "visits.py"))
report: Callable[..., Any] = SCRIPT["report"]

LABELS = {"V1": ["I10"], "V2": ["E11.9", "J45.909"], "V3": ["I10"], "V4": ["N18.30"]}
GIVEN = {"V1": ["I10"], "V2": ["E11.9", "R05.9"], "V3": ["I10", "M54.50"], "V4": []}
PROVENANCE = Provenance(
    code_version="1",
    release="FY2026",
    taxonomy_digest="",
    model_digest="",
    index_digest="",
    rules_digest="",
    config_digest="",
    scope=Scope.REPORTABLE,
)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    split = {"tuning": ["V1", "V2"], "locked": ["V3", "V4"]}
    (tmp_path / "split.json").write_text(json.dumps(split), "utf-8")
    labels = [
        {"note_id": note, "labels": [{"code": code, "evidence": []} for code in codes]}
        for note, codes in LABELS.items()
    ]
    (tmp_path / "final.jsonl").write_text("\n".join(map(json.dumps, labels)), "utf-8")
    rows = [{"note_id": note, "text": f"Words of {note}, confidential."} for note in LABELS]
    path = tmp_path / "notes.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def coded(encounter: Encounter) -> CodingResult:
    span = EvidenceSpan(note_id=encounter.encounter_id, start=0, end=5)
    return CodingResult(
        encounter_id=encounter.encounter_id,
        setting=encounter.setting,
        traces=(),
        suggestions=tuple(
            Suggestion(
                code=code,
                evidence=(Mention(span=span, section="plan"),),
                candidates=(),
                verdict=Verdict(support=Support.SUPPORTED),
                findings=(),
                confidence=0.75,
                route=Route.CONFIRM,
            )
            for code in GIVEN[encounter.encounter_id]
        ),
        excluded=(),
        findings=(),
        lane=Route.CONFIRM,
        lane_reasons=(),
        provenance=PROVENANCE,
    )


def test_the_totals_are_those_of_the_part(notes: Path) -> None:
    lines = list(report(notes, notes.parent, "tuning", coded))
    assert lines[0] == "tuning: 2 visits, scope reportable"
    assert lines[1].startswith("precision 0.667 (95 % interval ")
    assert lines[2].startswith("recall 0.667 (95 % interval ")
    assert lines[3].startswith("f1 0.667 (95 % interval ")
    assert lines[4] == "2 right, 3 suggested, 3 assigned"
    assert lines[6].startswith("mean confidence minus precision +0.083 (95 % interval ")
    assert lines[7] == "ECE 0.083"


def test_only_visits_of_the_part_are_coded(notes: Path) -> None:
    asked: list[str] = []

    def spied(encounter: Encounter) -> CodingResult:
        asked.append(encounter.encounter_id)
        return coded(encounter)

    list(report(notes, notes.parent, "tuning", spied))
    assert asked == ["V1", "V2"]


def test_of_locked_visits_no_code_and_no_note_is_shown(notes: Path) -> None:
    lines = list(report(notes, notes.parent, "locked", coded))
    said = "\n".join(lines)
    assert "f1 0.500" in said
    for secret in ("V3", "V4", "I10", "M54", "N18", "Words", "confidential"):
        assert secret not in said
    assert len(lines) == 8, "totals, and no line a visit"


def test_a_locked_visit_that_fails_is_not_named(notes: Path) -> None:
    def fails(encounter: Encounter) -> CodingResult:
        raise ValueError(encounter.notes[0].text)

    with pytest.raises(SystemExit) as caught:
        list(report(notes, notes.parent, "locked", fails))
    assert "nothing is shown" in str(caught.value)
    assert "V3" not in str(caught.value)
    with pytest.raises(ValueError, match="V1"):
        list(report(notes, notes.parent, "tuning", fails))


def test_nothing_is_written(notes: Path) -> None:
    before = {path.name: path.read_bytes() for path in notes.parent.iterdir()}
    list(report(notes, notes.parent, "locked", coded))
    assert {path.name: path.read_bytes() for path in notes.parent.iterdir()} == before
