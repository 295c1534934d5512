"""An act that came too late: what others did meanwhile, in words, and what was wanted."""

from collections.abc import Callable
from dataclasses import dataclass

from app.desktop.models.history import HistoryRow, history_rows
from app.wording import say
from app.workspace import OpenCase
from audit import Decision, StaleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """The case as it is now, what made it so (oldest first), the act wanted, and its repetition."""

    opened: OpenCase
    theirs: tuple[HistoryRow, ...]
    wanted: str
    again: Callable[[], None]


def stale(error: StaleError, opened: OpenCase, *, wanted: str, again: Callable[[], None]) -> Stale:
    """Return what is shown of a refused act."""
    numbers = {event.seq for event in error.since}
    rows = tuple(row for row in reversed(history_rows(opened)) if row.seq in numbers)
    return Stale(opened=opened, theirs=rows, wanted=wanted, again=again)


def act_in_words(decision: Decision) -> str:
    """Return in words what a person was about to do."""
    code = getattr(decision, "code", "")
    new = getattr(decision, "new_code", "")
    return say("wanted", type(decision).__name__.lower(), code=code, new_code=new)
