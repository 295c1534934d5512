"""What is to be exported: which cases, in which form, with words or without, and where to."""

from datetime import date
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from app.desktop.widgets.dialogs import Panel
from app.desktop.widgets.parts import label, margins
from app.handout import Wanted
from app.wording import say, words
from audit.export import Choice
from pipeline.model import Route


class ExportDialog(Panel):
    """`answered` gives what is wanted. The open case is offered first, where there is one.

    `roles` is what goes along on the roles of the store, empty where its server keeps them.
    """

    answered = Signal(object)

    def __init__(self, parent: QWidget, *, case_id: str, name: str, roles: str) -> None:
        super().__init__(parent, title=say("export", "title"), width=72)
        self._case_id = case_id
        form = QFormLayout()
        margins(form, 0)
        self.column.addLayout(form)
        self.cases = QComboBox()
        if case_id:
            self.cases.addItem(say("export", "this-case", name=name), "one")
        self.cases.addItem(say("export", "some-cases"), "some")
        self.cases.addItem(say("export", "whole-log"), "all")
        self.names = QLineEdit()
        self.names.setPlaceholderText(say("export", "names-like"))
        self.coder = QLineEdit()
        self.coder.setPlaceholderText(say("export", "anybody"))
        self.lane = QComboBox()
        self.lane.addItem(say("export", "any-lane"), None)
        for lane in Route:
            self.lane.addItem(lane.value, lane)
        self.first = QLineEdit()
        self.last = QLineEdit()
        self.form = QComboBox()
        for key, text in words()["export_forms"].items():
            self.form.addItem(text, key)
        self.texts = QCheckBox(say("export", "texts"))
        self.out = QLineEdit()
        browse = QPushButton(say("export", "browse"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        where = QHBoxLayout()
        margins(where, 0)
        where.addWidget(self.out, 1)
        where.addWidget(browse)
        for key, field in (
            ("cases", self.cases),
            ("names", self.names),
            ("coder", self.coder),
            ("lane", self.lane),
            ("first", self.first),
            ("last", self.last),
            ("form", self.form),
        ):
            field.setAccessibleName(say("export", key))
            form.addRow(say("export", key), field)
        for field in (self.first, self.last):
            field.setPlaceholderText(say("export", "day-like"))
        form.addRow("", self.texts)
        self.out.setAccessibleName(say("export", "out"))
        form.addRow(say("export", "out"), where)
        self._told = label(say("export", "note"), role="muted", wrap=True)
        self.column.addWidget(self._told)
        if roles:
            self.column.addWidget(label(roles, role="muted", wrap=True))
        self.column.addLayout(self._foot())
        self.cases.currentIndexChanged.connect(self._adapt)
        self._adapt()
        self.out.setFocus()

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        margins(foot, 0)
        foot.addStretch(1)
        leave = QPushButton("Cancel")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        self.keep = QPushButton(say("export", "do"))
        self.keep.setProperty("kind", "primary")
        self.keep.clicked.connect(self._answer)
        foot.addWidget(leave)
        foot.addWidget(self.keep)
        return foot

    def _adapt(self) -> None:
        """Offer the filters only where they narrow something."""
        for field in (self.names, self.coder, self.lane, self.first, self.last):
            field.setEnabled(self.cases.currentData() == "some")

    def _browse(self) -> None:
        dialog = QFileDialog(self, say("export", "browse"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(
            lambda name: self.out.setText(str(Path(name) / say("export", "folder")))
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _choice(self) -> Choice:
        """Return which cases are wanted; ValueError where a day is none."""
        lane = self.lane.currentData()  # Qt gives an enumeration of words back as words
        match self.cases.currentData():
            case "one":
                return Choice(cases=(self._case_id,))
            case "all":
                return Choice()
            case _:
                return Choice(
                    cases=tuple(self.names.text().replace(",", " ").split()),
                    coder=self.coder.text().strip() or None,
                    lane=None if lane is None else Route(lane),
                    first=_day(self.first.text()),
                    last=_day(self.last.text()),
                )

    def _answer(self) -> None:
        name = self.out.text().strip()
        try:
            choice = self._choice()
        except ValueError:
            self._told.setText(say("export", "no-day"))
            return
        if not name:
            self._told.setText(say("export", "no-place"))
            return
        wanted = Wanted(
            out=Path(name).expanduser(),
            form=self.form.currentData(),
            choice=choice,
            texts=self.texts.isChecked(),
        )
        self.answered.emit(wanted)
        self.accept()


def _day(text: str) -> date | None:
    return date.fromisoformat(text.strip()) if text.strip() else None
