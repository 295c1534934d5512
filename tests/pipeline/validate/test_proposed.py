"""What is proposed and never changed: the first code, and what was present on admission."""

from collections.abc import Callable

import pytest

from pipeline.model import (
    Candidate,
    Channel,
    Claim,
    Encounter,
    EvidenceSpan,
    Finding,
    Mention,
    MentionTrace,
    Note,
    Proposal,
    Scope,
    Setting,
    Severity,
    Support,
    Validation,
    Verdict,
)
from pipeline.validate import Lists, Validator
from taxonomy import Taxonomy

Propose = Callable[..., Validation]


def proposal(code: str, section: str, start: int, note: int) -> Proposal:
    span = EvidenceSpan(note_id=f"n{note}", start=start, end=start + 3)
    trace = MentionTrace(
        mention=Mention(span=span, section=section),
        candidates=(Candidate(code=code, score=0.9, channels=(Channel.LEXICAL,)),),
        code=code,
        verdict=Verdict(support=Support.SUPPORTED),
    )
    return Proposal(code=code, traces=(trace,))


@pytest.fixture
def propose(taxonomy: Taxonomy) -> Propose:
    """Validate codes, each `code`, `code@section` or `code@section@note`, in text order."""

    def run(
        codes: str,
        *,
        kinds: tuple[str, ...] = ("office visit",),
        lists: Lists | None = None,
        **fields: object,
    ) -> Validation:
        notes = tuple(
            Note(note_id=f"n{n}", text="x" * 400, sha256="0" * 64, kind=kind)
            for n, kind in enumerate(kinds, start=1)
        )
        chart = Encounter(encounter_id="e1", notes=notes, **fields)  # type: ignore[arg-type]
        proposals = []
        for place, word in enumerate(codes.split()):
            code, section, note = (*word.split("@"), "", "")[:3]
            proposals.append(proposal(code, section or "assessment", 10 * place, int(note or "1")))
        validator = Validator.read(lists=lists)
        return validator.validate(chart, proposals, taxonomy, Scope.REPORTABLE)

    return run


def first(validation: Validation) -> Finding | None:
    found = [f for f in validation.findings if f.rule == "principal-proposed.Q05"]
    assert len(found) <= 1
    return found[0] if found else None


_STAY = {"setting": Setting.INPATIENT, "claim": Claim.FACILITY}


@pytest.mark.parametrize(
    ("codes", "code", "source"),
    [
        ("J18.9 E11.9", "J18.9", "guideline IV.G"),
        ("R31.9 Z79.4 E11.9", "E11.9", "guideline IV.G"),  # a disease before symptom and status
        ("R31.9", "R31.9", "guideline IV.G"),
        ("N18.4 I12.9", "I12.9", "tabular N18 code_first 3"),
        ("I50.9 N18.4 I13.0", "I13.0", "tabular I50 code_first 3"),
        ("F02.80 G30.9", "G30.9", "guideline IV.G"),
        ("C50.911 Z51.11", "Z51.11", "guideline I.C.21.c.15"),
        ("J96.01 T40.2X1A", "T40.2X1A", "guideline I.C.19.e.5.b"),
        ("E11.9 O24.111", "O24.111", "guideline I.C.15.a.1"),
        ("P59.9 Z38.00", "Z38.00", "guideline I.C.21.c.15"),
        ("W19.XXXA S52.501A", "S52.501A", "guideline IV.G"),
        ("T36.0X5A L50.0", "L50.0", "guideline IV.G"),
    ],
)
def test_the_first_code_is_proposed_with_its_section(
    propose: Propose, codes: str, code: str, source: str
) -> None:
    found = first(propose(codes))
    assert found is not None
    assert (found.codes, found.source, found.severity) == ((code,), source, Severity.INFO)


def test_a_stay_goes_by_what_stands_after_study(propose: Propose) -> None:
    kinds = ("history and physical", "discharge summary")
    found = first(propose("J18.9@assessment@1 I26.99@assessment@2", kinds=kinds, **_STAY))
    assert found is not None
    assert (found.codes, found.source) == (("I26.99",), "guideline II")


@pytest.mark.parametrize("codes", ["", "J18.9@past-medical-history", "W19.XXXA"])
def test_nothing_is_proposed_without_ground(propose: Propose, codes: str) -> None:
    assert first(propose(codes)) is None


def test_an_unacceptable_code_is_not_proposed(propose: Propose) -> None:
    lists = Lists(unacceptable=frozenset({"I69.351"}))
    found = first(propose("I69.351 E11.9", lists=lists))
    assert found is not None
    assert found.codes == ("E11.9",)


def test_a_proposal_changes_no_order(propose: Propose) -> None:
    assert [p.code for p in propose("N18.4 I12.9").kept] == ["N18.4", "I12.9"]


def indicators(validation: Validation) -> dict[str, str]:
    return {
        code: finding.rule.partition(".")[0].removeprefix("poa-")
        for finding in validation.findings
        if finding.rule.startswith("poa-")
        for code in finding.codes
    }


def test_what_was_present_on_admission_by_the_chart(propose: Propose) -> None:
    found = propose(
        "E11.9@hospital-course@2 J44.1@hospital-course@2 N17.9@assessment@1 "
        "I48.91@past-medical-history@2 K92.2@hospital-course@2 J18.9@chief-complaint@2",
        kinds=("history and physical", "discharge summary"),
        **_STAY,
    )
    assert indicators(found) == {
        "E11.9": "present",  # chronic
        "N17.9": "present",  # in a note of the admission
        "I48.91": "present",  # known before
        "J18.9": "present",  # the complaint
        "J44.1": "open",  # chronic with something sudden
        "K92.2": "open",
    }


def test_the_exempt_list_is_honoured_where_it_is_and_missed_where_not(propose: Propose) -> None:
    exempt = Lists(poa_exempt=frozenset({"Z79.4"}))
    with_list = propose("I10 Z79.4", lists=exempt, **_STAY)
    without = propose("I10 Z79.4", **_STAY)
    assert indicators(with_list)["Z79.4"] == "blank"
    assert indicators(without)["Z79.4"] == "open"
    said = [f.detail for f in without.findings if f.rule.startswith("poa-")]
    assert all("missing=poa-exempt" in detail for detail in said)
    assert not any(f.detail for f in with_list.findings if f.rule.startswith("poa-"))


@pytest.mark.parametrize("fields", [{}, {"setting": Setting.INPATIENT}, {"claim": Claim.FACILITY}])
def test_indicators_are_for_a_facilitys_inpatients(
    propose: Propose, fields: dict[str, object]
) -> None:
    assert indicators(propose("I10", **fields)) == {}
