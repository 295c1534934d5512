"""Results come back from the log as they went in, and no word of a note goes in with them."""

import dataclasses
import json
import re
from datetime import date
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import Accept, Actor, ActorKind, Add, AuditError, Reject, Replace, Store
from audit.digests import Secret
from audit.encounters import content_digest, decode_encounter, encode_encounter
from audit.events import CaseRouted
from audit.results import Stages, decode_result, encode_result
from audit.shapes import Data
from pipeline.model import EvidenceSpan, Route
from tests.audit.builders import (
    PROVENANCE,
    TEXT,
    encounter,
    encounters,
    result,
    results,
    span,
)
from tests.soak import SOAK

SECRET = Secret(bytes(range(32)))


D = TypeVar("D", bound=Data)


def as_stored(data: D) -> D:
    """What comes back when the data went through canonical JSON."""
    return type(data).model_validate_json(json.dumps(data.model_dump(mode="json")))


@pytest.mark.soak
@settings(max_examples=80 * SOAK, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_encounter_and_result_comes_back_equal(data: st.DataObject) -> None:
    given_encounter = data.draw(encounters())
    given_result = data.draw(results(given_encounter))
    texts: dict[str, str] = {}

    def seal(text: str) -> str:
        ref = f"{len(texts):064x}"
        texts[ref] = text
        return ref

    content = content_digest(given_encounter, SECRET)
    event = encode_encounter(given_encounter, revision=1, content=content, secret=SECRET, seal=seal)
    stored = as_stored(event)
    assert stored == event
    back = decode_encounter(event, texts)
    assert back == given_encounter
    analysis = encode_result(given_result, given_encounter)
    kept = Stages(
        extracted=as_stored(analysis.extracted),
        retrieved=as_stored(analysis.retrieved),
        verified=as_stored(analysis.verified),
        validated=as_stored(analysis.validated),
        routed=as_stored(analysis.routed),
    )
    assert kept == analysis
    assert decode_result(kept, given_result.provenance, back) == given_result


def test_a_result_logged_before_parts_were_kept_can_be_read() -> None:
    source, given = encounter(), result()
    analysis = encode_result(given, source)
    stored = analysis.routed.model_dump(mode="json")
    del stored["parts"]
    routed = CaseRouted.model_validate_json(json.dumps(stored))
    back = decode_result(dataclasses.replace(analysis, routed=routed), PROVENANCE, source)
    assert [item.code for item in back.suggestions] == [item.code for item in given.suggestions]
    assert any(item.parts for item in given.suggestions)
    assert not any(item.parts for item in back.suggestions)


def test_a_note_with_many_mentions_of_the_same_candidates_stays_small() -> None:
    base = result()
    many = dataclasses.replace(base, traces=base.traces * 200)
    analysis = encode_result(many, encounter())
    size = sum(
        len(getattr(analysis, field.name).model_dump_json())
        for field in dataclasses.fields(analysis)
    )
    assert size < 20_000
    assert decode_result(analysis, PROVENANCE, encounter()) == many


@pytest.mark.parametrize(
    "bad",
    [
        EvidenceSpan(note_id="n1", start=0, end=10_000),
        EvidenceSpan(note_id="n1", start=-1, end=3),
        EvidenceSpan(note_id="n1", start=5, end=5),
        EvidenceSpan(note_id="other", start=0, end=3),
    ],
)
def test_a_span_without_words_is_refused(store: Store, bad: EvidenceSpan) -> None:
    base = result()
    mention = dataclasses.replace(base.suggestions[0].evidence[0], span=bad)
    broken = dataclasses.replace(
        base,
        suggestions=(dataclasses.replace(base.suggestions[0], evidence=(mention,)),),
    )
    with pytest.raises(AuditError, match="names no words of the notes"):
        store.record(encounter(), broken)
    assert len(store.events()) == 1
    assert store.cases() == ()


def test_a_code_without_words_is_refused(store: Store) -> None:
    base = result()
    for broken in (
        dataclasses.replace(
            base, suggestions=(dataclasses.replace(base.suggestions[0], evidence=()),)
        ),
        dataclasses.replace(base, excluded=(dataclasses.replace(base.excluded[0], evidence=()),)),
    ):
        with pytest.raises(AuditError, match="has no words in the notes"):
            store.record(encounter(), broken)
    assert len(store.events()) == 1


def test_a_reason_that_repeats_the_note_is_refused_and_not_repeated(store: Store) -> None:
    quote = "type-2 DIABETES mellitus without"
    leaky = dataclasses.replace(result(), lane_reasons=(f"matched={quote}",))
    with pytest.raises(AuditError) as caught:
        store.record(encounter(), leaky)
    assert "diabetes" not in str(caught.value).lower()
    assert len(store.events()) == 1


def test_the_name_of_a_rule_is_no_word_of_the_note(store: Store) -> None:
    text = "Severe sepsis after infection of the skin."
    rule = "severe-sepsis-after-infection.C01"
    named = dataclasses.replace(result(), passes=(f"{rule}=2",), lane_reasons=(rule,))
    analysis = encode_result(
        dataclasses.replace(named, suggestions=(), traces=(), excluded=()),
        dataclasses.replace(
            encounter(), notes=(dataclasses.replace(encounter().notes[0], text=text),)
        ),
    )
    assert analysis.validated.passes == ((rule, 2),)


def test_what_an_earlier_version_recorded_is_still_read() -> None:
    analysis = encode_result(result(), encounter())
    old = analysis.validated.model_dump(mode="json")
    del old["passes"], old["unchecked"]
    validated = type(analysis.validated).model_validate_json(json.dumps(old))
    back = decode_result(
        dataclasses.replace(analysis, validated=validated), PROVENANCE, encounter()
    )
    assert (back.passes, back.unchecked) == ((), ())


@pytest.mark.parametrize("code", ["QA0.0141", "C4A.9", "Z3A.20", "S52.501A", "U07.1", "I10"])
def test_every_shape_of_code_can_be_recorded(code: str) -> None:
    base = result()
    named = dataclasses.replace(base.suggestions[0], code=code)
    analysis = encode_result(dataclasses.replace(base, suggestions=(named,)), encounter())
    assert as_stored(analysis.validated).suggestions[0][0] == code


def test_a_code_in_another_spelling_is_refused_by_name_of_field_only(store: Store) -> None:
    base = result()
    broken = dataclasses.replace(
        base, suggestions=(dataclasses.replace(base.suggestions[0], code="diabetes of Ada"),)
    )
    with pytest.raises(AuditError, match="suggestions") as caught:
        store.record(encounter(), broken)
    assert "Ada" not in str(caught.value)
    assert len(store.events()) == 1


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def test_no_four_words_of_a_note_and_no_file_name_stand_in_any_event(store: Store) -> None:
    given_encounter = dataclasses.replace(
        encounter("visits/Okonkwo Ada 1.txt", notes=2), service_date=date(2026, 5, 4)
    )
    given_result = dataclasses.replace(result(), encounter_id=given_encounter.encounter_id)
    case_id = store.record(given_encounter, given_result).case_id
    evidence = (span("metformin continued"),)
    store.view(case_id)
    store.decide(case_id, Accept(code="I10"))
    store.decide(case_id, Reject(code="E11.9", reason="Mother had breast cancer at 52."))
    store.undo(case_id)
    store.redo(case_id)
    store.decide(case_id, Replace(code="I10", new_code="I11.9", evidence=evidence))
    store.decide(case_id, Add(code="Z80.3", evidence=evidence, reason=TEXT))
    store.record_failure(given_encounter, source="Okonkwo Ada.pdf", errors=[TEXT])
    store.record_failure(None, source="Okonkwo Ada.pdf", errors=[TEXT])
    bodies = "\n".join(event.body for event in store.events())
    assert len(store.events()) > 15
    assert not runs(TEXT) & {run for event in store.events() for run in runs(event.body)}
    for word in ("Okonkwo", "Ashgrove", "hypertension", "visits/", "progress note"):
        assert word not in bodies
    assert given_encounter.notes[0].sha256 not in bodies
    assert store.case(case_id).encounter == given_encounter


@pytest.mark.soak
@settings(
    max_examples=20 * SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_four_words_of_any_note_by_chance(store: Store, data: st.DataObject) -> None:
    given_encounter = data.draw(encounters())
    case_id = store.record(given_encounter, data.draw(results(given_encounter))).case_id
    noted = {run for note in given_encounter.notes for run in runs(note.text)}
    said = {run for event in store.events(case_id) for run in runs(event.body)}
    assert not noted & said


def test_the_lane_is_that_of_the_result(store: Store) -> None:
    routed = dataclasses.replace(result(), lane=Route.CONFIRM, lane_reasons=("a", "b=1"))
    store.record(encounter(), routed)
    assert store.cases(lane=Route.CONFIRM)[0].lane_reasons == ("a", "b=1")
    assert store.cases(lane=Route.REVIEW) == ()


def test_the_analysis_names_the_program_as_actor_and_who_asked_for_it(store: Store) -> None:
    store.record(encounter(), result())
    started = next(event for event in store.events() if event.kind == "analysis.started")
    assert started.actor == Actor(kind=ActorKind.PROGRAM, id="chartproof")
    assert started.data["requested_by"] == {"kind": "person", "id": "coder-1"}
    assert started.data["config_digest"] == PROVENANCE.config_digest
