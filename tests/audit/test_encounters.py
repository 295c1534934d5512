"""Numbers and digests of encounters."""

import dataclasses
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import AuditError
from audit.digests import Secret
from audit.encounters import content_digest, decimal
from pipeline.model import Claim, Setting
from tests.audit.builders import (
    encounter,
)

SECRET = Secret(bytes(range(32)))


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_scores_of_four_places_are_written_with_four_places(n: int) -> None:
    assert re.fullmatch(r"[01]\.\d{4}", decimal(n / 10_000))


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_decimal_string_reads_back_as_the_same_number(value: float) -> None:
    assert float(decimal(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(AuditError):
        decimal(value)


def test_the_digest_of_an_encounter_covers_every_field_but_the_source() -> None:
    base = encounter()
    note = base.notes[0]
    changed = (
        dataclasses.replace(base, encounter_id="other"),
        dataclasses.replace(base, patient_id="other"),
        dataclasses.replace(base, account_id="other"),
        dataclasses.replace(base, setting=Setting.INPATIENT),
        dataclasses.replace(base, claim=Claim.FACILITY),
        dataclasses.replace(base, service_date=date(2026, 5, 5)),
        dataclasses.replace(base, admitted=date(2026, 5, 4)),
        dataclasses.replace(base, discharged=date(2026, 5, 4)),
        dataclasses.replace(base, age=62.0),
        dataclasses.replace(base, sex="male"),
        dataclasses.replace(base, assumed=frozenset()),
        dataclasses.replace(base, notes=()),
        dataclasses.replace(base, notes=(dataclasses.replace(note, text="x"),)),
        dataclasses.replace(base, notes=(dataclasses.replace(note, note_id="x"),)),
        dataclasses.replace(base, notes=(dataclasses.replace(note, sha256="x"),)),
        dataclasses.replace(base, notes=(dataclasses.replace(note, kind="x"),)),
    )
    seen = {content_digest(each, SECRET) for each in (base, *changed)}
    assert len(seen) == 17
    moved = dataclasses.replace(base.notes[0], source="elsewhere")
    assert content_digest(dataclasses.replace(base, notes=(moved,)), SECRET) in seen
    assert content_digest(base, Secret(bytes(32))) not in seen
