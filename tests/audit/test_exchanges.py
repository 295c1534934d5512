"""A request is in the log before it can be sent, a reply before it is used, and none goes twice."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from audit import Actor, ActorKind, AuditError, Places, State, Store, verify
from audit.chatevents import PromptActivated
from audit.exchanges import INTERRUPTED, Permit
from pipeline.chat.model import Reply, Request, Task
from tests.audit.builders import CODER, PROVENANCE, encounter, result

REQUEST = Request(
    task=Task.VERIFY,
    prompt="verify-1",
    prompt_digest="f" * 64,
    model="small-model",
    endpoint="http://127.0.0.1:8080",
    remote=False,
    masked=False,
    attempt=1,
    body='{"messages":["Essential hypertension, well controlled on lisinopril."]}',
)
REPLY = Reply(kind="ok", body='{"choice":"A"}', tokens_in=90, tokens_out=12, milliseconds=1500)
PERMIT = Permit(
    endpoint="https://models.example.org",
    network="public",
    expires=date(2026, 12, 31),
    masking="1" * 64,
)


def kinds(store: Store) -> list[str]:
    return [event.kind for event in store.events()]


def test_what_is_asked_is_committed_first_each_step_by_itself(store: Store) -> None:
    assert store.chat.begin(encounter(), PROVENANCE, REQUEST) is None
    assert kinds(store)[1:] == ["encounter.received", "analysis.started", "chat.asked"]
    assert store.chat.finish(encounter(), REQUEST, REPLY, cost=0.002) == REPLY
    store.record(encounter(), result())
    assert kinds(store)[4:] == [
        "chat.answered",
        "evidence.extracted",
        "candidates.retrieved",
        "candidates.verified",
        "codes.validated",
        "case.routed",
    ]
    groups = [event.group for event in store.events()]
    assert groups[1:5] == [(2, 3), (2, 3), (4, 4), (5, 5)]
    answered = store.events()[4].data
    assert (answered["kind"], answered["cost"], answered["sent"]) == ("ok", "0.0020", True)


def test_the_result_is_the_same_case_as_without_questions(store: Store) -> None:
    store.chat.begin(encounter(), PROVENANCE, REQUEST)
    store.chat.finish(encounter(), REQUEST, REPLY)
    recorded = store.record(encounter(), result())
    assert recorded.reason == "new-analysis"
    case = store.case(recorded.case_id)
    assert case.result == result()
    assert case.state is State.OPEN
    assert store.record(encounter(), result()).reason == "repeated"


def test_no_word_of_request_or_reply_is_in_an_event(store: Store) -> None:
    store.chat.begin(encounter(), PROVENANCE, REQUEST)
    store.chat.finish(encounter(), REQUEST, replace(REPLY, body="well controlled on lisinopril"))
    bodies = " ".join(event.body for event in store.events())
    assert "lisinopril" not in bodies
    assert REQUEST.digest not in bodies  # a digest of known words could be tested against a guess


def test_the_first_reply_counts_and_is_given_back(store: Store) -> None:
    store.chat.begin(encounter(), PROVENANCE, REQUEST)
    store.chat.finish(encounter(), REQUEST, REPLY)
    assert store.chat.finish(encounter(), REQUEST, replace(REPLY, body="other")) == REPLY
    assert store.chat.begin(encounter(), PROVENANCE, REQUEST) == REPLY
    assert store.chat.recall(encounter(), REQUEST) == REPLY
    assert kinds(store).count("chat.answered") == 1


def test_another_attempt_or_another_wording_is_another_request(store: Store) -> None:
    store.chat.begin(encounter(), PROVENANCE, REQUEST)
    store.chat.finish(encounter(), REQUEST, REPLY)
    for other in (replace(REQUEST, attempt=2), replace(REQUEST, body="{}")):
        assert store.chat.recall(encounter(), other) is None
        assert store.chat.begin(encounter(), PROVENANCE, other) is None


def test_what_was_perhaps_sent_is_not_sent_again(folder: Path, where: Places, store: Store) -> None:
    store.chat.begin(encounter(), PROVENANCE, REQUEST)
    store.close()
    with Store.open(folder, places=where, actor=CODER) as again:
        lost = again.chat.begin(encounter(), PROVENANCE, REQUEST)
        assert lost is not None
        assert lost.kind == INTERRUPTED
        assert again.chat.begin(encounter(), PROVENANCE, REQUEST) == lost
        assert again.chat.finish(encounter(), REQUEST, REPLY) == lost
        assert kinds(again).count("analysis.started") == 1


def test_a_case_left_in_the_middle_is_open_with_nothing_suggested(store: Store) -> None:
    store.chat.begin(encounter(), PROVENANCE, REQUEST)
    (row,) = store.cases()
    assert (row.state, row.suggestion_count) == (State.OPEN, 0)
    assert store.case(row.case_id).result is None


def test_a_recall_without_a_case_writes_nothing(store: Store) -> None:
    assert store.chat.recall(encounter(), REQUEST) is None
    assert kinds(store) == ["store.created"]


def test_new_provenance_uses_a_known_reply_and_starts_anew(store: Store) -> None:
    store.chat.begin(encounter(), PROVENANCE, REQUEST)
    store.chat.finish(encounter(), REQUEST, REPLY)
    store.record(encounter(), result())
    newer = replace(PROVENANCE, code_version="0.2.0")
    assert store.chat.begin(encounter(), newer, REQUEST) == REPLY
    assert kinds(store).count("chat.asked") == 1
    assert kinds(store).count("analysis.started") == 2
    assert store.record(encounter(), result(provenance=newer)).reason == "new-analysis"
    assert store.record(encounter(), result()).reason == "new-analysis"


def test_usage_adds_up_calls_that_left_and_the_cases_they_were_for(store: Store) -> None:
    for number in range(3):
        chart = encounter(f"e-{number}")
        store.chat.begin(chart, PROVENANCE, REQUEST)
        sent = number < 2
        reply = REPLY if sent else Reply(kind="budget-day", sent=False)
        store.chat.finish(chart, REQUEST, reply, cost=0.5 * sent)
    used = store.chat.usage()
    assert (used.calls, used.cases, used.tokens, used.seconds, used.cost) == (2, 2, 204, 3.0, 1.0)
    assert store.chat.usage(since="2027-01-01").calls == 0


def test_a_permission_is_an_event_with_reason_agreement_and_end(store: Store) -> None:
    assert store.chat.permits() == {}
    store.chat.allow(permit=PERMIT, reason="Pilot of the tumour board", agreement="BAA 2026-17")
    assert store.chat.permits() == {PERMIT.endpoint: PERMIT}
    event = store.events()[-1]
    assert event.kind == "chat.allowed"
    assert "tumour" not in event.body
    assert "BAA" not in event.body
    store.chat.forbid(PERMIT.endpoint)
    assert store.chat.permits() == {}
    with pytest.raises(AuditError, match="not allowed"):
        store.chat.forbid(PERMIT.endpoint)


@pytest.mark.parametrize(("reason", "agreement"), [(" ", "BAA"), ("pilot", "")])
def test_a_permission_without_its_grounds_is_refused(
    store: Store, reason: str, agreement: str
) -> None:
    with pytest.raises(AuditError, match="Give a"):
        store.chat.allow(permit=PERMIT, reason=reason, agreement=agreement)
    assert store.chat.permits() == {}


def test_only_a_person_allows(folder: Path, where: Places, store: Store) -> None:
    store.close()
    program = Actor(kind=ActorKind.PROGRAM, id="nightly")
    with (
        Store.open(folder, places=where, actor=program) as opened,
        pytest.raises(AuditError, match="Only a person"),
    ):
        opened.chat.allow(permit=PERMIT, reason="pilot", agreement="BAA")


def test_activations_are_kept_in_order(store: Store) -> None:
    def activated(version: int, before: int, *, rollback: bool) -> PromptActivated:
        return PromptActivated(
            task="verify",
            version=version,
            digest="2" * 64,
            before=before,
            model=None if rollback else "small-model",
            asked=40,
            right=31,
            before_right=30,
            low="-0.0500",
            high="0.1000",
            rollback=rollback,
        )

    store.chat.activate(activated(2, 1, rollback=False))
    store.chat.activate(activated(1, 2, rollback=True))
    assert [each.version for each in store.chat.activations()] == [2, 1]


def test_a_log_with_exchanges_verifies(folder: Path, where: Places, store: Store) -> None:
    store.chat.begin(encounter(), PROVENANCE, REQUEST)
    store.chat.finish(encounter(), REQUEST, REPLY)
    store.record(encounter(), result())
    store.chat.allow(permit=PERMIT, reason="pilot", agreement="BAA")
    store.close()
    report = verify(folder, places=where)
    assert (report.exit_code, report.events) == (0, 11)
