"""The verdict on each mention, and its reason."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from pipeline.chat import SILENT
from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    Encounter,
    EvidenceSpan,
    Extraction,
    Finder,
    Mention,
    MentionTrace,
    Scope,
    Sentence,
    Setting,
    Support,
)
from pipeline.verify import Verifier
from taxonomy import Taxonomy

_VERIFIER = Verifier.read()


def candidate(
    code: str, score: float = 0.9, channels: tuple[Channel, ...] = (Channel.DICTIONARY,)
) -> Candidate:
    return Candidate(code=code, score=score, channels=channels)


Judge = Callable[..., list[MentionTrace]]


@pytest.fixture
def judge(taxonomy: Taxonomy) -> Judge:
    return partial(verify, taxonomy)


def verify(
    taxonomy: Taxonomy,
    chart: Encounter,
    found: Sequence[tuple[str, str, float]],
    *,
    assertion: Assertion = Assertion.PRESENT,
    role: str = "assessed",
    scope: Scope = Scope.REPORTABLE,
    trigger: str = "",
    channels: tuple[Channel, ...] = (Channel.DICTIONARY,),
) -> list[MentionTrace]:
    """Verify mentions given as (words, code, score); each line of the note is a sentence."""
    text = chart.notes[0].text

    def span(words: str) -> EvidenceSpan:
        start = text.index(words)
        return EvidenceSpan(note_id="n1", start=start, end=start + len(words))

    sentences = tuple(
        Sentence(span=span(line), section="x", role=role) for line in text.split("\n") if line
    )
    mentions = tuple(
        Mention(
            span=span(words),
            section="x",
            assertion=assertion,
            trigger=span(trigger) if trigger else None,
        )
        for words, _, _ in found
    )
    places = tuple(
        next(n for n, s in enumerate(sentences) if s.span.start <= m.span.start < s.span.end)
        for m in mentions
    )
    extraction = Extraction(
        mentions=mentions,
        sentences=sentences,
        places=places,
        finders=(Finder.DICTIONARY,) * len(mentions),
        phrases=("",) * len(mentions),
    )
    shortlists = [(candidate(code, score, channels),) if code else () for _, code, score in found]
    return list(_VERIFIER.verify(chart, extraction, shortlists, scope, taxonomy, SILENT))


def outcome(trace: MentionTrace) -> tuple[Support, str]:
    return trace.verdict.support, trace.verdict.reasons[0]


@pytest.mark.parametrize(
    ("assertion", "reason"),
    [
        (Assertion.NEGATED, "negated"),
        (Assertion.FAMILY, "family"),
        (Assertion.HYPOTHETICAL, "hypothetical"),
    ],
)
@pytest.mark.parametrize("scope", Scope)
def test_what_is_not_asserted_of_this_patient_is_refuted_in_any_scope(
    encounter: Callable[..., Encounter],
    judge: Judge,
    assertion: Assertion,
    reason: str,
    scope: Scope,
) -> None:
    traces = judge(encounter("Gout."), [("Gout", "M10.9", 0.9)], assertion=assertion, scope=scope)
    assert outcome(traces[0]) == (Support.REFUTED, reason)


def test_weak_and_empty_shortlists_are_not_enough(
    encounter: Callable[..., Encounter], judge: Judge
) -> None:
    traces = judge(encounter("Gout. Cyst."), [("Gout", "M10.9", 0.01), ("Cyst", "", 0)])
    assert [outcome(t) for t in traces] == [
        (Support.INSUFFICIENT, "weak-match"),
        (Support.INSUFFICIENT, "no-candidate"),
    ]


def test_a_longer_reading_of_the_same_words_wins(
    encounter: Callable[..., Encounter], judge: Judge
) -> None:
    traces = judge(
        encounter("Chronic kidney disease stage 4."),
        [("kidney disease", "N28.9", 0.9), ("Chronic kidney disease stage 4", "N18.4", 0.9)],
    )
    assert outcome(traces[0]) == (Support.INSUFFICIENT, "other-reading")
    assert traces[1].verdict.support is Support.SUPPORTED


def test_the_same_said_more_precisely_wins_over_a_better_match(
    encounter: Callable[..., Encounter], judge: Judge
) -> None:
    traces = judge(
        encounter("Primary osteoarthritis of left knee."),
        [
            ("Primary osteoarthritis", "M19.91", 0.99),
            ("Primary osteoarthritis of left knee", "M17.12", 0.5),
        ],
    )
    assert outcome(traces[0]) == (Support.INSUFFICIENT, "other-reading")
    assert traces[1].verdict.support is Support.SUPPORTED


def test_documented_scope_leaves_the_choice_of_readings_to_the_confidence(
    encounter: Callable[..., Encounter], judge: Judge
) -> None:
    traces = judge(
        encounter("Primary osteoarthritis of left knee."),
        [
            ("Primary osteoarthritis", "M19.91", 0.3),
            ("Primary osteoarthritis of left knee", "M17.12", 0.5),
        ],
        scope=Scope.DOCUMENTED,
    )
    assert [trace.verdict.support for trace in traces] == [Support.SUPPORTED] * 2


def test_letters_that_are_no_known_abbreviation_mean_nothing(
    encounter: Callable[..., Encounter], judge: Judge
) -> None:
    """ "HFA" is near to "AF" in letters and says nothing of it."""
    traces = judge(encounter("HFA."), [("HFA", "I48.91", 0.9)], channels=(Channel.DENSE,))
    assert outcome(traces[0]) == (Support.INSUFFICIENT, "unknown-abbreviation")
    traces = judge(encounter("COPD."), [("COPD", "J44.9", 0.9)], channels=(Channel.DICTIONARY,))
    assert "unknown-abbreviation" not in traces[0].verdict.reasons


def test_a_longer_phrase_for_something_else_does_not_win(
    encounter: Callable[..., Encounter], judge: Judge
) -> None:
    traces = judge(
        encounter("Asthma of her mother tongue."),
        [("Asthma", "J45.909", 0.99), ("Asthma of her mother tongue", "K14.9", 0.5)],
    )
    assert traces[0].verdict.support is Support.SUPPORTED


def test_history_counts_for_lasting_conditions_only(
    encounter: Callable[..., Encounter], judge: Judge
) -> None:
    chart = encounter("History of asthma and pneumonia.")
    traces = judge(
        chart,
        [("asthma", "J45.909", 0.9), ("pneumonia", "J18.9", 0.9)],
        assertion=Assertion.HISTORICAL,
    )
    assert outcome(traces[0]) == (Support.SUPPORTED, "history-of-lasting")
    assert outcome(traces[1]) == (Support.REFUTED, "historical")


def test_documented_scope_takes_history_as_documented(
    encounter: Callable[..., Encounter], judge: Judge
) -> None:
    traces = judge(
        encounter("History of pneumonia."),
        [("pneumonia", "J18.9", 0.9)],
        assertion=Assertion.HISTORICAL,
        scope=Scope.DOCUMENTED,
    )
    assert traces[0].verdict.support is Support.SUPPORTED


def test_what_a_stay_resolved_was_treated_in_it(
    encounter: Callable[..., Encounter], judge: Judge
) -> None:
    for setting, support in (
        (Setting.INPATIENT, Support.SUPPORTED),
        (Setting.OUTPATIENT, Support.REFUTED),
    ):
        traces = judge(
            encounter("Hyperkalemia, resolved.", setting=setting),
            [("Hyperkalemia", "E87.5", 0.9)],
            assertion=Assertion.HISTORICAL,
            trigger="resolved",
        )
        assert traces[0].verdict.support is support


@pytest.mark.parametrize(
    ("text", "role", "managed"),
    [
        ("Gout.", "assessed", True),
        ("Gout, continue allopurinol.", "unheaded", True),
        ("Gout.\nContinue allopurinol.", "unheaded", True),
        ("Gout.", "unheaded", False),
        ("Gout, continue allopurinol.", "checklist", False),
        ("Gout, continue allopurinol.", "finding", False),
    ],
)
def test_reportable_needs_words_of_management(
    encounter: Callable[..., Encounter], judge: Judge, text: str, role: str, *, managed: bool
) -> None:
    trace = judge(encounter(text), [("Gout", "M10.9", 0.9)], role=role)[0]
    assert (trace.verdict.support is Support.SUPPORTED) is managed
    if not managed:
        assert trace.verdict.reasons == ("not-managed",)
    documented = judge(
        encounter(text), [("Gout", "M10.9", 0.9)], role=role, scope=Scope.DOCUMENTED
    )[0]
    assert documented.verdict.support is Support.SUPPORTED
