"""What a person looks at and looks for, told to the log in its turn on the lane.

Nothing waits for it: what is shown is on the screen by then.
"""

from PySide6.QtCore import QObject, Qt

from app.desktop.reader import Reader
from app.desktop.session import Session
from app.desktop.widgets.worklist import WorklistPane


class Uses(QObject):
    """Records which documents were shown in this sitting, and what was searched for."""

    def __init__(
        self, session: Session, *, reader: Reader, worklist: WorklistPane, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: set[tuple[str, str, int]] = set()
        # A case that was read ahead is painted before its opening is recorded, which comes first.
        reader.shown.connect(self._note_shown, Qt.ConnectionType.QueuedConnection)
        worklist.searched.connect(self._searched)

    def _note_shown(self, case_id: str, note_id: str, wording: int) -> None:
        if (case_id, note_id, wording) in self._shown:
            return
        self._shown.add((case_id, note_id, wording))
        self._session.ask(
            lambda workspace: workspace.uses.note_seen(case_id, note_id), lambda _: None
        )

    def _searched(self, text: str) -> None:
        self._session.ask(lambda workspace: workspace.searched(text), lambda _: None)
