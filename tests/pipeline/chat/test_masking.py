"""Masking takes out what it knows, leads quotes back, and sends nothing where something is left."""

import pytest

from pipeline.chat.address import Fault
from pipeline.chat.masking import Masker
from pipeline.model import Encounter, Note
from pipeline.train.masking import OUT, measure, notes
from resources import read_json

TEXT = (
    "Patient: Rosalind Drummond, DOB 3/14/1961, MRN 48213377.\n"
    "Seen on 5/4/2026 by Dr. Quentin Farrow. Call 555-867-5309 or rd@example.org.\n"
    "Lives at 12 Juniper Street, Elmhaven, OH 44321. Her father lived to be 97 years old.\n"
    "Type 2 diabetes mellitus, A1c 7.1, BP 128/76, strength 5/5, metformin 1000 mg.\n"
)


def encounter(**fields: str) -> Encounter:
    author = fields.pop("author", "")
    note = Note(note_id="n1", text=TEXT, sha256="", author=author)
    return Encounter(encounter_id=fields.pop("encounter_id", "enc-0093"), notes=(note,), **fields)  # type: ignore[arg-type]


def test_what_names_a_person_is_taken_out_and_what_names_a_disease_stays() -> None:
    sent = Masker.read()(TEXT, encounter()).text
    for word in ("Rosalind", "Drummond", "1961", "48213377", "2026", "Farrow", "5309", "rd@"):
        assert word not in sent
    for word in ("Juniper", "Elmhaven", "44321", "97"):
        assert word not in sent
    assert "Type 2 diabetes mellitus, A1c 7.1, BP 128/76, strength 5/5, metformin 1000 mg." in sent
    assert "[NAME]" in sent
    assert "[DATE]" in sent


def test_a_quote_of_masked_words_is_led_back_to_the_note() -> None:
    passage = Masker.read()(TEXT, encounter())
    place = passage.locate("Type 2 diabetes mellitus")
    assert place is not None
    assert TEXT[place.start : place.end] == "Type 2 diabetes mellitus"
    crossing = passage.locate("Seen on [DATE] by")
    assert crossing is not None
    assert TEXT[crossing.start : crossing.end] == "Seen on 5/4/2026 by"


def test_words_that_were_masked_cannot_be_asked_about() -> None:
    passage = Masker.read()(TEXT, encounter())
    at = TEXT.index("Rosalind")
    assert passage.between(at, at + 8) == ""
    at = TEXT.index("metformin")
    assert passage.between(at, at + 9) == "metformin"


def test_what_the_encounter_knows_is_always_looked_for() -> None:
    text = "As Ashgrove noted, case ZX-00417 came back. The ashgrove plan stands."
    known = Encounter(
        encounter_id="e",
        patient_id="ZX-00417",
        notes=(Note(note_id="n", text=text, sha256="", author="Dr Rowan Ashgrove"),),
    )
    assert Masker.read()(text, known).text == (
        "As [KNOWN] noted, case [KNOWN] came back. The [KNOWN] plan stands."
    )


@pytest.mark.parametrize(
    "text",
    [
        "reach him at someone@@host.example",
        "the number 12345678901234567890 on the bracelet",
        "ﬁle enc-0093 again",  # a letter that folds into two hides where the id stands
    ],
)
def test_where_something_is_left_nothing_is_sent(text: str) -> None:
    with pytest.raises(Fault) as refused:
        Masker.read()(text, encounter())
    assert refused.value.kind == "masking-failed"


def test_every_place_of_a_masked_text_leads_into_the_note() -> None:
    masker = Masker.read()
    for note in notes()[:50]:
        passage = masker(note.text, Encounter(encounter_id="", notes=()))
        assert len(passage.text) == len(passage.starts) == len(passage.ends)
        for at, letter in enumerate(passage.text):
            low, high = passage.starts[at], passage.ends[at]
            assert 0 <= low < high <= len(note.text)
            if high - low == 1 and letter not in "[]":
                assert letter == note.text[low] or passage.text[at - 1 : at] != ""


def test_the_recall_that_is_shown_is_the_one_that_is_measured() -> None:
    assert read_json("rules/masking_recall.json") == measure()
    assert OUT.name == "masking_recall.json"
    assert len(notes()) == 200
    for note in notes():
        assert all(note.text[start:end].strip() for start, end, _ in note.marks)
