"""What is in a bundle, and what chooses it."""

import json
import subprocess
import sys
import tracemalloc
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from audit import AuditError, Places, Store, blobs
from audit.acts import CommentAdded
from audit.change import Change
from audit.events import CaseViewed
from audit.export import VERIFIER, Choice, ExportError, bundle, export_bundle, verify_bundle
from audit.people import LOCAL_NOTICE
from pipeline.model import Route
from resources import read_json
from tests.audit.builders import CODER, TEXT
from tests.audit.export.verdicts import both, key_of
from tests.verifier import PROGRAM


def test_the_program_in_the_bundle_runs_alone(whole: Path, tmp_path: Path) -> None:
    """In an interpreter that sees no package but the standard library, from another folder."""
    for arguments, code in (
        (["--key", key_of(whole)], 0),
        ([], 3),
        (["--json", "--key", key_of(whole)], 0),
    ):
        done = subprocess.run(
            [sys.executable, "-I", "-S", whole / VERIFIER, whole, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["verdict"] == "intact"
    assert (whole / VERIFIER).read_bytes() == PROGRAM.read_bytes()


def test_a_whole_bundle_holds_the_stored_bytes_and_a_part_only_its_cases(
    filled: Path, where: Places, whole: Path, part: Path
) -> None:
    with Store.open(filled, places=where, actor=CODER) as store:
        events = store.events()
        cases = {row.encounter_id: row.case_id for row in store.cases()}
    exported = (whole / "events.jsonl").read_bytes().splitlines()
    assert exported == [event.body.encode() for event in events[: len(exported)]]
    assert events[len(exported) - 1].kind == "record.exported"  # the export is in what it exports
    chosen = [json.loads(line) for line in (part / "events.jsonl").read_bytes().splitlines()]
    assert chosen[0]["kind"] == "store.created"
    assert {event["case_id"] for event in chosen[1:]} == {cases["e-1"], cases["e-2"]}
    manifest = json.loads((part / "manifest.json").read_text())
    assert (manifest["whole"], manifest["cases"], manifest["events"]) == (False, 2, 17)
    assert manifest["roles"] == LOCAL_NOTICE
    assert [path.stat().st_mode & 0o777 for path in part.iterdir()] == [0o600] * 8
    assert part.stat().st_mode & 0o777 == 0o700


def test_texts_go_along_or_stay_but_locked_keys_always_stay(
    filled: Path, where: Places, whole: Path, tmp_path: Path, standalone: ModuleType
) -> None:
    texts = [json.loads(line) for line in (whole / "texts.jsonl").read_text().splitlines()]
    assert sum(text.get("text") == TEXT for text in texts) == 4
    with Store.open(filled, places=where, actor=CODER) as store:
        enrolled = next(event for event in store.events() if event.kind == "person.enrolled")
        export_bundle(store, tmp_path / "bare", Choice(), texts=False)
    assert enrolled.blobs[0] not in {text["ref"] for text in texts}
    assert not (tmp_path / "bare" / "texts.jsonl").exists()
    assert both(standalone, tmp_path / "bare", key=key_of(whole)) == "intact"
    content = b"".join(path.read_bytes() for path in (tmp_path / "bare").iterdir())
    assert b"Okonkwo" not in content
    assert b"hypertension" not in content


@pytest.mark.parametrize("bits", [1 << 24, 8])
@pytest.mark.parametrize("choice", [Choice(), Choice(cases=("e-1", "e-2"))])
def test_a_text_leaves_once_where_events_name_it_and_not_where_none_does(
    filled: Path,
    where: Places,
    tmp_path: Path,
    standalone: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    choice: Choice,
    bits: int,
) -> None:
    """However many texts fall on one bit of what finds those that are named twice."""
    monkeypatch.setattr(bundle, "_BITS", bits)
    stray = blobs.seal("Words of nobody's case.")
    with Store.open(filled, places=where, actor=CODER) as store:
        first = next(row.case_id for row in store.cases() if row.encounter_id == "e-1")
        named = next(event.blobs[0] for event in store.events(first) if event.blobs)

        def command(change: Change) -> None:
            blobs.put(change.connection, [stray])
            change.emit(CommentAdded(code=None, text=named), case_id=first)

        store.door.execute(command)
        export_bundle(store, tmp_path / "out", choice, texts=True)
        exported = {row.case_id for row in store.cases() if row.encounter_id in choice.cases}
        wanted = {
            ref
            for event in store.events()
            if choice.whole or event.case_id in exported
            for ref in event.blobs
        }
    lines = (tmp_path / "out" / "texts.jsonl").read_text().splitlines()
    refs = [json.loads(line)["ref"] for line in lines]
    assert (len(refs), set(refs)) == (len(wanted), wanted)
    assert both(standalone, tmp_path / "out", key=key_of(tmp_path / "out")) == "intact"


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (Choice(coder="coder-1"), 4),
        (Choice(lane=Route.REVIEW), 4),
        (Choice(first=date(2026, 5, 4), last=date(2026, 5, 4)), 4),
        (Choice(cases=("e-3",), coder="coder-1", first=date(2026, 1, 1)), 1),
    ],
)
def test_filters_choose_whole_cases(
    filled: Path, where: Places, tmp_path: Path, choice: Choice, found: int
) -> None:
    with Store.open(filled, places=where, actor=CODER) as store:
        manifest = export_bundle(store, tmp_path / "out", choice, texts=False)
        assert manifest["cases"] == found
        event = next(e for e in reversed(store.events()) if e.kind == "record.exported")
    assert event.data["cases"] == found
    assert event.data["coder"] == choice.coder
    assert "e-3" not in event.body  # an encounter id may be a file name


