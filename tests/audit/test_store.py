"""What a store keeps, what it calls repeated, and what it says when it cannot be used."""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from audit import Actor, ActorKind, AuditError, Places, State, Store, verify
from audit.place import FILE
from pipeline.model import Note, Route, Scope
from tests.audit.builders import CODER, PROVENANCE, TEXT, encounter, places, result
from tests.audit.conftest import ticking


def test_an_encounter_is_one_group_of_seven_events_of_its_case(store: Store) -> None:
    recorded = store.record(encounter(), result())
    assert (recorded.added, recorded.reason) == (True, "new-case")
    events = store.events(recorded.case_id)
    assert [event.kind for event in events] == [
        "encounter.received",
        "analysis.started",
        "evidence.extracted",
        "candidates.retrieved",
        "candidates.verified",
        "codes.validated",
        "case.routed",
    ]
    assert {event.group for event in events} == {(2, 8)}
    assert [event.seq for event in store.events()] == list(range(1, 9))
    assert re.fullmatch("[0-9a-f]{32}", recorded.case_id)
    assert events[0].ts == "2026-05-04T08:00:01.000000Z"


def test_the_same_work_twice_adds_nothing(store: Store, folder: Path, where: Places) -> None:
    first = store.record(encounter(), result())
    moved = dataclasses.replace(encounter().notes[0], source="another/place.txt")
    for again in (encounter(), dataclasses.replace(encounter(), notes=(moved,))):
        repeated = store.record(again, result())
        assert (repeated.case_id, repeated.added, repeated.reason) == (
            first.case_id,
            False,
            "repeated",
        )
    assert len(store.events()) == 8
    with Store.open(folder, places=where, actor=CODER) as other:
        assert not other.record(encounter(), result()).added


