from app.desktop.models.deck import card_rows
from app.desktop.models.documents import document_rows
from app.workspace import OpenCase
from tests.app.desktop import builders


def test_the_sections_stand_under_the_document_that_is_read_and_under_no_other(
    opened: OpenCase,
) -> None:
    cards = card_rows(opened)
    assert [row.name for row in document_rows(opened, cards)] == ["Progress note", "Letter"]
    reading = document_rows(opened, cards, "letter")
    assert [(row.name, row.start >= 0) for row in reading] == [
        ("Progress note", False),
        ("Letter", False),
        ("Impression", True),
    ]
    assert len({row.key for row in reading}) == len(reading)


def test_a_section_begins_where_its_heading_does_and_counts_its_evidence(
    opened: OpenCase,
) -> None:
    rows = document_rows(opened, card_rows(opened), "clinic")
    section = next(row for row in rows if row.start >= 0)
    assert builders.CLINIC[section.start :].startswith("ASSESSMENT AND PLAN")
    assert section.spans == 5
