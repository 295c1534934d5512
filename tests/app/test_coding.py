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
from audit import Actor, ActorKind, AuditError, Case, Places, State, Store
from pipeline.model import Encounter, Note, Route, Scope
from taxonomy import Releases

FACTORY = """
    from dataclasses import replace

    from audit.encoded import Encoded
    from pipeline.model import (
        Candidate, Channel, CodingResult, EvidenceSpan, Mention, MentionTrace, Provenance, Route,
        Scope, Suggestion, Support, Verdict,
    )

    PROVENANCE = Provenance(
        code_version="1", release="FY2026", taxonomy_digest="", model_digest="", index_digest="",
        rules_digest="", config_digest="", scope=Scope.REPORTABLE,
    )

    def plain(*, report):
        def code(encounter):
            if encounter.notes[0].text == "fail":
                raise ValueError("Mr Secret has asthma")
            mention = Mention(span=EvidenceSpan(note_id=encounter.encounter_id, start=0, end=4),
                              section="assessment")
            found = (Candidate(code="M10.9", score=0.5, channels=(Channel.LEXICAL,)),)
            verdict = Verdict(support=Support.SUPPORTED, reasons=("asserted-present",))
            text = encounter.notes[0].text
            return CodingResult(
                encounter_id=encounter.encounter_id, setting=encounter.setting,
                traces=(MentionTrace(mention=mention, candidates=found, code="M10.9",
                                     verdict=verdict),),
                suggestions=(Suggestion(code="M10.9", evidence=(mention,), candidates=found,
                                        verdict=verdict, findings=(), confidence=0.75,
                                        route=Route.CONFIRM),),
                excluded=(), findings=(), lane=Route.CONFIRM,
                lane_reasons=(text if text.startswith("leak") else "sign-off-needed",),
                provenance=PROVENANCE,
            )
        return code

    def asking(*, call, report):
        plainly = plain(report=report)
        return lambda encounter: None if call(PROVENANCE) else plainly(encounter)

    def wrong(*, report):
        # What is handed in as encoded is of another wording, or not of the shape of its kinds.
        plainly = plain(report=report)
        def code(encounter):
            (note,) = encounter.notes
            if note.text == "Other words.":
                read = replace(encounter, notes=(replace(note, text="Assessment: gout."),))
                return Encoded.of(plainly(read), read)
            found = Encoded.of(plainly(encounter), encounter)
            return replace(found, texts=found.texts[::-1]) if note.text == "Turned." else found
        return code
"""


CODER = Actor(kind=ActorKind.PERSON, id="coder")


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built_in: Releases) -> Iterator[Job]:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "factory_for_coding.py").write_text(textwrap.dedent(FACTORY))
    monkeypatch.syspath_prepend(tmp_path / "module")
    places = Places(state=tmp_path / "state", config=tmp_path / "config")
    with Store.create_or_open(tmp_path / "store", places=places, actor=CODER) as store:
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


@pytest.mark.parametrize("text", ["Plan: treat the gout.", "fail"])
def test_a_wording_that_others_recorded_meanwhile_is_the_one_shown(
    job: Job, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Between the answer that the work is there and the line about it, another process writes."""
    job = replace(job, recipe=Recipe(factory="factory_for_coding:asking", calls=True))
    (first,) = coding.code(Intake(encounters=(encounter("a"),)), job)
    kept = job.store.case(first.case_id).result
    assert kept is not None
    other = encounter("a", text)
    read = job.store.case

    def meanwhile(case_id: str) -> Case:
        monkeypatch.undo()
        if text == "fail":
            job.store.record_failure(other, source="a", errors=("It failed.",))
        else:
            job.store.record(other, kept)
        return read(case_id)

    monkeypatch.setattr(Store, "case", lambda _, case_id: meanwhile(case_id))
    again = coding.code(Intake(encounters=(encounter("a"),)), job)
    if text == "fail":
        with pytest.raises(AuditError, match="other words"):
            next(again)
        return
    (row,) = again
    assert not row.added
    suggestions = row.json["suggestions"]
    assert isinstance(suggestions, list)
    assert suggestions[0]["evidence"][0]["quote"] == "Plan"


def test_new_content_is_a_new_analysis_of_the_same_case(job: Job) -> None:
    (first,) = coding.code(Intake(encounters=(encounter("a"),)), job)
    changed = replace(encounter("a"), age=50.0)
    (second,) = coding.code(Intake(encounters=(changed,)), job)
    assert second.case_id == first.case_id
    assert second.added
    assert second.json["state"] == "open"


def test_the_words_of_a_worker_are_those_the_store_would_have_written(
    job: Job, tmp_path: Path
) -> None:
    given = encounter("a", "Assessment: gout.")
    (row,) = coding.code(Intake(encounters=(given,)), job)
    case = job.store.case(row.case_id)
    assert case.result is not None
    places = Places(state=tmp_path / "state", config=tmp_path / "config")
    with Store.create_or_open(tmp_path / "other", places=places, actor=CODER) as other:
        other.record(given, case.result)
        for theirs, ours in zip(other.events()[3:], job.store.events()[3:], strict=True):
            assert theirs.kind == ours.kind
            assert theirs.data == ours.data
            assert _data_of(theirs.body) == _data_of(ours.body)


def test_a_reason_that_repeats_the_note_costs_that_encounter_alone(job: Job) -> None:
    leaky = encounter("a", "leak these four words here")
    failed, done = coding.code(Intake(encounters=(leaky, encounter("b"))), job)
    assert failed.failed
    assert "repeats words of a note" in failed.errors[0]
    assert "four" not in failed.errors[0]
    assert not done.failed
    assert "four words" not in "".join(event.body for event in job.store.events())


def test_a_result_that_the_writer_refuses_costs_that_encounter_alone(job: Job) -> None:
    job = replace(job, recipe=Recipe(factory="factory_for_coding:wrong"))
    given = (encounter("a", "Other words."), encounter("b", "Turned."), encounter("c"))
    other, turned, done = coding.code(Intake(encounters=given), job)
    assert [row.failed for row in (other, turned, done)] == [True, True, False]
    assert "another wording" in other.errors[0]
    assert "not of the kind the log accepts" in turned.errors[0]
    for row in (other, turned):
        assert job.store.case(row.case_id).state is State.FAILED
        assert job.store.case(row.case_id).errors == row.errors
    events = len(job.store.events())
    again = list(coding.code(Intake(encounters=given), job))
    assert [row.failed for row in again] == [True, True, False]
    assert len(job.store.events()) == events


def _data_of(body: str) -> str:
    """Return the bytes between the name of the data and that of what follows them."""
    return body.partition('"data":')[2].partition(',"event_id":')[0]
