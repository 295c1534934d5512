"""The whole pass: verbatim evidence, no code out of nothing, the same result every time."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.engine import Engine
from pipeline.model import Cancelled, CodingResult, Encounter, Note, Progress, Route, Scope
from pipeline.run import STAGES, analyse
from tests.soak import SOAK

_SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
_VISIT = """CHIEF COMPLAINT
Left knee pain.

HPI: 61-year-old with hypertension. Denies chest pain. Mother had stroke.

ASSESSMENT AND PLAN
1. Primary osteoarthritis of left knee: continue naproxen.
2. Hypertension, at goal. Continue lisinopril.
3. Possible sleep apnea, refer for testing. Return if fever.
"""


def quiet(_step: Progress) -> None:
    """Report to nobody."""


def codes(result: CodingResult) -> set[str]:
    return {s.code for s in result.suggestions}


def check(chart: Encounter, result: CodingResult) -> None:
    """Hold a result against what is promised of every result."""
    notes = {note.note_id: note.text for note in chart.notes}
    suggested = [s.code for s in result.suggestions]
    considered = [e.code for e in result.excluded]
    assert len(set(suggested + considered)) == len(suggested) + len(considered)
    proven = [s.evidence for s in result.suggestions] + [e.evidence for e in result.excluded]
    for evidence in proven:
        assert evidence
        for mention in evidence:
            text = notes[mention.span.note_id]
            assert 0 <= mention.span.start < mention.span.end <= len(text)
            assert text[mention.span.start : mention.span.end].strip()
    for suggestion in result.suggestions:
        assert suggestion.code in [c.code for c in suggestion.candidates]
        assert suggestion.route is not Route.AUTO
        assert 0 <= suggestion.confidence <= 1
    assert result.lane_reasons


def test_a_visit_is_coded_by_its_assessment(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter(_VISIT)
    result = analyse(chart, engine, quiet)
    check(chart, result)
    assert codes(result) == {"I10", "M17.12"}
    why = {e.code: e.reason for e in result.excluded}
    assert why["G47.30"] == "uncertain-diagnosis"
    assert why["M25.562"] == "integral-to=M17.12" or why["M25.562"] == "not-managed"
    assert why["R07.9"] == "negated"
    assert why["I63.9"] == "family"
    assert why["R50.9"] == "hypothetical"


def test_documented_scope_codes_what_is_asserted(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    everything = replace(engine, provenance=replace(engine.provenance, scope=Scope.DOCUMENTED))
    chart = encounter(_VISIT)
    result = analyse(chart, everything, quiet)
    check(chart, result)
    assert {"I10", "M17.12", "M25.562"} <= codes(result)
    assert not {"R07.9", "I63.9", "R50.9"} & codes(result)


def test_the_same_chart_gives_the_same_result(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter(_VISIT, "Seen again. Gout, continue allopurinol.")
    assert analyse(chart, engine, quiet) == analyse(chart, engine, quiet)


def test_a_chart_of_nothing_goes_to_a_person(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    result = analyse(encounter("Patient seen. All fine."), engine, quiet)
    assert result.suggestions == ()
    assert result.lane is Route.REVIEW
    assert "no-suggestion" in result.lane_reasons


def test_progress_names_the_stages_in_order_and_can_stop(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    seen: list[str] = []
    analyse(encounter(_VISIT), engine, lambda step: seen.append(step.stage))
    assert tuple(seen) == STAGES

    def stop(step: Progress) -> None:
        if step.stage == "verify":
            raise Cancelled("stopped by a person")

    with pytest.raises(Cancelled):
        analyse(encounter(_VISIT), engine, stop)


@pytest.mark.soak
@settings(
    deadline=None,
    max_examples=20 * SOAK,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.sampled_from(
            [
                "Assessment:\n",
                "gout ",
                "😀",
                "no ",
                "stroke, ",
                "\u202eCKD 4\u202c ",
                "é",
                ". ",
                "\n\n",
                "family history of ",
                "possible ",
                "left knee pain ",
                "\u2028",
                "\ufffd",
                "continue ",
                "fracture of the right wrist ",
                "\u00a0",
                "T2DM ",
                "x" * 300,
            ]
        ),
        max_size=60,
    )
)
def test_any_text_keeps_the_promises(
    engine: Engine, encounter: Callable[..., Encounter], parts: list[str]
) -> None:
    chart = encounter("".join(parts))
    check(chart, analyse(chart, engine, quiet))


def _headings_off(text: str) -> str:
    """Return a note without its heading lines."""
    kept = [
        line
        for line in text.split("\n")
        if not (line.strip() and line.strip(": ").isupper() and len(line) < 60)
    ]
    return "\n".join(kept)


def _notes(name: str, count: int) -> list[str]:
    if not _SHARED.is_dir():
        pytest.skip(f"the shared notes are not at {_SHARED}")
    if name == "visits":
        lines = (_SHARED / "notes" / "aci_train.jsonl").read_text("utf-8").splitlines()
        split = json.loads(
            (Path(__file__).parents[1] / "golden" / "visits" / "split.json").read_text("utf-8")
        )
        rows = [json.loads(line) for line in lines]
        return [row["text"] for row in rows if row["note_id"] in split["tuning"]][:count]
    import gzip  # noqa: PLC0415 - only where the data is

    path = _SHARED / "codiesp_en" / "codiesp_en_dev.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines_:
        return [json.loads(line)["text"] for _, line in zip(range(count), lines_, strict=False)]


@pytest.mark.parametrize("scope", Scope)
def test_the_scope_comes_from_the_option_and_not_from_headings(
    engine: Engine, encounter: Callable[..., Encounter], scope: Scope
) -> None:
    """Visits lose their headings, case reports get some: the rules of the scope stay the same."""
    scoped = replace(engine, provenance=replace(engine.provenance, scope=scope))
    bare = [_headings_off(text) for text in _notes("visits", 10)]
    headed = [f"ASSESSMENT AND PLAN\n\n{text}" for text in _notes("reports", 10)]
    for text in (*bare, *headed):
        result = analyse(encounter(text), scoped, quiet)
        assert result.provenance.scope is scope
        reasons = {e.reason.partition("=")[0] for e in result.excluded}
        of_reportable = {"not-managed", "integral-to", "less-specific-than", "uncertain-diagnosis"}
        if scope is Scope.DOCUMENTED:
            # Every asserted mention with a good match is coded, whatever stands above it.
            assert not reasons & (of_reportable | {"historical"})
        else:
            assert result.suggestions or "no-suggestion" in result.lane_reasons
        for trace in result.traces:
            if trace.verdict.reasons == ("negated",):
                assert trace.code not in codes(result) or any(
                    other.code == trace.code and other.verdict.support.value == "supported"
                    for other in result.traces
                )


def test_notes_of_one_encounter_support_one_another(
    engine: Engine, encounter: Callable[..., Encounter]
) -> None:
    chart = encounter("HPI: gout.", "ASSESSMENT\nGout, continue allopurinol.")
    result = analyse(chart, engine, quiet)
    (gout,) = result.suggestions
    assert {mention.span.note_id for mention in gout.evidence} == {"n1", "n2"}
    assert gout.evidence[0].span.note_id == "n2"


def test_a_note_id_decides_nothing(engine: Engine) -> None:
    def coded(note_id: str) -> list[str]:
        note = Note(note_id=note_id, text=_VISIT, sha256="0" * 64)
        return [
            s.code
            for s in analyse(
                Encounter(encounter_id=note_id, notes=(note,)), engine, quiet
            ).suggestions
        ]

    assert coded("a") == coded("zz/b.txt")
