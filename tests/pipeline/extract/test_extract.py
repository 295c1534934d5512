"""The stage as a whole: offsets hold for any text, triggers are kept, notes stay in order."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.extract import Extractor
from pipeline.model import Assertion, Encounter
from pipeline.terms import Terms


@pytest.fixture(scope="module")
def extractor(terms: Terms) -> Extractor:
    return Extractor.read(terms)


def test_mentions_know_their_section_assertion_and_trigger(
    extractor: Extractor, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter(
        "HPI: Denies chest pain.\n\nFAMILY HISTORY:\nStroke.\n\nASSESSMENT:\n1. Gout."
    )
    seen = {
        chart.quote(m.span): (
            m.section,
            m.assertion,
            "" if m.trigger is None else chart.quote(m.trigger),
        )
        for m in extractor.extract(chart).mentions
    }
    assert seen["chest pain"] == ("history-present-illness", Assertion.NEGATED, "Denies")
    assert seen["Stroke"] == ("family-history", Assertion.FAMILY, "")
    assert seen["Gout"] == ("assessment", Assertion.PRESENT, "")


def test_a_heading_names_no_condition(
    extractor: Extractor, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter("HISTORY OF PRESENT ILLNESS\nGout.\nPMH: asthma")
    found = [chart.quote(m.span) for m in extractor.extract(chart).mentions]
    assert found == ["Gout", "asthma"]


def test_each_note_has_its_own_offsets(
    extractor: Extractor, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter("Gout.", "Nothing here.\nAsthma.")
    found = [(m.span.note_id, chart.quote(m.span)) for m in extractor.extract(chart).mentions]
    assert found == [("n1", "Gout"), ("n2", "Asthma")]


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(
            [
                "no ",
                "asthma",
                "😀",
                "\n",
                "fever",
                ". ",
                "é",
                "\u202e",
                " ",
                "PMH: ",
                "gout of ",
                "\u00a0",
            ]
        ),
        max_size=40,
    )
)
def test_every_span_lies_in_its_sentence_and_text(
    extractor: Extractor, encounter: Callable[..., Encounter], parts: list[str]
) -> None:
    chart = encounter("".join(parts))
    extraction = extractor.extract(chart)
    text = chart.notes[0].text
    assert len(extraction.places) == len(extraction.mentions)
    for mention, at in zip(extraction.mentions, extraction.places, strict=True):
        sentence = extraction.sentences[at].span
        assert sentence.start <= mention.span.start < mention.span.end <= sentence.end <= len(text)
        assert chart.quote(mention.span).strip() == chart.quote(mention.span) != ""
        if mention.trigger is not None:
            assert chart.quote(mention.trigger).strip()


def test_nothing_of_a_note_stays_in_the_vocabulary(
    extractor: Extractor, encounter: Callable[..., Encounter]
) -> None:
    extractor.extract(encounter("Xylophagousplendid has gout."))
    assert "Xylophagousplendid" not in extractor.nlp.vocab.strings
