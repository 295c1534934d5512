"""Edits of a note: new words stand where they are said to stand, and nothing else moves."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.probes.edits import Edit, apply
from pipeline.model import Encounter, Note


def chart(*texts: str) -> Encounter:
    notes = tuple(
        Note(note_id=f"n{number}", text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
        for number, text in enumerate(texts)
    )
    return Encounter(encounter_id="e", notes=notes)


def test_new_words_stand_where_the_spans_say() -> None:
    before = chart("Gout. Asthma, stable.", "Plan: rest.")
    after, written = apply(
        before,
        [
            Edit(note_id="n0", start=6, end=21, words="No asthma."),
            Edit(note_id="n0", start=0, end=5, words="No evidence of gout."),
        ],
        name="broken",
    )
    assert after.encounter_id == "broken"
    assert after.notes[0].text == "No evidence of gout. No asthma."
    assert [after.quote(span) for span in written] == ["No evidence of gout.", "No asthma."]
    assert after.notes[0].sha256 == hashlib.sha256(after.notes[0].text.encode()).hexdigest()


def test_a_note_without_an_edit_is_the_same_object_and_the_original_is_unchanged() -> None:
    before = chart("Gout.", "Asthma.")
    after, _ = apply(before, [Edit(note_id="n1", start=0, end=7, words="")], name="x")
    assert after.notes[0] is before.notes[0]
    assert before == chart("Gout.", "Asthma.")
    assert after.notes[1].text == ""


def test_overlapping_edits_are_refused() -> None:
    edits = [
        Edit(note_id="n0", start=0, end=4, words=""),
        Edit(note_id="n0", start=3, end=5, words=""),
    ]
    with pytest.raises(ValueError, match="overlap"):
        apply(chart("Gout."), edits, name="x")


@given(
    st.text(max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.text(max_size=8)), max_size=4),
)
def test_what_is_not_edited_stays(text: str, drafts: list[tuple[int, int, str]]) -> None:
    edits: list[Edit] = []
    at = 0
    for skip, length, words in drafts:
        start, end = min(at + skip, len(text)), min(at + skip + length, len(text))
        if edits and start == edits[-1].start:
            continue
        edits.append(Edit(note_id="n0", start=start, end=end, words=words))
        at = end
    after, written = apply(chart(text), edits, name="x")
    assert [after.quote(span) for span in written] == [edit.words for edit in edits]
    rest = after.notes[0].text
    for span in reversed(written):
        rest = rest[: span.start] + rest[span.end :]
    kept = text
    for edit in reversed(edits):
        kept = kept[: edit.start] + kept[edit.end :]
    assert rest == kept
