"""Side and episode of care are read from the words, and only where they are clear."""

import pytest

from pipeline.retrieve.attributes import Side, seventh, side_of, title_side
from taxonomy import Taxonomy


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("left knee pain", Side.LEFT),
        ("Right-sided weakness", Side.RIGHT),
        ("bilateral cataracts", Side.BOTH),
        ("both knees", Side.BOTH),
        ("right and left ankle", Side.BOTH),
        ("the right knee; the left hip", Side.NONE),
        ("bright light", Side.NONE),
        ("knee pain", Side.NONE),
    ],
)
def test_the_side_of_a_text(text: str, side: Side) -> None:
    assert side_of(text) is side


@pytest.mark.parametrize(
    ("title", "side"),
    [
        ("Pain in left knee", "left"),
        ("Bilateral primary osteoarthritis of knee", "bilateral"),
        ("Pain in unspecified knee", "unspecified"),
        ("Asthma", ""),
    ],
)
def test_the_side_of_a_title(title: str, side: str) -> None:
    assert title_side(title) == side


@pytest.mark.parametrize(
    ("code", "context", "expected"),
    [
        ("S52.501", "Fell today, distal radius fracture.", "A"),
        ("S52.501", "Follow-up of her wrist fracture, healing well.", "D"),
        ("S52.501", "Pain as a sequela of wrist fracture.", "S"),
        ("S06.0X0", "Concussion.", "A"),
        ("H40.111", "Glaucoma.", "0"),
    ],
)
def test_the_seventh_character_follows_the_context(
    taxonomy: Taxonomy, code: str, context: str, expected: str
) -> None:
    characters = taxonomy.seventh_characters(code)
    chosen = seventh(characters, context)
    assert chosen == expected
    full = taxonomy.with_seventh(code, chosen)
    assert full is not None
    found = taxonomy.get(full)
    assert found is not None
    assert found.billable


def test_every_set_of_seventh_characters_has_a_choice_without_context(taxonomy: Taxonomy) -> None:
    sets = {
        tuple(sorted(characters.items()))
        for code in taxonomy.codes()
        if code.code == code.base and (characters := taxonomy.seventh_characters(code.code))
    }
    assert len(sets) >= 12
    for pairs in sets:
        assert seventh(dict(pairs), "") in dict(pairs)
