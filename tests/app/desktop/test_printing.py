"""The page of a case on paper: on the log before it is on the sheet, and not there if refused."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.desktop import pdf, printing
from app.desktop.actions import keys_of
from app.desktop.window import MainWindow
from audit import Actor, ActorKind, Store
from audit.governance import Role
from audit.staff import Staff
from tests.app.desktop import builders
from tests.app.desktop.test_pdf import words


def asked(window: MainWindow, qtbot: QtBot) -> QPrintDialog:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(window.findChildren(QPrintDialog)))
    (dialog,) = window.findChildren(QPrintDialog)
    return dialog


def into(dialog: QPrintDialog, path: Path) -> None:
    """Choose a file for a printer, as a person does where there is none."""
    dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    field = dialog.findChild(QLineEdit, "filename")
    assert isinstance(field, QLineEdit)
    field.setText(str(path))
    dialog.accept()


def prints(root: Path) -> list[dict[str, object]]:
    with builders.open_store(root) as store:
        return [json.loads(e.body)["data"] for e in store.events() if e.kind == "record.exported"]


def test_ctrl_p_prints_and_no_other_action_has_it() -> None:
    assert keys_of("print") == ("Ctrl+P",)
    assert keys_of("palette") == ("Ctrl+Shift+P",)


def test_a_printed_case_is_on_the_log_before_anything_is_on_the_sheet(
    qtbot: QtBot,
    window: MainWindow,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paint, found = pdf.paint, []

    def painting(page: str, device: QPrinter) -> None:
        assert device.docName() == window._session.case.case.case_id  # type: ignore[union-attr]
        found.extend(prints(root))
        paint(page, device)

    monkeypatch.setattr(printing, "paint", painting)
    with qtbot.waitSignal(window.printing.noticed, check_params_cb=lambda n: "printed" in n.text):
        into(asked(window, qtbot), tmp_path / "case.pdf")
    (told,) = found
    assert (told["form"], told["texts"], told["cases"]) == ("print", True, 1)
    _, text = words((tmp_path / "case.pdf").read_bytes())
    assert "Type 2 diabetes with neuropathy" in text
    assert "not submitted" in text
    assert "roles guide and are recorded" in text


def test_a_printer_that_is_not_taken_leaves_no_event(
    qtbot: QtBot, window: MainWindow, root: Path
) -> None:
    asked(window, qtbot).reject()
    window.close()
    assert prints(root) == []


def test_who_may_not_hand_out_prints_nothing(
    qtbot: QtBot, window: MainWindow, root: Path, tmp_path: Path
) -> None:
    chief = Actor(kind=ActorKind.PERSON, id="chief")
    with Store.create_or_open(root / "store", places=builders.places(root), actor=chief) as store:
        Staff(store).assign("chief", [Role.ADMIN])
        Staff(store).assign("coder", [Role.CODER])
    with qtbot.waitSignal(window._session.noticed, check_params_cb=lambda n: "export" in n.text):
        into(asked(window, qtbot), tmp_path / "case.pdf")
    assert not (tmp_path / "case.pdf").exists()
    window.close()
    assert prints(root) == []


@pytest.mark.qt_log_ignore("QPainter::begin", "propagateSizeHints")
def test_a_place_that_takes_nothing_is_said(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    dialog = asked(window, qtbot)
    printer = dialog.printer()
    dialog.accepted.connect(lambda: printer.setOutputFileName(str(tmp_path / "none" / "case.pdf")))
    with qtbot.waitSignal(window.printing.noticed, check_params_cb=lambda n: n.tone == "bad"):
        into(dialog, tmp_path / "case.pdf")
