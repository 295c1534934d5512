"""What the three panes show of a case, and what goes between them."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.main import open_window
from app.desktop.models.note import Mark
from app.desktop.reader import ZOOM
from app.desktop.widgets.notices import EmptyPage
from app.desktop.widgets.worklist import case_look
from app.desktop.window import MainWindow
from app.workspace import Workspace
from audit import AuditError
from taxonomy import Taxonomy
from tests.app.desktop import builders


def texts(page: EmptyPage) -> str:
    return f"{page._title.text()} {page._words.text()} {page._command.text()}"


def test_a_case_opens_at_the_document_with_most_evidence(window: MainWindow) -> None:
    assert window.panes.reader.reading == "clinic"
    assert window.panes.note.view.note_text == builders.CLINIC


def test_another_document_is_read_with_its_own_marks(window: MainWindow) -> None:
    panes = window.panes
    panes.reader.step_note(1)
    assert panes.reader.reading == "letter"
    marks = panes.note.view._marks
    assert [builders.LETTER[m.start : m.end] for m in marks] == ["Diabetic neuropathy"]
    assert marks[0].mark is Mark.CURRENT
    panes.reader.step_note(1)
    assert panes.reader.reading == "clinic"


def test_choosing_a_document_in_the_list_reads_it(window: MainWindow) -> None:
    documents = window.panes.documents
    documents.list.setCurrentIndex(documents.model.index_of("letter"))
    assert window.panes.reader.reading == "letter"


def test_clicking_evidence_puts_the_cursor_on_its_card(window: MainWindow) -> None:
    at = builders.CLINIC.index("Cough") + 2
    window.panes.note.view.place_clicked.emit(at)
    assert window.review.key == "code:R05.9"
    window.panes.note.view.place_clicked.emit(len("ASS"))
    assert window.review.key == "code:R05.9", "where no evidence is, nothing happens"


def test_clicking_a_quote_goes_to_its_words_in_whatever_document(window: MainWindow) -> None:
    window.panes.codes.list.quote_clicked.emit("code:E11.40", 1)
    assert window.panes.reader.reading == "letter"


def test_zoom_has_ends_and_a_way_back(window: MainWindow) -> None:
    for _ in range(60):
        window.panes.reader.zoom(1)
    assert window.panes.reader.zoom_points == ZOOM.stop - 1
    window.panes.reader.zoom(0)
    assert window.panes.reader.zoom_points == 0


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, "No cases yet"),
        (AuditError("The store is newer. Update Chartproof."), "The store is newer"),
    ],
)
def test_where_there_is_no_case_the_page_says_what_to_do(
    qtbot: QtBot,
    qapp: QApplication,
    tmp_path: Path,
    icd: Taxonomy,
    error: AuditError | None,
    said: str,
) -> None:
    def make() -> Workspace:
        if error is not None:
            raise error
        return builders.workspace(tmp_path, icd)

    window = open_window(qapp, make, config_dir=tmp_path)
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: said in texts(window.panes._empty))
    assert error is not None or "chartproof code" in texts(window.panes._empty)
    window.close()


def test_a_file_that_was_refused_is_a_case_with_its_sentence(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, icd: Taxonomy
) -> None:
    with builders.open_store(tmp_path) as store:
        store.record_failure(None, source="scan.txt", errors=["scan.txt is empty."])
    window = open_window(
        qapp, lambda: builders.workspace(tmp_path, icd), config_dir=tmp_path / "config"
    )
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: "scan.txt is empty." in texts(window.panes._empty))
    assert case_look(window.panes.worklist.model.rows[0]).detail == "Could not be coded"
    for act in (window.review.accept, window.review.add, window.panes.reader.find_words):
        act()
    assert window._session.pending == 0
    dialog = QApplication.activeModalWidget()
    if dialog is not None:
        dialog.close()
    window.close()


def test_a_new_wording_of_the_note_that_is_read_takes_the_place_of_the_old(
    qtbot: QtBot, window: MainWindow, root: Path
) -> None:
    """Its words, its head and its marks are those of the case, and the place in it stays."""
    source, _ = builders.first_case()
    old = source.note("clinic")
    text = old.text.replace("Hypertension", "Essential hypertension")
    amended = replace(
        old, text=text, sha256="1" * 64, author_role="resident", time="2026-03-03T08:00"
    )
    notes = tuple(amended if note is old else note for note in source.notes)
    changed = replace(source, notes=notes)
    evidence = builders.mention(changed, "Essential hypertension")
    window.resize(1000, 420)
    view = window.panes.note.view
    view.set_zoom(12)
    view.show_top(builders.CLINIC.index("3. Cough"))
    line = builders.CLINIC.count("\n", 0, view.top())
    with builders.open_store(root) as store:
        store.record(changed, builders.result(changed, builders.suggestion("I10", evidence)))
    session = window._session
    session.open(session.case.case.case_id)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: view.note_text == text)
    assert text.count("\n", 0, view.top()) == line > 0
    assert "resident" in window.panes.note._document.text()
    assert "Essential hypertension" in {text[m.start : m.end] for m in view._marks}
    QApplication.sendPostedEvents()
    kinds: list[tuple[str, object]] = []
    session.ask(lambda space: [(e.kind, e.data) for e in space._store.events()], kinds.extend)
    qtbot.waitUntil(lambda: bool(kinds))
    seen = [data for kind, data in kinds if kind == "note.viewed"]
    assert seen == [{"revision": 1, "note": 0}, {"revision": 2, "note": 0}]
