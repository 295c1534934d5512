"""Where in the original an offset lies: the page of a PDF, the paragraph of a DOCX.

Both follow from the canonical text (see `app.reading.office`), so that they hold for every case
ever recorded, and cannot disagree with it.
"""

from app.reading.office import PARAGRAPH
from pipeline.model import Note


def place_of(note: Note, offset: int) -> tuple[str, int] | None:
    """Return ("page", n) or ("paragraph", n), counted from 1; None for a text without either."""
    if "\f" in note.text:
        return "page", 1 + note.text.count("\f", 0, offset)
    if note.source.casefold().endswith(".docx"):
        return "paragraph", 1 + note.text.count(PARAGRAPH, 0, offset)
    return None
