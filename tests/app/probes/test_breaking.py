"""Which statements are broken, how, and what counts as an answer."""

import hashlib

import pytest

from app.gold import GoldDocument
from app.probes import Answer, Verdict, figures, judge
from app.probes.breaking import Breaker, Broken
from app.probes.sentences import Kind
from pipeline.model import (
    CodingResult,
    Encounter,
    EvidenceSpan,
    Mention,
    Note,
    Provenance,
    Route,
    Scope,
    Setting,
    Suggestion,
    Support,
)
from pipeline.model import Verdict as Reading
from taxonomy import Taxonomy

TEXT = """HPI: Here for the left knee.

Assessment:
1. Chronic left knee pain, stable.
2. Bronchitis, acute bronchitis since Monday.
"""


def span(words: str, text: str = TEXT) -> EvidenceSpan:
    start = text.index(words)
    return EvidenceSpan(note_id="n", start=start, end=start + len(words))


def chart(text: str = TEXT) -> Encounter:
    digest = hashlib.sha256(text.encode()).hexdigest()
    note = Note(note_id="n", text=text, sha256=digest)
    return Encounter(encounter_id="e", notes=(note,))


def suggestion(code: str, *spans: EvidenceSpan) -> Suggestion:
    return Suggestion(
        code=code,
        evidence=tuple(Mention(span=each, section="assessment") for each in spans),
        candidates=(),
        verdict=Reading(support=Support.SUPPORTED),
        findings=(),
        confidence=0.5,
        route=Route.REVIEW,
    )


def result(*suggestions: Suggestion) -> CodingResult:
    return CodingResult(
        encounter_id="e",
        setting=Setting.OUTPATIENT,
        traces=(),
        suggestions=suggestions,
        excluded=(),
        findings=(),
        lane=Route.REVIEW,
        lane_reasons=(),
        provenance=Provenance(
            code_version="",
            release="",
            taxonomy_digest="",
            model_digest="",
            index_digest="",
            rules_digest="",
            config_digest="",
            scope=Scope.REPORTABLE,
        ),
    )


GOLD = GoldDocument(
    encounter=chart(),
    codes={
        "M25.562": (span("left knee pain"),),
        "J20.9": (span("acute bronchitis"),),
        "I10": (),
    },
)
KNEE = suggestion("M25.562", span("left knee pain"))
LUNG = suggestion("J20.9", span("acute bronchitis"))


@pytest.fixture
def broken(icd: Taxonomy) -> dict[tuple[str, Kind], Broken]:
    breaker = Breaker(icd, scope=Scope.REPORTABLE, seed=7)
    return {(b.code, b.kind): b for b in breaker.of(GOLD, result(KNEE, LUNG))}


Asked = dict[tuple[str, Kind], Broken]


def test_only_gold_codes_that_are_suggested_are_asked_about(icd: Taxonomy) -> None:
    breaker = Breaker(icd, scope=Scope.REPORTABLE, seed=7)
    other = suggestion("R05.9", span("stable"))
    assert {b.code for b in breaker.of(GOLD, result(LUNG, other))} == {"J20.9"}


def test_the_sentence_alone_is_broken_and_its_place_is_known(broken: Asked) -> None:
    probe = broken["M25.562", Kind.NEGATED]
    text = probe.encounter.notes[0].text
    (written,) = probe.written
    assert probe.encounter.quote(written) == probe.words
    assert "left knee pain" in probe.words.lower()
    assert text[: written.start] == TEXT[: TEXT.index("Chronic")]
    assert text[written.end :].startswith("\n2. Bronchitis, acute bronchitis since Monday.")
    assert GOLD.encounter.notes[0].text == TEXT


def test_a_deleted_statement_is_gone(broken: Asked) -> None:
    assert "bronchitis" not in broken["J20.9", Kind.DELETED].encounter.notes[0].text.lower()


def test_both_sides_of_a_note_are_exchanged(broken: Asked) -> None:
    probe = broken["M25.562", Kind.SIDE]
    assert probe.expected == {"M25.561"}
    assert probe.encounter.notes[0].text == TEXT.replace("left", "right")


def test_a_detail_is_exchanged_in_the_sentences_that_carry_the_code(broken: Asked) -> None:
    probe = broken["J20.9", Kind.DETAIL]
    assert probe.expected == {"J42"}
    assert "chronic bronchitis since Monday" in probe.encounter.notes[0].text
    assert "Chronic left knee pain" in probe.encounter.notes[0].text


def test_the_past_is_no_question_where_it_is_coded_too(icd: Taxonomy) -> None:
    documented = Breaker(icd, scope=Scope.DOCUMENTED, seed=7)
    assert Kind.HISTORY not in {b.kind for b in documented.of(GOLD, result(LUNG))}


def test_the_same_seed_breaks_in_the_same_way(icd: Taxonomy) -> None:
    first, again, other = (
        [b.words for b in Breaker(icd, scope=Scope.REPORTABLE, seed=s).of(GOLD, result(KNEE, LUNG))]
        for s in (1, 1, 2)
    )
    assert first == again != other


def test_a_code_that_stays_is_a_failure_and_one_that_goes_is_expected(broken: Asked) -> None:
    probe = broken["J20.9", Kind.NEGATED]
    still = suggestion("J20.9", probe.written[0])
    assert judge(probe, result()).verdict is Verdict.EXPECTED
    assert judge(probe, result(still)).verdict is Verdict.FAILED
    assert judge(probe, result(suggestion("J20.0", probe.written[0]))).found == ("J20.0",)
    assert judge(probe, None).verdict is Verdict.FAILED


def test_a_code_from_words_nobody_touched_proves_nothing(broken: Asked) -> None:
    probe = broken["J20.9", Kind.NEGATED]
    outside = EvidenceSpan(note_id="n", start=0, end=3)
    assert judge(probe, result(suggestion("J20.9", outside))).verdict is Verdict.ELSEWHERE


def test_a_changed_statement_wants_the_sibling_and_not_the_old_code(broken: Asked) -> None:
    probe = broken["M25.562", Kind.SIDE]
    right = suggestion("M25.561", span("left knee pain"))
    assert judge(probe, result(right)).verdict is Verdict.EXPECTED
    assert judge(probe, result(right, KNEE)).verdict is Verdict.FAILED
    assert judge(probe, result()).verdict is Verdict.FAILED


def test_figures_count_what_was_asked_and_list_failures_with_their_words(broken: Asked) -> None:
    probe = broken["J20.9", Kind.NEGATED]
    answers = [
        Answer(broken=probe, verdict=Verdict.EXPECTED),
        Answer(broken=probe, verdict=Verdict.FAILED, found=("J20.9",)),
        Answer(broken=probe, verdict=Verdict.ELSEWHERE),
    ]
    shown = figures(answers)
    assert (shown["asked"], shown["as_expected"], shown["share"]) == (2, 1, 0.5)
    assert shown["elsewhere"] == 1
    assert shown["failures"] == [
        {
            "probe": "negated",
            "document": "e",
            "code": "J20.9",
            "words": probe.words,
            "expected": [],
            "found": ["J20.9"],
        }
    ]
