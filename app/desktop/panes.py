"""The three panes side by side and what goes between them: worklist, note, codes.

Whole values come in from the session and the review; the panes are told what to show.
"""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from app.desktop import sizes
from app.desktop.models.cards import CardRow
from app.desktop.models.history import history_rows
from app.desktop.models.story import story
from app.desktop.reader import Reader
from app.desktop.review import Review
from app.desktop.session import Session
from app.desktop.theme import Theme
from app.desktop.uses import Uses
from app.desktop.widgets.cards import CardsPane
from app.desktop.widgets.history import HistoryPane
from app.desktop.widgets.intake import ProgressStrip
from app.desktop.widgets.lists import DocumentsPane, left_pane
from app.desktop.widgets.notepane import NotePane
from app.desktop.widgets.notices import EmptyPage, NoticeBar
from app.desktop.widgets.worklist import WorklistPane
from app.worklist import Worklist
from app.workspace import OpenCase

WIDTHS = ((216, 272), (360, 720), (336, 412))
"""Least and first width of each pane."""


class Panes(QWidget):
    """Worklist and documents, the note, codes and history."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.worklist = WorklistPane(theme)
        self.documents = DocumentsPane(theme)
        self.note = NotePane(theme)
        self.codes = CardsPane(theme)
        self.history = HistoryPane(theme)
        self.notice = NoticeBar(theme)
        self.progress = ProgressStrip()
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.left = left_pane(self.worklist, self.documents)
        self.reader = Reader(note=self.note, documents=self.documents, theme=theme, parent=self)
        self._opened: OpenCase | None = None
        self._review: Review | None = None
        self._session: Session | None = None
        self._uses: Uses | None = None
        self._empty = EmptyPage(theme)
        self._middle = QStackedWidget()
        self._tabs = QTabWidget()
        self.movable = {"worklist": self.left, "note": self._middle, "codes": self._tabs}
        self._lay_out()
        self._empty.say("loading")
        theme.changed.connect(self._follow_type)

    def follow(self, session: Session, review: Review) -> None:
        """Show what session and review say, and tell them what is clicked."""
        self._review = review
        self._session = session
        self.reader.follow(review)
        self._uses = Uses(session, reader=self.reader, worklist=self.worklist, parent=self)
        self.history.chosen.connect(self._show_story)
        self._tabs.currentChanged.connect(lambda _: self._show_history())
        session.worklist_changed.connect(self._show_worklist)
        session.noticed.connect(self.notice.show_notice)
        session.unopened.connect(lambda why: self._empty.say("unopened", detail=why))
        review.noticed.connect(self.notice.show_notice)
        review.case_changed.connect(self._show_case)
        review.current_changed.connect(self._show_current)
        review.expected.connect(self._show_expected)
        self.worklist.filtered.connect(session.filter)
        self.worklist.chosen.connect(session.open)
        self.note.finder.left.connect(self.codes.list.setFocus)
        self.codes.list.clicked.connect(review.select)
        self.codes.list.quote_clicked.connect(review.show_quote)

    def show_codes(self) -> None:
        """Show the cards and give them the focus; find is left."""
        self.note.finder.leave()
        self._tabs.setCurrentIndex(0)
        self.codes.list.window().activateWindow()
        self.codes.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_history(self) -> None:
        """Show the history and give it the focus."""
        self._tabs.setCurrentIndex(1)
        self._show_history()
        self.history.list.window().activateWindow()
        self.history.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _lay_out(self) -> None:
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self.codes, "Codes")
        self._tabs.addTab(self.history, "History")
        self._tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tabs.tabBar().setDrawBase(False)
        self._middle.addWidget(self._empty)
        self._middle.addWidget(self.note)
        for at, pane in enumerate((self.left, self._middle, self._tabs)):
            self.columns.addWidget(pane)
            self.columns.setStretchFactor(at, 1 if pane is self._middle else 0)
        self.columns.setHandleWidth(1)
        self.columns.setChildrenCollapsible(False)
        self._share = self._give_widths()
        self.columns.setSizes([round(first * self._share) for _, first in WIDTHS])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self.progress)
        column.addWidget(self.columns, 1)

    def _give_widths(self) -> float:
        """Let each pane be as wide as its type needs; return by how much, which the screen ends."""
        room = self.screen().availableGeometry().width() / sum(least for least, _ in WIDTHS)
        share = min(sizes.scale(), max(1.0, room))
        for pane, (least, _) in zip(self.movable.values(), WIDTHS, strict=True):
            pane.setMinimumWidth(round(least * share))
        return share

    def _follow_type(self) -> None:
        """Make the panes at the sides wider or narrower with the type; the note has the rest."""
        before, self._share = self._share, self._give_widths()
        if before != self._share and self.columns.count() == len(WIDTHS):  # none is elsewhere
            left, note, right = self.columns.sizes()
            by = self._share / before
            self.columns.setSizes([round(left * by), note, round(right * by)])

    def _show_worklist(self, worklist: Worklist) -> None:
        current = self._opened.case.case_id if self._opened else None
        self.worklist.show_worklist(worklist, current)
        if self._opened is None:
            self._empty.say("loading" if worklist.size else "none")

    def _show_case(self, opened: OpenCase) -> None:
        """Show a case; another one from its first document, the same one where it is read."""
        other = self._opened is None or self._opened.case.case_id != opened.case.case_id
        self._opened = opened
        self._show_history()
        self.worklist.set_current(opened.case.case_id)
        readable = self.reader.show_case(opened)
        self._middle.setCurrentWidget(self.note if readable else self._empty)
        if not readable:
            self._empty.say("failed", detail="\n".join(opened.case.errors))
        self._show_expected()
        if other:
            self.show_codes()

    def _show_history(self) -> None:
        """Build the history only while it is looked at: it grows with every decision."""
        if self._opened is not None and self._tabs.currentWidget() is self.history:
            self.history.show_events(history_rows(self._opened))

    def _show_story(self, seq: int) -> None:
        """Show an event at once, and again with the texts it refers to when they are read."""
        opened, session = self._opened, self._session
        event = next((e for e in opened.events if e.seq == seq), None) if opened else None
        if opened is None or session is None or event is None:
            return
        title = next((row.what for row in self.history.model.rows if row.seq == seq), "")
        self.history.show_story(title, story(opened, seq, {}))

        def show(texts: Mapping[str, str]) -> None:
            if texts and self._opened is opened:
                self.history.show_story(title, story(opened, seq, texts))

        session.ask(lambda workspace: workspace.texts(event), show)

    def _show_expected(self) -> None:
        if self._review is not None:
            self.codes.list.show_cards(self._review.cards, self._review.key)

    def _show_current(self, card: CardRow | None) -> None:
        self.codes.list.set_current(card.key if card else None)
        self.reader.draw()
