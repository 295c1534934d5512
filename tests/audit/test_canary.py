"""Words planted in notes, names and typed texts turn up where they may and nowhere else."""

import dataclasses
import logging
from pathlib import Path

import pytest

from audit import Accept, AuditError, Places, Reject, Store, verify
from audit.decisions import Comment
from audit.export import Choice, export_bundle, export_cases, verify_bundle
from audit.handling import Handling
from tests.audit.builders import CODER, TEXT, encounter, result

WORDS = [f"zebrafinch{number}" for number in range(10)]
NOTE = TEXT + "PLAN: " + " ".join(WORDS[:4]) + "."


def found(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


def test_no_planted_word_leaves_the_texts(
    folder: Path,
    where: Places,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    plain = encounter(f"{WORDS[4]}.txt", text=NOTE)
    note = dataclasses.replace(plain.notes[0], source=f"{WORDS[4]}.txt")
    visit = dataclasses.replace(plain, notes=(note,))
    with Store.create_or_open(folder, places=where, actor=CODER) as store:
        case_id = store.record(visit, result(visit.encounter_id)).case_id
        store.record_failure(None, source=f"{WORDS[5]}.pdf", errors=[f"{WORDS[6]} is no note."])
        store.decide(case_id, Accept(code="I10"))
        store.decide(case_id, Comment(text=WORDS[7]))
        Handling(store).searched(WORDS[8], found=0)
        for attempt in (
            lambda: store.decide(case_id, Reject(code="X99", reason=WORDS[9])),
            lambda: export_bundle(store, tmp_path / "x", Choice(coder=WORDS[1]), texts=True),
        ):
            with pytest.raises(AuditError) as refused:
                attempt()
            said.append(str(refused.value))
        bodies = " ".join(event.body for event in store.events())
        export_bundle(store, tmp_path / "bare", Choice(), texts=False)
        export_cases(
            store,
            tmp_path / "forms",
            Choice(),
            forms=("csv", "json", "fhir", "html"),
            texts=False,
            title=lambda *_: "",
        )
        export_bundle(store, tmp_path / "full", Choice(), texts=True)
    for path in (tmp_path / "full").iterdir():
        if path.name != "texts.jsonl":  # the one file that is to have them
            assert found(path.read_text()) == [], path.name
    assert set(found((tmp_path / "full" / "texts.jsonl").read_text())) == set(WORDS) - {WORDS[9]}
    # Damage each file of the store and of a bundle in turn: what is said of it names no word.
    for path in (*(tmp_path / "full").iterdir(), folder / "store.db"):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        said += verify(folder, places=where).problems
        said += verify_bundle(tmp_path / "full").problems
        path.write_bytes(content)
    assert len(said) > 10
    assert found(" ".join(said)) == []
    assert found(bodies) == []
    assert found(caplog.text + "".join(capfd.readouterr())) == []
    every = [path for path in tmp_path.rglob("*") if "full" not in path.parts]
    assert found(" ".join(map(str, tmp_path.rglob("*")))) == []
    for path in every:
        if path.is_file():
            assert found(path.read_bytes().decode("latin-1")) == [], path
