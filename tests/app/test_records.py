from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records import RefusedRowError, Row, read_row, read_setting
from pipeline.model import Claim, NoteStatus, Setting


def read(**raw: object) -> tuple[Row, list[str]]:
    warnings: list[str] = []
    return read_row(raw, warn=warnings.append), warnings


def test_every_field_is_read_trimmed_and_in_any_case() -> None:
    row, warnings = read(
        note_id=" n1 ",
        encounter_id=7,
        patient_id="p",
        account_id="a",
        kind="progress note",
        author_role="physician",
        status="Final",
        claim="FACILITY ",
        service_date="2026-01-02",
        admitted="2026-01-01T08:30:00",
        discharged="20260103",
        age=" 50.5 ",
        sex="F",
        ignored={"deep": []},
    )
    assert not warnings
    assert row == Row(
        note_id="n1",
        encounter_id="7",
        patient_id="p",
        account_id="a",
        kind="progress note",
        author_role="physician",
        status=NoteStatus.FINAL,
        claim=Claim.FACILITY,
        service_date=date(2026, 1, 2),
        admitted=date(2026, 1, 1),
        discharged=date(2026, 1, 3),
        age=50.5,
        sex="female",
    )


@pytest.mark.parametrize("blank", [None, "", "  ", "\n"])
def test_blank_means_unknown_without_a_warning(blank: object) -> None:
    names = [*Row.model_fields, "doc_id"]
    row, warnings = read(**dict.fromkeys(names, blank))
    assert row == Row()
    assert not warnings


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("age", "fifty"),
        ("age", -1),
        ("age", 131),
        ("age", float("nan")),
        ("age", float("inf")),
        ("age", 10**400),
        ("age", True),
        ("age", [50]),
        ("sex", "yes"),
        ("sex", 1),
        ("service_date", "02/03/2026"),
        ("service_date", 20260203),
        ("admitted", "2026-13-01"),
        ("status", "draft-ish"),
        ("claim", "both"),
        ("patient_id", {"id": 1}),
        ("note_id", "x" * 501),
    ],
)
def test_an_unusable_value_is_a_warning_that_names_the_field_and_not_the_value(
    field: str, value: object
) -> None:
    row, (warning,) = read(**{field: value})
    assert getattr(row, field) == getattr(Row(), field)
    assert warning.startswith(field)
    assert "not given" in warning
    assert "fifty" not in warning


def test_discharge_before_admission_is_doubtful() -> None:
    _, (warning,) = read(admitted="2026-01-02", discharged="2026-01-01")
    assert "discharged lies before admitted" in warning


def test_note_id_wins_over_doc_id() -> None:
    assert read(doc_id="d")[0].note_id == "d"
    assert read(doc_id="d", note_id="n")[0].note_id == "n"


@pytest.mark.parametrize("word", ["Inpatient", " outpatient ", "EMERGENCY", "observation", "other"])
def test_settings_are_read_in_any_case(word: str) -> None:
    assert read_setting(word) is Setting(word.strip().lower())


@pytest.mark.parametrize("word", ["ward", "in-patient", 3, True, ["inpatient"]])
def test_an_unknown_setting_is_refused_with_the_allowed_values(word: object) -> None:
    with pytest.raises(RefusedRowError, match=r"inpatient, outpatient, emergency"):
        read_setting(word)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*Row.model_fields, "doc_id"]), json_values))
def test_no_json_value_breaks_the_reading(raw: dict[str, object]) -> None:
    warnings: list[str] = []
    row = read_row(raw, warn=warnings.append)
    assert row.model_dump_json()
