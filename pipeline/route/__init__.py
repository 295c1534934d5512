"""Route: give each code a confidence and send it, and its case, to where it belongs.

The confidence is a logistic function of readable features of the evidence, fitted on coded notes
(`pipeline.train.confidence`), not a retrieval score, and says which of them raised or lowered it.
Routing is policy (`route.policy`): a code is AUTO where its stratum has a certified threshold that
its confidence reaches and no finding stops it.

Public: `Router.read(scope)` and its `route`; `Policy`, `Lines` and `stratum` of `route.policy`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.model import (
    ASSESSED_SECTIONS,
    Assertion,
    Candidate,
    Channel,
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
from pipeline.route.policy import Lines, Policy, stratum
from resources import read_json

__all__ = [
    "CONFIDENCE_FEATURES",
    "Lines",
    "Policy",
    "Router",
    "confidence_features",
    "stratum",
]

CONFIDENCE_FEATURES = (
    "score",
    "together",
    "margin",
    "dictionary",
    "exact",
    "agreement",
    "learned",
    "coded",
    "often",
    "mentions",
    "assessed",
    "possible",
    "historical",
    "symptom",
    "status",
    "injury",
    "external",
)
"""What the confidence is made of, in the order of the weights."""

_MANY_MENTIONS = 4
_MANY_SEEN = 30
_PARTS = 4
"""Parts of a confidence that are told; more would not be read."""

_FELT = 0.1
"""Log-odds below which a feature moves a confidence by less than it is shown with."""

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
    """The fitted weights of the confidence, what its features are on average, and the policy."""

    constant: float
    weights: Mapping[str, float]
    policy: Policy
    means: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, policy: Policy | None = None) -> "Router":
        """Read the fitted weights from `resources/models/confidence.json`, as a scope uses them.

        The weights were fitted in scope `documented`; another scope moves and stretches them.
        """
        data = read_json("models/confidence.json")
        moved = data["scopes"][scope]
        return cls(
            moved["shift"] + moved["slope"] * data["constant"],
            {name: moved["slope"] * data["weights"][name] for name in CONFIDENCE_FEATURES},
            policy or Policy.read(scope),
            data["means"],
        )

    def confidence(self, proposal: Proposal) -> float:
        """Return the confidence in 0..1 that a coder would assign this code, to 4 places."""
        values = confidence_features(proposal)
        total = self.constant + sum(
            self.weights[name] * value
            for name, value in zip(CONFIDENCE_FEATURES, values, strict=True)
        )
        return round(1 / (1 + math.exp(-total)), 4)

    def contributions(self, proposal: Proposal) -> tuple[tuple[str, float], ...]:
        """Return (feature, contribution) pairs, the strongest first.

        A contribution is in log-odds against the average proposal the weights were fitted on; where
        no averages were kept, against zero. They sum to the log-odds of the confidence less those
        of that average.
        """
        values = zip(CONFIDENCE_FEATURES, confidence_features(proposal), strict=True)
        found = [
            (name, self.weights[name] * (value - self.means.get(name, 0.0)))
            for name, value in values
        ]
        return tuple(sorted(found, key=lambda pair: (-abs(pair[1]), pair[0])))

    def parts(self, proposal: Proposal) -> tuple[str, ...]:
        """Return the few features that moved a confidence most, as ids (`raises=score:0.8`)."""
        return tuple(
            f"{'raises' if value > 0 else 'lowers'}={name}:{abs(value):.1f}"
            for name, value in self.contributions(proposal)[:_PARTS]
            if abs(value) >= _FELT
        )

    def settles(self, traces: Sequence[MentionTrace]) -> bool:
        """Tell whether the mentions of a code make it sure enough not to ask a chat model.

        They do where its confidence is certified, or is no reason to review it.
        """
        first, *rest = sorted(traces, key=lambda trace: -trace.candidates[0].score)
        proposal = Proposal(code=first.code, traces=(first, *rest))
        lines = self.policy.lines(proposal)
        confidence = self.confidence(proposal)
        return any(line is not None and confidence >= line for line in (lines.auto, lines.confirm))

    def route(
        self,
        validation: Validation,
        *,
        stopped: Mapping[str, str] | None = None,
        model: Sequence[str] = (),
    ) -> tuple[tuple[Suggestion, ...], tuple[Exclusion, ...], Route, tuple[str, ...]]:
        """Return suggestions (most confident first), exclusions, the lane and its reasons.

        `stopped` are codes that a second opinion sends to review, each with its reason; `model` is
        what a chat model failed at in this encounter, which sends the case to a person.
        """
        suggestions = sorted(
            (
                self._suggest(proposal, validation.findings, (stopped or {}).get(proposal.code))
                for proposal in validation.kept
            ),
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
        reasons.extend(model)
        lane = max(
            [s.route for s in suggestions] + [Route.REVIEW if reasons else Route.CONFIRM],
            key=_CAUTION.__getitem__,
        )
        if not reasons:
            reasons.append("sign-off-needed")
        return tuple(suggestions), validation.excluded, lane, tuple(reasons)

    def _suggest(
        self, proposal: Proposal, findings: Sequence[Finding], stopped: str | None
    ) -> Suggestion:
        ours = tuple(finding for finding in findings if proposal.code in finding.codes)
        confidence = self.confidence(proposal)
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
            parts=self.parts(proposal),
        )


def confidence_features(proposal: Proposal) -> tuple[float, ...]:
    """Return what a confidence is made of, in the order of `CONFIDENCE_FEATURES`.

    `score` and `together` are log-odds, of the most telling mention and of all mentions as if each
    were a chance of its own; `coded` is the share of places where such words were coded
    in notes with codes, `often` how many those were.
    """
    best = proposal.traces[0]
    first = best.candidates[0]
    second = best.candidates[1].score if len(best.candidates) > 1 else 0.0
    assertions = {trace.mention.assertion for trace in proposal.traces}
    missed = 1.0
    for trace in proposal.traces:
        missed *= 1 - trace.candidates[0].score
    return (
        _log_odds(first.score),
        _log_odds(1 - missed),
        first.score - second,
        float(Channel.DICTIONARY in first.channels),
        float("term-exact" in first.reasons),
        float(len(first.channels) == len(Channel)),
        _parameter(first, "learned"),
        _parameter(first, "coded"),
        min(math.log1p(_parameter(first, "seen")) / math.log1p(_MANY_SEEN), 1.0),
        min(len(proposal.traces), _MANY_MENTIONS) / _MANY_MENTIONS,
        float(any(trace.mention.section in ASSESSED_SECTIONS for trace in proposal.traces)),
        float(assertions == {Assertion.POSSIBLE}),
        float(assertions == {Assertion.HISTORICAL}),
        float(proposal.code[0] == "R"),
        float(proposal.code[0] == "Z"),
        float(proposal.code[0] in "ST"),
        float(proposal.code[0] in "VWXY"),
    )


def _of_model(reason: str) -> bool:
    return reason.startswith("model-")


def _log_odds(chance: float) -> float:
    """Return the log-odds of a chance kept within 1 and 99 %."""
    kept = min(max(chance, 0.01), 0.99)
    return math.log(kept / (1 - kept))


def _parameter(candidate: Candidate, name: str) -> float:
    """Return the number after `name=` among a candidate's reasons; 0 where it is not there."""
    for reason in candidate.reasons:
        key, _, value = reason.partition("=")
        if key == name:
            return float(value)
    return 0.0
