"""What is asked of a person, as dialogs over the window: why, which code, what to say, whether."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.desktop.models.cards import CardRow, one_line
from app.desktop.models.stale import Stale
from app.desktop.session import Session
from app.desktop.theme import Theme
from app.desktop.widgets.commentdialog import CommentDialog
from app.desktop.widgets.dialogs import ReasonDialog, ReportDialog
from app.desktop.widgets.encoder import CodeDialog
from app.desktop.widgets.mergedialog import MergeDialog
from app.desktop.widgets.note import NoteView
from app.desktop.widgets.querydialog import QueryDialog
from app.desktop.widgets.summary import SummaryDialog
from app.query import Draft, indicator, whole_line
from app.signoff import Summary
from app.wording import say, words
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

    def hold(self, then: Callable[[str], None]) -> None:
        """Ask why the case is put aside."""
        dialog = ReasonDialog(
            self._window,
            title=say("places", "hold-title"),
            subtitle="",
            reasons=words()["hold_reasons"],
        )
        dialog.answered.connect(then)
        self.over(dialog)

    def comment(self, card: CardRow | None, then: Callable[[str, str], None]) -> None:
        """Ask for a comment on a code, or on the case."""
        on_code = card is not None and card.key.startswith("code:")
        dialog = CommentDialog(
            self._window,
            code=card.code if card is not None and on_code else "",
            title=card.title if card is not None else "",
        )
        dialog.answered.connect(then)
        self.over(dialog)

    def query(
        self, card: CardRow | None, then: Callable[[Draft, str, tuple[str, ...]], None]
    ) -> None:
        """Ask for a query about a card, which cites its words and those selected in the note."""
        opened = self._session.case
        if opened is None:
            return
        encounter = opened.case.encounter
        quotes = [quote for quote in card.quotes if quote.shown] if card is not None else []
        chosen = dict.fromkeys(self.selection(), "")
        lines = {whole_line(encounter, quote.span): quote.place for quote in reversed(quotes)}
        cited = chosen | dict(reversed(lines.items()))
        named = {option.title for option in card.options if option.kind == "detail"} if card else ()
        about = one_line(quotes[0].text) if quotes else ""
        about = about if about.isupper() else about[:1].lower() + about[1:]
        dialog = QueryDialog(
            self._window,
            encounter_id=encounter.encounter_id,
            about=about,
            indicators=[
                indicator(encounter, span, section=_section(cited[span])) for span in cited
            ],
            options=[option.title for option in card.options if option.title in named]
            if card
            else [],
            theme=self._theme,
        )
        codes = (card.code,) if card is not None and card.key.startswith("code:") else ()
        dialog.written.connect(lambda draft, text: then(draft, text, codes))
        self.over(dialog)

    def summary(
        self, seen: Summary, *, submit: Callable[[], None], go: Callable[[str], None]
    ) -> None:
        """Show what would be submitted."""
        opened = self._session.case
        name = opened.case.encounter.encounter_id if opened is not None else ""
        dialog = SummaryDialog(self._window, seen, name=name, theme=self._theme)
        dialog.submitted.connect(submit)
        dialog.wanted.connect(go)
        self.over(dialog)

    def code(
        self,
        *,
        title: str,
        start: str,
        evidence: tuple[EvidenceSpan, ...],
        then: Callable[[str, tuple[EvidenceSpan, ...], str, tuple[str, ...]], None],
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
            lookup=self._session.books,
            theme=self._theme,
        )
        dialog.answered.connect(lambda code, reason, path: then(code, evidence, reason, path))
        self.over(dialog)

    def selection(self) -> tuple[EvidenceSpan, ...]:
        """Return the words selected in the note that is read."""
        chosen = self._note.selected()
        if chosen is None or not self._reading():
            return ()
        return (EvidenceSpan(note_id=self._reading(), start=chosen[0], end=chosen[1]),)

    def stale(self, refused: Stale) -> None:
        """Show what others did meanwhile, and offer the act on the case as it is now."""
        dialog = MergeDialog(self._window, refused)
        dialog.again.connect(refused.again)
        self.over(dialog)

    def report(self, text: str) -> None:
        """Show what to send us about a fault of ours."""
        self.over(ReportDialog(self._window, text))

    def over(self, dialog: QDialog) -> None:
        """Open a dialog over the window; when it closes, the focus goes back to the cards."""
        dialog.finished.connect(self._return)
        QDialog.open(dialog)  # the dialog of a printer has another `open`

    def _return(self) -> None:
        self._home.window().activateWindow()
        self._home.setFocus(Qt.FocusReason.ActiveWindowFocusReason)


def _section(place: str) -> str:
    """Return the section of a quote's place, which begins with the document's name."""
    parts = place.split(" · ")
    return parts[1] if len(parts) > 1 else ""
