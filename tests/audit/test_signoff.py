"""What is signed is the final case; nobody signs their own twice; a signed case opens by reason."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit import (
    Accept,
    Actor,
    ActorKind,
    AuditError,
    Places,
    Reject,
    State,
    Store,
    verify,
)
from audit.events import parse
from audit.governance import CaseSigned, Role
from audit.passphrase import WrongPassphraseError
from audit.review import evolve, project
from audit.signing import sign, valid
from audit.signoff import SignOff
from audit.staff import Staff
from tests.audit.builders import PHRASE, encounter, final, result, submit_unsigned
from tests.audit.conftest import ticking

STAFF = {"ada": Role.CODER, "ben": Role.REVIEWER, "cy": Role.REVIEWER, "dot": Role.COMPLIANCE}


def opened(folder: Path, where: Places, name: str) -> Store:
    actor = Actor(kind=ActorKind.PERSON, id=name)
    return Store.create_or_open(folder, places=where, actor=actor, clock=ticking())


@contextmanager
def team(folder: Path, where: Places) -> Iterator[dict[str, Store]]:
    """Give a store of five people, each with a role and a key."""
    stores = {name: opened(folder, where, name) for name in ("chief", *STAFF)}
    Staff(stores["chief"]).assign("chief", [Role.ADMIN])
    for name, role in STAFF.items():
        Staff(stores["chief"]).assign(name, [role])
        Staff(stores[name]).enrol(f"{name.title()} Okonkwo", PHRASE)
    try:
        yield stores
    finally:
        for store in stores.values():
            store.close()


def coded(store: Store) -> str:
    case_id = store.record(encounter(), result()).case_id
    store.decide(case_id, Accept(code="I10"))
    store.decide(case_id, Reject(code="E11.9", reason="not addressed"))
    return case_id


def test_a_submission_carries_a_signature_over_the_final_case(folder: Path, where: Places) -> None:
    with team(folder, where) as stores:
        ada = stores["ada"]
        case_id = coded(ada)
        before = ada.events(case_id)[-1]
        with pytest.raises(WrongPassphraseError):
            SignOff(ada).submit(case_id, final(ada.case(case_id)), "a wrong phrase")
        assert ada.case(case_id).state is State.OPEN
        case = SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        assert case.state is State.SUBMITTED
        submitted, signature = ada.events(case_id)[-2:]
        assert (submitted.kind, signature.kind) == ("case.submitted", "case.signed")
        assert submitted.group == signature.group
        signed = parse(signature)
        assert isinstance(signed, CaseSigned)
        assert valid(signed)
        told = signed.statement
        assert (told.person, told.name, told.role) == ("ada", "Ada Okonkwo", Role.CODER)
        assert (told.meaning, told.version, told.at) == ("coded", 1, signature.ts)
        assert told.after == (before.seq, before.hash)
        assert told.codes == (("I10", None, "suggested", "accepted", told.codes[0][4]),)
        assert signed.key == Staff(ada).me().key
        assert case.signatures == (told,)


def test_no_case_is_submitted_without_a_signature(folder: Path, where: Places) -> None:
    """Not by a person with a key, not by one without, and not by doing again what was undone."""
    with opened(folder, where, "nobody") as store:
        case_id = coded(store)
        submit = final(store.case(case_id))
        with pytest.raises(AuditError, match="submitted by signing it"):
            store.decide(case_id, submit)
        Staff(store).enrol("Nobody", PHRASE)
        with pytest.raises(AuditError, match="submitted by signing it"):
            store.decide(case_id, submit)
        assert submit_unsigned(store, case_id).state is State.SUBMITTED  # what is in old logs
        assert store.undo(case_id).state is State.REOPENED
        with pytest.raises(AuditError, match="sign the case off"):
            store.redo(case_id)
        assert store.case(case_id).state is State.REOPENED


def test_only_who_may_sign_signs(folder: Path, where: Places) -> None:
    with team(folder, where) as stores:
        case_id = coded(stores["ada"])
        submit = final(stores["ada"].case(case_id))
        with pytest.raises(AuditError, match="dot has compliance"):
            SignOff(stores["dot"]).submit(case_id, submit, PHRASE)
        with pytest.raises(AuditError, match="no signing key"):
            SignOff(stores["chief"]).submit(case_id, submit, PHRASE)
        SignOff(stores["ada"]).submit(case_id, submit, PHRASE)
        with pytest.raises(AuditError, match="ada has coder"):
            SignOff(stores["ada"]).second(case_id, PHRASE)


def test_nobody_signs_their_own_case_a_second_time(folder: Path, where: Places) -> None:
    with team(folder, where) as stores:
        ada, ben, cy = stores["ada"], stores["ben"], stores["cy"]
        case_id = coded(ada)
        with pytest.raises(AuditError, match="was signed off"):
            SignOff(ben).second(case_id, PHRASE)
        ben.undo(case_id)
        ben.decide(case_id, Reject(code="E11.9", reason="seen by me"))
        SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        with pytest.raises(AuditError, match="ben coded or signed this case"):
            SignOff(ben).second(case_id, PHRASE)
        signatures = SignOff(cy).second(case_id, PHRASE).signatures
        assert [(s.person, s.meaning) for s in signatures] == [("ada", "coded"), ("cy", "reviewed")]
        assert signatures[0].codes == signatures[1].codes
        with pytest.raises(AuditError, match="cy has signed this version"):
            SignOff(cy).second(case_id, PHRASE)


def test_who_took_back_what_they_decided_had_a_hand_in_it(folder: Path, where: Places) -> None:
    with team(folder, where) as stores:
        ada, ben = stores["ada"], stores["ben"]
        case_id = ada.record(encounter(), result()).case_id
        ben.decide(case_id, Accept(code="I10"))
        ben.undo(case_id)
        ada.decide(case_id, Accept(code="I10"))
        ada.decide(case_id, Reject(code="E11.9", reason="not addressed"))
        SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        with pytest.raises(AuditError, match="ben coded or signed this case"):
            SignOff(ben).second(case_id, PHRASE)


def test_a_reviewer_who_signed_it_off_is_no_second_person(folder: Path, where: Places) -> None:
    with team(folder, where) as stores:
        ada, ben = stores["ada"], stores["ben"]
        case_id = coded(ada)
        SignOff(ben).submit(case_id, final(ben.case(case_id)), PHRASE)
        with pytest.raises(AuditError, match="nobody signs their own case"):
            SignOff(ben).second(case_id, PHRASE)


def test_a_signed_case_opens_only_with_a_reason_and_becomes_a_new_version(
    folder: Path, where: Places
) -> None:
    with team(folder, where) as stores:
        ada, ben = stores["ada"], stores["ben"]
        case_id = coded(ada)
        with pytest.raises(AuditError, match="not submitted"):
            SignOff(ada).reopen(case_id, "too early")
        SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        for call in (ada.undo, ada.redo):
            with pytest.raises(AuditError):
                call(case_id)
        with pytest.raises(AuditError, match="only with a reason"):
            SignOff(ada).reopen(case_id, "  ")
        case = SignOff(ben).reopen(case_id, "the letter of 3 May came in late")
        assert case.state is State.REOPENED
        assert not case.can_redo
        assert ada.events(case_id)[-1].data["version"] == 2
        assert "letter" not in ada.events(case_id)[-1].body
        ada.undo(case_id)
        ada.decide(case_id, Accept(code="E11.9"))
        case = SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        assert [(s.version, s.meaning) for s in case.signatures] == [(1, "coded"), (2, "amended")]
        assert [len(s.codes) for s in case.signatures] == [1, 2]


@pytest.mark.parametrize("kind", [ActorKind.PROGRAM, ActorKind.POLICY])
def test_only_a_person_signs_or_reopens(folder: Path, where: Places, kind: ActorKind) -> None:
    with team(folder, where) as stores:
        case_id = coded(stores["ada"])
        submit = final(stores["ada"].case(case_id))
        actor = Actor(kind=kind, id="ada")
        with Store.open(folder, places=where, actor=actor, clock=ticking()) as other:
            with pytest.raises(AuditError, match="Only a person"):
                SignOff(other).submit(case_id, submit, PHRASE)
            SignOff(stores["ada"]).submit(case_id, submit, PHRASE)
            for call in (SignOff(other).second, SignOff(other).reopen):
                with pytest.raises(AuditError, match="Only a person"):
                    call(case_id, PHRASE)


def test_the_state_after_any_cut_is_that_of_the_whole(folder: Path, where: Places) -> None:
    """A fold may stop and go on anywhere, signatures and reopenings included."""
    with team(folder, where) as stores:
        ada = stores["ada"]
        case_id = coded(ada)
        for reason in ("first", "second"):
            SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
            SignOff(ada).reopen(case_id, reason)
        events = ada.events(case_id)
        whole = project(events, case_id=case_id)
        assert (whole.reopened, len(whole.signatures)) == (2, 2)
        for cut in range(len(events)):
            part = project(events[:cut], case_id=case_id)
            for event in itertools.islice(events, cut, None):
                part = evolve(part, event)
            assert part == whole


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"meaning": "amended"}, "not that of its key"),
        ({"person": "ben"}, "about another person or another case"),
        ({"case_id": "f" * 32}, "about another person or another case"),
        ({"after": (1, "e" * 64)}, "not that of its key"),
    ],
)
def test_a_signature_put_in_by_whoever_has_the_store_is_found(
    folder: Path, where: Places, change: dict[str, object], words: str
) -> None:
    with team(folder, where) as stores:
        ada = stores["ada"]
        case_id = coded(ada)
        SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        assert verify(folder, places=where).problems == ()
        signed = parse(ada.events(case_id)[-1])
        assert isinstance(signed, CaseSigned)
        statement = signed.statement.model_copy(update=change)
        forged = signed.model_copy(update={"statement": statement})
        ada.door.execute(lambda made: made.emit(forged, case_id=case_id))
        assert words in verify(folder, places=where).problems[0]


def test_what_a_key_signed_before_it_was_reset_stays_good_and_nothing_after(
    folder: Path, where: Places
) -> None:
    """Who lost a passphrase signs with another key; whoever finds the old one cannot."""
    with team(folder, where) as stores:
        ada, chief = stores["ada"], stores["chief"]
        case_id = coded(ada)
        SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        signed = parse(ada.events(case_id)[-1])
        assert isinstance(signed, CaseSigned)
        old = Staff(ada).authenticate(PHRASE)
        for reason, why in (("Forgotten.", "ada has coder"), (" ", "only with a reason")):
            with pytest.raises(AuditError, match=why):
                Staff(ada).reset("ada", reason)
        Staff(chief).reset("ada", "Forgotten.")
        with pytest.raises(AuditError, match="no signing key"):
            SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        with pytest.raises(AuditError, match="no signing key in this store to reset"):
            Staff(chief).reset("ada", "Forgotten.")
        SignOff(ada).reopen(case_id, "A code was wrong.")
        new = Staff(ada).enrol("Ada Okonkwo", PHRASE)
        assert new.key != signed.key
        SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        case = ada.case(case_id)
        assert [each.version for each in case.signatures] == [1, 2]
        assert verify(folder, places=where).problems == ()
        stolen = sign(signed.statement, old)
        ada.door.execute(lambda made: made.emit(stolen, case_id=case_id))
        (problem,) = verify(folder, places=where).problems
        assert "a key that ada had not enrolled or that was reset" in problem
        assert "Forgotten" not in "".join(event.body for event in ada.events())


def test_a_key_of_ones_own_and_a_false_place_are_found(folder: Path, where: Places) -> None:
    with team(folder, where) as stores:
        ada, ben = stores["ada"], stores["ben"]
        case_id = coded(ada)
        SignOff(ada).submit(case_id, final(ada.case(case_id)), PHRASE)
        signed = parse(ada.events(case_id)[-1])
        assert isinstance(signed, CaseSigned)
        key = Staff(ben).authenticate(PHRASE)
        stolen = sign(signed.statement, key)
        ada.door.execute(lambda made: made.emit(stolen, case_id=case_id))
        assert "a key that ada had not enrolled" in verify(folder, places=where).problems[0]
        elsewhere = signed.statement.model_copy(update={"after": (2, "e" * 64)})
        moved = sign(elsewhere, Staff(ada).authenticate(PHRASE))
        ada.door.execute(lambda made: made.emit(moved, case_id=case_id))
        assert any("behind another event 2" in p for p in verify(folder, places=where).problems)
