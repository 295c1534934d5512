"""What scope `reportable` makes of the verdicts, beyond management: passes over all traces.

Each pass reads the traces in the order of the mentions and returns them in that order; none
adds one.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from pipeline.model import Assertion, Extraction, MentionTrace, Sentence, Support, Verdict
from pipeline.verify.problems import Problems

HEADING_FLOOR = 0.3
"""The same for the only reading of a problem line."""
_NO_CONDITION = frozenset("ZVWXY")
_CAUSES = ("V", "W", "X", "Y")
_HURT = ("S", "T", "M25.5", "M79.6", "M54", "R51", "M79.1")
_COMPLAINTS: tuple[Callable[[Sentence], bool], ...] = (
    lambda sentence: sentence.section == "chief-complaint",
    lambda sentence: sentence.role == "account",
    lambda sentence: sentence.role == "checklist",
)


def named_by_problem(
    extraction: Extraction, outline: Problems, traces: list[MentionTrace]
) -> list[MentionTrace]:
    """Believe a weaker match where it is the only reading of a problem line.

    The author names a condition there, so the question is which code, not whether there is one.
    """
    best: dict[int, int] = {}
    settled: set[int] = set()
    for number, (trace, at) in enumerate(zip(traces, extraction.places, strict=True)):
        if not outline.names(trace.mention, at):
            continue
        if trace.verdict.support is Support.SUPPORTED or "weak-match" not in trace.verdict.reasons:
            if trace.verdict.reasons[0] not in {"other-reading", "no-candidate", "too-general"}:
                settled.add(at)
        elif (
            trace.mention.assertion is Assertion.PRESENT
            and trace.candidates[0].score >= HEADING_FLOOR
            and (at not in best or _score(traces[best[at]]) < _score(trace))
        ):
            best[at] = number
    verdict = Verdict(support=Support.SUPPORTED, reasons=("problem-line",))
    chosen = {number for at, number in best.items() if at not in settled}
    return [
        replace(trace, verdict=verdict) if number in chosen else trace
        for number, trace in enumerate(traces)
    ]


def uncertain_in_assessment(
    extraction: Extraction, traces: list[MentionTrace]
) -> list[MentionTrace]:
    """Let the assessment's doubt hold for the encounter (IV.H).

    A report that names asthma does not confirm what the assessment calls suggestive of asthma. All
    mentions of such a code are read as possible.
    """
    judged: dict[str, set[Assertion]] = defaultdict(set)
    for trace, at in zip(traces, extraction.places, strict=True):
        if (
            trace.verdict.support is Support.SUPPORTED
            and extraction.sentences[at].role == "assessed"
        ):
            judged[trace.code].add(trace.mention.assertion)
    doubtful = {code for code, said in judged.items() if said == {Assertion.POSSIBLE}}
    return [
        replace(
            trace, verdict=Verdict(support=Support.INSUFFICIENT, reasons=("uncertain-diagnosis",))
        )
        if trace.code in doubtful
        and trace.verdict.support is Support.SUPPORTED
        and trace.mention.assertion is not Assertion.POSSIBLE
        else trace
        for trace in traces
    ]


def own_problems(
    extraction: Extraction, outline: Problems, traces: list[MentionTrace]
) -> list[MentionTrace]:
    """Mark signs and symptoms that are a problem line of their own, with no disease beside them.

    The author treats such a sign as a problem apart, not as part of another one (I.B.6).
    """
    beside: dict[int, set[str]] = defaultdict(set)
    for trace, at in zip(traces, extraction.places, strict=True):
        if trace.verdict.support is Support.SUPPORTED and outline.names(trace.mention, at):
            beside[at].add(trace.code)
    return [
        replace(
            trace,
            verdict=replace(trace.verdict, reasons=(*trace.verdict.reasons, "own-problem")),
        )
        if trace.verdict.support is Support.SUPPORTED
        and trace.code.startswith("R")
        and outline.names(trace.mention, at)
        and all(code.startswith("R") for code in beside[at])
        else trace
        for trace, at in zip(traces, extraction.places, strict=True)
    ]


def complained_of(extraction: Extraction, traces: list[MentionTrace]) -> list[MentionTrace]:
    """Fall back on the complaint where the assessment settles on no condition (IV.D).

    Looked at are the reason for the visit, then what the history tells, then what the patient
    reports when asked, of these two only signs and symptoms; the first that names any is taken.
    """
    settled = any(
        trace.verdict.support is Support.SUPPORTED and trace.code[:1] not in _NO_CONDITION
        for trace in traces
    )
    if settled or all(sentence.role != "assessed" for sentence in extraction.sentences):
        return traces
    for fits in _COMPLAINTS:
        taken = {
            number
            for number, (trace, at) in enumerate(zip(traces, extraction.places, strict=False))
            if fits(extraction.sentences[at])
            and (trace.code[:1] == "R" or extraction.sentences[at].section == "chief-complaint")
            and trace.verdict.reasons == ("not-managed",)
            and trace.mention.assertion is Assertion.PRESENT
        }
        if taken:
            verdict = Verdict(support=Support.SUPPORTED, reasons=("complaint",))
            return [
                replace(trace, verdict=verdict) if number in taken else trace
                for number, trace in enumerate(traces)
            ]
    return traces


def one_cause(traces: list[MentionTrace]) -> list[MentionTrace]:
    """Keep the cause a rule reads from the story, and none where nothing was hurt (I.C.20)."""
    told = {t.code for t in traces if "external-cause" in t.verdict.reasons}
    hurt = any(t.verdict.support is Support.SUPPORTED and t.code.startswith(_HURT) for t in traces)
    reason = f"less-specific-than={min(told)}" if told else "no-injury"
    verdict = Verdict(support=Support.INSUFFICIENT, reasons=(reason,))
    return [
        replace(trace, verdict=verdict)
        if trace.code.startswith(_CAUSES)
        and trace.verdict.support is Support.SUPPORTED
        and trace.code not in told
        and (told or not hurt)
        else trace
        for trace in traces
    ]


def _score(trace: MentionTrace) -> float:
    return trace.candidates[0].score
