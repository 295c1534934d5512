"""Reading a case: which document is on the screen, what is marked in it, how large it is.

Nothing here decides anything; what is read is nobody's truth but the reader's.
"""

from PySide6.QtCore import QObject, Signal

from app.desktop.models.cards import Group, Quote, document_name
from app.desktop.models.case import case_head
from app.desktop.models.documents import document_detail, document_rows
from app.desktop.models.note import cards_at, highlights, same_place
from app.desktop.review import Review
from app.desktop.theme import Theme
from app.desktop.widgets.lists import DocumentsPane
from app.desktop.widgets.notepane import NotePane
from app.workspace import OpenCase
from pipeline.model import EvidenceSpan

ZOOM = range(-4, 13)
"""Points the note's type may differ from its usual size."""


class Reader(QObject):
    """The note and the list of documents, kept in step with the cursor among the cards."""

    changed = Signal(str)
    shown = Signal(str, str, int)
    copied = Signal(str, object, int)

    def __init__(
        self,
        *,
        note: NotePane,
        documents: DocumentsPane,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._note = note
        self._documents = documents
        self._opened: OpenCase | None = None
        self._review: Review | None = None
        self.reading = ""
        self._drawn = ("", "", "")
        self.zoom_points = 0
        documents.chosen.connect(self.read)
        documents.section_chosen.connect(lambda start: note.view.reveal(start, start))
        note.view.place_clicked.connect(self._place_clicked)
        note.view.copied.connect(self._copied)
        theme.changed.connect(self._show_head)

    def follow(self, review: Review) -> None:
        """Go where the review's evidence is wanted."""
        self._review = review
        review.evidence_wanted.connect(self._show_quote)

    def show_case(self, opened: OpenCase) -> bool:
        """Show a case; False where it has no document.

        Another case is read from its most telling document, the same one where it is read; a new
        wording of that takes the place of the old one.
        """
        other = self._opened is None or self._opened.case.case_id != opened.case.case_id
        self._opened = opened
        ids = [note.note_id for note in opened.case.encounter.notes]
        if other or self.reading not in ids:
            self.reading = ""
            if ids:
                self.read(self._most_telling(ids))
        elif self._face(self.reading) != self._drawn:
            top = self._note.view.top()
            old = self._drawn[-1]
            self._show_note(self.reading)
            self._note.view.show_top(same_place(top, old, self._drawn[-1]))
        self._show_head()
        self._show_documents()
        self.draw()
        return bool(ids)

    def read(self, note_id: str) -> None:
        """Show a document of the open case from its beginning."""
        if self._opened is None or note_id == self.reading:
            return
        self._show_note(note_id)
        self._show_documents()
        self.draw()
        self.changed.emit(note_id)

    def step_note(self, by: int) -> None:
        """Read the next or the previous document of the case."""
        notes = self._opened.case.encounter.notes if self._opened else ()
        ids = [note.note_id for note in notes]
        if self.reading in ids:
            self.read(ids[(ids.index(self.reading) + by) % len(ids)])

    def find_words(self) -> None:
        """Open find under the note."""
        self._note.finder.enter()

    def zoom(self, by: int) -> None:
        """Change the size of the note's type by points, or put it back with 0."""
        points = self.zoom_points + by if by else 0
        self.zoom_points = min(max(points, ZOOM.start), ZOOM.stop - 1)
        self._note.view.set_zoom(self.zoom_points)

    def draw(self) -> None:
        """Mark the evidence of the document that is read."""
        if self._review is not None and self.reading:
            self._note.show_marks(highlights(self._review.cards, self.reading, self._review.key))
            self._documents.mark(self.reading)

    def _show_note(self, note_id: str) -> None:
        """Put a document on the screen as the open case words it now."""
        if self._opened is None:
            return
        self.reading = note_id
        self._drawn = self._face(note_id)
        name, detail, text = self._drawn
        self._note.show_note(name=name, detail=detail, text=text)
        case = self._opened.case
        self.shown.emit(case.case_id, note_id, len(case.encounters))

    def _face(self, note_id: str) -> tuple[str, str, str]:
        """Return what is on the screen of a document: name, detail, text."""
        if self._opened is None:
            return "", "", ""
        note = self._opened.case.encounter.note(note_id)
        return document_name(note), document_detail(note), note.text

    def _show_documents(self) -> None:
        if self._opened is not None and self._review is not None:
            rows = document_rows(self._opened, self._review.cards, self.reading)
            self._documents.show_documents(rows, self.reading)

    def _most_telling(self, ids: list[str]) -> str:
        """Return the document with most evidence, the first of those with as much."""
        cards = self._review.cards if self._review else ()
        telling = [card for card in cards if card.group is not Group.EXCLUDED]
        spans = [span.note_id for card in telling for span in card.evidence]
        return max(ids, key=spans.count)

    def _show_head(self) -> None:
        if self._opened is not None and self._review is not None:
            self._note.show_head(case_head(self._opened, self._review.cards))

    def _show_quote(self, quote: Quote) -> None:
        self.read(quote.span.note_id)
        self._documents.mark(quote.span.note_id)
        self._note.view.reveal(quote.span.start, quote.span.end)

    def _copied(self, start: int, end: int) -> None:
        if self._opened is not None and self.reading:
            span = EvidenceSpan(note_id=self.reading, start=start, end=end)
            case = self._opened.case
            self.copied.emit(case.case_id, span, len(case.encounters))

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
