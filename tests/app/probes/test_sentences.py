"""Broken sentences are English: words that fit no template are not put into one."""

import pytest

from app.probes.sentences import IN_PLACE, MOVED, Kind, fill, phrase
from pipeline.extract.assertion import Context, judge
from pipeline.extract.document import language, sentences
from pipeline.model import Assertion


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("the left ankle sprain", "left ankle sprain"),
        ("Type 2  diabetes\nmellitus.", "Type 2 diabetes mellitus"),
        ("diabetic", None),
        ("vomited", None),
        ("history of stroke", None),
        ("no fever", None),
        ("obese", None),
        ("pain (8/10)", None),
        ("", None),
    ],
)
def test_only_noun_phrases_without_an_assertion_are_used(quote: str, words: str | None) -> None:
    assert phrase(quote) == words


def test_capitals_stand_where_a_sentence_begins() -> None:
    assert fill("{X} was ruled out.", "asthma") == "Asthma was ruled out."
    assert fill("No {x}.", "Asthma") == "No asthma."
    assert fill("No {x}.", "COPD") == "No COPD."


def test_every_template_names_the_condition_once() -> None:
    for templates in (*IN_PLACE.values(), *MOVED.values()):
        for template in templates:
            assert template.count("{x}") + template.count("{X}") == 1, template


@pytest.mark.parametrize("kind", [Kind.NEGATED, Kind.FAMILY, Kind.HYPOTHETICAL, Kind.HISTORY])
def test_a_plain_statement_is_not_read_as_broken(kind: Kind) -> None:
    """What the probes ask is asked of the templates, not of the words put into them."""
    nlp = language()
    context = Context.read(nlp)
    text = "The patient has asthma."
    doc = nlp.make_doc(text)
    (low, high), *_ = sentences(text)
    span = doc.char_span(low, high)
    assert span is not None
    scopes = context.scopes(span, context.triggers(doc))
    assert judge(scopes, 16, 22, "assessment")[0] is Assertion.PRESENT
    assert all("asthma" in fill(template, "asthma").lower() for template in IN_PLACE[kind])