@pytest.mark.parametrize(
    "choice",
    [
        Choice(coder="nobody"),
        Choice(lane=Route.AUTO),
        Choice(last=date(2020, 1, 1)),
        Choice(cases=("no-such",)),
    ],
)
def test_what_chooses_nothing_is_an_error_and_writes_nothing(
    filled: Path, where: Places, tmp_path: Path, choice: Choice
) -> None:
    with Store.open(filled, places=where, actor=CODER) as store:
        with pytest.raises(AuditError):
            export_bundle(store, tmp_path / "out", choice, texts=True)
        assert store.events()[-1].kind != "record.exported"
    assert not list(tmp_path.glob("*out*"))


def test_nothing_is_written_over(filled: Path, where: Places, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("x")
    with Store.open(filled, places=where, actor=CODER) as store:
        with pytest.raises(ExportError, match="is there already"):
            export_bundle(store, out, Choice(), texts=True)
        (out / "mine").unlink()
        export_bundle(store, out, Choice(), texts=True)


def _grown(store: Store, events: int) -> None:
    case_id = store.cases()[0].case_id
    seen = CaseViewed()
    for _ in range(events // 1000):

        def command(change: Change) -> None:
            for _ in range(1000):
                change.emit(seen, case_id=case_id)

        store.door.execute(command)


@pytest.mark.parametrize("choice", [Choice(), Choice(coder="coder-1")])
def test_a_log_leaves_in_parts_however_long_it_is(
    filled: Path, where: Places, tmp_path: Path, choice: Choice
) -> None:
    """Memory of export and check; a log ten times as long may take a little more, not ten times."""
    most = []
    for events in (1000, 6000):
        with Store.open(filled, places=where, actor=CODER) as store:
            _grown(store, events)
            out = tmp_path / f"out-{events}"
            tracemalloc.start()
            count = export_bundle(store, out, choice, texts=True)["events"]
            made = tracemalloc.get_traced_memory()[1]
            tracemalloc.reset_peak()
            report = verify_bundle(out, key=key_of(out))
            most.append((count, made, tracemalloc.get_traced_memory()[1]))
            tracemalloc.stop()
            assert report.status == "intact"
    (few, *small), (many, *large) = most
    assert many - few > 5000
    grown = [after - before for before, after in zip(small, large, strict=True)]
    assert max(grown) < 40 * (many - few), grown  # a hash and its place are 65 bytes and more


def test_the_rights_of_roles_hold_for_exports() -> None:
    table = read_json("people/roles.json")
    assert {role for role, rights in table.items() if "export" in rights} == {
        "reviewer",
        "compliance",
    }
