"""The shapes a model's words must have; anything else is no answer.

Closed and strict: no extra fields, no numbers for booleans, no field twice. What the words say is
for the stage that asked to check.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.chat.address import Fault
from pipeline.chat.model import Task
from pipeline.chat.passage import LONGEST

LONGEST_ANSWER = 65_536
"""Characters of an answer that are looked at."""

MOST_CONDITIONS = 20
_DEEPEST = 8
_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*", re.DOTALL)

Quote = Annotated[str, Field(max_length=LONGEST)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Choice(_Shape):
    """The answer to `verify`: a letter of the list or `none`, quotes, and five plain questions."""

    choice: Annotated[str, Field(pattern=r"^([A-J]|none)$")]
    supports: Quote
    contradicts: Quote
    documented: bool
    current: bool
    patient: bool
    specific: bool
    laterality: bool


class Condition(_Shape):
    """One condition that the passage names, in its own words."""

    quote: Quote


class Conditions(_Shape):
    """The answer to `extract`."""

    conditions: Annotated[tuple[Condition, ...], Field(max_length=MOST_CONDITIONS, strict=False)]


class Holds(_Shape):
    """The answer to `audit`: do these words say that the patient has this now?"""

    holds: bool
    quote: Quote


SHAPES: Mapping[Task, type[_Shape]] = {
    Task.VERIFY: Choice,
    Task.EXTRACT: Conditions,
    Task.AUDIT: Holds,
}


def read(task: Task, text: str) -> Mapping[str, Any]:
    """Return the fields of an answer; Fault names why the words are none."""
    if len(text) > LONGEST_ANSWER:
        raise Fault("too-large")
    if "\0" in text:
        raise Fault("nul")
    fenced = _FENCED.fullmatch(text)
    try:
        value = json.loads(fenced[1] if fenced else text, object_pairs_hook=_once)
    except RecursionError:
        raise Fault("too-deep") from None
    except ValueError:
        raise Fault("not-json") from None
    if _depth(value) > _DEEPEST:
        raise Fault("too-deep")
    try:
        return SHAPES[task].model_validate(value).model_dump()
    except ValidationError:
        raise Fault("wrong-schema") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Fault("wrong-schema")
    return dict(pairs)


def _depth(value: object) -> int:
    """Return how deep a value is nested, looking no deeper than matters."""
    layer: list[object] = [value]
    for depth in range(_DEEPEST + 1):
        inner: list[object] = []
        for each in layer:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        if not inner:
            return depth
        layer = inner
    return _DEEPEST + 1
