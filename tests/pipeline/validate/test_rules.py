"""Each rule fires where the guideline says, and not beside it."""

from collections.abc import Callable
from datetime import date

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

_VALIDATOR = Validator.read()
_DAY = date(2026, 3, 2)


def proposal(code: str, *assertions: Assertion) -> Proposal:
    return Proposal(
        code=code,
        traces=tuple(
            MentionTrace(
                mention=Mention(
                    span=EvidenceSpan(note_id="n1", start=0, end=4),
                    section="assessment",
                    assertion=assertion,
                ),
                candidates=(Candidate(code=code, score=0.9, channels=(Channel.LEXICAL,)),),
                code=code,
                verdict=Verdict(support=Support.SUPPORTED),
            )
            for assertion in assertions or (Assertion.PRESENT,)
        ),
    )


@pytest.fixture
def run(taxonomy: Taxonomy, encounter: Callable[..., Encounter]) -> Callable[..., Validation]:
    def validate(
        *proposals: Proposal, scope: Scope = Scope.REPORTABLE, **fields: object
    ) -> Validation:
        chart = encounter("Gout.", **{"service_date": _DAY, **fields})
        return _VALIDATOR.validate(chart, proposals, taxonomy, scope)

    return validate


def rules(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.rule for finding in findings]


def reasons(validation: Validation) -> dict[str, str]:
    return {exclusion.code: exclusion.reason for exclusion in validation.excluded}


def codes(validation: Validation) -> list[str]:
    return [kept.code for kept in validation.kept]


def test_an_uncertain_diagnosis_is_not_coded_for_an_outpatient(
    run: Callable[..., Validation],
) -> None:
    found = run(proposal("J18.9", Assertion.POSSIBLE))
    assert reasons(found) == {"J18.9": "uncertain-diagnosis"}
    assert codes(found) == []


def test_an_uncertain_diagnosis_counts_on_a_facilitys_inpatient_claim_only(
    run: Callable[..., Validation],
) -> None:
    uncertain = proposal("J18.9", Assertion.POSSIBLE)
    facility = run(uncertain, setting=Setting.INPATIENT, claim=Claim.FACILITY, discharged=_DAY)
    assert codes(facility) == ["J18.9"]
    assert rules(facility.findings)[0] == "uncertain-diagnosis"
    professional = run(uncertain, setting=Setting.INPATIENT, claim=Claim.PROFESSIONAL)
    assert codes(professional) == []


def test_one_certain_mention_makes_a_diagnosis_certain(run: Callable[..., Validation]) -> None:
    found = run(proposal("J18.9", Assertion.POSSIBLE, Assertion.PRESENT))
    assert codes(found) == ["J18.9"]


def test_a_symptom_of_a_confirmed_disease_is_not_coded_beside_it(
    run: Callable[..., Validation],
) -> None:
    found = run(proposal("J18.9"), proposal("R05.9"), proposal("R31.9"))
    assert codes(found) == ["J18.9", "R31.9"]
    assert reasons(found) == {"R05.9": "integral-to=J18.9"}


def test_a_symptom_stays_beside_a_disease_that_is_only_possible(
    run: Callable[..., Validation],
) -> None:
    found = run(proposal("J18.9", Assertion.POSSIBLE), proposal("R05.9"))
    assert codes(found) == ["R05.9"]


def test_the_less_specific_code_of_a_category_goes(run: Callable[..., Validation]) -> None:
    found = run(proposal("N18.32"), proposal("N18.9"))
    assert codes(found) == ["N18.32"]
    assert reasons(found) == {"N18.9": "less-specific-than=N18.32"}


def test_documented_scope_takes_nothing_out(run: Callable[..., Validation]) -> None:
    found = run(
        proposal("J18.9"),
        proposal("R05.9"),
        proposal("N18.9"),
        proposal("N18.32", Assertion.POSSIBLE),
        scope=Scope.DOCUMENTED,
    )
    assert codes(found) == ["J18.9", "R05.9", "N18.9", "N18.32"]
    assert found.excluded == ()


def test_excludes1_asks_and_takes_nothing_out(
    run: Callable[..., Validation], taxonomy: Taxonomy
) -> None:
    found = run(proposal("E10.9"), proposal("E11.9"))
    assert codes(found) == ["E10.9", "E11.9"]
    conflict = next(f for f in found.findings if f.rule == "excludes1")
    assert conflict.severity is Severity.WARNING
    assert set(conflict.codes) == {"E10.9", "E11.9"}
    node, kind, number = conflict.source.split()[1:]
    note = taxonomy.note_at(node, kind, int(number))
    assert note is not None
    assert note.text in message(conflict, taxonomy)


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("Z99.99", "exists"),
        ("E11", "billable"),
        ("S52.501", "seventh-character"),
        ("S72.001", "seventh-character"),
    ],
)
def test_codes_that_cannot_be_reported_are_errors(taxonomy: Taxonomy, code: str, rule: str) -> None:
    found = _VALIDATOR.check([code], taxonomy)
    assert [(f.rule, f.severity, f.codes) for f in found] == [(rule, Severity.ERROR, (code,))]
    assert code in message(found[0], taxonomy)
    for valid in found[0].detail:
        assert valid in taxonomy


def test_the_fix_for_a_missing_seventh_character_is_listed(taxonomy: Taxonomy) -> None:
    (found,) = _VALIDATOR.check(["S52.501"], taxonomy)
    assert "S52.501A" in found.detail
    assert all(code.startswith("S52.501") and len(code) == 8 for code in found.detail)


def test_a_billable_code_is_no_finding(taxonomy: Taxonomy) -> None:
    assert _VALIDATOR.check(["I10", "E11.9", "S52.501A", "O9A.111", "C7A.00"], taxonomy) == []


def test_a_repeated_code_is_an_error(taxonomy: Taxonomy) -> None:
    assert [f.rule for f in _VALIDATOR.check(["I10", "I10"], taxonomy)] == ["duplicate"]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"assumed": frozenset({"setting"})}, "setting-assumed"),
        ({"service_date": None}, "release-assumed"),
        ({"service_date": date(2026, 10, 1)}, "release-missing"),
        ({"service_date": date(2025, 9, 30)}, "release-missing"),
    ],
)
def test_what_is_not_known_of_an_encounter_is_said(
    run: Callable[..., Validation], fields: dict[str, object], rule: str
) -> None:
    assert rules(run(proposal("I10"), **fields).encounter_findings) == [rule]


def test_a_stay_is_dated_by_its_discharge(run: Callable[..., Validation]) -> None:
    stay = {"setting": Setting.INPATIENT, "service_date": date(2025, 9, 28)}
    assert rules(run(proposal("I10"), discharged=_DAY, **stay).encounter_findings) == []


def test_finding_nothing_asks_for_a_person(run: Callable[..., Validation]) -> None:
    (found,) = run().encounter_findings
    assert (found.rule, found.severity) == ("nothing-documented", Severity.QUERY)
