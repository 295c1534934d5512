"""Texts go when the rule allows it and nobody holds them; the chain and all codes stay."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from audit import Accept, Add, AuditError, Places, Store, verify
from audit.disposal import Custody
from audit.disposed import DisposedFile
from audit.governance import Role
from audit.head import HeadFile
from audit.review import project
from audit.staff import Staff
from tests.audit.builders import CODER, TEXT, encounter, result
from tests.audit.conftest import ticking

BEFORE, DAY = date(2033, 5, 3), date(2033, 5, 4)


def held(store: Store) -> set[str]:
    with store.door.reading() as connection:
        rows = connection.exec_driver_sql("select ref from blob")
        return {ref for (ref,) in rows}


def coded(store: Store, name: str = "e-1") -> str:
    case_id = store.record(encounter(name), result(name)).case_id
    store.decide(case_id, Add(code="Z79.84", reason="her daughter Ngozi told us"))
    return case_id


def test_the_day_is_counted_from_the_visit_and_not_a_day_earlier(store: Store) -> None:
    case_id = coded(store)
    custody = Custody(store)
    with pytest.raises(AuditError, match="no rule says"):
        custody.dispose([case_id], today=DAY)
    custody.keep(7)
    with pytest.raises(AuditError, match="kept until 2033-05-04"):
        custody.dispose([case_id], today=BEFORE)
    assert [(kept.due, kept.allowed(BEFORE), kept.allowed(DAY)) for kept in custody.look()] == [
        (DAY, False, True)
    ]
    assert custody.dispose([case_id], today=DAY) == 3
    assert store.events()[-1].data["basis"] == "rule"
    with pytest.raises(AuditError, match="destroyed already"):
        custody.dispose([case_id], today=DAY)
    assert custody.look()[0].texts == 0


@pytest.mark.parametrize("whole", [False, True])
def test_a_hold_goes_before_the_rule_and_before_an_order(store: Store, *, whole: bool) -> None:
    case_id, other = coded(store), coded(store, "e-2")
    custody = Custody(store)
    custody.keep(0)
    custody.hold([] if whole else [case_id], "Okonkwo against the hospital")
    assert [kept.on_hold for kept in custody.look()] == [True, whole]
    before = len(store.events())
    for early in (False, True):
        with pytest.raises(AuditError, match="legal hold"):
            custody.dispose([other, case_id], today=DAY, reason="asked for", early=early)
    assert len(store.events()) == before, "all or none"
    assert store.case(other).encounter.notes[0].text == TEXT
    custody.lift([] if whole else [case_id], "settled")
    custody.dispose([other, case_id], today=DAY)
    assert all("Okonkwo against" not in event.body for event in store.events())


def test_an_order_before_the_day_needs_a_reason_and_says_so(store: Store) -> None:
    case_id = coded(store)
    custody = Custody(store)
    with pytest.raises(AuditError, match="needs a reason"):
        custody.dispose([case_id], today=DAY, early=True)
    custody.dispose([case_id], today=DAY, early=True, reason="received in error")
    event = store.events()[-1]
    assert (event.data["basis"], event.data["due"]) == ("order", None)
    assert "received in error" not in event.body


def test_what_is_destroyed_is_gone_and_what_remains_still_checks(
    folder: Path, where: Places, store: Store
) -> None:
    case_id, other = coded(store), coded(store, "e-2")
    before = [event.body for event in store.events()]
    codes = [row.code for row in store.case(case_id).assigned]
    texts = {ref for event in store.events(case_id) for ref in event.blobs}
    Custody(store).dispose([case_id], today=DAY, early=True, reason="asked for")
    assert [event.body for event in store.events()][: len(before)] == before
    assert not texts & held(store)
    assert verify(folder, places=where).exit_code == 0
    case = store.case(case_id)
    assert [row.code for row in case.assigned] == codes
    assert case.encounter.notes[0].text == case.encounter.notes[0].source == ""
    assert all(not quote for row in case.assigned for quote in case.quote(row))
    assert case.disposed
    assert store.case(other).encounter.notes[0].text == TEXT
    assert store.cases(text="okonkwo")[0].case_id == other, "file names are forgotten as well"
    assert len(store.cases(text="okonkwo")) == 1
    with pytest.raises(AuditError, match="were destroyed on 2026-05-04"):
        store.decide(case_id, Accept(code="I10"))


def test_an_id_that_was_a_file_name_is_forgotten_too(store: Store) -> None:
    name = "Okonkwo Ada 1931.txt"
    case_id = store.record(
        encounter(name), dataclasses.replace(result(), encounter_id=name)
    ).case_id
    refused = store.record_failure(None, source="scan of Ngozi.pdf", errors=["No text."]).case_id
    Custody(store).dispose([case_id, refused], today=DAY, early=True, reason="asked for")
    shown = [row.encounter_id for row in store.cases()]
    assert all(each.startswith("erased-") for each in shown)
    assert len(set(shown)) == 2
    for words in ("okonkwo", "ngozi"):
        assert store.cases(text=words) == ()


def test_the_same_words_coming_in_again_are_news(store: Store) -> None:
    case_id = coded(store)
    Custody(store).dispose([case_id], today=DAY, early=True, reason="asked for")
    again = store.record(encounter(), result())
    assert (again.case_id, again.added) == (case_id, True)
    assert store.case(case_id).encounter.notes[0].text == TEXT
    assert not store.case(case_id).disposed
    assert Custody(store).look()[0].texts == 2


def test_only_compliance_destroys_holds_and_rules(folder: Path, where: Places) -> None:
    with Store.create_or_open(folder, places=where, actor=CODER, clock=ticking()) as store:
        case_id = coded(store)
        Staff(store).assign(CODER.id, [Role.ADMIN, Role.CODER, Role.REVIEWER])
        custody = Custody(store)
        for call in (
            lambda: custody.keep(7),
            lambda: custody.hold([case_id], "a matter"),
            lambda: custody.lift([case_id], "a matter"),
            lambda: custody.dispose([case_id], today=DAY, early=True, reason="x"),
        ):
            with pytest.raises(AuditError, match="needs one of: compliance"):
                call()


def test_a_text_that_is_back_and_one_that_is_lost_are_both_found(
    folder: Path, where: Places, store: Store
) -> None:
    case_id, other = coded(store), coded(store, "e-2")
    rows = "select ref, key, body from blob where ref = ?"
    ref = store.events(case_id)[0].blobs[1]
    lost = store.events(other)[0].blobs[1]
    with store.door.reading() as connection:
        kept = connection.exec_driver_sql(rows, (ref,)).one()
    Custody(store).dispose([case_id], today=DAY, early=True, reason="asked for")
    with store.door._database.write() as connection:
        connection.exec_driver_sql("insert into blob values (?, ?, ?)", tuple(kept))
        connection.exec_driver_sql("delete from blob where ref = ?", (lost,))
    report = verify(folder, places=where)
    assert report.exit_code == 1
    assert f"destroyed is in the store ({ref[:12]})" in report.problems[0]
    assert any(f"is missing ({lost[:12]})" in problem for problem in report.problems)


def test_the_list_beside_the_head_has_what_was_destroyed_even_after_a_kill(
    folder: Path, where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the commit, before the list or the head was written: the next one catches up."""

    def killed(self: object, *_: object) -> None:
        raise KeyboardInterrupt

    for cut in (DisposedFile, HeadFile):
        with Store.create_or_open(folder, places=where, actor=CODER) as store:
            case_id = coded(store, cut.__name__)
            texts = {ref for event in store.events(case_id) for ref in event.blobs}
            with monkeypatch.context() as patch:
                patch.setattr(cut, "append", killed)
                with pytest.raises(KeyboardInterrupt):
                    Custody(store).dispose([case_id], today=DAY, early=True, reason="asked for")
        with Store.open(folder, places=where, actor=CODER) as store:
            assert not texts & held(store)
            assert texts <= set(DisposedFile(where.disposed(store.store_id)).refs())
        assert verify(folder, places=where).exit_code == 0


def test_the_list_survives_a_torn_line_and_says_when_it_is_damaged(tmp_path: Path) -> None:
    listed = DisposedFile(tmp_path / "heads" / "x.disposed")
    assert listed.refs() == ()
    listed.append(["a" * 64])
    listed.append(["a" * 64, "b" * 64])
    path = tmp_path / "heads" / "x.disposed"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(path.read_bytes()[:-9])
    assert listed.refs() == ("a" * 64,)
    listed.append(["b" * 64])
    assert listed.refs() == ("a" * 64, "b" * 64)
    path.write_bytes(b"x" + path.read_bytes()[1:])
    with pytest.raises(AuditError, match="is damaged"):
        listed.refs()


def test_a_29_february_ends_on_the_first_of_march(store: Store) -> None:
    leap = dataclasses.replace(encounter(), service_date=date(2024, 2, 29))
    store.record(leap, result())
    Custody(store).keep(1)
    assert Custody(store).look()[0].due == date(2025, 3, 1)


def test_a_fold_after_a_disposal_needs_no_words(store: Store) -> None:
    case_id = coded(store)
    Custody(store).dispose([case_id], today=DAY, early=True, reason="asked for")
    review = project(store.events(case_id), case_id=case_id)
    assert review.works == ()
