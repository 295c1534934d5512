"""Near misses are paired one to one, the nearest first, and confused where they stand together."""

from dataclasses import replace

from app import families
from app.scores import Scored
from pipeline.model import Note
from taxonomy import Taxonomy
from tests.app.builders import failed, scored, suggestion


def test_each_level_counts_what_agrees_that_far(icd: Taxonomy) -> None:
    document = scored(
        {"I10": (), "S52.501A": (), "E11.65": (), "J45.909": (), "M54.50": (), "N18.30": ()},
        suggestion("I10"),  # the same
        suggestion("S52.501D"),  # five characters
        suggestion("E11.69"),  # four
        suggestion("J45.20"),  # the category
        suggestion("M53.3"),  # the block
        suggestion("K21.9"),  # nothing in common
    )
    found = families.partial([document], icd)
    levels = {level: figures["true"] for level, figures in found["levels"].items()}
    assert levels == {
        "code": 1,
        "five-characters": 2,
        "four-characters": 3,
        "category": 4,
        "block": 5,
    }
    assert found["levels"]["block"]["f1"] == round(5 / 6, 4)
    assert found["weighted"]["f1"] == round((1 + 0.8 + 0.6 + 0.4 + 0.2) / 6, 4)


def test_a_code_is_credited_once(icd: Taxonomy) -> None:
    document = scored({"E11.9": ()}, suggestion("E11.65"), suggestion("E11.22"))
    found = families.partial([document], icd)
    assert found["levels"]["category"]["true"] == 1
    assert found["levels"]["category"]["precision"] == 0.5


def test_the_nearest_is_paired_first(icd: Taxonomy) -> None:
    # E11.9 could take E11.65, but then E11.69 would be left without its better partner.
    document = scored({"E11.9": (), "E11.69": ()}, suggestion("E11.65"), suggestion("E11.22"))
    levels = families.partial([document], icd)["levels"]
    assert (levels["four-characters"]["true"], levels["category"]["true"]) == (1, 2)


def test_a_code_without_a_place_in_the_release_is_still_scored(icd: Taxonomy) -> None:
    found = families.partial([scored({"Q99.999": ()}, suggestion("I10")), failed("I10")], icd)
    assert found["levels"]["block"]["true"] == 0
    assert families.partial([], icd)["weighted"]["f1"] == 0.0


def on(text: str, document: Scored) -> Scored:
    note = Note(note_id="n", text=text, sha256="")
    encounter = replace(document.gold.encounter, notes=(note,))
    return replace(document, gold=replace(document.gold, encounter=encounter))


def test_families_are_confused_on_the_same_words_or_in_one_sentence() -> None:
    text = "Diabetes with neuropathy. Chest pain on exertion today. No cough at all."
    document = on(
        text,
        scored(
            {
                "E11.40": ((0, 24),),
                "I20.9": ((26, 36),),
                "R05.9": ((59, 64),),
                "J45.909": (),
            },
            suggestion("E11.9", (0, 8)),
            suggestion("Z72.3", (40, 48)),
            suggestion("M25.9", (49, 54)),
        ),
    )
    found = families.confusion([document, document])
    assert (found["missed"], found["alone"]) == (8, 4)
    assert found["pairs"] == [
        {
            "gold": "E11",
            "suggested": "E11",
            "count": 2,
            "same_words": 2,
            "example": ["E11.40", "E11.9"],
        },
        {
            "gold": "I20",
            "suggested": "Z72",
            "count": 2,
            "same_words": 0,
            "example": ["I20.9", "Z72.3"],
        },
    ]


def test_what_is_right_confuses_nobody() -> None:
    document = on(
        "Diabetes with neuropathy.",
        scored({"E11.40": ((0, 24),), "E11.9": ((0, 8),)}, suggestion("E11.9", (0, 8))),
    )
    assert families.confusion([document])["pairs"] == []
