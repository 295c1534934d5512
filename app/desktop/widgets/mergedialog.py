"""What others did to a case while it was open here, beside what the person wanted to do."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.desktop.models.stale import Stale
from app.desktop.widgets.dialogs import Panel
from app.desktop.widgets.parts import label, margins
from app.wording import say


class MergeDialog(Panel):
    """Nothing was recorded: do it on the case as it is now, or leave the case so."""

    again = Signal()

    def __init__(self, parent: QWidget, stale: Stale) -> None:
        super().__init__(parent, title=say("stale", "title"), width=64)
        self.column.addWidget(label(say("stale", "theirs"), role="muted", wrap=True))
        for row in stale.theirs:
            line = say("stale", "line", when=row.when, who=row.who, what=row.what)
            self.column.addWidget(label(line, wrap=True))
            if row.detail:
                self.column.addWidget(label(row.detail, role="muted", wrap=True))
        self.column.addWidget(label(say("stale", "yours", what=stale.wanted), wrap=True))
        buttons = QHBoxLayout()
        margins(buttons, 0)
        leave = QPushButton(say("stale", "leave"))
        leave.clicked.connect(self.reject)
        again = QPushButton(say("stale", "again"))
        again.setAutoDefault(False)
        again.clicked.connect(self._do_it)
        buttons.addWidget(leave)
        buttons.addWidget(again)
        buttons.addStretch(1)
        self.column.addLayout(buttons)
        leave.setDefault(True)
        leave.setFocus()

    def _do_it(self) -> None:
        self.again.emit()
        self.accept()
