"""What a model finds in a section without a mention is a mention judged by the same rules."""

from collections.abc import Callable
from dataclasses import replace

from pipeline.chat import Answer, Question, Task
from pipeline.engine import Engine
from pipeline.model import Assertion, Encounter, Extraction, Finder, Route
from pipeline.run import analyse
from tests.pipeline.chat_scripts import Scripted, answer

NOTE = (
    "HISTORY\nType 2 diabetes mellitus on metformin.\n\n"
    "ASSESSMENT\nHe is zorbled by noon, unlike the year before. See you in May.\n"
)


def saying(*quotes: str) -> Scripted:
    def say(question: Question) -> Answer:
        if question.task is not Task.EXTRACT:
            return Answer(fault="timeout")
        return answer(question, conditions=[{"quote": quote} for quote in quotes])

    return Scripted(say, tasks=(Task.EXTRACT,))


def extracted(engine: Engine, chart: Encounter, talk: Scripted) -> tuple[Extraction, list[str]]:
    before = engine.extractor.extract(chart)
    after, dropped = engine.extractor.supplement(chart, before, talk)
    assert after.sentences == before.sentences
    assert set(before.mentions) <= set(after.mentions)
    return after, list(dropped)


def asked_for(extraction: Extraction, chart: Encounter) -> list[str]:
    found = zip(extraction.mentions, extraction.finders, strict=True)
    return [chart.quote(mention.span) for mention, finder in found if Finder.ASKED in finder]


def test_only_an_assessed_section_without_a_mention_is_asked_about(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    talk = saying()
    extracted(engine, encounter(NOTE), talk)
    (question,) = talk.asked
    assert question.passage.startswith("ASSESSMENT\nHe is zorbled by noon")
    assert "diabetes" not in question.passage
    named = saying()
    extracted(engine, encounter("ASSESSMENT\nEssential hypertension, stable.\n"), named)
    assert named.asked == []


def test_words_that_stand_there_become_a_mention_in_its_place(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter(NOTE)
    found, dropped = extracted(engine, chart, saying("zorbled by noon"))
    assert asked_for(found, chart) == ["zorbled by noon"]
    assert dropped == []
    spans = [mention.span for mention in found.mentions]
    assert spans == sorted(spans)
    at = found.finders.index(Finder.ASKED)
    assert found.mentions[at].section == "assessment"
    assert found.mentions[at].assertion is Assertion.PRESENT
    sentence = found.sentences[found.places[at]].span
    assert sentence.start <= found.mentions[at].span.start < sentence.end


def test_words_that_do_not_stand_there_are_dropped_with_a_reason(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter(NOTE)
    found, dropped = extracted(
        engine, chart, saying("chronic fatigue", "before. See you", "zorbled")
    )
    assert asked_for(found, chart) == ["zorbled"]
    assert dropped == ["quote-not-in-note", "quote-across-sentences"]


def test_the_same_words_twice_are_one_mention(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter(NOTE)
    found, _ = extracted(engine, chart, saying("zorbled by noon", "zorbled", "is zorbled by noon"))
    assert asked_for(found, chart) == ["zorbled by noon"]


def test_what_a_model_pointed_at_is_for_a_person_to_see(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter(NOTE)
    asking = replace(engine, chat=saying("zorbled by noon", "made up"))
    result = analyse(chart, asking, lambda _: None)
    at = NOTE.index("zorbled by noon")
    ours = [trace for trace in result.traces if trace.mention.span.start == at]
    assert ours
    assert all("model-found" in trace.verdict.reasons for trace in ours)
    assert "model-dropped=quote-not-in-note" in result.lane_reasons
    assert result.lane is Route.REVIEW
    standing = [s for s in result.suggestions if any(m.span.start == at for m in s.evidence)]
    assert all(suggestion.route is Route.REVIEW for suggestion in standing)
