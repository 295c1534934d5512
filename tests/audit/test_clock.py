"""A clock that jumped is said by the next append, whatever was done in between."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit import AuditError, Places, Store
from audit.change import Change
from audit.handling import Handling
from audit.uses import SignerRegistered
from tests.audit.builders import CODER


def nothing(store: Store) -> None:
    store.door.execute(lambda _: None)


def failing(store: Store) -> None:
    def command(change: Change) -> None:
        change.emit(SignerRegistered(vkey="no key"), case_id=None)
        change.seal("a text that no event names")

    with pytest.raises(AuditError):
        store.door.execute(command)


@pytest.mark.parametrize("between", [nothing, failing])
@pytest.mark.parametrize("hours", [-5, 5])
def test_a_jump_waits_for_the_next_append(
    folder: Path, where: Places, between: Callable[[Store], None], hours: int
) -> None:
    wall = datetime(2026, 5, 4, tzinfo=UTC)
    with Store.create_or_open(folder, places=where, actor=CODER, clock=lambda: wall) as store:
        for _ in range(2):
            Handling(store).searched("gout", found=0)
        wall += timedelta(hours=hours)
        between(store)
        for _ in range(2):
            Handling(store).searched("gout", found=0)
        *_, said, searched = store.events()
        kinds = [event.kind for event in store.events()]
    assert kinds.count("clock.changed") == 1
    assert (said.kind, said.data) == ("clock.changed", {"seconds": hours * 3600})
    assert searched.kind == "cases.searched"
