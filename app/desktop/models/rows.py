"""One Qt list model for every list of the window: a tuple of frozen rows, replaced whole.

The rows are built by pure functions beside this module. A new tuple that has the same keys in the
same order changes rows in place, so that a list keeps its place and its selection; any other is a
reset.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = TypeVar("Row")
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""Role under which a delegate finds the row itself."""


class RowsModel(QAbstractListModel, Generic[Row]):
    """A read-only list over a tuple of rows."""

    def __init__(
        self,
        *,
        key: Callable[[Row], str],
        text: Callable[[Row], str],
        spoken: Callable[[Row], str] | None = None,
        tip: Callable[[Row], str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._near = 0
        self._key = key
        self._text = text
        self._spoken = spoken or text
        self._tip = tip

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return all rows."""
        return self._rows

    def set_rows(self, rows: tuple[Row, ...]) -> bool:
        """Show `rows`; return True where the list was reset and its selection with it."""
        changed = self._changed(rows)
        if changed is not None:
            self._rows = rows
            for at in changed:
                self.dataChanged.emit(self.index(at), self.index(at))
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def row_at(self, index: QModelIndex | QPersistentModelIndex) -> Row | None:
        """Return the row at an index, None for an invalid one."""
        return self._rows[index.row()] if 0 <= index.row() < len(self._rows) else None

    def index_of(self, key: str) -> QModelIndex:
        """Return the index of the row with this key, an invalid one where there is none."""
        near = self._rows[self._near : self._near + 1]
        if near and self._key(near[0]) == key:
            return self.index(self._near)
        for at, row in enumerate(self._rows):
            if self._key(row) == key:
                self._near = at
                return self.index(at)
        return QModelIndex()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Return the number of rows; a row has no children."""
        return 0 if parent.isValid() else len(self._rows)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """Return the words of a row, or the row itself under `ROW_ROLE`."""
        row = self.row_at(index) if index.isValid() else None
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        if role == Qt.ItemDataRole.ToolTipRole and self._tip is not None:
            return self._tip(row)
        return row if role == ROW_ROLE else None

    def _changed(self, rows: tuple[Row, ...]) -> list[int] | None:
        """Return where rows differ, None where their keys or their order do.

        Rows are values handed on, so most are the very same objects; comparing those first keeps
        a change of one case among fifty thousand to a millisecond.
        """
        if len(rows) != len(self._rows):
            return None
        pairs = enumerate(zip(rows, self._rows, strict=True))
        changed = [at for at, (new, old) in pairs if new is not old and new != old]
        same = all(self._key(rows[at]) == self._key(self._rows[at]) for at in changed)
        return changed if same else None
