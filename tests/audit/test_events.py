"""The shapes of events are closed: nothing may stand in one that has no place in it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from audit import AuditError, acts, events, governance, uses
from audit.acts import DecisionAdded
from audit.events import KINDS, PLAIN, CaseRouted, EvidenceExtracted
from audit.log import Written
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
    assert draft.data["evidence"] == [[0, 3, 9]]
    assert events.draft(EvidenceExtracted(mentions=()), actor=actor, case_id="c").blobs == ()


def _plain(schema: Any, named: Mapping[str, Any]) -> bool:
    """Tell whether a schema lets in texts, nothing, small integers and lists of them alone."""
    inner: list[Any] = []
    match schema:
        case {"$ref": str(name)}:
            inner = [named[name.rpartition("/")[2]]]
        case {"anyOf": list(others)}:
            inner = others
        case {"type": "array", "prefixItems": list(items), "maxItems": int(count)}:
            inner = items if count == len(items) else [{}]
        case {"type": "array", "items": dict(item)}:
            inner = [item]
        case {"type": "integer", "minimum": int(low), "exclusiveMaximum": int(high)}:
            return low > -(2**53) and high <= 2**53
        case _:
            return schema.get("type") in {"string", "null"}
    return all(_plain(each, named) for each in inner)


@pytest.mark.parametrize("kind", sorted(PLAIN, key=str))
def test_a_plain_shape_holds_nothing_that_canonical_json_would_refuse(kind: type[Data]) -> None:
    schema = kind.model_json_schema()
    assert schema["additionalProperties"] is False
    for name, member in schema["properties"].items():
        assert name.isascii()
        assert _plain(member, schema.get("$defs", {})), name


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number"},
        {"type": "integer", "minimum": 0},
        {"type": "object"},
        {"type": "array"},
        {},
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "boolean"}]}},
    ],
)
def test_what_may_hold_more_is_not_plain(schema: Mapping[str, Any]) -> None:
    assert not _plain(schema, {})


def test_plain_data_with_half_a_character_are_refused() -> None:
    with pytest.raises(AuditError):
        Written.plain({"a": "\ud800"})
