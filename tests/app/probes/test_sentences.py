"""Broken sentences are English: words that fit no template are not put into one."""

import pytest

from app.probes.sentences import IN_PLACE, MOVED, Kind, fill, phrase
from pipeline.extract.assertion import Context, judge
from pipeline.extract.document import Tokens, language, sentences
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


def read(text: str, words: str) -> Assertion:
    nlp = language()
    context = Context.read(nlp)
    tokens = Tokens.of(text)
    start = text.lower().index(words)
    low, high = next((a, b) for a, b in sentences(text) if a <= start < b)
    scopes = context.scopes(tokens.run(low, high), context.triggers(tokens.doc(nlp.vocab), tokens))
    return judge(scopes, start, start + len(words), "assessment")[0]


@pytest.mark.parametrize("kind", sorted(IN_PLACE))
def test_no_template_leaves_the_condition_as_it_was(kind: Kind) -> None:
    assert read("The patient has asthma.", "asthma") is Assertion.PRESENT
    for template in IN_PLACE[kind]:
        assert read(fill(template, "asthma"), "asthma") is not Assertion.PRESENT, template
