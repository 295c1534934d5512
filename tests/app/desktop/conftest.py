"""A window over a real store with two cases, and a check that no thread of ours outlives it."""

import threading
from collections.abc import Iterator
from functools import partialmethod
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.main import open_window
from app.desktop.theme import LIGHT, Theme, apply
from app.desktop.window import MainWindow
from app.workspace import OpenCase
from taxonomy import Taxonomy
from tests.app.desktop import builders
from tests.app.desktop.hands import Keys

PATIENCE_MS = 60_000
"""How long is waited for what must come: against a hang, not a busy machine."""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = partialmethod(QtBot.waitUntil, timeout=PATIENCE_MS)
    monkeypatch.setattr(QtBot, "waitUntil", waits)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    yield
    ours = [t.name for t in threading.enumerate() if t.name.startswith(("store", "search"))]
    assert not ours, f"threads of the window still run: {ours}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    builders.fill(tmp_path)
    return tmp_path


@pytest.fixture
def opened(root: Path, icd: Taxonomy) -> OpenCase:
    space = builders.workspace(root, icd)
    try:
        case_id = next(
            row.case_id for row in space.worklist().rows if row.encounter_id == "visit-1"
        )
        return space.open(case_id)
    finally:
        space.close()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, choice="light")
    yield theme
    theme.deleteLater()
    apply(qapp, LIGHT)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, root: Path, icd: Taxonomy) -> Iterator[MainWindow]:
    qapp.setStyle("Fusion")
    window = open_window(qapp, lambda: builders.workspace(root, icd), config_dir=root / "config")
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.waitUntil(lambda: window.review.current is not None)
    yield window
    window.close()


@pytest.fixture
def keys(window: MainWindow, qtbot: QtBot) -> Keys:
    """Return hands on the keyboard of a window whose cards have the focus."""
    keys = Keys(window, qtbot)
    keys.on_cards()
    return keys
