"""Every person has a role for what they do, and a key that only their passphrase opens."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit import Accept, Actor, ActorKind, AuditError, Places, Store
from audit.governance import Role, Statement
from audit.passphrase import WrongPassphraseError, lock, unlock
from audit.people import People, Person, Right, rights
from audit.signing import sign, valid
from audit.staff import Staff
from tests.audit.builders import encounter, result
from tests.audit.conftest import ticking

PHRASE = "five red herrings"

TABLE = {
    Role.CODER: "read code sign reopen check",
    Role.REVIEWER: "read code sign second-sign reopen check export",
    Role.COMPLIANCE: "read check export replay retain hold dispose backup",
    Role.ADMIN: "people check backup restore",
}


def opened(folder: Path, where: Places, name: str) -> Store:
    actor = Actor(kind=ActorKind.PERSON, id=name)
    return Store.create_or_open(folder, places=where, actor=actor, clock=ticking())


def test_the_table_of_roles_is_the_one_written_here() -> None:
    assert {role: frozenset(map(Right, words.split())) for role, words in TABLE.items()} == rights()


@pytest.mark.parametrize(("role", "right"), list(itertools.product(Role, Right)))
def test_a_role_may_what_the_table_says_and_no_more(role: Role, right: Right) -> None:
    ada = Person(id="ada", roles=frozenset({role}))
    people = People(known={"ada": ada}, assigned=True)
    if right in TABLE[role].split():
        assert people.role_for("ada", right) is role
    else:
        with pytest.raises(AuditError, match=f"ada has {role} in this store"):
            people.role_for("ada", right)


def test_without_roles_a_person_may_all_and_is_recorded_in_the_role_it_takes(
    folder: Path, where: Places
) -> None:
    with opened(folder, where, "ada") as store:
        case_id = store.record(encounter(), result()).case_id
        store.decide(case_id, Accept(code="I10"))
        event = store.events()[-1]
        assert (event.actor.id, event.actor.role) == ("ada", "coder")
        assert '"actor":{"id":"ada","kind":"person","role":"coder"}' in event.body


def test_who_has_no_role_may_nothing_at_the_store_itself(folder: Path, where: Places) -> None:
    with opened(folder, where, "ada") as store:
        case_id = store.record(encounter(), result()).case_id
        Staff(store).assign("ada", [Role.ADMIN, Role.CODER])
        before = len(store.events())
        with opened(folder, where, "ben") as other:
            for call in (other.view, other.undo, other.redo):
                with pytest.raises(AuditError, match="ben has no role"):
                    call(case_id)
            with pytest.raises(AuditError, match="ben has no role"):
                other.decide(case_id, Accept(code="I10"))
            with pytest.raises(AuditError, match="ben has no role"):
                Staff(other).assign("ben", Role)
        assert len(store.events()) == before
        Staff(store).assign("ada", [Role.ADMIN])
        with pytest.raises(AuditError, match="ada has admin"):
            store.decide(case_id, Accept(code="I10"))


def test_the_last_administrator_stays(folder: Path, where: Places) -> None:
    with opened(folder, where, "ada") as store:
        with pytest.raises(AuditError, match="Nobody would be left"):
            Staff(store).assign("ada", [Role.CODER])
        Staff(store).assign("ada", [Role.ADMIN])
        with pytest.raises(AuditError, match="Nobody would be left"):
            Staff(store).assign("ada", [])
        assert Staff(store).me().roles == {Role.ADMIN}


def test_a_key_opens_with_its_passphrase_alone_and_a_wrong_one_is_an_event(
    folder: Path, where: Places
) -> None:
    with opened(folder, where, "ada") as store:
        staff = Staff(store)
        with pytest.raises(AuditError, match="no signing key"):
            staff.authenticate(PHRASE)
        with pytest.raises(AuditError, match="at least 8"):
            staff.enrol("Ada Okonkwo", "short")
        me = staff.enrol("Ada Okonkwo", PHRASE)
        assert staff.authenticate(PHRASE).public_key().public_bytes_raw().hex() == me.key
        with pytest.raises(WrongPassphraseError, match="not the passphrase of ada"):
            staff.authenticate(PHRASE + "!")
        assert [event.kind for event in store.events()[1:]] == [
            "person.enrolled",
            "signing.refused",
        ]
        with pytest.raises(WrongPassphraseError):
            staff.enrol("Somebody Else", "another phrase", old="a guess of mine")
        assert staff.enrol("Ada O.", "another phrase", old=PHRASE).key != me.key
        with pytest.raises(WrongPassphraseError):
            staff.authenticate(PHRASE)
        assert all(PHRASE not in event.body for event in store.events())


def test_after_five_wrong_passphrases_a_person_waits(folder: Path, where: Places) -> None:
    moment = [datetime(2026, 5, 4, 8, tzinfo=UTC)]
    actor = Actor(kind=ActorKind.PERSON, id="ada")
    with Store.create_or_open(folder, places=where, actor=actor, clock=lambda: moment[0]) as store:
        staff = Staff(store)
        staff.enrol("Ada Okonkwo", PHRASE)
        for _ in range(5):
            with pytest.raises(WrongPassphraseError):
                staff.authenticate("wrong passphrase")
        with pytest.raises(AuditError, match=r"Too many wrong passphrases.*2026-05-04T08:15:00Z"):
            staff.authenticate(PHRASE)
        moment[0] += timedelta(minutes=15)
        staff.authenticate(PHRASE)


def test_a_session_is_begun_covered_uncovered_and_ended_in_the_log(
    folder: Path, where: Places
) -> None:
    with opened(folder, where, "ada") as store:
        staff = Staff(store)
        staff.begin()
        staff.lock(idle=True)
        staff.unlock("")
        staff.enrol("Ada Okonkwo", PHRASE)
        staff.lock(idle=False)
        with pytest.raises(WrongPassphraseError):
            staff.unlock("")
        staff.unlock(PHRASE)
        staff.end()
        told = [(event.kind, dict(event.data)) for event in store.events()[1:]]
        assert told[0][0] == "session.started"
        assert told[0][1]["roles"] == ["coder", "reviewer", "compliance", "admin"]
        assert told[1:3] == [
            ("session.locked", {"idle": True}),
            ("session.unlocked", {"authenticated": False}),
        ]
        assert [kind for kind, _ in told[4:]] == [
            "session.locked",
            "signing.refused",
            "session.unlocked",
            "session.ended",
        ]
        assert told[6][1] == {"authenticated": True}


def test_what_a_passphrase_locks_opens_with_it_in_any_spelling_of_the_same_letters() -> None:
    locked = lock(b"content", "caf\u00e9 au lait")
    assert b"content" not in locked.encode()
    assert unlock(locked, "cafe\u0301 au lait") == b"content"
    assert lock(b"content", "caf\u00e9 au lait") != locked
    with pytest.raises(WrongPassphraseError):
        unlock(locked, "cafe au lait")
    turned = locked[:-6] + ("A" if locked[-6] != "A" else "B") + locked[-5:]
    with pytest.raises(AuditError):
        unlock(turned, "caf\u00e9 au lait")
    with pytest.raises(AuditError, match="damaged"):
        unlock("AAAA", "caf\u00e9 au lait")


def test_a_signature_is_of_its_statement_alone(folder: Path, where: Places) -> None:
    with opened(folder, where, "ada") as store:
        staff = Staff(store)
        staff.enrol("Ada Okonkwo", PHRASE)
        statement = Statement(
            store_id="a" * 32,
            case_id="b" * 32,
            version=1,
            meaning="coded",
            person="ada",
            name="Ada Okonkwo",
            role=Role.CODER,
            at="2026-05-04T08:00:00.000000Z",
            after=(9, "c" * 64),
            content="d" * 64,
            codes=(("I10", None, "suggested", "accepted", ((0, 3, 9),)),),
        )
        signed = sign(statement, staff.authenticate(PHRASE))
        assert valid(signed)
        for change in ({"case_id": "c" * 32}, {"version": 2}, {"codes": ()}, {"at": "later"}):
            other = signed.model_copy(update={"statement": statement.model_copy(update=change)})
            assert not valid(other)
        flipped = f"{int(signed.signature[0], 16) ^ 1:x}{signed.signature[1:]}"
        assert not valid(signed.model_copy(update={"signature": flipped}))
