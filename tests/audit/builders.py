"""Encounters and results for the tests of the log, by hand and by chance."""

from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from audit import Actor, ActorKind, Case, Places, Status, Store, Submit
from audit.decisions import prepare
from audit.signoff import SignOff
from audit.staff import Staff
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

CODER = Actor(kind=ActorKind.PERSON, id="coder-1")

TEXT = (
    "HISTORY: Mrs Okonkwo has had essential hypertension for ten years and denies chest pain.\n"
    "ASSESSMENT AND PLAN:\n"
    "1. Essential hypertension, well controlled on lisinopril.\n"
    "2. Type 2 diabetes mellitus without complications, metformin continued.\n"
    "No evidence of heart failure. Mother had breast cancer at 52.\n"
)

PROVENANCE = Provenance(
    code_version="0.1.0",
    release="2026-04-01",
    taxonomy_digest="a" * 64,
    model_digest="b" * 64,
    index_digest="c" * 64,
    rules_digest="d" * 64,
    config_digest="e" * 64,
    scope=Scope.REPORTABLE,
    libraries=(("spacy", "3.8.7"), ("hnswlib", "0.8.0")),
)


PHRASE = "five red herrings"
_GONE = {Status.REJECTED, Status.REPLACED}


def final(case: Case) -> Submit:
    """Return the submission of what stands in a case."""
    return Submit(codes=tuple((r.code, r.poa) for r in case.assigned if r.status not in _GONE))


def sign_off(store: Store, case_id: str, submit: Submit | None = None) -> Case:
    """Submit a case as its coder does, with a key that is made where there is none."""
    staff = Staff(store)
    if not staff.me().key:
        staff.enrol("Ada Okonkwo", PHRASE)
    return SignOff(store).submit(case_id, submit or final(store.case(case_id)), PHRASE)


def submit_unsigned(store: Store, case_id: str) -> Case:
    """Submit a case without a signature, as versions before signatures did."""
    submit = final(store.case(case_id))
    store.door.execute(
        lambda change: change.emit(
            prepare(change.case(case_id), submit, seal=change.seal), case_id=case_id
        )
    )
    return store.case(case_id)


def places(root: Path) -> Places:
    return Places(state=root / "state", config=root / "config")


def span(words: str, text: str = TEXT, *, note_id: str = "n1", nth: int = 0) -> EvidenceSpan:
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return EvidenceSpan(note_id=note_id, start=start, end=start + len(words))


def encounter(encounter_id: str = "e-1", *, text: str = TEXT, notes: int = 1) -> Encounter:
    return Encounter(
        encounter_id=encounter_id,
        notes=tuple(
            Note(
                note_id=f"n{number}",
                text=text,
                sha256=f"{number:064x}",
                source=f"visits/Okonkwo Ada {number}.txt",
                kind="progress note",
                author="Dr Rowan Ashgrove",
                status=NoteStatus.FINAL,
            )
            for number in range(1, notes + 1)
        ),
        setting=Setting.OUTPATIENT,
        claim=Claim.PROFESSIONAL,
        patient_id="p-77",
        account_id="a-9",
        service_date=date(2026, 5, 4),
        age=61.0,
        sex="female",
        assumed=frozenset({"claim"}),
    )


def result(
    encounter_id: str = "e-1", *, provenance: Provenance = PROVENANCE, more: tuple[str, ...] = ()
) -> CodingResult:
    hypertension = Mention(span=span("Essential hypertension"), section="assessment")
    diabetes = Mention(
        span=span("Type 2 diabetes mellitus without complications"), section="assessment"
    )
    failure = Mention(
        span=span("heart failure"),
        section="assessment",
        assertion=Assertion.NEGATED,
        trigger=span("No evidence of"),
    )
    found = (
        Candidate(
            code="I10",
            score=0.9312,
            channels=(Channel.DICTIONARY, Channel.LEXICAL),
            reasons=("lexical=0.83",),
        ),
        Candidate(code="I15.9", score=0.41, channels=(Channel.DENSE,)),
    )
    sugar = (Candidate(code="E11.9", score=1.0, channels=(Channel.DICTIONARY,)),)
    supported = Verdict(support=Support.SUPPORTED, reasons=("asserted-present",))
    refuted = Verdict(support=Support.REFUTED, reasons=("negated",))
    warning = Finding(
        rule="specificity",
        severity=Severity.WARNING,
        codes=("E11.9",),
        source="guideline I.B.2",
        release="2026-04-01",
        detail=("laterality",),
    )
    suggestions = (
        Suggestion(
            code="I10",
            evidence=(hypertension,),
            candidates=found,
            verdict=supported,
            findings=(),
            confidence=0.8765,
            route=Route.CONFIRM,
            reasons=("threshold=0.95",),
            parts=("raises=score:0.8", "lowers=status:1.3"),
        ),
        Suggestion(
            code="E11.9",
            evidence=(diabetes,),
            candidates=sugar,
            verdict=supported,
            findings=(warning,),
            confidence=0.5,
            route=Route.REVIEW,
        ),
        *(
            Suggestion(
                code=code,
                evidence=(hypertension,),
                candidates=found,
                verdict=supported,
                findings=(),
                confidence=0.25,
                route=Route.REVIEW,
            )
            for code in more
        ),
    )
    return CodingResult(
        encounter_id=encounter_id,
        setting=Setting.OUTPATIENT,
        traces=(
            MentionTrace(mention=hypertension, candidates=found, code="I10", verdict=supported),
            MentionTrace(mention=diabetes, candidates=sugar, code="E11.9", verdict=supported),
            MentionTrace(mention=failure, candidates=(), code="I50.9", verdict=refuted),
        ),
        suggestions=suggestions,
        excluded=(Exclusion(code="I50.9", reason="negated", evidence=(failure,)),),
        findings=(warning,),
        lane=Route.REVIEW,
        lane_reasons=("route=review",),
        provenance=provenance,
    )


