"""The page before a submission, the same every time: codes in order, what stops, what asks.

Errors stop; warnings ask once more; Enter on either goes there. Nothing here needs a mouse.
"""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.desktop.models.rows import RowsModel
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.dialogs import ENTER, Panel
from app.desktop.widgets.parts import chip, label, margins
from app.desktop.widgets.rows import Look, RowDelegate, RowList
from app.signoff import Check, Line, Summary
from app.wording import count, say
from pipeline.model import Severity

SHOWN_CODES, SHOWN_CHECKS = 7, 3
"""Rows that are seen without scrolling."""


def line_look(line: Line, number: int) -> Look:
    """Return how a code looks in the summary: its place, its title, who put it there, POA."""
    icon, tone = {
        "accepted": ("check", "good"),
        "added": ("plus", "good"),
        "preselected": ("program", "accent"),
    }.get(line.by, ("query", "warn"))
    poa = "" if line.poa is None else say("poa_short", line.poa or "exempt")
    parts = [f"{poa} {say('places', 'proposed')}" if line.poa_proposed and poa else poa]
    parts.append(say("signed_by", line.by))
    return Look(
        title=f"{number}   {line.code}   {line.title}",
        meta="  ·  ".join(part for part in parts if part),
        icon=icon,
        tone=tone,
        bold=number == 1,
    )


def check_look(check: Check) -> Look:
    """Return how an error or a warning looks, its sentence over as many lines as it needs."""
    stops = check.severity is Severity.ERROR
    return Look(
        title="  ".join((say("severities", str(check.severity)), *check.codes[:4])),
        meta=say("places", "go-there") if check.code else "",
        detail=f"{check.text} ({check.source})" if check.source else check.text,
        icon="error" if stops else "warning",
        tone="bad" if stops else "warn",
        lines=3,
    )


class SummaryDialog(Panel):
    """Shows a summary; `submitted` and `wanted` (a code to go to) tell what was chosen."""

    submitted = Signal()
    wanted = Signal(str)

    def __init__(self, parent: QWidget, seen: Summary, *, name: str, theme: Theme) -> None:
        super().__init__(parent, title=f"Summary of {name}", width=112)
        self._seen = seen
        self._asked = False
        numbers = {line.code: at for at, line in enumerate(seen.lines, start=1)}
        self.lines: RowsModel[Line] = RowsModel(
            key=lambda line: line.code,
            text=lambda line: f"{line.code} {line.title}",
            spoken=lambda line: f"{numbers[line.code]}, {line.code}, {line.title}, {line.by}",
            parent=self,
        )
        self.lines.set_rows(seen.lines)
        self.checks: RowsModel[Check] = RowsModel(
            key=lambda check: f"{check.rule} {' '.join(check.codes)}",
            text=lambda check: check.text,
            spoken=lambda check: f"{say('severities', str(check.severity))}: {check.text}",
            parent=self,
        )
        self.checks.set_rows((*seen.errors, *seen.warnings))
        self.list = RowList("Errors and warnings")
        self._say = label(role="small", wrap=True)
        self._go = QPushButton(say("places", "submit"))
        self._lay_out(theme, numbers)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self._submit)
        QShortcut(QKeySequence("Ctrl+Enter"), self).activated.connect(self._submit)
        if self.checks.rows:
            self.list.setCurrentIndex(self.checks.index(0))
            self.list.setFocus()
        else:
            self._go.setFocus()

    def _lay_out(self, theme: Theme, numbers: dict[str, int]) -> None:
        seen = self._seen
        head = QHBoxLayout()
        margins(head, 0)
        head.addWidget(chip(count(len(seen.lines), "code")))
        head.addWidget(_tally(len(seen.errors), "error", "bad"))
        head.addWidget(_tally(len(seen.warnings), "warning", "warn"))
        head.addWidget(chip(f"{seen.left_out} not assigned"))
        head.addStretch(1)
        order = say("places", "order-chosen" if seen.ordered else "order-proposed")
        head.addWidget(label(order, role="small"))
        self.column.addLayout(head)
        self.column.addWidget(label(say("places", "codes-to-submit"), role="eyebrow"))
        codes = RowList("Codes to submit")
        codes.setModel(self.lines)
        codes.setItemDelegate(
            RowDelegate(lambda line: line_look(line, numbers[line.code]), theme, codes)
        )
        codes.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        codes.setMinimumHeight(_height(codes, len(seen.lines), SHOWN_CODES))
        self.column.addWidget(codes, 1)
        self.column.addWidget(label(say("places", "checks"), role="eyebrow"))
        if self.checks.rows:
            self.list.setModel(self.checks)
            self.list.setItemDelegate(RowDelegate(check_look, theme, self.list))
            self.list.installEventFilter(self)
            self.list.doubleClicked.connect(lambda _: self._leave())
            self.list.setMinimumHeight(min(len(self.checks.rows), SHOWN_CHECKS) * 7 * GRID)
            self.column.addWidget(self.list, 1)
        else:
            self.list.hide()
            self.column.addWidget(label(say("places", "nothing-against"), tone="good"))
        foot = QHBoxLayout()
        margins(foot, 0)
        self._say.setText(say("places", "keys-summary" if self.checks.rows else "keys-submit"))
        foot.addWidget(self._say, 1)
        back = QPushButton("Back")
        back.setAutoDefault(False)
        back.clicked.connect(self.reject)
        self._go.setProperty("kind", "primary")
        self._go.setAutoDefault(not self.checks.rows)
        self._go.setEnabled(not seen.errors)
        self._go.clicked.connect(self._submit)
        foot.addWidget(back)
        foot.addWidget(self._go)
        self.column.addLayout(foot)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Enter on a check as the wish to go there."""
        if (
            watched is self.list
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in ENTER
            and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._leave()
            return True
        return super().eventFilter(watched, event)

    def _leave(self) -> None:
        check = self.checks.row_at(self.list.currentIndex())
        if check is not None:
            if check.code:
                self.wanted.emit(check.code)
            self.reject()

    def _submit(self) -> None:
        if self._seen.errors:
            self._say.setText(say("places", "errors-stop"))
            self.list.setFocus()
        elif self._seen.warnings and not self._asked:
            self._asked = True
            self._go.setText(say("places", "submit-anyway"))
            self._say.setText(say("places", "warnings-ask"))
        else:
            self.submitted.emit()
            self.accept()


def _tally(number: int, noun: str, tone: str) -> QWidget:
    return chip(count(number, noun), tone=tone if number else "")


def _height(view: RowList, rows: int, most: int) -> int:
    return min(max(rows, 1), most) * max(view.sizeHintForRow(0), 4 * GRID) + GRID // 2
