"""The export from the window: asked in one dialog, written on the store's lane, said when done."""

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.widgets.exportdialog import ExportDialog
from app.desktop.window import MainWindow
from app.handout import Wanted
from app.wording import words
from audit.export import FORMS, Choice, verify_bundle
from pipeline.model import Route


def asked(window: MainWindow) -> ExportDialog:
    window.made["export"].trigger()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    return dialog


def test_the_open_case_is_exported_as_a_bundle(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    dialog = asked(window)
    assert not dialog.coder.isEnabled()
    dialog.out.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(window.exports.noticed, check_params_cb=lambda n: "is written" in n.text):
        dialog.keep.click()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["cases"], manifest["whole"], manifest["texts"]) == (1, False, False)
    key = (tmp_path / "out" / "key.txt").read_text()
    assert verify_bundle(tmp_path / "out", key=key).exit_code == 0


@pytest.mark.parametrize("form", ["csv", "pdf"])
def test_every_case_is_exported_in_a_form(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, form: str
) -> None:
    dialog = asked(window)
    dialog.cases.setCurrentIndex(dialog.cases.findData("some"))
    dialog.form.setCurrentIndex(dialog.form.findData(form))
    dialog.out.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(window.exports.noticed, check_params_cb=lambda n: "is written" in n.text):
        dialog.keep.click()
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [f".{form}"] * 2


def test_what_is_typed_is_what_is_wanted(
    qtbot: QtBot, qapp: QApplication, window: MainWindow
) -> None:
    dialog = asked(window)
    answers: list[Wanted] = []
    dialog.answered.disconnect()
    dialog.answered.connect(answers.append)
    dialog.cases.setCurrentIndex(dialog.cases.findData("some"))
    dialog.lane.setCurrentIndex(dialog.lane.findData(Route.REVIEW))
    dialog.coder.setText(" ben ")
    dialog.first.setText("no day")
    dialog.keep.click()
    dialog.first.setText("2026-05-04")
    dialog.keep.click()
    assert answers == []  # there is no place yet
    dialog.out.setText("/somewhere/new")
    dialog.texts.setChecked(True)
    dialog.keep.click()
    (wanted,) = answers
    assert (wanted.out, wanted.form, wanted.texts) == (Path("/somewhere/new"), "bundle", True)
    assert wanted.choice.lane is Route.REVIEW
    assert wanted.choice.coder == "ben"
    assert wanted.choice != Choice()


def test_a_refusal_is_a_notice_and_not_a_fault(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("x")
    dialog = asked(window)
    dialog.out.setText(str(tmp_path / "taken"))
    with qtbot.waitSignal(window._session.noticed) as told:
        dialog.keep.click()
    assert "is there already" in told.args[0].text


def test_every_form_has_words() -> None:
    assert set(words()["export_forms"]) == {"bundle", *FORMS}
