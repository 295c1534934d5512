"""A code goes where confidence and findings send it; the lane is the most cautious route."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    Encounter,
    EvidenceSpan,
    Exclusion,
    Finding,
    Mention,
    MentionTrace,
    Note,
    Proposal,
    Route,
    Scope,
    Severity,
    Suggestion,
    Support,
    Validation,
    Verdict,
)
from pipeline.route import LEAST, Confidence, Lines, Policy, Router

_CHART = Encounter(encounter_id="e1", notes=(Note(note_id="n1", text="HTN today", sha256=""),))
_SURE = Confidence(constant=0.0, weights={"score": 1.0})
_ROUTER = Router(_SURE, Policy())


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


def test_nothing_is_auto_until_a_threshold_is_certified() -> None:
    suggestions, _, lane, reasons = _ROUTER.route(_CHART, validation(proposal()))
    assert suggestions[0].route is Route.CONFIRM
    assert suggestions[0].reasons == ("no-certified-threshold",)
    assert (lane, reasons) == (Route.CONFIRM, ("sign-off-needed",))


def test_a_code_that_reaches_the_threshold_of_its_stratum_is_auto() -> None:
    router = Router(_SURE, Policy(strata={"condition/agreed": Lines(auto=0.98, confirm=0.5)}))
    suggestions, _, lane, _ = router.route(_CHART, validation(proposal()))
    assert suggestions[0].route is Route.AUTO
    assert suggestions[0].reasons == ("certified=0.98",)
    # Every case still needs a person's sign-off.
    assert lane is Route.CONFIRM


def test_a_threshold_of_another_stratum_or_above_makes_no_auto() -> None:
    lines = {
        "circumstance/agreed": Lines(auto=0.0, confirm=0.5),
        "condition/agreed": Lines(auto=1.0, confirm=0.5),
    }
    suggestions, *_ = Router(_SURE, Policy(strata=lines)).route(_CHART, validation(proposal()))
    assert suggestions[0].route is Route.CONFIRM
    assert suggestions[0].reasons == ("below-certified=1.00",)


def test_a_finding_stops_what_would_be_auto() -> None:
    router = Router(_SURE, Policy(strata={"condition/agreed": Lines(auto=0.0, confirm=0.0)}))
    finding = Finding(rule="excludes1", severity=Severity.WARNING, codes=("I10",))
    suggestions, *_ = router.route(_CHART, validation(proposal(), findings=[finding]))
    assert (suggestions[0].route, suggestions[0].reasons) == (Route.REVIEW, ("excludes1",))


def test_where_no_confidence_is_enough_a_code_is_for_review() -> None:
    router = Router(_SURE, Policy(otherwise=Lines(auto=None, confirm=None)))
    suggestions, *_ = router.route(_CHART, validation(proposal()))
    assert (suggestions[0].route, suggestions[0].reasons) == (Route.REVIEW, ("low-confidence",))


def test_low_confidence_goes_to_review_and_says_how_many() -> None:
    weak = proposal("J18.9", (0.31, 0.3), 1, 1)
    suggestions, _, lane, reasons = _ROUTER.route(_CHART, validation(weak, proposal()))
    assert [s.code for s in suggestions] == ["I10", "J18.9"]
    assert suggestions[1].route is Route.REVIEW
    assert "low-confidence" in suggestions[1].reasons
    assert (lane, reasons) == (Route.REVIEW, ("low-confidence=1",))


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING, Severity.QUERY])
def test_a_finding_sends_its_codes_to_review(severity: Severity) -> None:
    finding = Finding(rule="excludes1", severity=severity, codes=("I10", "I15.9"))
    suggestions, _, lane, reasons = _ROUTER.route(
        _CHART, validation(proposal(), proposal("E11.9"), findings=[finding])
    )
    routes = {s.code: s.route for s in suggestions}
    assert routes == {"I10": Route.REVIEW, "E11.9": Route.CONFIRM}
    assert next(s for s in suggestions if s.code == "I10").findings == (finding,)
    assert (lane, reasons) == (Route.REVIEW, ("excludes1",))


def test_an_info_changes_nothing() -> None:
    finding = Finding(rule="x", severity=Severity.INFO, codes=("I10",))
    suggestions, _, lane, _ = _ROUTER.route(_CHART, validation(proposal(), findings=[finding]))
    assert (suggestions[0].route, lane) == (Route.CONFIRM, Route.CONFIRM)


def test_nothing_to_suggest_is_a_case_for_review() -> None:
    _, _, lane, reasons = _ROUTER.route(_CHART, validation())
    assert (lane, reasons) == (Route.REVIEW, ("no-suggestion",))


def test_an_encounter_finding_of_weight_sends_the_case_to_review() -> None:
    about = Finding(rule="release-missing", severity=Severity.QUERY)
    _, _, lane, reasons = _ROUTER.route(_CHART, validation(proposal(), about=[about]))
    assert (lane, reasons) == (Route.REVIEW, ("release-missing",))


def test_what_a_coder_would_hardly_assign_is_considered_and_not_suggested() -> None:
    """Its words stay with it, its findings send nobody to review."""
    weak = proposal("J18.9", (0.2, 0.1), 1, 1)
    finding = Finding(rule="excludes1", severity=Severity.WARNING, codes=("J18.9",))
    suggestions, excluded, lane, reasons = replace(_ROUTER, least=0.26).route(
        _CHART, validation(weak, proposal(), findings=[finding])
    )
    assert [s.code for s in suggestions] == ["I10"]
    assert excluded == (
        Exclusion(code="J18.9", reason="unlikely", evidence=(weak.traces[0].mention,)),
    )
    assert (lane, reasons) == (Route.CONFIRM, ("sign-off-needed",))


def test_what_a_chat_model_said_goes_to_a_person_however_unlikely() -> None:
    weak = proposal("J18.9", (0.2, 0.1), 1, 1)
    trace = replace(
        weak.traces[0], verdict=Verdict(support=Support.SUPPORTED, reasons=("model-chose",))
    )
    found: Sequence[Suggestion]
    found, excluded, *_ = replace(_ROUTER, least=0.26).route(
        _CHART, validation(replace(weak, traces=(trace,)))
    )
    assert ([s.code for s in found], excluded) == (["J18.9"], ())


def test_each_scope_has_its_own_weights_and_only_case_reports_a_least_confidence() -> None:
    documented, reportable = Router.read(Scope.DOCUMENTED), Router.read(Scope.REPORTABLE)
    assert documented.confidence != reportable.confidence
    assert (documented.least, reportable.least) == (LEAST[Scope.DOCUMENTED], 0.0)