def test_other_content_or_provenance_is_a_new_analysis_of_the_same_case(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    wider = dataclasses.replace(PROVENANCE, scope=Scope.DOCUMENTED)
    assert store.record(encounter(), result(provenance=wider)).case_id == case_id
    assert len(store.events(case_id)) == 13  # the wording is the same and is not repeated
    assert store.record(encounter(text=TEXT + "."), result()).case_id == case_id
    assert len(store.events(case_id)) == 20
    assert store.record(encounter(text=TEXT + "."), result()).reason == "repeated"
    # Going back to the first wording is news again: the case must show what was coded last.
    assert store.record(encounter(), result()).added
    assert store.case(case_id).encounter == encounter()
    assert len(store.cases()) == 1


def test_equal_text_under_two_encounters_is_two_cases(store: Store) -> None:
    one = store.record(encounter("a"), result("a"))
    two = store.record(encounter("b"), result("b"))
    assert one.case_id != two.case_id
    assert [row.encounter_id for row in store.cases()] == ["a", "b"]


def test_a_failed_note_and_an_unreadable_file_become_cases_once(store: Store) -> None:
    for _ in range(2):
        store.record_failure(encounter("e"), source="a.txt", errors=["a.txt is blank."])
        store.record_failure(None, source="b.bin", errors=["b.bin is not text.", "Skip it."])
    rows = store.cases(state=State.FAILED)
    assert [(row.encounter_id, row.lane, row.note_count) for row in rows] == [
        ("e", Route.REVIEW, 1),
        ("b.bin", Route.REVIEW, 0),
    ]
    assert len(store.events()) == 4
    assert store.case(rows[0].case_id).errors == ("a.txt is blank.",)
    assert store.case(rows[1].case_id).errors == ("b.bin is not text.", "Skip it.")
    assert store.case(rows[1].case_id).encounter.notes == ()
    refused = store.events(rows[1].case_id)[0]
    assert (refused.kind, refused.data["reason"]) == ("input.refused", "unreadable")
    again = store.record(encounter("b.bin"), result("b.bin"))
    assert again.case_id == rows[1].case_id
    assert store.case(again.case_id).state is State.OPEN


def test_several_failures_of_one_source_are_recorded_once_each(store: Store) -> None:
    for _ in range(2):
        for sentence in ("Line 3 is broken.", "Line 9 is broken."):
            store.record_failure(None, source="a.jsonl", errors=[sentence])
    assert [event.kind for event in store.events()[1:]] == ["input.refused"] * 2
    store.record(encounter("a.jsonl"), result("a.jsonl"))
    assert store.record_failure(None, source="a.jsonl", errors=["Line 3 is broken."]).added
    assert store.cases()[0].state is State.FAILED
    assert store.record(encounter("a.jsonl"), result("a.jsonl")).added
    assert store.cases()[0].state is State.OPEN


def test_a_file_name_that_is_not_unicode_is_kept(store: Store) -> None:
    name = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    recorded = store.record_failure(None, source=name, errors=[f"{name} is not text."])
    assert store.case(recorded.case_id).encounter.encounter_id == name
    assert store.case(recorded.case_id).errors == (f"{name} is not text.",)
    assert store.cases()[0].encounter_id == "caf\\udce9.txt"
    assert not store.record_failure(None, source=name, errors=[f"{name} is not text."]).added
    odd = dataclasses.replace(encounter(name), patient_id=name)
    case_id = store.record(odd, dataclasses.replace(result(), encounter_id=name)).case_id
    assert case_id == recorded.case_id
    assert store.case(case_id).encounter == odd


def test_a_view_is_recorded_and_a_look_is_not(store: Store) -> None:
    case_id = store.record(encounter(), result()).case_id
    store.case(case_id)
    store.cases()
    assert len(store.events()) == 8
    assert store.view(case_id).version == 8
    assert store.events()[-1].kind == "case.viewed"
    assert store.events()[-1].actor == dataclasses.replace(CODER, role="coder")


def test_a_case_that_is_not_there_is_named(store: Store) -> None:
    for call in (store.case, store.view, store.undo, store.redo):
        with pytest.raises(AuditError, match="There is no case nothing"):
            call("nothing")
    assert len(store.events()) == 1


def test_two_notes_of_one_id_are_refused(store: Store) -> None:
    twin = Note(note_id="n1", text="other", sha256="0")
    double = dataclasses.replace(encounter(), notes=(*encounter().notes, twin))
    with pytest.raises(AuditError, match="two notes of the same id"):
        store.record(double, result())
    assert store.cases() == ()


def test_a_result_of_another_encounter_is_refused(store: Store) -> None:
    with pytest.raises(AuditError, match="was handed in with encounter"):
        store.record(encounter("a"), result("b"))


def test_an_id_that_is_a_file_name_stays_out_of_the_events(store: Store) -> None:
    named = dataclasses.replace(encounter("visits/Okonkwo Ada 1.txt"), patient_id="O'Konkwo, Ada")
    case_id = store.record(
        named, dataclasses.replace(result(), encounter_id=named.encounter_id)
    ).case_id
    received = store.events(case_id)[0].data
    assert received["encounter_id"] is None
    assert received["patient_id"] is None
    assert received["account_id"] == "a-9"
    assert store.case(case_id).encounter == named


def test_everything_made_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        where = places(tmp_path / "deep" / "places")
        folder = tmp_path / "new" / "store"
        with Store.create_or_open(folder, places=where, actor=CODER) as store:
            store.record(encounter(), result())
            found = [*(tmp_path / "deep").rglob("*"), *(tmp_path / "new").rglob("*")]
            files = {path for path in found if path.is_file()}
            modes = {path: path.stat().st_mode & 0o777 for path in found}
    finally:
        os.umask(before)
    assert {path.name for path in files} >= {
        FILE,
        f"{FILE}-wal",
        f"{FILE}-shm",
        store.store_id,
        f"{store.store_id}.lock",
    }
    assert {mode for path, mode in modes.items() if path in files} == {0o600}
    assert {mode for path, mode in modes.items() if path not in files} == {0o700}


def test_nothing_readable_lies_in_any_file(tmp_path: Path) -> None:
    where = places(tmp_path)
    with Store.create_or_open(tmp_path / "store", places=where, actor=CODER) as store:
        store.record(encounter(), result())
        contents = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for word in (b"SQLite format", b"hypertension", b"Okonkwo", b"audit_event", b"coder-1"):
        assert word not in contents


def test_the_notice_says_where_the_key_lies(store: Store, where: Places) -> None:
    assert store.notice is not None
    assert str(where.key(store.store_id)) in store.notice


def test_a_full_disk_changes_nothing_and_says_so(store: Store) -> None:
    store.record(encounter(), result())
    events = store.events()
    database: Any = store.door._database
    raw = database._connection.connection.dbapi_connection
    raw.set_authorizer(None)
    pages = raw.execute("pragma page_count").fetchone()[0]
    raw.execute(f"pragma max_page_count = {pages}").fetchall()
    big = encounter("big", text=TEXT * 2000)
    with pytest.raises(AuditError, match=r"disk of the store .* is full. Nothing was changed"):
        store.record(big, result("big"))
    assert store.events() == events
    raw.execute("pragma max_page_count = 1000000").fetchall()
    assert store.record(big, result("big")).added
    assert verify(Path(store.name), places=places(Path(store.name).parent)).exit_code == 0


def test_a_head_that_cannot_be_noted_is_said_and_made_good_later(
    store: Store, where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("audit.head.os.fsync", broken)
        with pytest.raises(AuditError, match="No space left on device"):
            store.record(encounter(), result())
        with pytest.raises(AuditError):
            store.record(encounter("2"), result("2"))
    # The first was committed before the head failed: asking again finds it and adds nothing.
    assert not store.record(encounter(), result()).added
    assert store.record(encounter("2"), result("2")).added
    assert verify(Path(store.name), places=where).exit_code == 0


def test_the_same_work_in_two_stores_gives_the_same_events_but_for_ids_and_times(
    tmp_path: Path,
) -> None:
    shapes = []
    for name in ("one", "two"):
        where = places(tmp_path / name)
        with Store.create_or_open(
            tmp_path / name / "s", places=where, actor=CODER, clock=ticking()
        ) as store:
            case_id = store.record(encounter(), result()).case_id
            shapes.append(
                [
                    re.sub(r'"[0-9a-f]{32,64}"', '"id"', event.body)
                    for event in store.events(case_id)
                ]
            )
    assert shapes[0] == shapes[1]


def test_opening_loads_no_window_no_model_and_no_language_library() -> None:
    code = (
        "import sys, audit; "
        "print({name.split('.')[0] for name in sys.modules} "
        "& {'PySide6', 'torch', 'spacy', 'numpy', 'hnswlib', 'sentence_transformers'})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_a_program_may_record(folder: Path, where: Places) -> None:
    batch = Actor(kind=ActorKind.PROGRAM, id="batch")
    with Store.create_or_open(folder, places=where, actor=batch) as store:
        assert store.record(encounter(), result()).added
        assert store.events()[2].data["requested_by"] == {"kind": "program", "id": "batch"}
