"""A comment, typed and kept with one key more."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.desktop.widgets.dialogs import Panel
from app.desktop.widgets.parts import label, margins
from app.wording import say


class CommentDialog(Panel):
    """`answered` gives the text and the code it is on, "" for the whole case."""

    answered = Signal(str, str)

    def __init__(self, parent: QWidget, *, code: str, title: str) -> None:
        super().__init__(parent, title="Comment", width=64)
        self._code = code
        if code:
            self.column.addWidget(label(f"{code}  {title}", role="muted", wrap=True))
        self._field = QLineEdit()
        self._field.setAccessibleName("Comment")
        self._field.setPlaceholderText(say("places", "comment-here"))
        self._field.returnPressed.connect(self._answer)
        self.column.addWidget(self._field)
        self._whole = QCheckBox(say("places", "whole-case"))
        self._whole.setVisible(bool(code))
        self._whole.setChecked(not code)
        self.column.addWidget(self._whole)
        foot = QHBoxLayout()
        margins(foot, 0)
        foot.addStretch(1)
        leave = QPushButton("Cancel")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        keep = QPushButton("Comment")
        keep.setProperty("kind", "primary")
        keep.setAutoDefault(False)
        keep.clicked.connect(self._answer)
        foot.addWidget(leave)
        foot.addWidget(keep)
        self.column.addLayout(foot)
        self._field.setFocus()

    def _answer(self) -> None:
        text = self._field.text().strip()
        if text:
            self.answered.emit(text, "" if self._whole.isChecked() else self._code)
            self.accept()
