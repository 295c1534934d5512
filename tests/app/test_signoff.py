"""The summary is the same every time: errors stop, warnings ask, proposals are named as such."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.seat import Signature
from app.signoff import summarise
from app.workspace import Workspace
from audit import (
    Accept,
    Add,
    Arrange,
    AuditError,
    Case,
    Decision,
    Hold,
    Indicate,
    Reject,
    State,
)
from pipeline.model import Claim, Finding, Route, Setting, Severity
from pipeline.validate import Validator
from taxonomy import Taxonomy
from tests.app.desktop import builders

ALL = (Accept(code="E11.40"), Accept(code="I10"), Accept(code="R05.9"))


@pytest.fixture
def space(tmp_path: Path, icd: Taxonomy) -> Workspace:
    builders.fill(tmp_path)
    return builders.workspace(tmp_path, icd)


SIGNATURE = Signature(passphrase="five red herrings", name="Ada Okonkwo")


def first(space: Workspace) -> str:
    return next(row.case_id for row in space.worklist().rows if row.encounter_id == "visit-1")


def after(space: Workspace, *decisions: Decision) -> Case:
    case_id = first(space)
    for decision in decisions:
        space.decide(case_id, decision)
    return space.look(case_id).case


def test_what_is_not_decided_stops(space: Workspace) -> None:
    after(space, Accept(code="E11.40"))
    summary = space.summary(first(space))
    assert [(check.rule, check.codes) for check in summary.errors] == [
        ("undecided", ("I10", "R05.9"))
    ]
    with pytest.raises(AuditError, match="Open it again"):
        space.submit(first(space), summary, SIGNATURE)
    space.close()


def test_a_decided_case_is_signed_off_with_the_warnings_that_were_seen(space: Workspace) -> None:
    after(space, *ALL)
    summary = space.summary(first(space))
    assert summary.errors == ()
    assert "uncertain-diagnosis" in [check.rule for check in summary.warnings]
    opened = space.submit(first(space), summary, SIGNATURE)
    assert opened.case.state is State.SUBMITTED
    data = opened.events[-2].data
    assert data["codes"] == [[line.code, None] for line in summary.lines]
    assert ["uncertain-diagnosis", ["R05.9"]] in data["warnings"]
    space.close()


def test_a_summary_that_is_out_of_date_is_not_signed(space: Workspace) -> None:
    after(space, *ALL)
    summary = space.summary(first(space))
    after(space, Reject(code="R05.9", reason="history"))
    with pytest.raises(AuditError, match="has changed since"):
        space.submit(first(space), summary, SIGNATURE)
    assert space.look(first(space)).case.state is State.OPEN
    space.close()


def test_codes_that_exclude_each_other_are_told_with_the_text_that_says_so(
    space: Workspace,
) -> None:
    after(space, *ALL, Add(code="E10.9", reason="told by telephone"))
    rules = {check.rule: check for check in space.summary(first(space)).warnings}
    errors = {check.rule: check for check in space.summary(first(space)).errors}
    told = (rules | errors)["excludes1"]
    assert set(told.codes) == {"E10.9", "E11.40"}
    assert "exclude each other" in told.text
    space.close()


def test_a_held_case_does_not_pass(space: Workspace) -> None:
    after(space, *ALL, Hold(reason="pathology"))
    assert [check.rule for check in space.summary(first(space)).errors] == ["held"]
    space.close()


def inpatient(case: Case) -> Case:
    encounter = replace(case.encounter, setting=Setting.INPATIENT, claim=Claim.FACILITY)
    return replace(case, encounter=encounter)


def with_findings(case: Case, *findings: Finding) -> Case:
    assert case.result is not None
    first, *rest = case.result.suggestions
    first = replace(first, findings=findings)
    return replace(case, result=replace(case.result, suggestions=(first, *rest)))


def test_indicators_and_order_that_were_proposed_are_shown_as_proposals(
    space: Workspace, icd: Taxonomy
) -> None:
    proposals = (
        Finding(rule="principal-proposed.Q05", severity=Severity.INFO, codes=("I10",)),
        Finding(rule="poa-present.Q12", severity=Severity.INFO, codes=("E11.40", "I10")),
    )
    rules = Validator.read()
    case = with_findings(inpatient(after(space, *ALL)), *proposals)
    summary = summarise(case, icd, rules)
    assert [line.code for line in summary.lines] == ["I10", "E11.40", "R05.9"]
    assert not summary.ordered
    assert [(line.poa, line.poa_proposed) for line in summary.lines] == [
        ("Y", True),
        ("Y", True),
        (None, False),
    ]
    assert [(each.rule, each.code) for each in summary.errors] == [("poa-missing", "R05.9")]
    case = with_findings(
        inpatient(
            after(
                space,
                Indicate(code="R05.9", poa="N"),
                Arrange(codes=("R05.9", "E11.40", "I10")),
            )
        ),
        *proposals,
    )
    summary = summarise(case, icd, rules)
    assert [line.code for line in summary.lines] == ["R05.9", "E11.40", "I10"]
    assert summary.ordered
    assert summary.lines[0].poa == "N"
    assert not [each for each in summary.errors if each.rule == "poa-missing"]
    space.close()


def test_a_preselected_code_needs_no_decision_of_its_own(space: Workspace, icd: Taxonomy) -> None:
    case = after(space, Accept(code="I10"), Accept(code="R05.9"))
    assert case.result is not None
    head, *rest = case.result.suggestions
    auto = replace(case.result, suggestions=(replace(head, route=Route.AUTO), *rest))
    summary = summarise(replace(case, result=auto), icd, Validator.read())
    assert [line.by for line in summary.lines] == ["preselected", "accepted", "accepted"]
    assert summary.errors == ()
    space.close()


def test_an_empty_case_asks(space: Workspace) -> None:
    after(
        space,
        *(Reject(code=code, reason="absent") for code in ("E11.40", "I10", "R05.9")),
    )
    summary = space.summary(first(space))
    assert ([each.rule for each in summary.warnings], summary.errors) == (["no-codes"], ())
    assert summary.left_out == 5
    space.close()


def test_a_warning_that_another_order_settles_is_gone(space: Workspace, icd: Taxonomy) -> None:
    stale = Finding(rule="code-first.V09", severity=Severity.WARNING, codes=("I10", "E11.40"))
    case = with_findings(after(space, *ALL), stale)
    assert "code-first.V09" not in [
        each.rule for each in summarise(case, icd, Validator.read()).warnings
    ]
    space.close()
