"""A window in a process of its own whose keys are played without end, until somebody kills it.

    python -m tests.app.desktop.player ROOT CACHE SEED

Writes `open CASE` when the first case is shown, then `SEQ HASH` for each decision the window has
acknowledged, each in one write, so that a kill leaves whole lines.
"""

import os
import random
import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desktop.main import open_window
from app.workspace import OpenCase, Workspace
from audit import Store
from taxonomy import Encoder, releases
from tests.app.desktop import builders

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
KEYS = (
    *[(Qt.Key.Key_A, NONE)] * 6,
    *[(Qt.Key.Key_X, NONE)] * 2,
    (Qt.Key.Key_1, NONE),
    (Qt.Key.Key_J, NONE),
    (Qt.Key.Key_K, NONE),
    *[(Qt.Key.Key_Z, CONTROL)] * 3,
    (Qt.Key.Key_Z, CONTROL | SHIFT),
    (Qt.Key.Key_N, NONE),
    (Qt.Key.Key_P, NONE),
)


def main(root: Path, cache: Path, seed: int) -> None:
    """Play until killed."""
    app = QApplication(["player"])
    draw = random.Random(seed)
    codes = releases(cache, root / "library").newest()

    def workspace() -> Workspace:
        store = Store.open(root / "store", places=builders.places(root), actor=builders.CODER)
        return Workspace(store=store, load_taxonomy=lambda _: codes, load_encoder=Encoder)

    window = open_window(app, workspace, config_dir=root / "config")
    window.activateWindow()
    told: set[int] = set()
    before: set[int] = set()

    def acknowledge(opened: OpenCase) -> None:
        if not told:
            say(f"open {opened.case.case_id}")
            before.update(event.seq for event in opened.events)
        for event in opened.events:
            # What was decided before this window was opened says nothing of this window.
            if event.seq not in told | before and event.kind.startswith("decision."):
                say(f"{event.seq} {event.hash}")
            told.add(event.seq)

    def play() -> None:
        dialog = app.activeModalWidget()
        if dialog is not None:
            QTest.keyClick(app.focusWidget() or dialog, Qt.Key.Key_1)
        elif told:
            key, modifiers = draw.choice(KEYS)
            QTest.keyClick(app.focusWidget() or window, key, modifiers)

    window._session.case_changed.connect(acknowledge)
    clock = QTimer(window)
    clock.timeout.connect(play)
    clock.start(2)
    app.exec()


def say(line: str) -> None:
    """Write a line at once and whole."""
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
