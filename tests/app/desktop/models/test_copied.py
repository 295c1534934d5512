"""Words of a copied text are found where they stand in the notes, and nothing else is."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desktop.models.copied import taken
from app.workspace import OpenCase
from tests.app.desktop import builders


def found(text: str, opened: OpenCase) -> list[str]:
    case = opened.case
    revision, spans = taken(text, case)
    return [case.encounters[revision - 1].quote(span) for span in spans]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Denies chest pain.", ["Denies chest pain"]),
        ("he said: DENIES\n  chest   pain, twice", ["Denies chest pain"]),
        ("likely viral", ["likely viral"]),
        ("it is likely viral now", []),
        ("viral", []),
        ("", []),
        ("— 😀 …", []),
        ("Type 2 diabetes with neuropathy", []),  # one quote of the evidence
        ("2 diabetes WITH", []),  # and a part of it
        (
            "Type 2 diabetes with neuropathy; Mother had breast cancer",
            ["Type 2 diabetes with neuropathy", "Mother had breast cancer"],
        ),
        ("Diabetic neuropathy, seen again", ["Diabetic neuropathy, seen again"]),
        ("Cough. Chest pain and breast cancer!", ["chest pain", "breast cancer"]),
        ("breast cancer", []),
        ("Hypertensive heart disease with heart failure", []),
    ],
)
def test_words_are_found_by_three_in_a_row_or_by_two_that_are_all(
    opened: OpenCase, text: str, words: list[str]
) -> None:
    assert found(text, opened) == words


def test_whatever_stretch_of_a_note_is_copied_it_is_found_whole(opened: OpenCase) -> None:
    """But for a word that was cut at either end."""
    marks = range(0, len(builders.CLINIC) - 80, 7)

    @given(st.sampled_from(marks), st.integers(60, 160))
    def holds(start: int, length: int) -> None:
        text = builders.CLINIC[start : start + length]
        (got,) = found(text, opened)
        whole = re.findall(r"\w+", text)
        assert len(re.findall(r"\w+", got)) >= len(whole) - 2

    holds()


def test_words_of_an_older_wording_are_found_in_that(opened: OpenCase) -> None:
    case = opened.case
    notes = tuple(
        replace(note, text="ASSESSMENT:\nNothing new.\n") for note in case.encounter.notes
    )
    newest = replace(case.encounter, notes=notes)
    reworded = replace(case, encounter=newest, encounters=(*case.encounters, newest))
    later = replace(opened, case=reworded)
    assert taken("Denies chest pain", reworded).revision == 1
    assert found("Denies chest pain", later) == ["Denies chest pain"]
    assert taken("Nothing new", reworded).revision == 2
