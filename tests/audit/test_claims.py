"""A case is in one person's hands at a time, in a folder and on a server alike."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import text

from audit import (
    Accept,
    Actor,
    ActorKind,
    AuditError,
    ClaimedError,
    Comment,
    Places,
    Reject,
    StaleError,
    Store,
    verify,
)
from audit.address import Address
from audit.lease import CaseReleased
from audit.where import Where
from pipeline.model import Route
from tests.audit.builders import CODER, TEXT, encounter, result, sign_off
from tests.postgres import Team
from tests.soak import times


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2024, 5, 4, 8, tzinfo=UTC)  # no server takes a time yet to come

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def wait(self, minutes: int) -> None:
        self.moment += timedelta(minutes=minutes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


Site = Callable[[str], Where]


@pytest.fixture(params=["folder", "server"])
def site(request: pytest.FixtureRequest, folder: Path, where: Places) -> Site:
    """Name a store as one of its people names it."""
    if request.param == "folder":
        Store.create_or_open(folder, places=where, actor=CODER).close()
        return lambda _role: folder
    team: Team = request.getfixturevalue("team")
    return team.address


@pytest.fixture
def as_person(site: Site, where: Places, clock: Clock) -> Callable[[str], Store]:
    def opened(role: str) -> Store:
        actor = Actor(kind=ActorKind.PERSON, id=role)
        return Store.open(site(role), places=where, actor=actor, clock=clock)

    return opened


AsPerson = Callable[[str], Store]


def test_a_case_in_hand_is_acted_on_by_its_holder_alone(as_person: AsPerson) -> None:
    with as_person("ada") as ada, as_person("ben") as ben:
        case_id = ada.record(encounter(), result()).case_id
        ben.decide(case_id, Reject(code="E11.9"))  # in nobody's hands: anybody's
        ada.claims.take(case_id)
        assert ada.cases()[0].claimed_by == "ada"
        before = ada.case(case_id).version
        for act in (
            lambda: ben.decide(case_id, Accept(code="I10")),
            lambda: ben.undo(case_id),
            lambda: ben.redo(case_id),
            lambda: ben.claims.take(case_id),
        ):
            with pytest.raises(ClaimedError, match=r"ada has this case in hand until .* UTC") as e:
                act()
            assert e.value.claim.by == "ada"
        ben.claims.release(case_id)  # not theirs: nothing happens
        assert ada.case(case_id).version == before
        assert ben.view(case_id).claim is not None  # looking is free
        ada.decide(case_id, Accept(code="I10"))
        ada.claims.release(case_id)
        assert ben.decide(case_id, Comment(text="Now I can.")).claim is None
        ben.claims.take(case_id)
        assert ada.cases()[0].claimed_by == "ben"


def test_a_lease_runs_out_and_acts_of_the_holder_renew_it(
    as_person: AsPerson, clock: Clock
) -> None:
    with as_person("ada") as ada, as_person("ben") as ben:
        case_id = ada.record(encounter(), result()).case_id
        ada.claims.take(case_id, minutes=30)
        clock.wait(25)
        ada.decide(case_id, Accept(code="I10"))
        clock.wait(25)
        with pytest.raises(ClaimedError):
            ben.claims.take(case_id)
        ben.view(case_id)  # what others do does not renew it
        clock.wait(6)
        ben.claims.take(case_id)
        with pytest.raises(ClaimedError, match="ben has"):
            ada.decide(case_id, Reject(code="E11.9"))
        clock.wait(31)
        ben.view(case_id)  # over is over, until it is claimed again
        ada.decide(case_id, Reject(code="E11.9"))


def test_a_submission_ends_the_claim(as_person: AsPerson) -> None:
    with as_person("ada") as ada, as_person("ben") as ben:
        case_id = ada.record(encounter(), result()).case_id
        ada.claims.take(case_id)
        ada.decide(case_id, Accept(code="I10"))
        ada.decide(case_id, Reject(code="E11.9"))
        assert sign_off(ada, case_id).claim is None
        assert ben.claims.next() is None


def test_the_next_case_is_nobodys_and_comes_in_order(as_person: AsPerson, clock: Clock) -> None:
    with as_person("ada") as ada, as_person("ben") as ben:
        ids = [ada.record(encounter(f"e{n}"), result(f"e{n}")).case_id for n in range(3)]
        assert [ada.claims.next(), ben.claims.next(lane=Route.REVIEW)] == ids[:2]
        assert ada.claims.next(lane=Route.AUTO) is None
        assert ada.claims.next() == ids[2]
        assert ben.claims.next() is None
        ada.claims.release(ids[2])
        assert ben.claims.next() == ids[2]
        clock.wait(40)
        assert ben.claims.next() == ids[0]


def test_a_stale_save_is_told_what_others_did_and_overwrites_nothing(as_person: AsPerson) -> None:
    with as_person("ada") as ada, as_person("ben") as ben:
        case_id = ada.record(encounter(), result()).case_id
        seen = ada.view(case_id).version
        ben.view(case_id)
        ada.decide(case_id, Comment(text="Mine."), seen=seen)  # looks and own acts are no change
        ben.decide(case_id, Reject(code="I10"))
        for act in (
            lambda: ada.decide(case_id, Accept(code="I10"), seen=seen),
            lambda: ada.undo(case_id, seen=seen),
            lambda: ada.claims.take(case_id, seen=seen),
        ):
            with pytest.raises(StaleError, match="ben changed this case") as stale:
                act()
        assert [(e.kind, e.actor.id) for e in stale.value.since] == [("decision.rejected", "ben")]
        now = ada.case(case_id)
        assert now.version == seen + 3
        ada.decide(case_id, Accept(code="I10"), seen=now.version)  # decided on what it is now
        ada.record(encounter(text=TEXT + "Seen again."), result())
        with pytest.raises(StaleError, match="chartproof changed this case"):
            ben.decide(case_id, Comment(text="On the old wording."), seen=now.version)


CLAIMANT = """
import sys
from pathlib import Path
from audit import Actor, ActorKind, Store
from audit.address import Address
from audit.lease import CaseReleased
from tests.audit.builders import places

