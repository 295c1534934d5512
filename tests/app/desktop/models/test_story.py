"""What stands behind each event, on a case with every stage and a decision of each kind."""

from pathlib import Path

import pytest

from app.desktop.models.story import SHOWN, Block, _lines, story
from app.workspace import OpenCase, Workspace
from audit import Accept, Add, Reject
from audit.texts import texts_of
from taxonomy import Taxonomy
from tests.app.desktop import builders


@pytest.fixture
def decided(root: Path, icd: Taxonomy) -> OpenCase:
    space = builders.workspace(root, icd)
    try:
        case_id = next(r.case_id for r in space.worklist().rows if r.encounter_id == "visit-1")
        space.decide(case_id, Accept(code="E11.40"))
        space.decide(case_id, Reject(code="R05.9", reason="not-documented"))
        return space.decide(
            case_id,
            Add(
                code="R73.9",
                evidence=(builders.span(builders.first_case()[0], "A1c 8.1"),),
                reason="stated",
            ),
        )
    finally:
        space.close()


def told(opened: OpenCase, kind: str, texts: dict[str, str] | None = None) -> str:
    seq = next(event.seq for event in opened.events if event.kind == kind)
    return said(story(opened, seq, texts or {}))


def said(blocks: tuple[Block, ...]) -> str:
    lines: list[str] = []
    for block in blocks:
        lines += [block.heading, *(f"{name}: {value}" for name, value in block.facts)]
        lines += [*block.lines, block.text]
    return "\n".join(line for line in lines if line)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("encounter.received", ["Setting: Outpatient", "2 documents", "progress note"]),
        ("analysis.started", ["Release: FY2026", f"Models: {'b' * 16}…", "Chat model: none"]),
        ("evidence.extracted", ["“Type 2 diabetes with neuropathy”", "because of “Denies”"]),
        (
            "candidates.retrieved",
            [
                "“Cough”",
                "R05.1  Acute cough  ·  0.80  ·  dictionary: the words are the term itself",
            ],
        ),
        ("candidates.verified", ["“Hypertension”  ·  I10", "Supported", "stated as present"]),
        (
            "codes.validated",
            ["3 codes suggested", "2 codes considered and excluded", "The note says it is absent"],
        ),
        ("case.routed", ["Lane: Needs review", "R05.9  Cough, unspecified  ·  0.41  ·  Review"]),
        (
            "decision.accepted",
            ["Before: Open", "Candidates seen for “Diabetic neuropathy”", "E11.42"],
        ),
        ("decision.added", ["R73.9  Hyperglycemia, unspecified", "“A1c 8.1”"]),
    ],
)
def test_each_event_tells_what_stands_behind_it(
    decided: OpenCase, kind: str, parts: list[str]
) -> None:
    text = told(decided, kind)
    for part in parts:
        assert part in text
    event = next(event for event in decided.events if event.kind == kind)
    assert f"Event: #{event.seq}" in text
    assert f"Hash: {event.hash[:16]}…" in text


def test_every_event_of_a_case_has_a_story(decided: OpenCase) -> None:
    for event in decided.events:
        assert story(decided, event.seq, {})


def test_the_words_a_person_typed_are_shown_while_they_are_there(
    decided: OpenCase, root: Path
) -> None:
    event = next(event for event in decided.events if event.kind == "decision.rejected")
    with builders.open_store(root) as store:
        texts = texts_of(store.door, event)
    assert "The words do not say this" in said(story(decided, event.seq, texts))
    assert "The words do not say this" not in said(story(decided, event.seq, {}))


def test_an_event_of_another_case_has_none(decided: OpenCase) -> None:
    assert story(decided, 10_000, {}) == ()


def test_the_workspace_reads_no_note_for_a_story(root: Path, icd: Taxonomy) -> None:
    space: Workspace = builders.workspace(root, icd)
    try:
        opened = space.open(space.worklist().rows[0].case_id)
        received = next(e for e in opened.events if e.kind == "encounter.received")
        assert space.texts(received) == {}
        assert space.texts(opened.events[-1]) == {}
    finally:
        space.close()


def test_what_is_too_long_to_show_is_counted() -> None:
    block = _lines("x", [str(n) for n in range(SHOWN + 3)])
    assert (len(block.lines), block.more) == (SHOWN, 3)
