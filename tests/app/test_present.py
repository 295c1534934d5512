import json

import pytest

from app import present
from app.assembly import Problem
from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    CodingResult,
    Encounter,
    EvidenceSpan,
    Exclusion,
    Finding,
    Mention,
    Note,
    Provenance,
    Route,
    Scope,
    Setting,
    Severity,
    Suggestion,
    Support,
    Verdict,
)
from taxonomy import Taxonomy

TEXT = "🙂 Denies asthma.\nAssessment: hypertension."
NOTE = Note(note_id="n", text=TEXT, sha256="ab", source="x.jsonl:1")
ENCOUNTER = Encounter(encounter_id="e", notes=(NOTE,), setting=Setting.INPATIENT)
PROVENANCE = Provenance(
    code_version="1",
    release="FY2026",
    taxonomy_digest="t",
    model_digest="m",
    index_digest="i",
    rules_digest="r",
    config_digest="c",
    scope=Scope.DOCUMENTED,
    sources=(("poa-exempt", "p"),),
    libraries=(("numpy", "2"),),
)


def span(words: str) -> EvidenceSpan:
    start = TEXT.index(words)
    return EvidenceSpan(note_id="n", start=start, end=start + len(words))


RESULT = CodingResult(
    encounter_id="e",
    setting=Setting.INPATIENT,
    traces=(),
    suggestions=(
        Suggestion(
            code="I10",
            evidence=(Mention(span=span("hypertension"), section="assessment"),),
            candidates=(
                Candidate(
                    code="I10", score=0.75, channels=(Channel.DENSE,), reasons=("dense=0.75",)
                ),
                Candidate(code="Z99.999", score=0.5, channels=(Channel.DENSE,)),
            ),
            verdict=Verdict(support=Support.SUPPORTED, reasons=("asserted-present",)),
            findings=(
                Finding(rule="exists", severity=Severity.ERROR, codes=("I10",), source="tabular"),
            ),
            confidence=0.9,
            route=Route.CONFIRM,
            reasons=("no-certified-threshold",),
            parts=("raises=score:0.8", "lowers=status:1.3"),
        ),
    ),
    excluded=(
        Exclusion(
            code="J45.909",
            reason="negated",
            evidence=(
                Mention(
                    span=span("asthma"),
                    section="unheaded",
                    assertion=Assertion.NEGATED,
                    trigger=span("Denies"),
                ),
            ),
        ),
    ),
    findings=(Finding(rule="setting-assumed", severity=Severity.INFO, detail=("words=0:2:8",)),),
    lane=Route.REVIEW,
    lane_reasons=("finding",),
    provenance=PROVENANCE,
    passes=("billable.V01=2", "excludes1.V06=2"),
    unchecked=(
        Finding(
            rule="read-manually",
            severity=Severity.INFO,
            codes=("A41.9",),
            source="tabular 1 excludes1 1",
            release="FY2026",
            detail=("reason=words",),
        ),
    ),
)


def test_a_result_is_shown_with_titles_quotes_and_sentences(icd: Taxonomy) -> None:
    value = present.coded(
        ENCOUNTER, RESULT, taxonomy=icd, case_id="c1", state="open", errors=["A note is blank."]
    )
    assert json.loads(present.line(value)) == {
        "schema": 1,
        "encounter_id": "e",
        "case_id": "c1",
        "setting": "inpatient",
        "release": "FY2026",
        "scope": "documented",
        "lane": "review",
        "lane_reasons": ["finding"],
        "state": "open",
        "errors": ["A note is blank."],
        "notes": [{"note_id": "n", "sha256": "ab", "source": "x.jsonl:1"}],
        "suggestions": [
            {
                "code": "I10",
                "title": "Essential (primary) hypertension",
                "confidence": 0.9,
                "route": "confirm",
                "evidence": [
                    {
                        "note_id": "n",
                        "start": 29,
                        "end": 41,
                        "quote": "hypertension",
                        "section": "assessment",
                        "assertion": "present",
                        "trigger": None,
                        "attributes": [],
                        "place": None,
                    }
                ],
                "candidates": [
                    {
                        "code": "I10",
                        "title": "Essential (primary) hypertension",
                        "score": 0.75,
                        "reasons": ["dense=0.75"],
                    },
                    {"code": "Z99.999", "title": "", "score": 0.5, "reasons": []},
                ],
                "verdict": {"support": "supported", "reasons": ["asserted-present"], "by": "rules"},
                "findings": [
                    {
                        "rule": "exists",
                        "severity": "error",
                        "codes": ["I10"],
                        "message": "I10 is not a code of FY2026.",
                        "source": "tabular",
                        "words": [],
                    }
                ],
                "reasons": ["no-certified-threshold"],
                "confidence_parts": ["raises=score:0.8", "lowers=status:1.3"],
            }
        ],
        "excluded": [
            {
                "code": "J45.909",
                "title": "Unspecified asthma, uncomplicated",
                "reason": "negated",
                "evidence": [
                    {
                        "note_id": "n",
                        "start": 9,
                        "end": 15,
                        "quote": "asthma",
                        "section": "unheaded",
                        "assertion": "negated",
                        "trigger": "Denies",
                        "attributes": [],
                        "place": None,
                    }
                ],
            }
        ],
        "findings": [
            {
                "rule": "setting-assumed",
                "severity": "info",
                "codes": [],
                "message": "The setting was not given; outpatient rules were applied.",
                "source": "",
                "words": [{"note_id": "n", "start": 2, "end": 8, "quote": "Denies"}],
            }
        ],
        "checked": {
            "passes": {"billable.V01": 2, "excludes1.V06": 2},
            "not_checked": [
                {
                    "rule": "read-manually",
                    "severity": "info",
                    "codes": ["A41.9"],
                    "message": (
                        "A note on A41.9 that a person must read: “certain localized infections - "
                        "see body system-related chapters” (1, FY2026)"
                    ),
                    "source": "tabular 1 excludes1 1",
                    "words": [],
                }
            ],
        },
        "provenance": {
            "code_version": "1",
            "release": "FY2026",
            "taxonomy_digest": "t",
            "model_digest": "m",
            "index_digest": "i",
            "rules_digest": "r",
            "config_digest": "c",
            "scope": "documented",
            "chat_model": "silent",
            "sources": {"poa-exempt": "p"},
            "libraries": {"numpy": "2"},
        },
    }


def test_failures_have_every_key_of_a_result(icd: Taxonomy) -> None:
    keys = set(present.coded(ENCOUNTER, RESULT, taxonomy=icd, case_id="", state="open"))
    failed = present.failed(ENCOUNTER, case_id="c2", scope=Scope.REPORTABLE, errors=["No."])
    problem = Problem(source="x.jsonl:2", sentence="x.jsonl:2 is no JSON.")
    refused = present.refused(problem, case_id="c3", scope=Scope.REPORTABLE)
    assert set(failed) == set(refused) == keys
    assert failed["state"] == refused["state"] == "failed"
    assert failed["lane"] == refused["lane"] == "review"
    assert failed["encounter_id"] == "e"
    assert refused["encounter_id"] == "x.jsonl:2", "its source stands in for an id it has not"
    assert refused["errors"] == ["x.jsonl:2 is no JSON."]


def test_a_line_is_one_line_of_utf8_and_never_nan() -> None:
    data = present.line({"text": "a\nb 🙂\u2028"})
    assert data.count(b"\n") == 1
    assert "🙂".encode() in data
    with pytest.raises(ValueError, match="JSON compliant"):
        present.line({"score": float("nan")})
