"""Coded documents in few words: gold codes, suggestions and traces over one note of 200 marks."""

from collections.abc import Mapping

from app.gold import GoldDocument
from app.scores import Scored
from pipeline.model import (
    Candidate,
    Channel,
    CodingResult,
    Encounter,
    EvidenceSpan,
    Mention,
    MentionTrace,
    Note,
    Provenance,
    Route,
    Scope,
    Setting,
    Suggestion,
    Support,
    Verdict,
)

NOTE = Note(note_id="n", text="x" * 200, sha256="")
ENCOUNTER = Encounter(encounter_id="n", notes=(NOTE,))
PROVENANCE = Provenance(
    code_version="1",
    release="FY2026",
    taxonomy_digest="",
    model_digest="",
    index_digest="",
    rules_digest="",
    config_digest="",
    scope=Scope.DOCUMENTED,
)
SUPPORTED = Verdict(support=Support.SUPPORTED)


def span(start: int, end: int) -> EvidenceSpan:
    return EvidenceSpan(note_id="n", start=start, end=end)


def mention(start: int, end: int) -> Mention:
    return Mention(span=span(start, end), section="unheaded")


def suggestion(
    code: str, *spans: tuple[int, int], confidence: float = 0.9, route: Route = Route.CONFIRM
) -> Suggestion:
    return Suggestion(
        code=code,
        evidence=tuple(mention(*each) for each in spans),
        candidates=(),
        verdict=SUPPORTED,
        findings=(),
        confidence=confidence,
        route=route,
    )


def trace(
    start: int, end: int, *codes: str, taken: str = "", support: Support = Support.SUPPORTED
) -> MentionTrace:
    candidates = tuple(Candidate(code=c, score=0.5, channels=(Channel.DENSE,)) for c in codes)
    return MentionTrace(
        mention=mention(start, end),
        candidates=candidates,
        code=taken,
        verdict=Verdict(support=support),
    )


def scored(
    gold: Mapping[str, tuple[tuple[int, int], ...]],
    *suggestions: Suggestion,
    traces: tuple[MentionTrace, ...] = (),
) -> Scored:
    result = CodingResult(
        encounter_id="n",
        setting=Setting.OUTPATIENT,
        traces=traces,
        suggestions=suggestions,
        excluded=(),
        findings=(),
        lane=Route.REVIEW,
        lane_reasons=(),
        provenance=PROVENANCE,
    )
    codes = {code: tuple(span(*each) for each in spans) for code, spans in gold.items()}
    return Scored(gold=GoldDocument(encounter=ENCOUNTER, codes=codes), result=result)


def failed(*gold: str) -> Scored:
    document = GoldDocument(encounter=ENCOUNTER, codes=dict.fromkeys(gold, ()))
    return Scored(gold=document, result=None)
