"""Two people at one store through what the window asks: who has a case, what came too late."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.workspace import Workspace
from audit import (
    Accept,
    Actor,
    ActorKind,
    ClaimedError,
    Reject,
    StaleError,
    State,
    Status,
    Store,
    verify,
)
from taxonomy import Taxonomy
from tests.app.desktop import builders
from tests.postgres import PostgresServer, Team

Seat = Callable[[str], Workspace]


@pytest.fixture
def team(postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    monkeypatch.setenv("CHARTPROOF_KEYRING", "off")
    made = postgres.database()
    opened(made, tmp_path, "owner").close()
    made.let_in()
    with opened(made, tmp_path, "ada") as store:
        store.record(*builders.first_case())
        store.record(*builders.second_case())
    return made


def opened(team: Team, root: Path, role: str) -> Store:
    actor = Actor(kind=ActorKind.PERSON, id=role)
    return Store.create_or_open(team.address(role), places=builders.places(root), actor=actor)


@pytest.fixture
def seat(team: Team, tmp_path: Path, icd: Taxonomy) -> Iterator[Seat]:
    """Sit a person down at the window."""
    with ExitStack() as ended:

        def sit(role: str) -> Workspace:
            place = Workspace(
                store=opened(team, tmp_path, role),
                load_taxonomy=lambda _origin: icd,
                load_encoder=builders.encoder,
            )
            ended.callback(place.close)
            return place

        yield sit


def test_the_first_act_takes_a_case_in_hand_and_the_next_case_lets_it_go(
    team: Team, seat: Seat, tmp_path: Path
) -> None:
    ada, ben = seat("ada"), seat("ben")
    first, second = (row.case_id for row in ada.worklist().rows)
    for place in (ada, ben):
        assert place.open(first).case.claim is None  # looking is free
    changed = ada.decide(first, Accept(code="I10"))
    assert changed.case.claim is not None
    assert changed.case.claim.by == "ada"
    ben.open(first)
    with pytest.raises(ClaimedError, match="ada has this case in hand"):
        ben.decide(first, Reject(code="I10"))
    assert ada.undo(first).case.can_redo
    ada.open(second)
    row = ben.open(first).case.row("I10")
    assert row is not None
    assert row.status is Status.OPEN
    assert ben.decide(first, Reject(code="I10")).case.state is State.OPEN
    held = {row.case_id: row.claimed_by for row in ada.worklist().rows}
    assert held == {first: "ben", second: ""}
    assert verify(team.address("carl"), places=builders.places(tmp_path)).problems == ()


def test_what_came_too_late_is_refused_and_then_done_on_what_the_case_is(seat: Seat) -> None:
    ada, ben = seat("ada"), seat("ben")
    first, second = (row.case_id for row in ada.worklist().rows)
    ada.open(first)
    ben.open(first)
    ben.decide(first, Reject(code="I10"))
    ben.open(second)
    with pytest.raises(StaleError) as refused:
        ada.decide(first, Accept(code="I10"))
    assert [event.actor.id for event in refused.value.since] == ["ben"]
    ada.look(first)
    row = ada.decide(first, Accept(code="I10")).case.row("I10")
    assert row is not None
    assert row.status is Status.ACCEPTED
