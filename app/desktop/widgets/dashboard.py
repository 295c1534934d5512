"""The dashboard: six charts, each to be saved as a picture or as a table."""

from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.dashboard import PERIODS, Chart
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.parts import label, margins
from app.desktop.widgets.plots import Plot
from app.wording import count, say

FIRST_SIZE = (1180, 740)
COLUMNS = 3


class ChartCard(QFrame):
    """One chart with its title, what it counts, and two ways to save it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._theme = theme
        self._chart: Chart | None = None
        self._title = label(role="heading")
        self._note = label(role="small", wrap=True)
        self.plot = Plot()
        self._none = label(role="muted", wrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._middle = QStackedWidget()
        self._middle.addWidget(self.plot)
        self._middle.addWidget(self._none)
        self.png, self.csv = QToolButton(), QToolButton()
        head = QHBoxLayout()
        margins(head, 0)
        head.addWidget(self._title, 1)
        for button, name, save in (
            (self.png, "PNG", lambda: self._ask("png")),
            (self.csv, "CSV", lambda: self._ask("csv")),
        ):
            button.setText(name)
            button.setProperty("kind", "small")
            button.clicked.connect(save)
            head.addWidget(button)
        column = QVBoxLayout(self)
        margins(column, 1.5, 1, 1.5, 1, spacing=0.5)
        column.addLayout(head)
        column.addWidget(self._note)
        column.addWidget(self._middle, 1)
        theme.changed.connect(self._draw)

    def show_chart(self, chart: Chart) -> None:
        """Show a chart."""
        self._chart = chart
        self._draw()

    def save(self, path: Path) -> None:
        """Write the chart, as a picture or as a table by the name's ending."""
        if self._chart is None:
            return
        if path.suffix == ".csv":
            path.write_text(self._chart.csv(), encoding="utf-8")
        elif not self.plot.picture(self._theme.palette).save(str(path)):
            raise OSError(0, say("dashboard", "not-saved"))

    def _ask(self, suffix: str) -> None:
        if self._chart is None:
            return
        dialog = QFileDialog(self, say("dashboard", "save", title=self._chart.title))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.setNameFilter(f"{suffix.upper()} (*.{suffix})")
        dialog.selectFile(f"chartproof-{self._chart.id}.{suffix}")
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _draw(self) -> None:
        chart = self._chart
        if chart is None:
            return
        self._title.setText(chart.title)
        self._note.setText(chart.note)
        self._none.setText(say("dashboard", "empty"))
        self._middle.setCurrentWidget(self._none if chart.empty else self.plot)
        self.plot.show_chart(chart, self._theme.palette)
        for button, name in ((self.png, "png"), (self.csv, "csv")):
            says = say("dashboard", f"save-{name}", title=chart.title)
            button.setAccessibleName(says)
            button.setToolTip(says)


class DashboardWindow(QWidget):
    """The charts in a window of their own, over a number of days."""

    wanted = Signal(int)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("page")
        self.setWindowTitle(f"{say('dashboard', 'title')} – Chartproof")
        self.resize(*FIRST_SIZE)
        self._theme = theme
        self.cards: dict[str, ChartCard] = {}
        self._periods = QButtonGroup(self)
        self._told = label(role="small")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(20 * GRID, GRID)
        self._bar.setAccessibleName(say("dashboard", "reading"))
        head = QHBoxLayout()
        margins(head, 0)
        head.addWidget(label(say("dashboard", "title"), role="title"))
        head.addSpacing(2 * GRID)
        for days in PERIODS:
            button = QPushButton(say("dashboard", "days-back", number=f"{days}"))
            button.setCheckable(True)
            button.setChecked(days == PERIODS[1])
            button.setProperty("kind", "segment")
            button.clicked.connect(lambda _=False, days=days: self.wanted.emit(days))
            self._periods.addButton(button, days)
            head.addWidget(button)
        head.addStretch(1)
        head.addWidget(self._told)
        head.addWidget(self._bar)
        body = QWidget()
        body.setObjectName("page")
        self._grid = QGridLayout(body)
        margins(self._grid, 0, spacing=1.5)
        area = QScrollArea()
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(say("dashboard", "title"))
        column = QVBoxLayout(self)
        margins(column, 2, 1.5, 2, 2, spacing=1.5)
        column.addLayout(head)
        column.addWidget(area, 1)

    @property
    def days(self) -> int:
        """Return how many days are looked back."""
        return self._periods.checkedId()

    @property
    def complete(self) -> bool:
        """Return whether all cases are read and painted."""
        return bool(self.cards) and self._bar.isHidden()

    def show_charts(self, charts: tuple[Chart, ...]) -> None:
        """Show charts, in a grid."""
        for at, chart in enumerate(charts):
            card = self.cards.get(chart.id)
            if card is None:
                card = self.cards[chart.id] = ChartCard(self._theme)
                card.setMinimumHeight(34 * GRID)
                self._grid.addWidget(card, at // COLUMNS, at % COLUMNS)
            card.show_chart(chart)

    def show_progress(self, done: int, total: int) -> None:
        """Tell how many cases were read."""
        self._bar.setVisible(done < total)
        self._bar.setRange(0, max(1, total))
        self._bar.setValue(done)
        self._told.setText(say("dashboard", "read", number=f"{done:,}", total=count(total, "case")))

    def restore(self, geometry: object) -> None:
        """Take the place the window had."""
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape, as a dialog."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that it closes."""
        super().closeEvent(event)
        self.closed.emit()
