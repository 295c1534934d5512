"""A coding result → the JSON object people and programs read (`code --json`, schema 1).

The keys are a promise: they are added to, never renamed. Every quote is cut from the canonical
text here, so that it equals its offsets by construction; every sentence of a finding is made by
`pipeline.validate.message`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from app.assembly import Problem
from app.reading.places import place_of
from pipeline.model import (
    Candidate,
    CodingResult,
    Encounter,
    EvidenceSpan,
    Exclusion,
    Finding,
    Mention,
    Provenance,
    Route,
    Suggestion,
)
from pipeline.validate import message, words_of
from taxonomy import Taxonomy

SCHEMA = 1
FAILED = "failed"

Json = Mapping[str, object]


def coded(
    encounter: Encounter,
    result: CodingResult,
    *,
    taxonomy: Taxonomy,
    case_id: str,
    state: str,
    errors: Sequence[str] = (),
) -> Json:
    """Return the object of an encounter that was coded."""
    view = _View(encounter, taxonomy)
    return {
        "schema": SCHEMA,
        "encounter_id": encounter.encounter_id,
        "case_id": case_id,
        "setting": result.setting,
        "release": result.provenance.release,
        "scope": result.provenance.scope,
        "lane": result.lane,
        "lane_reasons": list(result.lane_reasons),
        "state": state,
        "errors": list(errors),
        "notes": _notes(encounter),
        "suggestions": [view.suggestion(each) for each in result.suggestions],
        "excluded": [view.exclusion(each) for each in result.excluded],
        "findings": view.findings(result.findings),
        "checked": view.checked(result),
        "provenance": _provenance(result.provenance),
    }


def failed(encounter: Encounter, *, case_id: str, scope: str, errors: Sequence[str]) -> Json:
    """Return the object of an encounter whose analysis failed."""
    return _failure(
        encounter_id=encounter.encounter_id,
        case_id=case_id,
        setting=encounter.setting,
        scope=scope,
        errors=errors,
        notes=_notes(encounter),
    )


def refused(problem: Problem, *, case_id: str, scope: str) -> Json:
    """Return the object of a note that could not be read; its source stands in for missing ids."""
    note_id = problem.note_id or problem.source
    return _failure(
        encounter_id=problem.encounter_id or note_id,
        case_id=case_id,
        setting=None,
        scope=scope,
        errors=[problem.sentence],
        notes=[{"note_id": note_id, "sha256": problem.sha256 or None, "source": problem.source}],
    )


def line(value: Json) -> bytes:
    """Return an object as one line of UTF-8 JSON, newline included."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _failure(
    *,
    encounter_id: str,
    case_id: str,
    setting: str | None,
    scope: str,
    errors: Sequence[str],
    notes: Sequence[Json],
) -> Json:
    return {
        "schema": SCHEMA,
        "encounter_id": encounter_id,
        "case_id": case_id,
        "setting": setting,
        "release": None,
        "scope": scope,
        "lane": Route.REVIEW,
        "lane_reasons": [FAILED],
        "state": FAILED,
        "errors": list(errors),
        "notes": list(notes),
        "suggestions": [],
        "excluded": [],
        "findings": [],
        "checked": {"passes": {}, "not_checked": []},
        "provenance": {},
    }


def _notes(encounter: Encounter) -> list[Json]:
    return [
        {"note_id": note.note_id, "sha256": note.sha256, "source": note.source}
        for note in encounter.notes
    ]


def _provenance(provenance: Provenance) -> Json:
    values: dict[str, object] = {}
    for each in fields(provenance):
        value = getattr(provenance, each.name)
        values[each.name] = dict(value) if each.name in {"libraries", "sources"} else value
    return values


class _View:
    """The parts of one encounter's result as JSON values."""

    def __init__(self, encounter: Encounter, taxonomy: Taxonomy) -> None:
        self._encounter = encounter
        self._taxonomy = taxonomy

    def suggestion(self, suggestion: Suggestion) -> Json:
        return {
            "code": suggestion.code,
            "title": self._title(suggestion.code),
            "confidence": suggestion.confidence,
            "route": suggestion.route,
            "evidence": self._evidence(suggestion.evidence),
            "candidates": [self._candidate(each) for each in suggestion.candidates],
            "verdict": {
                "support": suggestion.verdict.support,
                "reasons": list(suggestion.verdict.reasons),
                "by": suggestion.verdict.by,
            },
            "findings": self.findings(suggestion.findings),
            "reasons": list(suggestion.reasons),
            "confidence_parts": list(suggestion.parts),
        }

    def exclusion(self, exclusion: Exclusion) -> Json:
        return {
            "code": exclusion.code,
            "title": self._title(exclusion.code),
            "reason": exclusion.reason,
            "evidence": self._evidence(exclusion.evidence),
        }

    def findings(self, findings: Iterable[Finding]) -> list[Json]:
        return [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "codes": list(finding.codes),
                "message": message(finding, self._taxonomy),
                "source": finding.source,
                "words": [
                    {
                        "note_id": span.note_id,
                        "start": span.start,
                        "end": span.end,
                        "quote": self._encounter.quote(span),
                    }
                    for span in words_of(finding, self._encounter)
                ],
            }
            for finding in findings
        ]

    def checked(self, result: CodingResult) -> Json:
        """Return the rules that found nothing, with the codes they looked at, and the others."""
        passes = (each.partition("=") for each in result.passes)
        return {
            "passes": {rule: int(codes) for rule, _, codes in passes},
            "not_checked": self.findings(result.unchecked),
        }

    def _evidence(self, mentions: Iterable[Mention]) -> list[Json]:
        return [
            {
                "note_id": mention.span.note_id,
                "start": mention.span.start,
                "end": mention.span.end,
                "quote": self._encounter.quote(mention.span),
                "section": mention.section,
                "assertion": mention.assertion,
                "trigger": self._trigger(mention.trigger),
                "attributes": list(mention.attributes),
                "place": self._place(mention.span),
            }
            for mention in mentions
        ]

    def _candidate(self, candidate: Candidate) -> Json:
        return {
            "code": candidate.code,
            "title": self._title(candidate.code),
            "score": candidate.score,
            "reasons": list(candidate.reasons),
        }

    def _place(self, span: EvidenceSpan) -> dict[str, int] | None:
        """Return the page or paragraph of a span as an object of one key."""
        found = place_of(self._encounter.note(span.note_id), span.start)
        return None if found is None else {found[0]: found[1]}

    def _trigger(self, span: EvidenceSpan | None) -> str | None:
        return None if span is None else self._encounter.quote(span)

    def _title(self, code: str) -> str:
        known = self._taxonomy.get(code)
        return known.title if known else ""
