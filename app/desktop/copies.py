"""The one place where words leave the window by copying: told to the log where notes are in them.

Whatever widget copies, by a key, a menu or a button, the clipboard says so, and what it holds is
looked up in the notes of the open case. The note itself tells which place was copied or dragged,
so nothing has to be looked up there. No other text can be dragged out (`widgets.texts`), and what
is merely selected is kept from X11's second clipboard.
"""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QClipboard, QGuiApplication

from app.desktop.models.copied import taken
from app.desktop.reader import Reader
from app.desktop.session import Session
from app.desktop.widgets.note import FROM_NOTE
from app.workspace import Workspace
from pipeline.model import EvidenceSpan

_SELECTION = QClipboard.Mode.Selection
_OURS = frozenset({"offscreen", "minimal"})
"""Platforms whose clipboard nobody else has, and which do not say that it is ours."""


class Copies(QObject):
    """Watches the clipboard; `left` tells a text that was copied outside of the note."""

    left = Signal(str)

    def __init__(self, session: Session, *, reader: Reader, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._clipboard = QGuiApplication.clipboard()
        self._alone = QGuiApplication.platformName() in _OURS
        self._clipboard.dataChanged.connect(self._changed)
        self._clipboard.selectionChanged.connect(self._selected)
        reader.copied.connect(self._note_copied)

    def _note_copied(self, case_id: str, span: EvidenceSpan, wording: int) -> None:
        self._session.ask(
            lambda workspace: workspace.uses.copied(case_id, span, revision=wording),
            lambda _: None,
        )

    def _changed(self) -> None:
        if not (self._alone or self._clipboard.ownsClipboard()):
            return
        carried = self._clipboard.mimeData()
        text = carried.text() if carried is not None else ""
        if not text or carried.hasFormat(FROM_NOTE):
            return
        self.left.emit(text)
        opened = self._session.case
        if opened is None:
            return
        case = opened.case

        def record(workspace: Workspace) -> None:
            found = taken(text, case)
            if found.spans:
                workspace.uses.copied(case.case_id, *found.spans, revision=found.revision)

        self._session.ask(record, lambda _: None)

    def _selected(self) -> None:
        if self._clipboard.ownsSelection() and self._clipboard.text(_SELECTION):
            self._clipboard.clear(_SELECTION)
