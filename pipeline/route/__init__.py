"""Route: give each code a confidence and send it, and its case, to where it belongs.

The confidence is fitted on coded notes and says what raised or lowered it (`route.confidence`); it
is not a retrieval score. Routing is policy (`route.policy`): a code is AUTO where its stratum has a
certified threshold that its confidence reaches and no finding stops it.

Public: `Router.read(scope)` and its `route`; `Confidence` and its parts of `route.confidence`;
`Policy`, `Lines` and `stratum` of `route.policy`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.model import (
    Encounter,
    Exclusion,
    Finding,
    MentionTrace,
    Proposal,
    Route,
    Scope,
    Severity,
    Suggestion,
    Validation,
)
from pipeline.route.confidence import CATEGORY, FEATURES, WORDING, Confidence, Row, rows
from pipeline.route.policy import Lines, Policy, stratum

__all__ = [
    "CATEGORY",
    "FEATURES",
    "LEAST",
    "UNLIKELY",
    "WORDING",
    "Confidence",
    "Lines",
    "Policy",
    "Router",
    "Row",
    "rows",
    "stratum",
]

UNLIKELY = "unlikely"
"""Why a code below the least confidence is not suggested."""

LEAST = {Scope.REPORTABLE: 0.0, Scope.DOCUMENTED: 0.26}
"""Below this confidence a code is not suggested but listed as considered (`UNLIKELY`).

In scope `documented` nothing before asks whether a coder would assign it; F1 on the parts of
CodiEsp train that taught nothing is best there. In scope `reportable` verification has decided.
"""

_DOUBTED = (
    "model-failed",
    "model-dropped",
    "model-doubts",
    "model-contradicted",
    "model-found",
    "model-quote-repaired",
)
"""What a chat model's part in a verdict may say that a person should look at."""

_STOPPING = frozenset({Severity.ERROR, Severity.QUERY})
_CAUTION = {Route.AUTO: 0, Route.CONFIRM: 1, Route.REVIEW: 2}


@dataclass(frozen=True, slots=True)
class Router:
    """The confidence of a scope, its policy, and the confidence below which nothing is said."""

    confidence: Confidence
    policy: Policy
    least: float = 0.0

    @classmethod
    def read(cls, scope: Scope, policy: Policy | None = None) -> "Router":
        """Read the weights and the thresholds of a scope from `resources/models`."""
        return cls(Confidence.read(scope), policy or Policy.read(scope), LEAST[scope])

    def settles(self, encounter: Encounter, traces: Sequence[MentionTrace]) -> bool:
        """Tell whether the mentions of a code make it sure enough not to ask a chat model.

        They do where its confidence is certified, or is no reason to review it.
        """
        first, *rest = sorted(traces, key=lambda trace: -trace.candidates[0].score)
        proposal = Proposal(code=first.code, traces=(first, *rest))
        lines = self.policy.lines(proposal)
        confidence = self.confidence.chance(rows(encounter, [proposal])[0])
        return any(line is not None and confidence >= line for line in (lines.auto, lines.confirm))

    def route(
        self,
        encounter: Encounter,
        validation: Validation,
        *,
        stopped: Mapping[str, str] | None = None,
        model: Sequence[str] = (),
    ) -> tuple[tuple[Suggestion, ...], tuple[Exclusion, ...], Route, tuple[str, ...]]:
        """Return suggestions (most confident first), exclusions, the lane and its reasons.

        `stopped` are codes that a second opinion sends to review, each with its reason; `model` is
        what a chat model failed at in this encounter, which sends the case to a person.
        """
        suggestions, unlikely = [], []
        known = rows(encounter, validation.kept)
        for proposal, row in zip(validation.kept, known, strict=True):
            asked = any(_of_model(r) for trace in proposal.traces for r in trace.verdict.reasons)
            confidence = self.confidence.chance(row)
            if confidence < self.least and not asked:
                unlikely.append(_unlikely(proposal))
            else:
                why = (stopped or {}).get(proposal.code)
                parts = self.confidence.parts(row)
                suggestions.append(
                    self._suggest(proposal, confidence, parts, validation.findings, why)
                )
        suggestions.sort(key=lambda s: (-s.confidence, s.code))
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
        named = {s.code for s in suggestions}
        reasons.extend(
            dict.fromkeys(
                f.rule
                for f in validation.findings
                if f.severity is not Severity.INFO and named.intersection(f.codes)
            )
        )
        reasons.extend(model)
        lane = max(
            [s.route for s in suggestions] + [Route.REVIEW if reasons else Route.CONFIRM],
            key=_CAUTION.__getitem__,
        )
        if not reasons:
            reasons.append("sign-off-needed")
        return tuple(suggestions), (*validation.excluded, *unlikely), lane, tuple(reasons)

    def _suggest(
        self,
        proposal: Proposal,
        confidence: float,
        parts: tuple[str, ...],
        findings: Sequence[Finding],
        stopped: str | None,
    ) -> Suggestion:
        ours = tuple(finding for finding in findings if proposal.code in finding.codes)
        lines = self.policy.lines(proposal)
        reasons = []
        if lines.confirm is None or confidence < lines.confirm:
            reasons.append("low-confidence")
        reasons += [f.rule for f in ours if f.severity is not Severity.INFO]
        reasons += [stopped] if stopped else []
        said = [r for trace in proposal.traces for r in trace.verdict.reasons if _of_model(r)]
        reasons += [r for r in said if r.startswith(_DOUBTED)]
        if reasons:
            route = Route.REVIEW
        elif said:
            route = Route.CONFIRM
            reasons.append("model-chose")
        elif lines.auto is None:
            route = Route.CONFIRM
            reasons.append("no-certified-threshold")
        elif confidence < lines.auto:
            route = Route.CONFIRM
            reasons.append(f"below-certified={lines.auto:.2f}")
        else:
            route = Route.AUTO
            reasons.append(f"certified={lines.auto:.2f}")
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
            parts=parts,
        )


def _unlikely(proposal: Proposal) -> Exclusion:
    evidence = tuple(trace.mention for trace in proposal.traces)
    return Exclusion(code=proposal.code, reason=UNLIKELY, evidence=evidence)


def _of_model(reason: str) -> bool:
    return reason.startswith("model-")
