"""Words beside a mention that change what its code means; findings carry their place alone."""

from collections.abc import Callable

import pytest

from pipeline.model import (
    Assertion,
    Claim,
    Encounter,
    Finding,
    Proposal,
    Scope,
    Setting,
    Severity,
    Validation,
)
from pipeline.validate import Validator, documented, message, words_of
from taxonomy import Taxonomy

Read = Callable[..., Validation]
_VALIDATOR = Validator.read()
_STAY = {"setting": Setting.INPATIENT, "claim": Claim.FACILITY}


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


_TABLE = [
    # rule, code, words of the mention, text on which it fires, text on which it does not
    (
        "healed-ulcer.C15",
        "L89.159",
        "ulcer",
        "Sacral ulcer, now completely healed.",
        "Ulcer\nhealed",
    ),
    ("healed-ulcer.C15", "L89.159", "ulcer", "Sacral ulcer healed.", "Sacral ulcer, healing well."),
    ("healed-ulcer.C15", "L97.511", "ulcer", "Right foot ulcer healed.", "Right foot ulcer."),
    ("unstageable-unsaid.C15", "L89.150", "ulcer", "Sacral ulcer.", "Sacral ulcer under eschar."),
    ("unstageable-said.C15", "L89.159", "ulcer", "Unstageable ulcer.", "Sacral ulcer."),
    ("late-effect.V18", "I63.9", "stroke", "Residuals of old stroke.", "Acute stroke."),
    ("old-infarction.C12", "I21.4", "NSTEMI", "NSTEMI 3 months ago.", "NSTEMI 2 weeks ago."),
    ("old-infarction.C12", "I21.9", "infarct", "Remote infarct.", "New infarct."),
    ("temporary-insulin.C06", "Z79.4", "insulin", "Sliding scale insulin.", "Takes insulin."),
    ("ventilator-unsaid.C13", "J95.851", "pneumonia", "New pneumonia.", "Ventilator pneumonia."),
    ("aids-as-status.C03", "Z21", "HIV", "HIV with AIDS.", "HIV positive."),
    ("open-fracture-unsaid.C18", "S52.501B", "fracture", "Wrist fracture.", "Open fracture."),
    ("open-fracture-unsaid.C18", "S52.501B", "fracture", "Wrist fracture.", "Gustilo II fracture."),
    ("displacement-unsaid.C18", "S52.514A", "fracture", "A fracture.", "Hairline fracture."),
    (
        "dominance-unsaid.C08",
        "G81.92",
        "hemiplegia",
        "Left hemiplegia.",
        "Left-handed, hemiplegia.",
    ),
    ("intent-unsaid.C20", "T40.2X4A", "overdose", "An overdose.", "Overdose, intent unclear."),
    ("resolved.Q07", "J18.9", "pneumonia", "Her pneumonia has resolved.", "Resolving pneumonia."),
    ("other-without-detail.V14", "D64.89", "anemia", "Has anemia.", "Refractory anemia."),
]


@pytest.mark.parametrize(("rule", "code", "words", "fires", "silent"), _TABLE)
def test_words_decide(
    read: Read, taxonomy: Taxonomy, rule: str, code: str, words: str, fires: str, silent: str
) -> None:
    def mention(text: str) -> str:
        at = text.lower().index(words.lower())
        kind = "Refractory " if "Refractory" in text else ""
        return kind + text[at : at + len(words)]

    found = named(read(fires, {mention(fires): code}).findings)[rule]
    assert found.codes == (code,)
    assert found.detail[-1].startswith("words=0:")
    assert code in message(found, taxonomy)
    assert "words=" not in message(found, taxonomy)
    validation = read(silent, {mention(silent): code})
    assert rule not in named(validation.findings)
    assert f"{rule}=1" in validation.passes or not rule.startswith("resolved")


def test_every_rule_of_the_table_is_tried_above() -> None:
    tried = {rule for rule, *_ in _TABLE} | {"impending.V19", "borderline.V22"}
    assert {row.rule for row in documented.read()} <= tried


def test_every_title_a_row_asks_for_is_there(taxonomy: Taxonomy) -> None:
    rows = [row for row in documented.read() if row.title is not None]
    codes = [code for code in taxonomy.codes() if code.billable]
    for row in rows:
        assert any(
            row.speaks_of(code.code, code.title.lower(), Setting.OUTPATIENT) for code in codes
        ), row.rule


def test_what_would_be_right_instead_is_a_code(taxonomy: Taxonomy) -> None:
    assert all(row.use in taxonomy for row in documented.read() if row.use)


def test_one_plain_mention_is_enough_to_be_silent(
    read: Read, taxonomy: Taxonomy, encounter: Callable[..., Encounter]
) -> None:
    text = "Borderline hypertension. Takes drugs for high blood pressure."
    apart = read(text, {"hypertension": "I10", "high blood pressure": "I10"}).kept
    together = Proposal(code="I10", traces=tuple(t for p in apart for t in p.traces))
    found = _VALIDATOR.validate(encounter(text), [together], taxonomy, Scope.REPORTABLE)
    assert "borderline.V22" not in named(found.findings)
    alone = _VALIDATOR.validate(encounter(text), apart[:1], taxonomy, Scope.REPORTABLE)
    assert "borderline.V22" in named(alone.findings)


@pytest.mark.parametrize(
    ("setting", "section"), [(Setting.INPATIENT, "II.D"), (Setting.OUTPATIENT, "IV.H")]
)
def test_conditions_put_against_each_other_are_asked_about(
    read: Read, setting: Setting, section: str
) -> None:
    text = "Impression: pneumonia versus pulmonary embolism. Gout."
    found = read(
        text,
        {"pneumonia": "J18.9", "pulmonary embolism": "I26.99", "Gout": "M10.9"},
        setting=setting,
    )
    finding = named(found.findings)["comparative.Q05"]
    assert set(finding.codes) == {"J18.9", "I26.99"}
    assert finding.source == f"guideline {section}"
    beside = read("Pneumonia and gout.", {"Pneumonia": "J18.9", "gout": "M10.9"})
    assert "comparative.Q05" not in named(beside.findings)


def test_words_are_found_again_in_the_notes(
    read: Read, encounter: Callable[..., Encounter]
) -> None:
    text = "Impression: impending respiratory failure."
    found = named(read(text, {"respiratory failure": "J96.00"}).findings)["impending.V19"]
    (span,) = words_of(found, encounter(text))
    assert text[span.start : span.end].strip() == "impending"
    assert words_of(found, encounter("Short.")) == ()


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
