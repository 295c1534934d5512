"""Hands on the window for `benchmarks/desktop.py`: press keys, wait until painted, time it."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import compose, settings
from app.desktop.main import open_window
from app.desktop.widgets.encoder import CodeDialog
from app.workspace import Workspace
from audit import Store
from benchmarks.desktop_store import CODER, LONG, places
from pipeline.terms import lexicon
from taxonomy import Encoder, Hit, Term

CONTROL = Qt.KeyboardModifier.ControlModifier
PATIENCE_S = 60.0


class Hands:
    """The window on a store, and a keyboard."""

    def __init__(self, folder: Path, *, started: float) -> None:
        self.app = QApplication(["chartproof"])
        self.app.setStyle("Fusion")
        self.chosen = replace(settings.load(), library=folder / "library")
        self.window = open_window(
            self.app, lambda: self._workspace(folder), config_dir=folder / "w"
        )
        self.window.grab()
        self.on_screen = time.perf_counter() - started
        self.session = self.window._session  # noqa: SLF001 - it is timed from within
        self.until(lambda: self.session.worklist is not None)
        self.window.grab()
        self.listed = time.perf_counter() - started
        self.until(lambda: self.window.review.current is not None)

    def _workspace(self, folder: Path) -> Workspace:
        store = Store.open(folder / "store", places=places(folder), actor=CODER)
        return Workspace(
            store=store,
            load_taxonomy=lambda _origin: compose.load_taxonomy(self.chosen),
            load_encoder=lambda codes: Encoder(
                codes,
                [
                    Term(text=e.text, code=e.code, kind=e.source)
                    for e in lexicon()
                    if e.code in codes
                ],
                None,
            ),
        )

    def figures(self) -> dict[str, float]:
        """Return every figure, in milliseconds and megabytes."""
        made = {
            "window on screen, warm": self.on_screen * 1000,
            "worklist on screen": self.listed * 1000,
        }
        self.begin()
        made["next case on screen, p95"] = p95([self.next_case() for _ in range(30)])
        paints, durable = [], []
        for _ in range(12):
            paints += [
                self.painted(partial(self.press, key))
                for key in (Qt.Key.Key_J, Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_E)
            ]
            for _ in range(3):
                shown, safe = self.decided()
                paints.append(shown)
                durable.append(safe)
            self.next_case()
        made["key press to paint, p95"] = p95(paints)
        made["decision durable, p95"] = p95(durable)
        made["worklist search per keystroke, p95"] = p95(self.search())
        made["page of the worklist, p95"] = p95(self.pages())
        made["code search per keystroke, p95"] = p95(self.codes())
        made["long note on screen"] = self.long_note()
        peak = next(
            line
            for line in Path("/proc/self/status").read_text().splitlines()
            if line.startswith("VmHWM")
        )
        made["memory of the window's process, at most"] = int(peak.split()[1]) / 1024
        self.window.close()
        return made

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
        """Press a key where the focus is."""
        target = self.app.focusWidget() or self.app.activeModalWidget() or self.window
        QTest.keyClick(target, key, modifiers or Qt.KeyboardModifier.NoModifier)

    def until(self, told: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        end = time.perf_counter() + PATIENCE_S
        while not told():
            self.app.processEvents()
            if time.perf_counter() > end:
                raise SystemExit("The window did not get there.")

    def painted(self, act: Callable[[], None], told: Callable[[], bool] = lambda: True) -> float:
        """Return the milliseconds from an act until what it leads to is drawn."""
        start = time.perf_counter()
        act()
        self.until(told)
        self.app.processEvents()  # delivers what is to be painted
        for top in self.app.topLevelWidgets():
            if top.isVisible():
                top.repaint()
        return (time.perf_counter() - start) * 1000

    def next_case(self) -> float:
        """Go to the next case by its key."""
        before = self.session.case
        self.window.panes.show_codes()
        return self.painted(
            lambda: self.press(Qt.Key.Key_N), lambda: self.session.case is not before
        )

    def begin(self) -> None:
        """Go behind the last case that an earlier run has decided on."""
        rows = self.session.worklist.rows if self.session.worklist else ()
        last = max((at for at, row in enumerate(rows) if row.decided_count), default=-1)
        fresh = rows[last + 1].case_id
        self.session.open(fresh)
        self.until(
            lambda: self.session.case is not None and self.session.case.case.case_id == fresh
        )

    def decided(self) -> tuple[float, float]:
        """Accept by its key; return when that is painted and when it is recorded."""
        self.window.panes.show_codes()
        recorded: list[int] = []
        self.session.pending_changed.connect(recorded.append)
        start = time.perf_counter()
        shown = self.painted(lambda: self.press(Qt.Key.Key_A))
        self.until(lambda: self.session.pending == 0)
        taken = (time.perf_counter() - start) * 1000
        self.session.pending_changed.disconnect(recorded.append)
        if not recorded:
            raise SystemExit("A key was pressed and nothing was decided.")
        return shown, taken

    def search(self) -> list[float]:
        """Type into the search of the worklist."""
        self.press(Qt.Key.Key_L, CONTROL)
        times = []
        for words in ("v0123", "p00042", "i10 v04", "nobody"):
            times += [self._typed(partial(self._write, letter)) for letter in words]
            self.window.panes.worklist.search.clear()
            self._typed(lambda: None)
        self.window.panes.show_codes()
        return times

    def _typed(self, act: Callable[[], None]) -> float:
        shown: list[object] = []
        self.session.worklist_changed.connect(shown.append)
        taken = self.painted(act, lambda: bool(shown))
        self.session.worklist_changed.disconnect(shown.append)
        return taken

    def _write(self, letter: str) -> None:
        target = self.app.focusWidget()
        assert isinstance(target, QWidget)
        QTest.keyClicks(target, letter)

    def pages(self) -> list[float]:
        """Page through the worklist."""
        self.window.panes.worklist.list.setFocus()
        times = [self.painted(lambda: self.press(Qt.Key.Key_PageDown)) for _ in range(40)]
        times += [self.painted(lambda: self.press(Qt.Key.Key_End)) for _ in range(2)]
        self.window.panes.show_codes()
        return times

    def codes(self) -> list[float]:
        """Type into the search for codes."""
        self.window.panes.show_codes()
        self.press(Qt.Key.Key_K, CONTROL)
        dialog = self.app.activeModalWidget()
        assert isinstance(dialog, CodeDialog)
        self.until(lambda: dialog.isAncestorOf(self.app.focusWidget() or self.window))
        answered: list[bool] = []
        find = self.session.books.find_codes

        def watched(text: str, then: Callable[[tuple[Hit, ...]], None]) -> None:
            def show(hits: tuple[Hit, ...]) -> None:
                then(hits)
                answered.append(True)

            find(text, show)

        self.session.books.find_codes = watched  # type: ignore[method-assign]
        times = []
        for words in ("dm2 neuropathy", "fract fem neck", "copd exac", "E11.4"):
            for letter in words:
                answered.clear()
                times.append(self.painted(partial(self._write, letter), lambda: bool(answered)))
            field = self.app.focusWidget() or dialog
            QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
            QTest.keyClick(field, Qt.Key.Key_Delete)
            QTest.qWait(300)
        self.press(Qt.Key.Key_Escape)
        return times[1:]  # the first loads the encoder

    def long_note(self) -> float:
        """Open the case with the long note."""
        rows = self.session.worklist.rows if self.session.worklist else ()
        case_id = next(row.case_id for row in rows if row.encounter_id == LONG)
        return self.painted(
            lambda: self.session.open(case_id),
            lambda: LONG in self.window.windowTitle(),
        )


def p95(values: list[float]) -> float:
    """Return the value that 95 of 100 do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]
