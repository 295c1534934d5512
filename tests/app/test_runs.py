"""Saved runs come back as they were, hold no words, and say what changed between two."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app import AppError, UsageError, runs
from app.runs import Document, Run, SuggestedCode
from app.scores import Scored
from pipeline.model import Note, Route, Scope
from tests.app.builders import failed, scored, suggestion


def document(doc_id: str, gold: str, given: str) -> Document:
    return Document(
        doc_id=doc_id,
        gold=tuple(gold.split()),
        suggested=tuple(
            SuggestedCode(code=code, confidence=0.5, route=Route.CONFIRM) for code in given.split()
        ),
    )


def run(*documents: Document, scope: Scope = Scope.REPORTABLE) -> Run:
    return Run(
        dataset="gold.jsonl",
        scope=scope,
        release="FY2026",
        gold_sha256="0" * 64,
        provenance={},
        documents=documents,
    )


def test_a_run_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    saved = runs.of(
        [scored({"R05.9": (), "I10": ()}, suggestion("I10", confidence=0.8123)), failed("E11.9")],
        dataset="gold.jsonl",
        scope=Scope.DOCUMENTED,
        release="FY2026",
    )
    path = tmp_path / "run.json"
    runs.write(path, saved)
    assert runs.read(path) == saved
    assert saved.documents[0] == Document(
        doc_id="n",
        gold=("I10", "R05.9"),
        suggested=(SuggestedCode(code="I10", confidence=0.8123, route=Route.CONFIRM),),
    )
    assert saved.documents[1].suggested == ()
    assert json.loads(path.read_text("utf-8"))["provenance"]["code_version"] == "1"


def test_an_empty_run_is_json_as_well(tmp_path: Path) -> None:
    runs.write(tmp_path / "run.json", run())
    assert runs.read(tmp_path / "run.json") == run()


def test_a_saved_run_holds_no_word_of_a_note(tmp_path: Path) -> None:
    text = "Ada Okonkwo has hypertension and nobody else may know of it."
    given = scored({"I10": ((16, 28),)}, suggestion("I10", (16, 28)))
    note = Note(note_id="n", text=text, sha256="", source="visits/okonkwo.txt", author="Ashgrove")
    encounter = replace(given.gold.encounter, notes=(note,))
    whole = Scored(gold=replace(given.gold, encounter=encounter), result=given.result)
    runs.write(
        tmp_path / "run.json",
        runs.of([whole], dataset="gold.jsonl", scope=Scope.REPORTABLE, release="FY2026"),
    )
    kept = (tmp_path / "run.json").read_text("utf-8").casefold()
    assert not [word for word in ("okonkwo", "hypertension", "ashgrove", "visits") if word in kept]


def test_a_comparison_says_what_each_document_gained_and_lost() -> None:
    before = run(
        document("a", "I10 E11.9", "I10 R05.9"),
        document("b", "N18.30", "N18.30"),
        document("c", "K21.9", "K21.9"),
    )
    after = run(
        document("c", "K21.9", "K21.9"),
        document("b", "N18.30", "N18.9"),
        document("a", "I10 E11.9", "I10 E11.9 J45.909"),
    )
    found = runs.compare(before, after)
    assert found["changed"] == [
        {
            "doc_id": "b",
            "gained_right": [],
            "gained_wrong": ["N18.9"],
            "lost_right": ["N18.30"],
            "lost_wrong": [],
        },
        {
            "doc_id": "a",
            "gained_right": ["E11.9"],
            "gained_wrong": ["J45.909"],
            "lost_right": [],
            "lost_wrong": ["R05.9"],
        },
    ]
    assert (found["before"]["f1"], found["after"]["f1"]) == (0.75, round(6 / 9, 4))
    assert found["difference"]["f1"] == round(6 / 9 - 0.75, 4)
    low, high = found["difference"]["interval"]
    assert low < 0 < high
    assert (found["documents"], found["only_before"], found["only_after"]) == (3, 0, 0)


def test_documents_of_one_run_alone_are_left_out_and_counted() -> None:
    found = runs.compare(
        run(document("a", "I10", "I10"), document("old", "I10", "")),
        run(document("a", "I10", "I10"), document("new", "I10", ""), document("newer", "I10", "")),
    )
    assert (found["documents"], found["only_before"], found["only_after"]) == (1, 1, 2)
    assert found["after"]["gold"] == 1
    assert found["changed"] == []


def test_both_runs_are_scored_by_the_labels_of_the_later_one() -> None:
    found = runs.compare(
        run(document("a", "I10", "I10"), scope=Scope.DOCUMENTED), run(document("a", "E11.9", "I10"))
    )
    assert found["relabelled"] == 1
    assert (found["before"]["f1"], found["after"]["f1"]) == (0.0, 0.0)
    assert found["scopes"] == ["documented", "reportable"]


def test_runs_without_a_common_document_differ_by_nothing() -> None:
    found = runs.compare(run(document("a", "I10", "I10")), run(document("b", "I10", "")))
    assert found["difference"] == {"f1": None, "interval": None, "holds_zero": None}


def test_the_digest_of_the_gold_changes_with_it() -> None:
    def digest(*gold: str) -> str:
        given = [scored(dict.fromkeys(gold, ()))]
        return runs.of(given, dataset="", scope=Scope.REPORTABLE, release="").gold_sha256

    assert digest("I10", "E11.9") == digest("E11.9", "I10")
    assert digest("I10") != digest("I10", "E11.9")


@pytest.mark.parametrize("content", ["", "{}", '{"documents": []}', "[1]", "\udc80"])
def test_another_file_is_refused_with_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=r"run\.json is no saved run of this version"):
        runs.read(path)


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be written"):
        runs.write(tmp_path, run())