_ids = st.text("abcdefghijklmnopqrstuvwxyz-0123456789", min_size=1, max_size=12)
_reasons = st.lists(_ids, max_size=3).map(tuple)
_codes = st.sampled_from(["I10", "E11.9", "S52.501A", "Z79.4", "C4A.9", "J44.1"])
_scores = st.integers(0, 10_000).map(lambda n: n / 10_000) | st.floats(0, 1)
_texts = st.text(min_size=1, max_size=80).filter(
    lambda s: not any("\ud800" <= c <= "\udfff" for c in s)
)


@st.composite
def encounters(draw: st.DrawFn) -> Encounter:
    count = draw(st.integers(1, 3))
    return Encounter(
        encounter_id=draw(_ids | _texts),
        notes=tuple(
            Note(
                note_id=f"n{number}" + draw(st.sampled_from(["", " of Ada Okonkwo", ".txt"])),
                text=draw(_texts),
                sha256=draw(st.binary(min_size=32, max_size=32)).hex(),
                source=draw(_texts),
                kind=draw(_ids),
                author=draw(_texts),
                author_role=draw(_ids),
                time=draw(st.sampled_from(["", "2026-05-04T10:00"])),
                status=draw(st.sampled_from(NoteStatus)),
            )
            for number in range(count)
        ),
        setting=draw(st.sampled_from(Setting)),
        claim=draw(st.sampled_from(Claim)),
        patient_id=draw(_ids | _texts | st.just("")),
        account_id=draw(_ids | st.just("")),
        service_date=draw(st.none() | st.dates()),
        admitted=draw(st.none() | st.dates()),
        discharged=draw(st.none() | st.dates()),
        age=draw(st.none() | st.floats(0, 120)),
        sex=draw(st.sampled_from(["", "female", "male", "not told"])),
        assumed=draw(st.frozensets(st.sampled_from(["setting", "claim", "release"]))),
    )


@st.composite
def results(draw: st.DrawFn, of: Encounter) -> CodingResult:
    @st.composite
    def spans(draw: st.DrawFn) -> EvidenceSpan:
        note = draw(st.sampled_from(of.notes))
        start = draw(st.integers(0, len(note.text) - 1))
        end = draw(st.integers(start + 1, len(note.text)))
        return EvidenceSpan(note_id=note.note_id, start=start, end=end)

    mentions = st.builds(
        Mention,
        span=spans(),
        section=_ids,
        assertion=st.sampled_from(Assertion),
        trigger=st.none() | spans(),
    )
    candidates = st.lists(
        st.builds(
            Candidate,
            code=_codes,
            score=_scores,
            channels=st.lists(st.sampled_from(Channel), max_size=3).map(tuple),
            reasons=_reasons,
        ),
        max_size=4,
    ).map(tuple)
    verdicts = st.builds(Verdict, support=st.sampled_from(Support), reasons=_reasons, by=_ids)
    findings = st.lists(
        st.builds(
            Finding,
            rule=_ids,
            severity=st.sampled_from(Severity),
            codes=st.lists(_codes, max_size=2).map(tuple),
            source=_ids,
            release=_ids,
            detail=_reasons,
        ),
        max_size=2,
    ).map(tuple)
    some = st.lists(mentions, min_size=1, max_size=3).map(tuple)
    suggestions = st.lists(
        st.builds(
            Suggestion,
            code=_codes,
            evidence=some,
            candidates=candidates,
            verdict=verdicts,
            findings=findings,
            confidence=_scores,
            route=st.sampled_from(Route),
            reasons=_reasons,
            parts=_reasons,
        ),
        max_size=3,
        unique_by=lambda item: item.code,
    ).map(tuple)
    return CodingResult(
        encounter_id=of.encounter_id,
        setting=draw(st.sampled_from(Setting)),
        traces=draw(
            st.lists(
                st.builds(
                    MentionTrace,
                    mention=mentions,
                    candidates=candidates,
                    code=_codes | st.just(""),
                    verdict=verdicts,
                ),
                max_size=3,
            ).map(tuple)
        ),
        suggestions=draw(suggestions),
        excluded=draw(
            st.lists(st.builds(Exclusion, code=_codes, reason=_ids, evidence=some), max_size=2).map(
                tuple
            )
        ),
        findings=draw(findings),
        lane=draw(st.sampled_from(Route)),
        lane_reasons=draw(_reasons),
        provenance=PROVENANCE,
        passes=draw(
            st.lists(st.builds("{}={}".format, _ids, st.integers(1, 99)), max_size=3).map(tuple)
        ),
        unchecked=draw(findings),
    )
