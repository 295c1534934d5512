"""The three panes side by side and what goes between them: worklist, note, codes.

Whole values come in from the session and the review; the panes are told what to show. The one
thing kept here is which document is being read, since that is nobody's truth but the reader's.
"""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from app.desktop.models.cards import CardRow, Group, Quote, document_name
from app.desktop.models.case import case_head
from app.desktop.models.documents import document_detail, document_rows
from app.desktop.models.history import history_rows
from app.desktop.models.note import cards_at, highlights
from app.desktop.models.story import story
from app.desktop.review import Review
from app.desktop.session import Session
from app.desktop.theme import Theme
from app.desktop.widgets.cards import CardsPane
from app.desktop.widgets.history import HistoryPane
from app.desktop.widgets.intake import ProgressStrip
from app.desktop.widgets.lists import DocumentsPane, left_pane
from app.desktop.widgets.notepane import NotePane
from app.desktop.widgets.notices import EmptyPage, NoticeBar
from app.desktop.widgets.worklist import WorklistPane
from app.worklist import Filter, Worklist
from app.workspace import OpenCase
from audit import State

ZOOM = range(-4, 13)
"""Points the note's type may differ from its usual size."""

WIDTHS = ((216, 272), (360, 720), (336, 412))
"""Least and first width of each pane."""


class Panes(QWidget):
    """Worklist and documents, the note, codes and history."""

    reading_changed = Signal(str)

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
        self.zoom_points = 0
        self.reading = ""
        self._theme = theme
        self._opened: OpenCase | None = None
        self._review: Review | None = None
        self._session: Session | None = None
        self._empty = EmptyPage(theme)
        self._middle = QStackedWidget()
        self._tabs = QTabWidget()
        self.movable = {"worklist": self.left, "note": self._middle, "codes": self._tabs}
        self._lay_out()
        self._empty.say("loading")
        theme.changed.connect(self._show_head)

    def follow(self, session: Session, review: Review) -> None:
        """Show what session and review say, and tell them what is clicked."""
        self._review = review
        self._session = session
        self.history.chosen.connect(self._show_story)
        self._tabs.currentChanged.connect(lambda _: self._show_history())
        session.worklist_changed.connect(self._show_worklist)
        session.noticed.connect(self.notice.show_notice)
        session.unopened.connect(lambda why: self._empty.say("unopened", detail=why))
        review.noticed.connect(self.notice.show_notice)
        review.case_changed.connect(self._show_case)
        review.current_changed.connect(self._show_current)
        review.expected.connect(self._show_expected)
        review.evidence_wanted.connect(self._show_quote)
        self.worklist.filtered.connect(session.filter)
        self.worklist.chosen.connect(session.open)
        self.documents.chosen.connect(self.read)
        self.documents.section_chosen.connect(lambda start: self.note.view.reveal(start, start))
        self.note.finder.left.connect(self.codes.list.setFocus)
        self.note.view.place_clicked.connect(self._place_clicked)
        self.codes.list.clicked.connect(review.select)
        self.codes.list.quote_clicked.connect(review.show_quote)

    def read(self, note_id: str) -> None:
        """Show a document of the open case from its beginning."""
        if self._opened is None or note_id == self.reading:
            return
        note = self._opened.case.encounter.note(note_id)
        self.reading = note_id
        self.note.show_note(name=document_name(note), detail=document_detail(note), text=note.text)
        if self._review is not None:
            rows = document_rows(self._opened, self._review.cards, note_id)
            self.documents.show_documents(rows, note_id)
        self._draw()
        self.reading_changed.emit(note_id)

    def step_note(self, by: int) -> None:
        """Read the next or the previous document of the case."""
        notes = self._opened.case.encounter.notes if self._opened else ()
        ids = [note.note_id for note in notes]
        if self.reading in ids:
            self.read(ids[(ids.index(self.reading) + by) % len(ids)])

    def find_words(self) -> None:
        """Open find under the note."""
        self.note.finder.enter()

    def search_cases(self) -> None:
        """Put the cursor in the worklist's search."""
        self.worklist.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.worklist.search.selectAll()

    def show_failed(self) -> None:
        """Show only the cases that could not be coded."""
        self.worklist.show_only(Filter(state=State.FAILED))

    def show_all(self) -> None:
        """Show every case."""
        self.worklist.show_only(Filter())

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

    def zoom(self, by: int) -> None:
        """Change the size of the note's type by points, or put it back with 0."""
        points = self.zoom_points + by if by else 0
        self.zoom_points = min(max(points, ZOOM.start), ZOOM.stop - 1)
        self.note.view.set_zoom(self.zoom_points)

    def _lay_out(self) -> None:
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self.codes, "Codes")
        self._tabs.addTab(self.history, "History")
        self._tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tabs.tabBar().setDrawBase(False)
        self._middle.addWidget(self._empty)
        self._middle.addWidget(self.note)
        for at, pane in enumerate((self.left, self._middle, self._tabs)):
            pane.setMinimumWidth(WIDTHS[at][0])
            self.columns.addWidget(pane)
            self.columns.setStretchFactor(at, 1 if pane is self._middle else 0)
        self.columns.setHandleWidth(1)
        self.columns.setChildrenCollapsible(False)
        self.columns.setSizes([first for _, first in WIDTHS])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self.progress)
        column.addWidget(self.columns, 1)

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
        ids = [note.note_id for note in opened.case.encounter.notes]
        if other or self.reading not in ids:
            self.reading = ""
            if ids:
                self.read(self._most_telling(ids))
        self._middle.setCurrentWidget(self.note if ids else self._empty)
        if not ids:
            self._empty.say("failed", detail="\n".join(opened.case.errors))
        if self._review is not None:
            cards = self._review.cards
            self._show_head()
            self.codes.list.show_cards(cards, self._review.key)
            self.documents.show_documents(document_rows(opened, cards, self.reading), self.reading)
            self._draw()
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

    def _most_telling(self, ids: list[str]) -> str:
        """Return the document with most evidence, the first of those with as much."""
        cards = self._review.cards if self._review else ()
        telling = [card for card in cards if card.group is not Group.EXCLUDED]
        spans = [span.note_id for card in telling for span in card.evidence]
        return max(ids, key=spans.count)

    def _show_head(self) -> None:
        if self._opened is not None and self._review is not None:
            self.note.show_head(case_head(self._opened, self._review.cards))

    def _show_expected(self) -> None:
        if self._review is not None:
            self.codes.list.show_cards(self._review.cards, self._review.key)

    def _show_current(self, card: CardRow | None) -> None:
        self.codes.list.set_current(card.key if card else None)
        self._draw()

    def _show_quote(self, quote: Quote) -> None:
        self.read(quote.span.note_id)
        self.documents.mark(quote.span.note_id)
        self.note.view.reveal(quote.span.start, quote.span.end)

    def _draw(self) -> None:
        if self._review is not None and self.reading:
            self.note.show_marks(highlights(self._review.cards, self.reading, self._review.key))
            self.documents.mark(self.reading)

    def _place_clicked(self, position: int) -> None:
        """Put the cursor on the card whose evidence was clicked; clicked again, on the next."""
        if self._review is None:
            return
        marks = highlights(self._review.cards, self.reading, None)
        keys = cards_at(marks, position)
        if keys:
            now = self._review.key
            at = (keys.index(now) + 1) % len(keys) if now in keys else 0
            self._review.select(keys[at])
