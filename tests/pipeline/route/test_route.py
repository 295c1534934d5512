"""Confidence is a probability of features; the lane is the most cautious of the routes."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    EvidenceSpan,
    Finding,
    Mention,
    MentionTrace,
    Proposal,
    Route,
    Scope,
    Severity,
    Support,
    Validation,
    Verdict,
)
from pipeline.route import CONFIDENCE_FEATURES, Lines, Policy, Router, confidence_features

_ROUTER = Router.read(Scope.DOCUMENTED, Policy())


def proposal(
    code: str = "I10", scores: Sequence[float] = (0.98, 0.2), channels: int = 3, times: int = 2
) -> Proposal:
    candidates = tuple(
        Candidate(code=code, score=score, channels=tuple(Channel)[:channels]) for score in scores
    )
    mention = Mention(
        span=EvidenceSpan(note_id="n1", start=0, end=3),
        section="assessment",
        assertion=Assertion.PRESENT,
    )
    trace = MentionTrace(
        mention=mention,
        candidates=candidates,
        code=code,
        verdict=Verdict(support=Support.SUPPORTED),
    )
    return Proposal(code=code, traces=(trace,) * times)


def validation(
    *kept: Proposal, findings: Sequence[Finding] = (), about: Sequence[Finding] = ()
) -> Validation:
    return Validation(
        kept=kept, excluded=(), findings=tuple(findings), encounter_findings=tuple(about)
    )


@given(
    st.floats(0, 1), st.floats(0, 1), st.integers(1, 3), st.integers(1, 9), st.sampled_from("IRZS")
)
def test_a_confidence_is_a_probability_to_four_places(
    first: float, second: float, channels: int, times: int, chapter: str
) -> None:
    found = _ROUTER.confidence(proposal(f"{chapter}10", (first, second), channels, times))
    assert 0 <= found <= 1
    assert found == round(found, 4)


def test_there_is_a_value_for_each_feature() -> None:
    assert len(confidence_features(proposal())) == len(CONFIDENCE_FEATURES)


def test_a_better_match_is_never_less_confident() -> None:
    scores = [_ROUTER.confidence(proposal(scores=(n / 10, 0.0))) for n in range(11)]
    assert scores == sorted(scores)


def test_nothing_is_auto_until_a_threshold_is_certified() -> None:
    suggestions, _, lane, reasons = _ROUTER.route(validation(proposal()))
    assert suggestions[0].route is Route.CONFIRM
    assert suggestions[0].reasons == ("no-certified-threshold",)
    assert (lane, reasons) == (Route.CONFIRM, ("sign-off-needed",))


def test_a_code_that_reaches_the_threshold_of_its_stratum_is_auto() -> None:
    confidence = _ROUTER.confidence(proposal())
    router = Router.read(
        Scope.DOCUMENTED, Policy(strata={"disease/agreed": Lines(auto=confidence, confirm=0.5)})
    )
    suggestions, _, lane, _ = router.route(validation(proposal()))
    assert suggestions[0].route is Route.AUTO
    assert suggestions[0].reasons == (f"certified={confidence:.2f}",)
    # Every case still needs a person's sign-off.
    assert lane is Route.CONFIRM


def test_a_threshold_of_another_stratum_or_above_makes_no_auto() -> None:
    lines = {
        "symptom/agreed": Lines(auto=0.0, confirm=0.5),
        "disease/agreed": Lines(auto=1.0, confirm=0.5),
    }
    suggestions, *_ = Router.read(Scope.DOCUMENTED, Policy(strata=lines)).route(
        validation(proposal())
    )
    assert suggestions[0].route is Route.CONFIRM
    assert suggestions[0].reasons == ("below-certified=1.00",)


def test_a_finding_stops_what_would_be_auto() -> None:
    router = Router.read(
        Scope.DOCUMENTED, Policy(strata={"disease/agreed": Lines(auto=0.0, confirm=0.0)})
    )
    finding = Finding(rule="excludes1", severity=Severity.WARNING, codes=("I10",))
    suggestions, *_ = router.route(validation(proposal(), findings=[finding]))
    assert (suggestions[0].route, suggestions[0].reasons) == (Route.REVIEW, ("excludes1",))


def test_where_no_confidence_is_enough_a_code_is_for_review() -> None:
    router = Router.read(Scope.DOCUMENTED, Policy(otherwise=Lines(auto=None, confirm=None)))
    suggestions, *_ = router.route(validation(proposal()))
    assert (suggestions[0].route, suggestions[0].reasons) == (Route.REVIEW, ("low-confidence",))


@given(
    st.floats(0, 1), st.floats(0, 1), st.integers(1, 3), st.integers(1, 9), st.sampled_from("IRZS")
)
def test_contributions_and_the_average_add_up_to_the_confidence(
    first: float, second: float, channels: int, times: int, chapter: str
) -> None:
    means = dict.fromkeys(CONFIDENCE_FEATURES, 0.25)
    router = replace(_ROUTER, means=means)
    asked = proposal(f"{chapter}10", (first, second), channels, times)
    average = router.constant + sum(router.weights[name] * 0.25 for name in CONFIDENCE_FEATURES)
    total = average + sum(value for _, value in router.contributions(asked))
    assert 1 / (1 + math.exp(-total)) == pytest.approx(router.confidence(asked), abs=1e-4)


def test_the_strongest_contribution_comes_first() -> None:
    found = [abs(value) for _, value in _ROUTER.contributions(proposal())]
    assert found == sorted(found, reverse=True)


def test_a_suggestion_tells_the_few_parts_that_moved_it() -> None:
    router = Router(
        0.0,
        {**dict.fromkeys(CONFIDENCE_FEATURES, 0.0), "score": 2.0, "assessed": -1.0, "margin": 0.01},
        Policy(),
        {"score": 0.5},
    )
    suggestions, *_ = router.route(validation(proposal(scores=(0.9, 0.2))))
    # 2.0 · (log-odds of 0.9 - 0.5) = 3.4
    assert suggestions[0].parts == ("raises=score:3.4", "lowers=assessed:1.0")


def test_low_confidence_goes_to_review_and_says_how_many() -> None:
    weak = proposal("J18.9", (0.31, 0.3), 1, 1)
    suggestions, _, lane, reasons = _ROUTER.route(validation(weak, proposal()))
    assert [s.code for s in suggestions] == ["I10", "J18.9"]
    assert suggestions[1].route is Route.REVIEW
    assert "low-confidence" in suggestions[1].reasons
    assert (lane, reasons) == (Route.REVIEW, ("low-confidence=1",))


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING, Severity.QUERY])
def test_a_finding_sends_its_codes_to_review(severity: Severity) -> None:
    finding = Finding(rule="excludes1", severity=severity, codes=("I10", "I15.9"))
    suggestions, _, lane, reasons = _ROUTER.route(
        validation(proposal(), proposal("E11.9"), findings=[finding])
    )
    routes = {s.code: s.route for s in suggestions}
    assert routes == {"I10": Route.REVIEW, "E11.9": Route.CONFIRM}
    assert next(s for s in suggestions if s.code == "I10").findings == (finding,)
    assert (lane, reasons) == (Route.REVIEW, ("excludes1",))


def test_an_info_changes_nothing() -> None:
    finding = Finding(rule="x", severity=Severity.INFO, codes=("I10",))
    suggestions, _, lane, _ = _ROUTER.route(validation(proposal(), findings=[finding]))
    assert (suggestions[0].route, lane) == (Route.CONFIRM, Route.CONFIRM)


def test_nothing_to_suggest_is_a_case_for_review() -> None:
    _, _, lane, reasons = _ROUTER.route(validation())
    assert (lane, reasons) == (Route.REVIEW, ("no-suggestion",))


def test_an_encounter_finding_of_weight_sends_the_case_to_review() -> None:
    about = Finding(rule="release-missing", severity=Severity.QUERY)
    _, _, lane, reasons = _ROUTER.route(validation(proposal(), about=[about]))
    assert (lane, reasons) == (Route.REVIEW, ("release-missing",))
