"""Route: give each code a confidence and send it, and its case, to where it belongs.

The confidence is a logistic function of readable features of the evidence, fitted on coded notes
(`pipeline.train.confidence`), not a retrieval score. Routing is policy: in this version nothing is
AUTO, because no threshold has been certified yet, and `Policy` is the seam where one will be.

Public: `Router.read()` and its `route`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.model import (
    ASSESSED_SECTIONS,
    Assertion,
    Channel,
    Exclusion,
    Finding,
    Proposal,
    Route,
    Severity,
    Suggestion,
    Validation,
)
from resources import read_json

__all__ = ["CONFIDENCE_FEATURES", "Policy", "Router", "confidence_features"]

CONFIDENCE_FEATURES = (
    "score",
    "margin",
    "dictionary",
    "lexical",
    "dense",
    "agreement",
    "mentions",
    "assessed",
    "possible",
    "historical",
    "symptom",
    "status",
    "injury",
)
"""What the confidence is made of, in the order of the weights."""

_MANY_MENTIONS = 4
_STOPPING = frozenset({Severity.ERROR, Severity.QUERY})
_CAUTION = {Route.AUTO: 0, Route.CONFIRM: 1, Route.REVIEW: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where the lines are drawn; `auto` is None until a threshold is certified on notes.

    Below `confirm` a code is more likely wrong than right, and goes to review.
    """

    confirm: float = 0.5
    auto: float | None = None


@dataclass(frozen=True, slots=True)
class Router:
    """The fitted weights of the confidence, and the policy."""

    constant: float
    weights: Mapping[str, float]
    policy: Policy

    @classmethod
    def read(cls, policy: Policy | None = None) -> "Router":
        """Read the fitted weights from `resources/models/confidence.json`."""
        data = read_json("models/confidence.json")
        weights = {name: data["weights"][name] for name in CONFIDENCE_FEATURES}
        return cls(data["constant"], weights, policy or Policy())

    def confidence(self, proposal: Proposal) -> float:
        """Return the confidence in 0..1 that a coder would assign this code, to 4 places."""
        values = confidence_features(proposal)
        total = self.constant + sum(
            self.weights[name] * value
            for name, value in zip(CONFIDENCE_FEATURES, values, strict=True)
        )
        return round(1 / (1 + math.exp(-total)), 4)

    def route(
        self, validation: Validation
    ) -> tuple[tuple[Suggestion, ...], tuple[Exclusion, ...], Route, tuple[str, ...]]:
        """Return suggestions (most confident first), exclusions, the lane and its reasons."""
        suggestions = sorted(
            (self._suggest(proposal, validation.findings) for proposal in validation.kept),
            key=lambda s: (-s.confidence, s.code),
        )
        reasons = [
            finding.rule
            for finding in validation.encounter_findings
            if finding.severity in _STOPPING
        ]
        if not suggestions:
            reasons.append("no-suggestion")
        low = sum(1 for s in suggestions if "low-confidence" in s.reasons)
        if low:
            reasons.append(f"low-confidence={low}")
        reasons.extend(
            dict.fromkeys(f.rule for f in validation.findings if f.severity is not Severity.INFO)
        )
        lane = max(
            [s.route for s in suggestions] + [Route.REVIEW if reasons else Route.CONFIRM],
            key=_CAUTION.__getitem__,
        )
        if not reasons:
            reasons.append("sign-off-needed")
        return tuple(suggestions), validation.excluded, lane, tuple(reasons)

    def _suggest(self, proposal: Proposal, findings: Sequence[Finding]) -> Suggestion:
        ours = tuple(finding for finding in findings if proposal.code in finding.codes)
        confidence = self.confidence(proposal)
        reasons = []
        if confidence < self.policy.confirm:
            reasons.append("low-confidence")
        reasons += [f.rule for f in ours if f.severity is not Severity.INFO]
        if reasons:
            route = Route.REVIEW
        elif self.policy.auto is not None and confidence >= self.policy.auto:
            route = Route.AUTO
        else:
            route = Route.CONFIRM
            reasons.append("no-certified-threshold")
        best = proposal.traces[0]
        return Suggestion(
            code=proposal.code,
            evidence=tuple(trace.mention for trace in proposal.traces),
            candidates=best.candidates,
            verdict=best.verdict,
            findings=ours,
            confidence=confidence,
            route=route,
            reasons=tuple(dict.fromkeys(reasons)),
        )


def confidence_features(proposal: Proposal) -> tuple[float, ...]:
    """Return what a confidence is made of, in the order of `CONFIDENCE_FEATURES`."""
    best = proposal.traces[0]
    first = best.candidates[0]
    second = best.candidates[1].score if len(best.candidates) > 1 else 0.0
    assertions = {trace.mention.assertion for trace in proposal.traces}
    return (
        first.score,
        first.score - second,
        float(Channel.DICTIONARY in first.channels),
        float(Channel.LEXICAL in first.channels),
        float(Channel.DENSE in first.channels),
        float(len(first.channels) == len(Channel)),
        min(len(proposal.traces), _MANY_MENTIONS) / _MANY_MENTIONS,
        float(any(trace.mention.section in ASSESSED_SECTIONS for trace in proposal.traces)),
        float(assertions == {Assertion.POSSIBLE}),
        float(assertions == {Assertion.HISTORICAL}),
        float(proposal.code[0] == "R"),
        float(proposal.code[0] == "Z"),
        float(proposal.code[0] in "ST"),
    )
