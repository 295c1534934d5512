"""The use case with a real store and real workers; only the engine is a small one."""

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import coding
from app.assembly import Intake, Problem
from app.batch import Recipe
from app.coding import Job
from audit import Actor, ActorKind, Places, State, Store
from pipeline.model import Encounter, Note, Route, Scope
from taxonomy import Releases

FACTORY = """
    from pipeline.model import CodingResult, Provenance, Route, Scope

    PROVENANCE = Provenance(
        code_version="1", release="FY2026", taxonomy_digest="", model_digest="", index_digest="",
        rules_digest="", config_digest="", scope=Scope.REPORTABLE,
    )

    def plain(*, report):
        def code(encounter):
            if encounter.notes[0].text == "fail":
                raise ValueError("Mr Secret has asthma")
            return CodingResult(
                encounter_id=encounter.encounter_id, setting=encounter.setting, traces=(),
                suggestions=(), excluded=(), findings=(), lane=Route.CONFIRM,
                lane_reasons=("sign-off-needed",), provenance=PROVENANCE,
            )
        return code
"""


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built_in: Releases) -> Iterator[Job]:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "factory_for_coding.py").write_text(textwrap.dedent(FACTORY))
    monkeypatch.syspath_prepend(tmp_path / "module")
    places = Places(state=tmp_path / "state", config=tmp_path / "config")
    actor = Actor(kind=ActorKind.PERSON, id="coder")
    with Store.create_or_open(tmp_path / "store", places=places, actor=actor) as store:
        yield Job(
            store=store,
            releases=built_in,
            recipe=Recipe(factory="factory_for_coding:plain"),
            scope=Scope.REPORTABLE,
            workers=1,
        )


def encounter(name: str, text: str = "Assessment: gout.") -> Encounter:
    return Encounter(encounter_id=name, notes=(Note(note_id=name, text=text, sha256="0" * 64),))


def test_refusals_come_first_then_encounters_and_all_are_in_the_store(job: Job) -> None:
    problem = Problem(source="in/x.txt", note_id="x.txt", sentence="in/x.txt is empty.")
    intake = Intake(encounters=(encounter("a"), encounter("b", "fail")), problems=(problem,))
    refused, done, failed = coding.code(intake, job)
    assert [c.failed for c in (refused, done, failed)] == [True, False, True]
    rows = {row.case_id: row for row in job.store.cases()}
    assert set(rows) == {refused.case_id, done.case_id, failed.case_id}
    assert rows[refused.case_id].state is rows[failed.case_id].state is State.FAILED
    assert rows[done.case_id].state is State.OPEN
    assert job.store.case(refused.case_id).errors == ("in/x.txt is empty.",)
    assert "Secret" not in str(job.store.case(failed.case_id).errors)


def test_an_encounter_with_a_refused_note_goes_to_a_person(job: Job) -> None:
    problem = Problem(source="x:2", encounter_id="a", note_id="n2", sentence="x:2 is blank.")
    intake = Intake(encounters=(encounter("a"),), problems=(problem,))
    _, done = coding.code(intake, job)
    assert done.lane is Route.REVIEW
    assert done.errors == ("x:2 is blank.",)
    assert not done.failed
    case = job.store.case(done.case_id)
    assert case.lane is Route.REVIEW
    assert coding.NOTE_REFUSED in case.lane_reasons
    assert done.json["lane"] == "review"
    assert done.json["errors"] == ["x:2 is blank."]


def test_work_that_is_done_already_adds_nothing_and_keeps_its_case(job: Job) -> None:
    problem = Problem(source="y.txt", sentence="y.txt is empty.")
    intake = Intake(encounters=(encounter("a"), encounter("b", "fail")), problems=(problem,))
    first = list(coding.code(intake, job))
    events = len(job.store.events())
    second = list(coding.code(intake, job))
    assert [c.json for c in second] == [c.json for c in first]
    assert not any(c.added for c in second)
    assert len(job.store.events()) == events


def test_new_content_is_a_new_analysis_of_the_same_case(job: Job) -> None:
    (first,) = coding.code(Intake(encounters=(encounter("a"),)), job)
    changed = replace(encounter("a"), age=50.0)
    (second,) = coding.code(Intake(encounters=(changed,)), job)
    assert second.case_id == first.case_id
    assert second.added
    assert second.json["state"] == "open"
