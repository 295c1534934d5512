"""The stage as a whole: offsets hold for any text, triggers are kept, notes stay in order."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.engine import Engine
from pipeline.extract import Extractor
from pipeline.extract.document import language
from pipeline.extract.spans import LABEL
from pipeline.model import Assertion, Encounter, Extraction, Finder
from pipeline.terms import LEARNED, LEXICON, Entry, Level, Terms
from tests.pipeline.builders import terms_of


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
    rows = (extraction.mentions, extraction.places, extraction.finders, extraction.phrases)
    assert len({len(row) for row in rows}) == 1, "what is said of mentions is said of each"
    assert all(finder is not Finder.NONE for finder in extraction.finders)
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


def marking(*words: str) -> Language:
    """Return a pipeline that marks these words, so that what is recognised is known."""
    nlp = language()
    if not words:  # a ruler without a rule warns
        return nlp
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": LABEL, "pattern": each} for each in words])  # type: ignore[attr-defined]
    return nlp


def by_words(chart: Encounter, extraction: Extraction) -> dict[str, Finder]:
    return {
        chart.quote(mention.span): finders
        for mention, finders in zip(extraction.mentions, extraction.finders, strict=True)
    }


def test_a_mention_knows_all_that_found_it(encounter: Callable[..., Encounter]) -> None:
    chart = encounter("She has severe stenosis, gout and a feeling of doom.")
    known = terms_of(
        Entry("severe stenosis", "I77.1", Level.EXACT, LEXICON),
        Entry("gout", "M10.9", Level.EXACT, LEXICON),
    )
    reader = Extractor.over(marking("stenosis", "gout", "feeling of doom"), known)
    assert by_words(chart, reader.extract(chart)) == {
        "severe stenosis": Finder.DICTIONARY | Finder.WINDOW | Finder.TOUCHED,
        "stenosis": Finder.RECOGNISED,
        "gout": Finder.DICTIONARY | Finder.RECOGNISED | Finder.WINDOW
        if reader.lexis.is_head("gout")
        else Finder.DICTIONARY | Finder.RECOGNISED,
        "feeling of doom": Finder.RECOGNISED,
    }


def test_marks_are_kept_in_the_second_sentence_and_note(
    encounter: Callable[..., Encounter],
) -> None:
    chart = encounter("😀 Nothing.\nA spell. No spell today.", "Spell? A spell.")
    extraction = Extractor.over(marking("spell"), terms_of()).extract(chart)
    found = [(m.span.note_id, chart.quote(m.span)) for m in extraction.mentions]
    assert found == [("n1", "spell"), ("n1", "spell"), ("n2", "spell")]
    assert [m.assertion for m in extraction.mentions] == [
        Assertion.PRESENT,
        Assertion.NEGATED,
        Assertion.PRESENT,
    ]


def test_a_mark_over_two_sentences_or_in_a_heading_is_no_mention(
    encounter: Callable[..., Encounter],
) -> None:
    chart = encounter("ASSESSMENT:\nA spell. Again she fell.")
    reader = Extractor.over(marking("spell. Again", "ASSESSMENT"), terms_of())
    assert reader.extract(chart).mentions == ()


def test_coordinated_conditions_are_looked_up_by_their_own_words(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter("Assessment: pain in the back and the left knee.")
    known = terms_of(
        Entry("pain left knee", "M25.562", Level.DEFAULT, LEARNED, apart=0.6, seen=4),
        Entry("pain in the back", "M54.9", Level.EXACT, LEXICON),
    )
    extraction = Extractor.over(language(), known).extract(chart)
    found = dict(zip(extraction.phrases, extraction.mentions, strict=True))
    assert chart.quote(found["pain left knee"].span) == "pain in the back and the left knee"
    asked = engine.retriever.phrases(chart, extraction)
    assert [one.text for one in asked] == [
        words or chart.quote(mention.span)
        for words, mention in zip(extraction.phrases, extraction.mentions, strict=True)
    ]
    assert {one.context for one in asked} == {"Assessment: pain in the back and the left knee."}
    at = extraction.phrases.index("pain left knee")
    assert Finder.SPLIT in asked[at].finders
    shortlist = engine.retriever.retrieve(chart, extraction)[at]
    assert shortlist[0].code == "M25.562"
