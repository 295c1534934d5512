"""The strip that shows how far the coding of files is, and the sheet files are dropped on."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.desktop.howfar import Progress
from app.desktop.icons import pixmap
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.parts import Elided, label, margins, picture
from app.wording import say


class ProgressStrip(QFrame):
    """How far it is, in words and as a bar, with a way to stop; gone when nothing runs."""

    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.words = Elided()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(24 * GRID, GRID)
        self.bar.setAccessibleName(say("intake", "coding"))
        self.stop = QPushButton(say("intake", "stop"))
        self.stop.clicked.connect(self.stop_wanted)
        row = QHBoxLayout(self)
        margins(row, 2, 0.75, 1, 0.75, spacing=1.5)
        row.addWidget(self.bar)
        row.addWidget(self.words, 1)
        row.addWidget(self.stop)
        self.hide()

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self.setVisible(progress.shown)
        self.words.setText(progress.told())
        self.words.setToolTip(progress.hint())
        done, known = progress.share
        self.bar.setRange(0, known)  # a bar from 0 to 0 says that it is not known how far
        self.bar.setValue(done)
        self.stop.setVisible(progress.running)  # what another process does is stopped there
        self.stop.setEnabled(not progress.stopping)


class DropSheet(QFrame):
    """What is laid over the window while files are held over it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("drop")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = theme
        self._under = parent
        self._sign = picture("plus", theme.palette.accent, size=6 * GRID)
        title = label(say("intake", "drop"), role="title")
        words = label(say("intake", "drop-text"), role="muted")
        zone = QFrame()
        zone.setObjectName("dropzone")
        whole = QVBoxLayout(self)
        margins(whole, 2)
        whole.addWidget(zone)
        column = QVBoxLayout(zone)
        column.addStretch(1)
        for widget in (self._sign, title, words):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        parent.installEventFilter(self)
        self.hide()

    def lay_over(self) -> None:
        """Cover the window."""
        self._sign.setPixmap(pixmap("plus", self._theme.palette.accent, 6 * GRID))
        self.setGeometry(self._under.rect())
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep covering a window that changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.lay_over()
        return super().eventFilter(watched, event)
