"""The five stages, once, in order: the only caller of them.

Same encounter, same engine: the same result, byte for byte. Nothing here writes, reads a clock or
decides for a person.
"""

from collections import defaultdict
from collections.abc import Sequence

from pipeline.chat import SILENT, Talk
from pipeline.chat.model import OK
from pipeline.copied import Copies, copies
from pipeline.engine import Engine
from pipeline.model import (
    ASSESSED_SECTIONS,
    CodingResult,
    Encounter,
    Exclusion,
    Extraction,
    Finding,
    MentionTrace,
    Progress,
    Proposal,
    Report,
    Severity,
    Support,
    Validation,
)
from pipeline.verify import opinions

STAGES = ("extract", "retrieve", "verify", "validate", "route")

_SILENT_REASONS = frozenset({"no-candidate", "other-reading"})
"""A mention turned down for these names no code worth listing as considered."""


def analyse(encounter: Encounter, engine: Engine, report: Report) -> CodingResult:
    """Return the coding result of one encounter.

    `report` is called before each stage; what it raises (`Cancelled`) ends the analysis. Every
    suggestion and every exclusion carries at least one mention.
    """
    talk = engine.chat.about(encounter, engine.provenance)
    extraction, traces, validation, dropped = _proposed(encounter, engine, report, talk)
    _step(report, "route")
    routed = engine.router.route(encounter, validation)
    stopped = opinions(encounter, extraction, routed[0], engine.taxonomy, talk)
    failed = _failed(talk, traces, dropped)
    if stopped or failed:
        routed = engine.router.route(encounter, validation, stopped=stopped, model=failed)
    suggestions, excluded, lane, reasons = routed
    named = {s.code for s in suggestions} | {e.code for e in excluded}
    return CodingResult(
        encounter_id=encounter.encounter_id,
        setting=encounter.setting,
        traces=traces,
        suggestions=suggestions,
        excluded=(*excluded, *_turned_down(traces, named)),
        findings=(*validation.encounter_findings, *_copied(encounter, engine)),
        lane=lane,
        lane_reasons=reasons,
        provenance=engine.provenance,
        passes=validation.passes,
        unchecked=validation.unchecked,
    )


def propose(
    encounter: Encounter, engine: Engine, report: Report
) -> tuple[tuple[MentionTrace, ...], Validation]:
    """Run the stages before routing; what they leave is what a confidence is fitted on."""
    _, traces, validation, _ = _proposed(encounter, engine, report, SILENT)
    return traces, validation


def _proposed(
    encounter: Encounter, engine: Engine, report: Report, talk: Talk
) -> tuple[Extraction, tuple[MentionTrace, ...], Validation, tuple[str, ...]]:
    """Run the stages before routing; also says why words that a chat model found were dropped."""
    scope = engine.provenance.scope
    _step(report, "extract")
    extraction = engine.extractor.extract(encounter)
    extraction, dropped = engine.extractor.supplement(encounter, extraction, talk)
    _step(report, "retrieve")
    shortlists = engine.retriever.retrieve(encounter, extraction)
    _step(report, "verify")
    traces = engine.verifier.verify(
        encounter,
        extraction,
        shortlists,
        scope,
        engine.taxonomy,
        talk,
        lambda ours: engine.router.settles(encounter, ours),
    )
    _step(report, "validate")
    proposals = _proposals(traces, engine, copies(encounter))
    found = engine.validator.validate(encounter, proposals, engine.taxonomy, scope)
    return extraction, traces, found, dropped


def _failed(talk: Talk, traces: Sequence[MentionTrace], dropped: Sequence[str]) -> tuple[str, ...]:
    """Return what a chat model failed at in an encounter, each kind once: reasons of the lane."""
    faults = sorted(kind for kind in talk.outcomes if kind != OK)
    gate = {r for trace in traces for r in trace.verdict.reasons if r.startswith("model-dropped=")}
    gate.update(f"model-dropped={kind}" for kind in dropped)
    return (*(f"model-failed={kind}" for kind in faults), *sorted(gate))


def _step(report: Report, stage: str) -> None:
    report(Progress(stage=stage, done=STAGES.index(stage), total=len(STAGES)))


def _copied(encounter: Encounter, engine: Engine) -> tuple[Finding, ...]:
    """Say how many words of an encounter were copied forward, if any."""
    words = copies(encounter).words
    if not words:
        return ()
    return (
        Finding(
            rule="copied-forward",
            severity=Severity.INFO,
            release=engine.taxonomy.release.label,
            detail=(f"copied={words}",),
        ),
    )


def _proposals(
    traces: Sequence[MentionTrace], engine: Engine, repeated: Copies
) -> tuple[Proposal, ...]:
    """Group the supported mentions by code, in tabular order; the most telling mention first.

    Where words were copied forward, their first occurrence tells more than its copies.
    """
    by_code: dict[str, list[MentionTrace]] = defaultdict(list)
    for trace in traces:
        if trace.verdict.support is Support.SUPPORTED:
            by_code[trace.code].append(trace)
    return tuple(
        Proposal(
            code=code,
            traces=tuple(
                sorted(
                    by_code[code],
                    key=lambda trace: (repeated.holds(trace.mention.span), *_telling(trace)),
                )
            ),
        )
        for code in sorted(by_code, key=engine.taxonomy.order)
    )


def _telling(trace: MentionTrace) -> tuple[float, str, int]:
    span = trace.mention.span
    assessed = trace.mention.section in ASSESSED_SECTIONS
    return (-(trace.candidates[0].score + 0.5 * assessed), span.note_id, span.start)


def _turned_down(traces: Sequence[MentionTrace], named: set[str]) -> tuple[Exclusion, ...]:
    """Return the codes that no mention carried through, each with its reason, in text order."""
    found: dict[str, list[MentionTrace]] = defaultdict(list)
    for trace in traces:
        if (
            trace.verdict.support is not Support.SUPPORTED
            and trace.code
            and trace.code not in named
            and not _SILENT_REASONS.intersection(trace.verdict.reasons)
        ):
            found[trace.code].append(trace)
    return tuple(
        Exclusion(
            code=code,
            reason=ours[0].verdict.reasons[0],
            evidence=tuple(trace.mention for trace in ours),
        )
        for code, ours in found.items()
    )
