import json

import pytest
from pydantic import BaseModel, ValidationError

from app import UsageError, faults
from app.reading.rows import parse_object
from pipeline.model import Cancelled


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.mark.parametrize("error", [UsageError("Name a file."), Cancelled("Name a file.")])
def test_our_own_errors_say_their_sentence(error: Exception) -> None:
    assert faults.sentence(raised(error)) == "Name a file."


def test_foreign_errors_say_their_kind_and_place_and_never_their_text() -> None:
    class Model(BaseModel):
        age: int

    try:
        Model.model_validate({"age": "Mr Secret"})
    except ValidationError as error:
        text = faults.sentence(error)
    assert "ValidationError at" in text
    assert "Secret" not in text


def test_the_place_of_a_fault_is_a_line_of_ours_where_there_is_one() -> None:
    with pytest.raises(AttributeError) as ours:
        parse_object(None)  # type: ignore[arg-type]
    assert faults.fault(ours.value).startswith("AttributeError at app/reading/rows.py:")
    with pytest.raises(UnicodeDecodeError) as foreign:
        json.loads(b"\xff")
    assert faults.fault(foreign.value).startswith("UnicodeDecodeError at json/__init__.py:")
