"""Results in four forms, and claims of submitted cases through an outbox."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hl7
import pytest
from fhir.resources.R4B.condition import Condition

from app.outputs import dft, results
from app.outputs.outbox import Outbox, OutboxError
from audit import Accept, Actor, ActorKind, Add, Case, Places, Reject, Store
from audit.signoff import SignOff
from taxonomy import Releases
from tests.audit.builders import encounter, result, sign_off


class Known(Releases):
    """The built-in releases, whatever digest a test's result names."""

    def __init__(self, built_in: Releases) -> None:
        self._built_in = built_in

    def recorded(self, label: str, digest: str) -> Any:
        del label, digest
        return self._built_in.newest()

    def newest(self) -> Any:
        return self._built_in.newest()


@pytest.fixture
def releases(built_in: Releases) -> Releases:
    return Known(built_in)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    places = Places(state=tmp_path / "state", config=tmp_path / "config")
    actor = Actor(kind=ActorKind.PERSON, id="ada")
    with Store.create_or_open(tmp_path / "store", places=places, actor=actor) as store:
        yield store


@pytest.fixture
def case(store: Store) -> Case:
    case_id = store.record(encounter(), result()).case_id
    store.decide(case_id, Accept(code="I10"))
    return store.decide(case_id, Reject(code="E11.9", reason="not addressed"))


def test_json_lines_are_those_of_code(tmp_path: Path, case: Case, releases: Releases) -> None:
    assert results.write(tmp_path / "r.jsonl", "jsonl", [case], releases) == 1
    value = json.loads((tmp_path / "r.jsonl").read_text())
    assert value["case_id"] == case.case_id
    assert [each["code"] for each in value["suggestions"]] == ["I10", "E11.9"]
    assert (tmp_path / "r.jsonl").stat().st_mode & 0o077 == 0


def test_csv_and_parquet_have_a_row_for_each_code_that_stands(
    tmp_path: Path, case: Case, releases: Releases
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert results.write(tmp_path / "r.csv", "csv", [case], releases) == 1
    results.write(tmp_path / "r.parquet", "parquet", [case], releases)
    with (tmp_path / "r.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    (same,) = parquet.read_table(tmp_path / "r.parquet").to_pylist()
    assert row["code"] == same["code"] == "I10"
    assert row["standing"] == same["standing"] == "suggested"
    assert row["status"] == "accepted"
    text = case.encounter.note(row["note_id"]).text
    assert text[int(row["start"]) : int(row["end"])] == row["quote"] == same["quote"]
    assert set(row) == set(same) == set(results.COLUMNS)


def test_conditions_are_provisional_until_a_person_submits(
    tmp_path: Path, case: Case, store: Store, releases: Releases
) -> None:
    results.write(tmp_path / "r.ndjson", "fhir", [case], releases)
    condition = json.loads((tmp_path / "r.ndjson").read_text())
    assert condition["resourceType"] == "Condition"
    assert condition["verificationStatus"]["coding"][0]["code"] == "provisional"
    assert condition["code"]["text"].endswith("(suggested)")
    Condition.model_validate(condition)
    assert condition["meta"]["tag"][0]["code"] == "human-confirmed"
    assert condition["meta"]["security"][0]["code"] == "CLINAST"
    signed = sign_off(store, case.case_id)
    results.write(tmp_path / "r.ndjson", "fhir", [signed], releases)
    condition = json.loads((tmp_path / "r.ndjson").read_text())
    assert condition["verificationStatus"]["coding"][0]["code"] == "confirmed"
    assert condition["code"]["coding"][0]["code"] == "I10"


def test_a_failed_export_leaves_no_file(tmp_path: Path, releases: Releases) -> None:
    def broken() -> Iterator[Case]:
        yield from ()
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        results.write(tmp_path / "r.csv", "csv", broken(), releases)
    assert not list(tmp_path.glob("r.csv*"))


def outbox(tmp_path: Path, store: Store, releases: Releases) -> Outbox:
    return Outbox(tmp_path / "out", tmp_path / "state", store, releases)


def test_only_submitted_cases_leave_and_each_submission_once(
    tmp_path: Path, case: Case, store: Store, releases: Releases
) -> None:
    box = outbox(tmp_path, store, releases)
    assert list(box.fill()) == []
    events = len(store.events())
    sign_off(store, case.case_id)
    (path,) = box.fill()
    assert store.events()[-1].kind == "record.exported"
    assert len(store.events()) == events + 4  # a key, a submission, its signature, the export
    data = path.read_bytes()
    path.unlink()  # the consumer took it
    assert list(box.fill()) == []
    message = hl7.parse(data.decode())
    assert str(message["MSH"][0][9]) == "DFT^P03^DFT_P03"
    assert str(message["MSH"][0][10]) == path.stem
    assert str(message["PV1"][0][19]) == case.encounter.encounter_id
    (diagnosis,) = message["DG1"]
    assert str(diagnosis[3]).startswith("I10^Essential (primary) hypertension^I10C")
    assert str(diagnosis[21]) == "A"


def test_a_later_submission_says_what_changed(
    tmp_path: Path, case: Case, store: Store, releases: Releases
) -> None:
    box = outbox(tmp_path, store, releases)
    sign_off(store, case.case_id)
    (first,) = box.fill()
    SignOff(store).reopen(case.case_id, "a letter came in late")
    store.decide(case.case_id, Reject(code="I10", reason="not addressed"))
    span = case.assigned[0].evidence[0]
    store.decide(case.case_id, Add(code="Z79.4", evidence=(span,), reason="insulin", path=()))
    sign_off(store, case.case_id)
    (second,) = box.fill()
    assert first.name != second.name
    rows = {str(d[3][0][0]): str(d[21]) for d in hl7.parse(second.read_bytes().decode())["DG1"]}
    assert rows == {"Z79.4": "A", "I10": "D"}


def test_a_kill_between_message_and_list_puts_the_same_bytes_there_again(
    tmp_path: Path, case: Case, store: Store, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_off(store, case.case_id)
    box = outbox(tmp_path, store, releases)

    def killed(_control_id: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(box, "_note", killed)
    with pytest.raises(KeyboardInterrupt):
        list(box.fill())
    (path,) = (tmp_path / "out").glob("*.hl7")
    data = path.read_bytes()
    assert [each.name for each in outbox(tmp_path, store, releases).fill()] == [path.name]
    assert path.read_bytes() == data
    assert [each.name for each in (tmp_path / "out").iterdir()] == [path.name]


def test_an_outbox_that_cannot_be_written_is_named(
    tmp_path: Path, store: Store, releases: Releases
) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutboxError, match="cannot be written"):
        list(outbox(tmp_path, store, releases).fill())


def test_separators_in_a_value_cannot_break_a_message() -> None:
    chart = encounter()
    submission = dft.Submission(
        control_id=dft.control_id("s", "c", 1),
        case_id="c",
        seq=1,
        when="2026-03-01T10:00:00.000000Z",
        by="a|b^c\r\nDG1|9",
        encounter=chart,
        diagnoses=(dft.Diagnosis(code="I10", title="one & two", poa="Y"),),
    )
    message = hl7.parse(dft.message(submission).decode())
    assert [str(segment[0]) for segment in message] == ["MSH", "EVN", "PID", "PV1", "DG1"]
    assert str(message["DG1"][0][26]) == "Y"
