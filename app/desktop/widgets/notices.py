"""The bar above the work with one sentence, and the page shown where there is no case."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.desktop.icons import pixmap
from app.desktop.notices import Notice
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.parts import TONES, flat_button, label, margins, picture, restyle
from app.wording import say

SHORT_MS = 6_000
"""How long a remark that asks for nothing stays."""


class NoticeBar(QFrame):
    """One notice at a time, with the next step as a button; what warns stays until closed."""

    asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._theme = theme
        self._action = ""
        self._sign = picture("info", theme.palette.accent)
        self.words = label(wrap=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        shut = flat_button("cross", theme, "Close this notice")
        shut.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        margins(row, 2, 0.75, 1, 0.75)
        row.addWidget(self._sign)
        row.addWidget(self.words, 1)
        self.step = QPushButton()
        self.step.clicked.connect(self._take_step)
        row.addWidget(self.step)
        row.addWidget(shut)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(SHORT_MS)
        self._leave.timeout.connect(self.hide)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice; one that warns is not put aside by one that does not."""
        if self.isVisible() and notice.tone == "info" and self.property("tone") != "info":
            return
        name, colour = TONES[notice.tone]
        self._sign.setPixmap(pixmap(name, str(getattr(self._theme.palette, colour))))
        self.words.setText(notice.text)
        self._action = notice.action
        self.step.setText(notice.label)
        self.step.setVisible(bool(notice.action))
        self.setProperty("tone", notice.tone)
        restyle(self)
        self.show()
        if notice.tone == "info":
            self._leave.start()
        else:
            self._leave.stop()

    def _take_step(self) -> None:
        self.hide()
        self.asked.emit(self._action)


class EmptyPage(QWidget):
    """What to do where there is no case to show."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._theme = theme
        self._picture = picture("document", theme.palette.line_strong, size=7 * GRID)
        self._title = label(role="title")
        self._words = label(role="muted", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._words.setFixedWidth(56 * GRID)
        self._command = label(role="code")
        self._command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        margins(column, 4, spacing=1.5)
        column.addStretch(2)
        centre = Qt.AlignmentFlag.AlignHCenter
        for widget in (self._picture, self._title, self._words, self._command):
            column.addWidget(widget, 0, centre)
        column.addStretch(3)
        theme.changed.connect(self._recolour)

    def say(self, kind: str, *, detail: str = "") -> None:
        """Show one of the pages of the wording (`loading`, `none`, `failed`)."""
        self._title.setText(say("pages", f"{kind}-title"))
        self._words.setText(detail or say("pages", f"{kind}-text"))
        self._command.setText(say("pages", f"{kind}-command"))

    def _recolour(self) -> None:
        self._picture.setPixmap(pixmap("document", self._theme.palette.line_strong, 7 * GRID))
