"""The export from the window: asked in one dialog, written on the store's lane, said when done."""

import json
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.desktop.widgets.exportdialog import ExportDialog
from app.desktop.window import MainWindow
from app.handout import Wanted
from app.wording import words
from audit.export import FORMS, Choice, verify_bundle
from audit.people import LOCAL_NOTICE
from pipeline.model import Route


def asked(qtbot: QtBot, window: MainWindow) -> ExportDialog:
    window.made["export"].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(ExportDialog)))
    (dialog,) = window.findChildren(ExportDialog)
    return dialog


def test_the_open_case_is_exported_as_a_bundle(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    dialog = asked(qtbot, window)
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
    dialog = asked(qtbot, window)
    dialog.cases.setCurrentIndex(dialog.cases.findData("some"))
    dialog.form.setCurrentIndex(dialog.form.findData(form))
    dialog.out.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(window.exports.noticed, check_params_cb=lambda n: "is written" in n.text):
        dialog.keep.click()
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [f".{form}"] * 2


def test_what_is_typed_is_what_is_wanted(
    qtbot: QtBot, qapp: QApplication, window: MainWindow
) -> None:
    dialog = asked(qtbot, window)
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
    dialog.names.setText("visit-1, visit-2 visit-3")
    dialog.out.setText("/somewhere/new")
    dialog.texts.setChecked(True)
    dialog.keep.click()
    (wanted,) = answers
    assert (wanted.out, wanted.form, wanted.texts) == (Path("/somewhere/new"), "bundle", True)
    assert wanted.choice == Choice(
        cases=("visit-1", "visit-2", "visit-3"),
        coder="ben",
        lane=Route.REVIEW,
        first=date(2026, 5, 4),
    )


def test_filters_in_the_window_pick_the_cases_that_leave(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """By name, lane and coder: one case of two, which the export's event says."""
    for field, value in (("names", "visit-2"), ("lane", Route.CONFIRM), ("coder", "chartproof")):
        dialog = asked(qtbot, window)
        dialog.cases.setCurrentIndex(dialog.cases.findData("some"))
        if field == "lane":
            dialog.lane.setCurrentIndex(dialog.lane.findData(value))
        else:
            getattr(dialog, field).setText(value)
        dialog.form.setCurrentIndex(dialog.form.findData("json"))
        dialog.out.setText(str(tmp_path / field))
        with qtbot.waitSignal(
            window.exports.noticed, check_params_cb=lambda n: "is written" in n.text
        ):
            dialog.keep.click()
    sizes = {name: len(list((tmp_path / name).iterdir())) for name in ("names", "lane", "coder")}
    assert sizes == {"names": 1, "lane": 1, "coder": 2}


def test_the_dialog_says_what_roles_are_worth_on_a_local_store(
    qtbot: QtBot, window: MainWindow
) -> None:
    said = [label.text() for label in asked(qtbot, window).findChildren(QLabel)]
    assert LOCAL_NOTICE in said


def test_a_refusal_is_a_notice_and_not_a_fault(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("x")
    dialog = asked(qtbot, window)
    dialog.out.setText(str(tmp_path / "taken"))
    with qtbot.waitSignal(window._session.noticed) as told:
        dialog.keep.click()
    assert "is there already" in told.args[0].text


def test_every_form_has_words() -> None:
    assert set(words()["export_forms"]) == {"bundle", *FORMS}
