"""A result that was encoded elsewhere gives the log the bytes it would have got from the result."""

import dataclasses
import itertools
import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import AuditError, Store
from audit.encoded import Encoded
from audit.events import EvidenceExtracted, write
from audit.log import Written
from pipeline.model import CodingResult, Encounter, Route
from tests.audit.builders import CODER, encounter, encounters, places, result, results
from tests.audit.conftest import ticking
from tests.soak import SOAK


def carried(encoded: Encoded) -> Encoded:
    """What arrives at the other end of a pipe."""
    arrived = pickle.loads(pickle.dumps(encoded))
    assert isinstance(arrived, Encoded)
    return arrived


@pytest.mark.soak
@settings(max_examples=40 * SOAK, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_arrives_says_what_was_sent(data: st.DataObject) -> None:
    source = data.draw(encounters())
    found = data.draw(results(source))
    sent = Encoded.of(found, source)
    arrived = carried(sent)
    assert arrived == sent
    assert arrived.stages == sent.stages
    assert [each.text for each in arrived.texts] == [each.text for each in sent.texts]
    assert arrived.result(source) == found


def bodies(
    root: Path,
    work: list[tuple[Encounter, CodingResult | Encoded]],
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    """Return the log of a new store, whose ids, keys and secrets are the same each time."""
    numbers = itertools.count(1)
    monkeypatch.setattr("secrets.token_hex", lambda size: f"{next(numbers):0{2 * size}x}")
    monkeypatch.setattr("secrets.token_bytes", lambda size: next(numbers).to_bytes(size))
    clock = ticking()
    with Store.create_or_open(root / "s", places=places(root), actor=CODER, clock=clock) as store:
        for source, found in work:
            store.record(source, found)
        return [event.body for event in store.events()]


def test_a_log_is_the_same_byte_for_byte_wherever_its_results_were_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = dataclasses.replace(encounter("e-1"), age=50.0)
    work = [
        (encounter("e-1"), result("e-1")),
        (encounter("e-2"), result("e-2", more=("I15.9",))),
        (encounter("e-1"), result("e-1")),
        (changed, result("e-1")),
    ]
    here = bodies(tmp_path / "here", list(work), monkeypatch)
    there = bodies(
        tmp_path / "there",
        [(source, carried(Encoded.of(found, source))) for source, found in work],
        monkeypatch,
    )
    assert len(here) == 1 + 3 * 7
    assert there == here


def test_a_result_for_a_person_is_that_of_a_pass_which_said_so() -> None:
    source, found = encounter(), dataclasses.replace(result(), lane=Route.AUTO)
    told = carried(Encoded.of(found, source)).for_a_person("note-refused")
    reasons = (*found.lane_reasons, "note-refused")
    said = dataclasses.replace(found, lane=Route.REVIEW, lane_reasons=reasons)
    assert told == Encoded.of(said, source)
    assert told.stages == Encoded.of(said, source).stages


@pytest.mark.parametrize(
    "other",
    [
        encounter("e-2"),
        encounter(text=encounter().notes[0].text.replace("ten", "two")),
        dataclasses.replace(
            encounter(), notes=(dataclasses.replace(encounter().notes[0], note_id="n2"),)
        ),
    ],
)
def test_a_result_of_other_words_is_refused(store: Store, other: Encounter) -> None:
    with pytest.raises(AuditError, match="another wording of it"):
        store.record(other, carried(Encoded.of(result(), encounter())))
    assert len(store.events()) == 1


def test_what_has_not_the_shape_of_its_kind_is_refused_where_it_arrives(store: Store) -> None:
    whole = Encoded.of(result(), encounter())
    for place, text in itertools.product(range(5), ({}, {"mentions": [["CANARY"]]})):
        texts = (*whole.texts[:place], Written(text), *whole.texts[place + 1 :])
        with pytest.raises(AuditError, match="not of the kind the log accepts") as caught:
            store.record(encounter(), carried(dataclasses.replace(whole, texts=texts)))
        assert "CANARY" not in str(caught.value)
    assert len(store.events()) == 1


def test_a_value_the_log_does_not_accept_is_named_by_its_place() -> None:
    base = result()
    odd = dataclasses.replace(base.suggestions[0], code="CANARY")
    with pytest.raises(AuditError, match=r"not of the kind .*suggestions") as caught:
        Encoded.of(dataclasses.replace(base, suggestions=(odd,)), encounter())
    assert "CANARY" not in str(caught.value)


def test_written_data_are_read_when_they_are_asked_for() -> None:
    data = EvidenceExtracted(mentions=())
    arrived = pickle.loads(pickle.dumps(write(data)))
    assert arrived == write(data) == {"mentions": []}
    assert arrived.text == '{"mentions":[]}'
