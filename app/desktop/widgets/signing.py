"""What is asked of a person before a signature, and before a covered window opens again."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.desktop.widgets.dialogs import Panel
from app.desktop.widgets.parts import label, margins
from app.seat import Signature
from app.wording import say
from audit.passphrase import SHORTEST
from audit.people import Person


class SignDialog(Panel):
    """Asks for the passphrase of a person's signing key; with the first one for name and key.

    `signed` gives a `Signature`; `lost` tells that the person has lost the passphrase.
    """

    signed = Signal(object)
    lost = Signal()

    def __init__(
        self, parent: QWidget, *, person: Person, what: str, notice: str, action: str
    ) -> None:
        super().__init__(parent, title=say("signing", "title"), width=64, snug=True)
        self.column.addWidget(label(what, wrap=True))
        self._name: QLineEdit | None = None
        self._again: QLineEdit | None = None
        if person.key:
            who = say("signing", "as", name=person.name, id=person.id)
            self.column.addWidget(label(who, role="muted", wrap=True))
        else:
            self.column.addWidget(label(say("signing", "first"), role="muted", wrap=True))
            self._name = self._field("name", hidden=False)
        self._phrase = self._field("passphrase")
        if not person.key:
            self._again = self._field("again")
        self._wrong = label("", role="small", wrap=True)
        self.column.addWidget(self._wrong)
        if notice:
            self.column.addWidget(label(notice, role="small", wrap=True))
        foot = QHBoxLayout()
        margins(foot, 0)
        if person.key:
            lost = QPushButton(say("signing", "lost-button"))
            lost.setAutoDefault(False)
            lost.clicked.connect(self._lose)
            foot.addWidget(lost)
        foot.addStretch(1)
        leave, sign = QPushButton("Cancel"), QPushButton(action)
        leave.clicked.connect(self.reject)
        sign.setProperty("kind", "primary")
        sign.clicked.connect(self._answer)
        for button in (leave, sign):
            button.setAutoDefault(False)
            foot.addWidget(button)
        self.column.addLayout(foot)
        (self._name or self._phrase).setFocus()

    def _field(self, identifier: str, *, hidden: bool = True) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(say("signing", identifier))
        field.setPlaceholderText(say("signing", identifier))
        if hidden:
            field.setEchoMode(QLineEdit.EchoMode.Password)
        field.returnPressed.connect(self._next)
        self.column.addWidget(field)
        return field

    def _next(self) -> None:
        """Go on to the next empty field, or sign where there is none."""
        fields = [each for each in (self._name, self._phrase, self._again) if each is not None]
        empty = next((each for each in fields if not each.text().strip()), None)
        if empty is not None:
            empty.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self._answer()

    def _answer(self) -> None:
        phrase = self._phrase.text()
        name = self._name.text().strip() if self._name is not None else ""
        if self._name is not None and not name:
            self._tell("name-missing")
        elif len(phrase) < SHORTEST:
            self._tell("short")
        elif self._again is not None and self._again.text() != phrase:
            self._tell("differs")
        else:
            self.signed.emit(Signature(passphrase=phrase, name=name))
            self.accept()

    def _lose(self) -> None:
        self.reject()
        self.lost.emit()

    def _tell(self, identifier: str) -> None:
        self._wrong.setText(say("signing", identifier, number=str(SHORTEST)))


class LockDialog(Panel):
    """Covers a window; `tried` gives what was typed, `left` ends the program.

    Only its owner closes it.
    """

    tried = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget, *, person: Person) -> None:
        super().__init__(parent, title=say("signing", "locked"), width=56, snug=True)
        self.setWindowModality(Qt.WindowModality.ApplicationModal)
        known = bool(person.key)
        told = say("signing", "unlock" if known else "unlock-open", id=person.id)
        self.column.addWidget(label(told, wrap=True))
        self._phrase = QLineEdit()
        self._phrase.setEchoMode(QLineEdit.EchoMode.Password)
        self._phrase.setAccessibleName(say("signing", "passphrase"))
        self._phrase.setPlaceholderText(say("signing", "passphrase"))
        self._phrase.setVisible(known)
        self._phrase.returnPressed.connect(self._try)
        self.column.addWidget(self._phrase)
        self._wrong = label("", role="small", wrap=True)
        self.column.addWidget(self._wrong)
        foot = QHBoxLayout()
        margins(foot, 0)
        foot.addStretch(1)
        leave, button = (QPushButton(say("signing", f"{n}-button")) for n in ("leave", "unlock"))
        leave.clicked.connect(self.left)
        button.setProperty("kind", "primary")
        button.clicked.connect(self._try)
        leave.setAutoDefault(False)
        button.setAutoDefault(not known)  # Enter in the field tries already
        foot.addWidget(leave)
        foot.addWidget(button)
        self.column.addLayout(foot)
        (self._phrase if known else button).setFocus()

    def refused(self, sentence: str) -> None:
        """Say why the window stays covered."""
        self._wrong.setText(sentence)
        self._phrase.clear()
        self._phrase.setEnabled(True)
        self._phrase.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape close nothing."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Stay: neither Escape nor the frame of the window uncovers it."""

    def _try(self) -> None:
        self.tried.emit(self._phrase.text())
