"""Where a person was: which case, document and card, and how far the note was scrolled.

Noted a moment after each change and not when the window closes, so that a window that is killed
comes back to the same place. The file holds numbers and the random id of the case, no word of it.
"""

from dataclasses import dataclass
from typing import Self

from PySide6.QtCore import QObject, QSettings, QTimer

from app.desktop.panes import Panes
from app.desktop.review import Review
from app.workspace import OpenCase

NOTED_MS = 300
"""How long after a change the place is noted."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a case: number of the document, of the card, first code point on the screen."""

    case_id: str
    document: int = 0
    card: int = 0
    top: int = 0

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the place a text names, None where it names none."""
        case_id, *numbers = text.split() or [""]
        if len(numbers) != 3 or not all(number.isdecimal() for number in numbers):  # noqa: PLR2004
            return None
        document, card, top = map(int, numbers)
        return cls(case_id, document, card, top)

    def __str__(self) -> str:
        return f"{self.case_id} {self.document} {self.card} {self.top}"


def last_place(settings: QSettings) -> Place | None:
    """Return the place last noted."""
    return Place.read(str(settings.value("place", "")))


class Whereabouts(QObject):
    """Notes the place, and goes back to the last one when its case is shown for the first time."""

    def __init__(
        self, settings: QSettings, *, panes: Panes, review: Review, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._panes = panes
        self._review = review
        self._opened: OpenCase | None = None
        self._back = last_place(settings)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(NOTED_MS)
        self._pause.timeout.connect(self.note)
        review.case_changed.connect(self._show)
        review.current_changed.connect(lambda _: self._soon())
        panes.reader.changed.connect(lambda _: self._soon())
        panes.note.view.verticalScrollBar().valueChanged.connect(lambda _: self._soon())

    def note(self) -> None:
        """Note the place now."""
        if self._opened is None:
            return
        notes = [note.note_id for note in self._opened.case.encounter.notes]
        keys = [card.key for card in self._review.cards]
        reading, key = self._panes.reader.reading, self._review.key
        place = Place(
            self._opened.case.case_id,
            notes.index(reading) if reading in notes else 0,
            keys.index(key) if key in keys else 0,
            self._panes.note.view.top(),
        )
        self._settings.setValue("place", str(place))
        self._settings.sync()

    def _soon(self) -> None:
        """Note the place in a moment; a hand that never rests does not put it off."""
        if not self._pause.isActive():
            self._pause.start()

    def _show(self, opened: OpenCase) -> None:
        self._opened = opened
        back, self._back = self._back, None
        if back is None or back.case_id != opened.case.case_id:
            self._soon()
            return
        notes, cards = opened.case.encounter.notes, self._review.cards
        if back.card < len(cards):
            self._review.select(cards[back.card].key)
        if back.document < len(notes):
            self._panes.reader.read(notes[back.document].note_id)
            # A note is laid out for the width of its pane when the pane is shown.
            QTimer.singleShot(0, self, lambda: self._panes.note.view.show_top(back.top))
