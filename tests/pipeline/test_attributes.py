"""What is said of a condition besides its name, and of which condition it is said."""

import pytest

from pipeline.attributes import attributes


def read(text: str, *mentions: str) -> list[tuple[str, ...]]:
    places = [(text.index(words), text.index(words) + len(words)) for words in mentions]
    return attributes(text, places)


@pytest.mark.parametrize(
    ("text", "mention", "told"),
    [
        ("Left hip fracture.", "hip fracture", ("side=left",)),
        ("Fracture of L hip.", "Fracture of L hip", ("side=left",)),
        ("Bilateral knee pain", "knee pain", ("side=bilateral",)),
        ("Pain of right and left knee", "Pain", ("side=bilateral",)),
        ("Acute on chronic kidney disease", "kidney disease", ("acuity=acute-on-chronic",)),
        (
            "chronic kidney disease stage 3b",
            "chronic kidney disease",
            ("acuity=chronic", "stage=3b"),
        ),
        ("CKD stage IV", "CKD", ("stage=4",)),
        ("End-stage renal disease", "renal disease", ("stage=end",)),
        ("Moderate persistent asthma", "asthma", ("severity=moderate",)),
        ("Femur fracture, 6 weeks out", "Femur fracture", ("episode=subsequent",)),
        ("Weakness as a late effect of stroke", "Weakness", ("episode=sequela",)),
        ("Subacute cough", "cough", ("acuity=subacute",)),
        ("Hypertension", "Hypertension", ()),
    ],
)
def test_a_mention_takes_what_its_words_and_those_beside_it_say(
    text: str, mention: str, told: tuple[str, ...]
) -> None:
    assert read(text, mention) == [told]


def test_each_mention_takes_its_own() -> None:
    text = "Left hip fracture and right wrist pain, mild anemia; acute cystitis."
    assert read(text, "hip fracture", "wrist pain", "anemia", "cystitis") == [
        ("side=left",),
        ("side=right",),
        ("severity=mild",),
        ("acuity=acute",),
    ]


def test_what_stands_beyond_another_mention_is_not_taken() -> None:
    asthma, cough = read("severe asthma cough", "asthma", "cough")
    assert (asthma, cough) == (("severity=severe",), ())


def test_a_side_that_a_sentence_names_once_is_that_of_all_its_mentions() -> None:
    assert read("On the right: effusion, crepitus.", "effusion", "crepitus") == [
        ("side=right",),
        ("side=right",),
    ]


def test_a_mention_that_names_two_values_has_none() -> None:
    assert read("Pain in right knee or left hip", "Pain in right knee or left hip") == [()]
