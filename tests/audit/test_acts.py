"""What a person does to a case besides deciding on codes, and what each act leaves behind."""

import dataclasses
from pathlib import Path

import pytest

from audit import (
    Accept,
    Add,
    Arrange,
    Assert,
    Attach,
    AuditError,
    Case,
    Comment,
    Decision,
    Hold,
    Indicate,
    Places,
    Query,
    Reject,
    Replace,
    Resume,
    State,
    Status,
    Store,
    Submit,
    verify,
)
from audit.signoff import SignOff
from pipeline.model import Assertion, Route
from tests.audit.builders import (
    PROVENANCE,
    TEXT,
    encounter,
    result,
    sign_off,
    span,
    submit_unsigned,
)

WORDS = (span("metformin"),)


@pytest.fixture
def case_id(store: Store) -> str:
    return store.record(encounter(), result()).case_id


def codes(case: Case) -> list[str]:
    return [row.code for row in case.assigned]


def do(store: Store, case_id: str, *decisions: Decision) -> Case:
    for decision in decisions:
        store.decide(case_id, decision)
    return store.case(case_id)


def test_words_said_to_be_absent_take_their_code_out_and_back_again(
    store: Store, case_id: str
) -> None:
    for assertion in (Assertion.NEGATED, Assertion.FAMILY, Assertion.HISTORICAL):
        row = do(store, case_id, Assert(code="I10", assertion=assertion)).row("I10")
        assert row is not None
        assert (row.status, row.assertion) == (Status.REJECTED, assertion)
    row = do(store, case_id, Assert(code="I10", assertion=Assertion.PRESENT)).row("I10")
    assert row is not None
    assert (row.status, row.assertion) == (Status.OPEN, Assertion.PRESENT)
    row = do(
        store, case_id, Assert(code="I10", assertion=Assertion.FAMILY), Accept(code="I10")
    ).row("I10")
    assert row is not None
    assert (row.status, row.assertion) == (Status.ACCEPTED, None), "an accepted code says present"


def test_words_put_to_a_code_stand_beside_those_it_had(store: Store, case_id: str) -> None:
    before = store.case(case_id).row("E11.9")
    case = do(store, case_id, Attach(code="E11.9", evidence=WORDS))
    after = case.row("E11.9")
    assert before is not None
    assert after is not None
    assert after.evidence == (*before.evidence, *WORDS)
    assert after.marked == WORDS
    assert case.quote(after)[-1] == "metformin"
    with pytest.raises(AuditError, match=r"marked for E11\.9 already"):
        store.decide(case_id, Attach(code="E11.9", evidence=WORDS))
    row = store.undo(case_id).row("E11.9")
    assert row == before


def test_words_of_an_older_wording_do_not_come_into_a_newer_one(store: Store, case_id: str) -> None:
    do(store, case_id, Attach(code="E11.9", evidence=WORDS))
    store.record(encounter(text=f"Amended. {TEXT}"), result())
    row = store.case(case_id).row("E11.9")
    assert row is not None
    assert (row.revision, row.marked) == (2, ())


def test_the_order_is_the_persons_and_a_replacement_takes_the_place(
    store: Store, case_id: str
) -> None:
    case = do(store, case_id, Arrange(codes=("E11.9", "I10")))
    assert case.ordered
    assert codes(case)[:2] == ["E11.9", "I10"]
    case = do(store, case_id, Replace(code="E11.9", new_code="E11.65", evidence=WORDS))
    assert codes(case)[:3] == ["E11.65", "E11.9", "I10"]
    assert codes(store.undo(case_id))[:2] == ["E11.9", "I10"]
    assert not store.undo(case_id).ordered


def test_an_indicator_is_kept_through_what_happens_to_its_code(store: Store, case_id: str) -> None:
    case = do(store, case_id, Indicate(code="I10", poa="Y"), Accept(code="I10"))
    assert [row.poa for row in case.assigned if row.code == "I10"] == ["Y"]
    newer = dataclasses.replace(PROVENANCE, release="2026-10-01")
    store.record(encounter(), dataclasses.replace(result(provenance=newer), suggestions=()))
    row = store.case(case_id).row("I10")
    assert row is not None
    assert (row.status, row.poa) == (Status.ACCEPTED, "Y")


def test_the_way_to_a_code_is_kept_in_words_and_out_of_the_log(store: Store, case_id: str) -> None:
    path = ("searched: ischemic heart", "index: Angina › unstable", "page: I20")
    case = do(store, case_id, Add(code="I20.0", evidence=WORDS, path=path))
    row = case.row("I20.0")
    assert row is not None
    assert row.path == path
    assert not any("Angina" in event.body for event in store.events(case_id))