root, named, who = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
where = Path(named) if named.startswith("/") else Address.parse(named)
actor = Actor(kind=ActorKind.PERSON, id=who)
with Store.open(where, places=places(root), actor=actor) as store:
    print("open", flush=True)
    sys.stdin.readline()
    while (case_id := store.claims.next()) is not None:
        print(case_id, flush=True)
"""


@pytest.mark.soak
def test_writers_that_claim_at_once_never_get_the_same_case(
    site: Site, where: Places, tmp_path: Path
) -> None:
    """In `make soak` eight writers claim 5,000 cases."""
    writers, count = (times(3, 8), times(45, 5000))
    with Store.open(site("ada"), places=where, actor=CODER) as store:
        for number in range(count):
            store.record_failure(None, source=f"n{number}.txt", errors=("No text.",))
    with ExitStack() as started:
        processes = []
        for number in range(writers):
            who = ("ada", "ben", "rita")[number % 3]
            named = site(who)
            if isinstance(named, Address):
                url = named.url.set(drivername="postgresql")
                named_as = url.render_as_string(hide_password=False)
            else:
                named_as = str(named)
            process = started.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", CLAIMANT, str(tmp_path), named_as, who],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    cwd=Path(__file__).parents[2],
                    env={**os.environ, "CHARTPROOF_KEYRING": "off"},
                )
            )
            started.callback(process.kill)
            processes.append(process)
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
        said = [process.communicate("go\n") for process in processes]
    assert [error for _, error in said] == [""] * writers
    got = [out.split() for out, _ in said]
    assert len(list(chain(*got))) == len(set(chain(*got))) == count
    assert verify(site("carl"), places=where).exit_code == 0


def test_a_row_that_is_not_its_cases_is_not_written_over(store: Store) -> None:
    """The version of the row is compared when it is set, whatever a command had read before."""
    case_id = store.record(encounter(), result()).case_id
    store.door.execute(lambda change: change.emit(CaseReleased(), case_id=case_id))
    assert store.case(case_id).version == 8
    with store.door._database.write() as connection:
        connection.execute(text("update case_row set version = 5"))
    with pytest.raises(AuditError, match="no row in the worklist that agrees"):
        store.decide(case_id, Accept(code="I10"))
    assert store.case(case_id).version == 8
