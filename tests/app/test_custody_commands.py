"""The commands on recorded work, as people type them: what they print, and how they end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit import Actor, ActorKind, Places, Store, verify
from audit.staff import Staff
from tests.app.conftest import Run
from tests.audit.builders import encounter, result


@pytest.fixture
def where(tmp_path: Path) -> Places:
    """The folders that the command finds in its home."""
    home = tmp_path / "home"
    return Places(
        state=home / ".local" / "state" / "chartproof", config=home / ".config" / "chartproof"
    )


@pytest.fixture
def store(tmp_path: Path, where: Places, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("CHARTPROOF_KEYRING", "off")
    actor = Actor(kind=ActorKind.PERSON, id="ada")
    with Store.create_or_open(tmp_path / "s", places=where, actor=actor) as store:
        yield store


@pytest.fixture
def cases(store: Store) -> list[str]:
    return [store.record(encounter(name), result(name)).case_id for name in ("e-1", "e-2")]


def test_texts_are_held_kept_and_destroyed(run: Run, cases: list[str], tmp_path: Path) -> None:
    on = ("--store", tmp_path / "s")
    assert run("audit", "retain", "1", *on).out == "1 year\n"
    assert run("audit", "hold", "e-1", "--matter", "a suit", *on).code == 0
    shown = run("audit", "dispose", "e-1", "e-2", "--json", *on)
    assert (shown.code, shown.objects[0]["done"], shown.objects[0]["texts"]) == (0, False, 4)
    assert "legal hold" in shown.objects[0]["hindrances"][0]
    assert "kept until 2027-05-04" in shown.objects[0]["hindrances"][1]
    assert "Nothing would be destroyed" in shown.err
    early = run("audit", "dispose", "e-2", "--early", "--reason", "asked for", *on)
    assert "2 texts of 1 case would be destroyed; give --yes" in early.err
    refused = run("audit", "dispose", "e-1", "--yes", "--early", "--reason", "asked for", *on)
    assert refused.code == 1
    assert "legal hold" in refused.err
    done = run("audit", "dispose", "e-2", "--yes", "--early", "--reason", "asked for", *on)
    assert (done.code, "2 texts of 1 case destroyed" in done.err) == (0, True)
    assert cases[1] in done.out
    again = run("audit", "dispose", cases[1], "--yes", "--early", "--reason", "asked for", *on)
    assert (again.code, "destroyed already. Nothing was destroyed" in again.err) == (1, True)
    assert run("audit", "dispose", "nobody", *on).code == 2
    (told,) = run("audit", "replay", cases[1], "--json", *on).objects
    assert told["not_replayed"] == {"texts-destroyed": 1}


def test_a_store_is_saved_and_put_back(
    run: Run, store: Store, cases: list[str], tmp_path: Path, where: Places
) -> None:
    saved = run("audit", "backup", "b", "--keys", "k", "--json", "--store", tmp_path / "s")
    assert saved.code == 0
    (made,) = saved.objects
    again = ("audit", "restore", made["backup"], "--keys", made["keys"], "--store", "new", "--json")
    busy = run(*again, "--lose", "1")
    assert (busy.code, "is open in another process" in busy.err) == (1, True)
    store.close()
    lost = run(*again)
    assert (lost.code, "1 event would be lost, and 0 said" in lost.err) == (1, True)
    done = run(*again, "--lose", "1")
    assert done.objects[0]["texts"] == 4
    assert verify(tmp_path / "new", places=where).problems == ()


def test_people_have_the_roles_they_were_given(run: Run, cases: list[str], tmp_path: Path) -> None:
    on = ("--store", tmp_path / "s")
    named = {"CHARTPROOF_ACTOR": "ada"}
    assert run("audit", "people", "ada", "--roles", "chief", *on, **named).code == 2
    given = run("audit", "people", "ada", "--roles", "admin", "--json", *on, **named)
    assert given.objects[0]["people"] == [{"id": "ada", "name": "", "key": "", "roles": ["admin"]}]
    assert "they do not protect" in given.err
    denied = run("audit", "retain", "7", *on, **named)
    assert (denied.code, "needs one of: compliance" in denied.err) == (1, True)


def test_a_lost_passphrase_is_reset_with_a_reason_and_says_what_that_is_worth(
    run: Run, store: Store, tmp_path: Path
) -> None:
    on, named = ("--store", tmp_path / "s"), {"CHARTPROOF_ACTOR": "ada"}
    reset = ("audit", "people", "ada", "--reset", *on)
    assert "no signing key" in run(*reset, "--reason", "lost", **named).err
    Staff(store).enrol("Ada Okonkwo", "five red herrings")
    before = run("audit", "people", "--json", *on, **named).objects[0]["people"]
    assert run(*reset, "--roles", "coder", **named).code == 2
    assert run("audit", "people", "--reset", "--reason", "lost", *on, **named).code == 2
    assert "only with a reason" in run(*reset, **named).err
    assert run("audit", "people", "--json", *on, **named).objects[0]["people"] == before
    done = run(*reset, "--reason", "lost", "--json", **named)
    assert (done.code, done.objects[0]["people"][0]["key"]) == (0, "")
    assert "they do not protect" in done.err


def test_a_store_that_is_not_there_is_not_made(run: Run, tmp_path: Path) -> None:
    for command in (
        ("retain",),
        ("dispose", "--due"),
    ):
        done = run("audit", *command, "--store", tmp_path / "nowhere")
        assert done.code == 1
        assert "There is no store" in done.err
    assert not (tmp_path / "nowhere").exists()