def test_comments_and_queries_say_who_wrote_them_and_when(store: Store, case_id: str) -> None:
    case = do(
        store,
        case_id,
        Comment(text="Ask about the inhaler."),
        Comment(text="Which type?", code="E11.9"),
        Query(text="Please clarify the type.", indicators=WORDS, codes=("E11.9",)),
    )
    assert [(each.text, each.codes) for each in case.comments] == [
        ("Ask about the inhaler.", ()),
        ("Which type?", ("E11.9",)),
    ]
    (query,) = case.queries
    assert (query.by, query.codes, query.evidence) == ("coder-1", ("E11.9",), WORDS)
    assert query.when == store.events(case_id)[-1].ts
    assert store.undo(case_id).queries == ()


def test_a_held_case_says_why_and_since_when(store: Store, case_id: str) -> None:
    held = do(store, case_id, Hold(reason="pathology report"))
    since = held.updated
    assert held.hold is not None
    assert (held.state, held.hold.text, held.hold.when) == (State.HELD, "pathology report", since)
    viewed = store.view(case_id)
    assert viewed.hold == held.hold, "looking at it does not make it younger"
    assert store.cases(state=State.HELD)[0].case_id == case_id
    assert do(store, case_id, Accept(code="I10")).state is State.HELD
    resumed = do(store, case_id, Resume())
    assert (resumed.state, resumed.hold) == (State.OPEN, None)


def test_submitting_needs_every_code_decided_and_closes_the_case(
    store: Store, case_id: str
) -> None:
    do(store, case_id, Accept(code="I10"))
    with pytest.raises(AuditError, match=r"Not decided yet: E11\.9"):
        sign_off(store, case_id)
    do(store, case_id, Reject(code="E11.9"))
    with pytest.raises(AuditError, match="not those of the case"):
        sign_off(store, case_id, Submit(codes=()))
    signed = sign_off(store, case_id)
    assert (signed.state, store.cases()[0].state) == (State.SUBMITTED, State.SUBMITTED)
    with pytest.raises(AuditError, match="is submitted"):
        store.decide(case_id, Accept(code="E11.9"))
    newer = dataclasses.replace(PROVENANCE, release="2026-10-01")
    store.record(encounter(), result(provenance=newer))
    assert store.case(case_id).state is State.SUBMITTED, "an analysis changes no decision"
    store.record_failure(encounter(text="x"), source="x", errors=["No."])
    assert store.case(case_id).state is State.SUBMITTED


def test_undo_reaches_over_a_submission_of_before_signatures(store: Store, case_id: str) -> None:
    do(store, case_id, Accept(code="I10"), Accept(code="E11.9"))
    submit_unsigned(store, case_id)
    assert store.undo(case_id).state is State.REOPENED
    row = store.undo(case_id).row("E11.9")
    assert row is not None
    assert row.status is Status.OPEN
    row = store.redo(case_id).row("E11.9")
    assert row is not None
    assert row.status is Status.ACCEPTED


def test_codes_that_were_preselected_are_accepted_by_the_submission(store: Store) -> None:
    made = result()
    auto = tuple(dataclasses.replace(item, route=Route.AUTO) for item in made.suggestions)
    case_id = store.record(encounter(), dataclasses.replace(made, suggestions=auto)).case_id
    signed = sign_off(store, case_id)
    assert {row.status for row in signed.assigned} == {Status.ACCEPTED}
    opened = SignOff(store).reopen(case_id, "the letter of 3 May came in late")
    assert {row.status for row in opened.assigned} == {Status.OPEN}


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (Comment(text="  "), "comment is empty"),
        (Comment(text="x", code="J45.20"), "not in the case"),
        (Hold(reason=""), "reason is empty"),
        (Resume(), "not on hold"),
        (Query(text="Which type?", indicators=()), "cites words of the notes"),
        (Query(text="", indicators=WORDS), "query is empty"),
        (Arrange(codes=("I10", "I10")), "stands twice"),
        (Arrange(codes=("I10", "J45.20")), "not in the case"),
        (Indicate(code="J45.20", poa="Y"), "not in the case"),
        (Attach(code="J45.20", evidence=WORDS), "not in the case"),
    ],
)
def test_an_act_that_makes_no_sense_is_refused_and_leaves_nothing(
    store: Store, case_id: str, decision: Decision, words: str
) -> None:
    before = len(store.events())
    with pytest.raises(AuditError, match=words):
        store.decide(case_id, decision)
    assert len(store.events()) == before


def test_no_word_that_was_typed_stands_in_the_log_and_the_log_checks(
    folder: Path, where: Places, store: Store, case_id: str
) -> None:
    typed = "the lisinopril was stopped in spring"
    do(
        store,
        case_id,
        Comment(text=typed),
        Query(text=typed, indicators=WORDS),
        Hold(reason=typed),
    )
    assert not any("lisinopril" in event.body for event in store.events(case_id))
    store.close()
    report = verify(folder, places=where)
    assert report.exit_code == 0, report
