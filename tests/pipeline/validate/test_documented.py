"""Words beside a mention that change what its code means; findings carry their place alone."""

from collections.abc import Callable

import pytest

from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    Claim,
    Encounter,
    EvidenceSpan,
    Finding,
    Mention,
    MentionTrace,
    Proposal,
    Scope,
    Setting,
    Severity,
    Support,
    Validation,
    Verdict,
)
from pipeline.validate import Validator, message
from taxonomy import Taxonomy

Read = Callable[..., Validation]
_VALIDATOR = Validator.read()
_STAY = {"setting": Setting.INPATIENT, "claim": Claim.FACILITY}


@pytest.fixture
def read(taxonomy: Taxonomy, encounter: Callable[..., Encounter]) -> Read:
    """Validate a note whose words `found` each stand for a code, in a section."""

    def validate(
        text: str,
        found: dict[str, str],
        *,
        section: str = "assessment",
        assertion: Assertion = Assertion.PRESENT,
        trigger: str = "",
        **fields: object,
    ) -> Validation:
        chart = encounter(text, **fields)

        def span(words: str) -> EvidenceSpan:
            start = text.index(words)
            return EvidenceSpan(note_id="n1", start=start, end=start + len(words))

        proposals = [
            Proposal(
                code=code,
                traces=(
                    MentionTrace(
                        mention=Mention(
                            span=span(words),
                            section=section,
                            assertion=assertion,
                            trigger=span(trigger) if trigger else None,
                        ),
                        candidates=(Candidate(code=code, score=0.9, channels=(Channel.LEXICAL,)),),
                        code=code,
                        verdict=Verdict(support=Support.SUPPORTED),
                    ),
                ),
            )
            for words, code in found.items()
        ]
        return _VALIDATOR.validate(chart, proposals, taxonomy, Scope.REPORTABLE)

    return validate


def named(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.rule: finding for finding in findings}


def test_impending_is_asked_about_with_the_place_of_the_words(read: Read) -> None:
    text = "Impression: impending respiratory failure."
    found = named(read(text, {"respiratory failure": "J96.00"}).findings)["impending.V19"]
    assert found.severity is Severity.WARNING
    _, start, end = found.detail[0].removeprefix("words=").split(":")
    assert text[int(start) : int(end)].strip() == "impending"


def test_threatened_is_no_question_where_the_code_says_it(read: Read) -> None:
    found = read("Threatened abortion at 9 weeks.", {"abortion": "O20.0"})
    assert "impending.V19" not in named(found.findings)


def test_borderline_counts_as_confirmed(read: Read) -> None:
    found = named(read("Borderline hypertension.", {"hypertension": "I10"}).findings)
    assert found["borderline.V22"].severity is Severity.INFO
    assert "borderline.V22" not in named(read("Hypertension.", {"Hypertension": "I10"}).findings)


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("Sacral pressure ulcer, now completely healed.", True),
        ("Sacral pressure ulcer, healing well.", False),
        ("Sacral pressure ulcer.\nHip wound healed.", False),
    ],
)
def test_a_healed_ulcer_has_no_code(read: Read, *, text: str, fires: bool) -> None:
    found = named(read(text, {"pressure ulcer": "L89.159"}).findings)
    assert ("healed-ulcer.C15" in found) == fires


def test_a_result_alone_is_a_question_for_an_inpatient(read: Read) -> None:
    text, found = "Elevated troponin.", {"Elevated troponin": "R79.89"}
    query = named(read(text, found, section="results", **_STAY).findings)["result-alone.V25"]
    assert query.severity is Severity.QUERY
    assert "result-alone.V25" not in named(read(text, found, section="results").findings)
    assert "result-alone.V25" not in named(read(text, found, **_STAY).findings)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Admitted with urosepsis.", True),
        ("No evidence of urosepsis.", False),
        ("Urinary tract infection with sepsis.", False),
    ],
)
def test_urosepsis_is_a_question(read: Read, *, text: str, asks: bool) -> None:
    assert ("urosepsis.C01" in named(read(text, {}).encounter_findings)) == asks


@pytest.mark.parametrize(("code", "kept"), [("J10.1", []), ("U07.1", []), ("J11.1", ["J11.1"])])
def test_some_diseases_are_coded_only_when_confirmed(
    read: Read, code: str, kept: list[str]
) -> None:
    found = read(
        "Probable influenza.",
        {"influenza": code},
        assertion=Assertion.POSSIBLE,
        trigger="Probable",
        **_STAY,
    )
    assert [proposal.code for proposal in found.kept] == kept
    assert ("confirmed-only.Q03" in named(found.encounter_findings)) == (not kept)


def test_the_words_of_doubt_are_pointed_to_and_not_repeated(read: Read, taxonomy: Taxonomy) -> None:
    found = read(
        "Probable pneumonia.",
        {"pneumonia": "J18.9"},
        assertion=Assertion.POSSIBLE,
        trigger="Probable",
        **_STAY,
    )
    finding = named(found.findings)["uncertain-diagnosis"]
    assert finding.detail == ("words=0:0:8",)
    assert "words=" not in message(finding, taxonomy)


def test_passes_and_what_was_not_asked_travel_with_the_validation(read: Read) -> None:
    found = read("Gout.", {"Gout": "M10.9"})
    assert "billable.V01=1" in found.passes
    assert any("missing=order" in finding.detail for finding in found.unchecked)


def test_a_past_condition_is_a_reminder(read: Read) -> None:
    past = {"assertion": Assertion.HISTORICAL}
    found = named(read("History of gout.", {"gout": "M10.9"}, **past).findings)
    assert found["history-alone.Q07"].source == "guideline IV.J"
    history = read("History of colon cancer.", {"colon cancer": "Z85.038"}, **past)
    assert "history-alone.Q07" not in named(history.findings)
    assert "history-alone.Q07" not in named(read("Gout.", {"Gout": "M10.9"}).findings)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Hypertension. CKD stage 4, not due to hypertension.", True),
        ("Hypertension. CKD stage 4.", False),
    ],
)
def test_a_link_the_chart_denies_is_asked_about(read: Read, *, text: str, asks: bool) -> None:
    found = read(text, {"Hypertension": "I10", "CKD stage 4": "N18.4"})
    assert {proposal.code for proposal in found.kept} == {"I12.9", "N18.4"}
    assert ("unrelated.V12" in named(found.findings)) == asks
