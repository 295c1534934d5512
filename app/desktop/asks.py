"""The questions of a review as dialogs over the window: why rejected, which code."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.desktop.models.cards import CardRow, one_line
from app.desktop.session import Session
from app.desktop.theme import Theme
from app.desktop.widgets.dialogs import ReasonDialog, ReportDialog
from app.desktop.widgets.encoder import CodeDialog
from app.desktop.widgets.note import NoteView
from app.wording import words
from pipeline.model import EvidenceSpan


class Dialogs:
    """Opens dialogs over the window; each gives the focus back to `home` when it closes."""

    def __init__(
        self,
        window: QWidget,
        *,
        session: Session,
        note: NoteView,
        reading: Callable[[], str],
        home: QWidget,
        theme: Theme,
    ) -> None:
        self._window = window
        self._session = session
        self._note = note
        self._reading = reading
        self._home = home
        self._theme = theme

    def reason(self, card: CardRow, then: Callable[[str], None]) -> None:
        """Ask why a code is rejected."""
        dialog = ReasonDialog(
            self._window,
            title=f"Reject {card.code}",
            subtitle=card.title,
            reasons=words()["reject_reasons"],
        )
        dialog.answered.connect(then)
        self.over(dialog)

    def code(
        self,
        *,
        title: str,
        start: str,
        evidence: tuple[EvidenceSpan, ...],
        then: Callable[[str, tuple[EvidenceSpan, ...], str], None],
    ) -> None:
        """Ask for a code by search, which begins with `start` or else the words that prove it."""
        opened = self._session.case
        if opened is None:
            return
        quoted = " … ".join(one_line(opened.case.encounter.quote(span)) for span in evidence)
        dialog = CodeDialog(
            self._window,
            title=title,
            words=quoted,
            start=start,
            lookup=self._session,
            theme=self._theme,
        )
        dialog.answered.connect(lambda code, reason: then(code, evidence, reason))
        self.over(dialog)

    def selection(self) -> tuple[EvidenceSpan, ...]:
        """Return the words selected in the note that is read."""
        chosen = self._note.selected()
        if chosen is None or not self._reading():
            return ()
        return (EvidenceSpan(note_id=self._reading(), start=chosen[0], end=chosen[1]),)

    def report(self, text: str) -> None:
        """Show what to send us about a fault of ours."""
        self.over(ReportDialog(self._window, text))

    def over(self, dialog: QDialog) -> None:
        """Open a dialog over the window; when it closes, the focus goes back to the cards."""
        dialog.finished.connect(self._return)
        dialog.open()

    def _return(self) -> None:
        self._home.window().activateWindow()
        self._home.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
