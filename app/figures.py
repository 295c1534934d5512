"""What the dashboard counts: every case, cases in numbers, the chapters of codes."""

from collections.abc import Iterable

from app.shelf import Shelf
from app.worklist import Roll
from audit import CaseRow, Store
from audit.tally import Tally, tally


class Figures:
    """Numbers over a store; `rows` is called on the store's thread, the others on any."""

    def __init__(self, store: Store, shelf: Shelf, roll: Roll) -> None:
        self._store = store
        self._shelf = shelf
        self._roll = roll

    def rows(self) -> tuple[CaseRow, ...]:
        """Return every case of the store, in no order."""
        self._roll.follow(self._store)
        return self._roll.rows()

    def tally(self, case_id: str) -> Tally:
        """Return a case in numbers."""
        return tally(self._store.door, case_id)

    def chapters(self, codes: Iterable[str]) -> dict[str, str]:
        """Return the number of each code's chapter."""
        known = self._shelf.taxonomy(None)
        return {code: known.chapter(code) for code in codes if code in known}
