"""A store with many invented cases for `benchmarks/desktop.py`, written a thousand at a time."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from audit import Actor, ActorKind, Places, Store
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

LONG = "long-note"
"""The encounter with the note of 10,000 words and 200 spans."""

AT_ONCE = 1000
CODER = Actor(kind=ActorKind.PERSON, id="benchmark")
TEXT = """ASSESSMENT AND PLAN
1. Type 2 diabetes with neuropathy, A1c 8.1, continue metformin.
2. Hypertension, at goal. 3. Cough, likely viral. 4. Asthma, mild. 5. Hyperlipidemia on a statin.
"""
FOUND = (
    ("E11.40", "Type 2 diabetes with neuropathy"),
    ("I10", "Hypertension"),
    ("R05.9", "Cough"),
    ("J45.20", "Asthma, mild"),
    ("E78.5", "Hyperlipidemia"),
)
REASONS = (("excludes1",), ("low-confidence=2",), ("low-confidence=1", "uncertain-diagnosis"), ())
LANES = (Route.REVIEW, Route.REVIEW, Route.CONFIRM, Route.AUTO)
ORIGIN = Provenance(
    code_version="0.1.0",
    release="FY2026",
    taxonomy_digest="a" * 64,
    model_digest="b" * 64,
    index_digest="c" * 64,
    rules_digest="d" * 64,
    config_digest="e" * 64,
    scope=Scope.REPORTABLE,
)


def build(folder: Path, cases: int) -> None:
    """Write a store with `cases` short cases, and the long note in the midst of them."""
    with Store.create_or_open(folder / "store", places=places(folder), actor=CODER) as store:
        write = store.door.execute
        waiting: list[Callable[[Any], object]] = []

        def flush() -> None:
            commands = tuple(waiting)
            waiting.clear()
            write(lambda change: [command(change) for command in commands])

        # One transaction for many encounters: what is measured later is reading, not this.
        store.door.execute = waiting.append  # type: ignore[method-assign,assignment]
        for number in range(cases):
            store.record(*(long_case() if number == cases // 2 else short_case(number)))
            if len(waiting) == AT_ONCE:
                flush()
                print(f"\r{number + 1:,} cases written", end="", file=sys.stderr, flush=True)
        flush()
        print(file=sys.stderr)


def places(folder: Path) -> Places:
    """Return where the head and the keys of the store lie."""
    return Places(state=folder / "state", config=folder / "config")


def short_case(number: int) -> tuple[Encounter, CodingResult]:
    """Return a visit with five codes."""
    text = f"{TEXT}Visit {number}.\n"
    note = Note(note_id="clinic", text=text, sha256=f"{number:064x}", kind="progress note")
    encounter = Encounter(
        encounter_id=f"V{number:06}",
        patient_id=f"P{number % 9973:05}",
        account_id=f"A{number:07}",
        notes=(note,),
        setting=Setting.OUTPATIENT,
        service_date=date(2026, 3, 2),
    )
    spans = [(code, text.index(words), len(words)) for code, words in FOUND]
    return encounter, _result(encounter, spans, number)


def long_case() -> tuple[Encounter, CodingResult]:
    """Return a stay with one note of 10,000 words and 200 spans of evidence."""
    line = "The patient has hypertension that is stable on treatment and was seen again today. "
    words = -(-10_000 // len(line.split()))
    text = "".join(f"{line}{chr(10) if at % 5 == 4 else ''}" for at in range(words))
    note = Note(note_id="long", text=text, sha256="f" * 64, kind="discharge summary")
    encounter = Encounter(encounter_id=LONG, notes=(note,), setting=Setting.INPATIENT)
    starts = [at for at in range(len(text)) if text.startswith("hypertension", at)][:200]
    return encounter, _result(encounter, [("I10", at, 12) for at in starts], 0)


def _result(encounter: Encounter, spans: list[tuple[str, int, int]], number: int) -> CodingResult:
    note = encounter.notes[0].note_id
    verdict = Verdict(support=Support.SUPPORTED, reasons=("asserted-present",))
    traces = [
        MentionTrace(
            mention=Mention(
                span=EvidenceSpan(note_id=note, start=start, end=start + length),
                section="assessment",
            ),
            candidates=tuple(
                Candidate(code=each, score=0.9, channels=(Channel.DICTIONARY,))
                for each in (code, "R69")
            ),
            code=code,
            verdict=verdict,
        )
        for code, start, length in spans
    ]
    codes = dict.fromkeys(code for code, _, _ in spans)
    suggestions = tuple(
        Suggestion(
            code=code,
            evidence=tuple(trace.mention for trace in traces if trace.code == code),
            candidates=next(trace.candidates for trace in traces if trace.code == code),
            verdict=verdict,
            findings=(),
            confidence=0.3 + (number + at) % 7 / 10,
            route=LANES[number % 4],
        )
        for at, code in enumerate(codes)
    )
    return CodingResult(
        encounter_id=encounter.encounter_id,
        setting=encounter.setting,
        traces=tuple(traces),
        suggestions=suggestions,
        excluded=(),
        findings=(),
        lane=LANES[number % 4],
        lane_reasons=REASONS[number % 4],
        provenance=ORIGIN,
    )
