"""Two encounters of our own with results as the pipeline gives them, in a real store."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from app.chatdesk import ChatDesk
from app.settings import load
from app.workspace import Workspace
from audit import Actor, ActorKind, Places, Store
from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    Claim,
    CodingResult,
    Encounter,
    EvidenceSpan,
    Exclusion,
    Finding,
    Mention,
    MentionTrace,
    Note,
    NoteStatus,
    Provenance,
    Route,
    Scope,
    Setting,
    Severity,
    Suggestion,
    Support,
    Verdict,
)
from taxonomy import Encoder, Index, IndexBook, IndexSource, Taxonomy
from taxonomy.importing.indexfiles import read_index_csv

CODER = Actor(kind=ActorKind.PERSON, id="coder")

CLINIC = """ASSESSMENT AND PLAN
1. Type 2 diabetes with neuropathy 😀, A1c 8.1, continue metformin.
2. Hypertension, at goal, continue lisinopril.
3. Cough, likely viral.
Denies chest pain. Mother had breast cancer.
"""
LETTER = "IMPRESSION:\nDiabetic neuropathy, seen again today.\n"
SECOND = "ASSESSMENT:\nAsthma, mild intermittent. No fever.\n"


def note(note_id: str, text: str, kind: str = "progress note") -> Note:
    return Note(
        note_id=note_id,
        text=text,
        sha256="0" * 64,
        kind=kind,
        author_role="physician",
        time="2026-03-02T09:30",
        status=NoteStatus.FINAL,
    )


def encounter(encounter_id: str, *notes: Note) -> Encounter:
    return Encounter(
        encounter_id=encounter_id,
        notes=notes,
        setting=Setting.OUTPATIENT,
        claim=Claim.PROFESSIONAL,
        service_date=date(2026, 3, 2),
        age=61.0,
        sex="F",
    )


def mention(
    source: Encounter,
    words: str,
    *,
    note_id: str = "clinic",
    assertion: Assertion = Assertion.PRESENT,
    trigger: str = "",
) -> Mention:
    return Mention(
        span=span(source, words, note_id=note_id),
        section="assessment",
        assertion=assertion,
        trigger=span(source, trigger, note_id=note_id) if trigger else None,
    )


def span(source: Encounter, words: str, *, note_id: str = "clinic") -> EvidenceSpan:
    start = source.note(note_id).text.index(words)
    return EvidenceSpan(note_id=note_id, start=start, end=start + len(words))


def suggestion(
    code: str,
    *evidence: Mention,
    others: tuple[str, ...] = (),
    confidence: float = 0.9,
    route: Route = Route.CONFIRM,
    findings: tuple[Finding, ...] = (),
    reasons: tuple[str, ...] = ("no-certified-threshold",),
) -> Suggestion:
    return Suggestion(
        code=code,
        evidence=evidence,
        candidates=tuple(
            Candidate(
                code=each,
                score=0.9 - 0.1 * at,
                channels=(Channel.DICTIONARY,),
                reasons=("term-exact", "lexical=0.83"),
            )
            for at, each in enumerate((code, *others))
        ),
        verdict=Verdict(support=Support.SUPPORTED, reasons=("asserted-present",)),
        findings=findings,
        confidence=confidence,
        route=route,
        reasons=reasons,
    )


def result(
    source: Encounter,
    *suggestions: Suggestion,
    excluded: tuple[Exclusion, ...] = (),
    findings: tuple[Finding, ...] = (),
    lane: Route = Route.REVIEW,
    lane_reasons: tuple[str, ...] = ("low-confidence=1",),
    passes: tuple[str, ...] = (),
    unchecked: tuple[Finding, ...] = (),
) -> CodingResult:
    traces = [
        MentionTrace(mention=each, candidates=item.candidates, code=item.code, verdict=item.verdict)
        for item in suggestions
        for each in item.evidence
    ]
    refuted = Verdict(support=Support.REFUTED, reasons=("negated",))
    traces += [
        MentionTrace(mention=each, code=item.code, verdict=refuted)
        for item in excluded
        for each in item.evidence
    ]
    return CodingResult(
        encounter_id=source.encounter_id,
        setting=source.setting,
        traces=tuple(traces),
        suggestions=suggestions,
        excluded=excluded,
        findings=findings,
        lane=lane,
        lane_reasons=lane_reasons,
        provenance=Provenance(
            code_version="0.1.0",
            release="FY2026",
            taxonomy_digest="a" * 64,
            model_digest="b" * 64,
            index_digest="c" * 64,
            rules_digest="d" * 64,
            config_digest="e" * 64,
            scope=Scope.REPORTABLE,
        ),
        passes=passes,
        unchecked=unchecked,
    )


def first_case() -> tuple[Encounter, CodingResult]:
    source = encounter("visit-1", note("clinic", CLINIC), note("letter", LETTER, "letter"))
    conflict = Finding(
        rule="uncertain-diagnosis",
        severity=Severity.WARNING,
        codes=("R05.9",),
        source="guideline IV.H",
        release="FY2026",
    )
    return source, result(
        source,
        suggestion(
            "E11.40",
            mention(source, "Type 2 diabetes with neuropathy"),
            mention(source, "Diabetic neuropathy", note_id="letter"),
            others=("E11.42", "E11.9"),
        ),
        suggestion("I10", mention(source, "Hypertension")),
        suggestion(
            "R05.9",
            mention(source, "Cough"),
            others=("R05.1", "R05.8"),
            confidence=0.41,
            route=Route.REVIEW,
            findings=(conflict,),
            reasons=("low-confidence", "uncertain-diagnosis"),
        ),
        excluded=(
            Exclusion(
                code="R07.9",
                reason="negated",
                evidence=(
                    mention(source, "chest pain", assertion=Assertion.NEGATED, trigger="Denies"),
                ),
            ),
            Exclusion(
                code="C50.919",
                reason="family",
                evidence=(mention(source, "breast cancer", assertion=Assertion.FAMILY),),
            ),
        ),
        lane_reasons=("low-confidence=1", "uncertain-diagnosis"),
        passes=("billable.V01=3", "excludes1.V06=3"),
        unchecked=(
            Finding(
                rule="not-checked",
                severity=Severity.INFO,
                source="mce edit 9",
                release="FY2026",
                detail=("rule=unacceptable-principal.P03", "missing=mce"),
            ),
            Finding(
                rule="read-manually",
                severity=Severity.INFO,
                codes=("R05.9",),
                source="tabular 18 excludes2 3",
                release="FY2026",
                detail=("reason=words",),
            ),
        ),
    )


def second_case() -> tuple[Encounter, CodingResult]:
    source = encounter("visit-2", note("clinic", SECOND))
    return source, result(
        source,
        suggestion("J45.20", mention(source, "Asthma, mild intermittent")),
        excluded=(
            Exclusion(
                code="R50.9",
                reason="negated",
                evidence=(mention(source, "fever", assertion=Assertion.NEGATED),),
            ),
        ),
        lane=Route.CONFIRM,
        lane_reasons=("sign-off-needed",),
    )


def places(root: Path) -> Places:
    return Places(state=root / "state", config=root / "config")


def ticking() -> Callable[[], datetime]:
    moments = iter(range(10**9))
    start = datetime(2026, 5, 4, 8, tzinfo=UTC)
    return lambda: start + timedelta(seconds=next(moments))


def open_store(root: Path) -> Store:
    return Store.create_or_open(root / "store", places=places(root), actor=CODER, clock=ticking())


def fill(root: Path) -> None:
    """Put both cases into a store below `root`."""
    with open_store(root) as store:
        store.record(*first_case())
        store.record(*second_case())


@cache
def encoder(icd: Taxonomy) -> Encoder:
    """Return one encoder for all tests, made before any of them waits for an answer of it."""
    return Encoder(icd)


def workspace(root: Path, icd: Taxonomy) -> Workspace:
    encoder(icd)
    store = open_store(root)
    here = load()
    return Workspace(
        store=store,
        load_taxonomy=lambda _origin: icd,
        load_encoder=encoder,
        chat=ChatDesk(
            store=store,
            file=here.file,
            site=here.config / "prompts",
            load=lambda: load().chat,
        ),
    )


INDEX = """RowID,Letter,Level,Term,See,SeeAlso,NonEssModif,Code
1,F,0,"Fracture, traumatic",,,,T14.8
2,F,1,"femur, femoral",,,(acute),S72.9-
3,F,2,neck,,,,S72.00-
4,F,3,old,,,,S72.00-
5,B,0,Breakage,"Fracture, by type",Snap,,
6,S,0,Snap,Snap,,,
"""


def book() -> IndexBook:
    """Return an index of six lines, one with a "see" that leads nowhere, one that goes round."""
    return IndexBook(index=Index(IndexSource(kind="index", year=2026), read_index_csv(INDEX)))
