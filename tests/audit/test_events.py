"""The shapes of events are closed: nothing may stand in one that has no place in it."""

import json

import pytest
from pydantic import ValidationError

from audit import acts, events, governance, uses
from audit.acts import DecisionAdded
from audit.events import KINDS, CaseRouted, EvidenceExtracted
from audit.model import Actor, ActorKind
from audit.shapes import Data

GOOD = {"code": "Z79.4", "before": "absent", "reason": None, "evidence": [[0, 3, 9]]}


@pytest.mark.parametrize(
    "change",
    [
        {"note": "chest pain"},
        {"code": "diabetes"},
        {"code": "z79.4"},
        {"code": 7},
        {"reason": "because she said so"},
        {"evidence": [[0, 3]]},
        {"evidence": [[0, 3, "9"]]},
        {"evidence": [[0, -3, 9]]},
        {"evidence": "chest pain"},
    ],
)
def test_what_does_not_belong_is_refused_without_being_repeated(change: dict[str, object]) -> None:
    DecisionAdded.model_validate_json(json.dumps(GOOD))
    with pytest.raises(ValidationError) as caught:
        DecisionAdded.model_validate_json(json.dumps(GOOD | change))
    assert "chest" not in str(caught.value)
    assert "because" not in str(caught.value)


@pytest.mark.parametrize("score", ["0.5", "1.0000", "1e-07", "-0.0000"])
def test_a_score_is_a_decimal_string(score: str) -> None:
    routed = CaseRouted.model_validate_json(
        json.dumps(
            {
                "setting": "outpatient",
                "lane": "review",
                "lane_reasons": [],
                "suggestions": [[score, "review", []]],
            }
        )
    )
    assert routed.suggestions[0][0] == score


def test_every_kind_has_one_shape_and_every_shape_one_kind() -> None:
    assert len(set(KINDS.values())) == len(KINDS)
    abstract = {acts.Act, acts.Decided, Data}
    shapes = {
        value
        for module in (events, acts, uses, governance)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Data)
    }
    parts = {events.NoteReceived, events.RequestedBy, governance.Statement}
    assert shapes - abstract - parts == set(KINDS.values())


def test_a_draft_names_its_kind_and_its_texts() -> None:
    data = DecisionAdded.model_validate_json(json.dumps(GOOD | {"reason": "a" * 64}))
    actor = Actor(kind=ActorKind.PERSON, id="coder")
    draft = events.draft(data, actor=actor, case_id="c")
    assert (draft.kind, draft.blobs, draft.case_id) == ("decision.added", ("a" * 64,), "c")
    assert draft.data["evidence"] == ((0, 3, 9),)
    assert events.draft(EvidenceExtracted(mentions=()), actor=actor, case_id="c").blobs == ()
