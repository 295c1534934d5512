"""The case a person has in hand on a store that others work on; nothing on one of their own."""

import time

from audit import Case, Store

_now = time.time  # a clock that goes on while the machine sleeps
_MARGIN = 60.0
"""Seconds before the end of a lease from which on it is taken anew."""


class Hand:
    """Takes a case with the first act on it, and anew where the lease may have run out.

    The store looks at each act itself; this only keeps a person's case theirs.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._case_id = ""
        self._since = self._until = 0.0

    def take(self, case_id: str, *, seen: int | None) -> None:
        """Have the case in hand before an act on it.

        ClaimedError where another person has it; StaleError where others changed it since it was
        at version `seen`.
        """
        if not self._store.shared:
            return
        if self._case_id != case_id:
            self.let_go()
        elif self._since <= _now() < self._until:
            return
        self._store.claims.take(case_id, seen=seen)
        self._case_id = case_id

    def after(self, case: Case) -> None:
        """Note what an act left: it renewed the lease, or ended it as a submission does."""
        if case.case_id != self._case_id:
            return
        if case.claim is None:
            self._case_id = ""
            return
        self._since = _now()
        self._until = self._since + case.claim.minutes * 60 - _MARGIN

    def leave(self, case_id: str) -> None:
        """Let go of what is in hand, if it is another case than this one."""
        if case_id != self._case_id:
            self.let_go()

    def let_go(self) -> None:
        """Let go of what is in hand, if anything is."""
        case_id, self._case_id = self._case_id, ""
        if case_id:
            self._store.claims.release(case_id)
