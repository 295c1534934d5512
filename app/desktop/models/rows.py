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
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._key = key
        self._text = text
        self._spoken = spoken or text

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return all rows."""
        return self._rows

    def set_rows(self, rows: tuple[Row, ...]) -> bool:
        """Show `rows`; return True where the list was reset and its selection with it."""
        if [self._key(row) for row in rows] == [self._key(row) for row in self._rows]:
            changed = [at for at, row in enumerate(rows) if row != self._rows[at]]
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
        for at, row in enumerate(self._rows):
            if self._key(row) == key:
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
        return row if role == ROW_ROLE else None
