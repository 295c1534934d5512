"""Composing a query: cited words, an open question, neutral answers, the text as it goes out."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop.offsets import displayed
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.dialogs import Panel
from app.desktop.widgets.parts import label, margins, tone_picture
from app.desktop.widgets.texts import TypedText
from app.query import OTHER, UNABLE, Draft, Indicator, compose, problems
from app.wording import say, words

QUOTED = 68
"""Characters of a quote beside its check box; the preview has all of it, with its source."""

CITED = 4
"""Indicators that are cited from the start; the others wait for their check."""

SHOWN = 8
"""Indicators that are offered."""


class QueryDialog(Panel):
    """`written` tells the draft and the text; it is not told while the query leads or is bare."""

    written = Signal(object, str)

    def __init__(
        self,
        parent: QWidget,
        *,
        encounter_id: str,
        about: str,
        indicators: Sequence[Indicator],
        options: Sequence[str],
        theme: Theme,
    ) -> None:
        super().__init__(parent, title="Query to the provider", width=132)
        self._encounter_id = encounter_id
        self._about = about
        self._theme = theme
        self._cited = [(QCheckBox(), each) for each in indicators[:SHOWN]]
        self.question = _field("Question", rows=3)
        self.question.setMaximumHeight(9 * GRID)
        self.options = _field("Answers, one a line", rows=5)
        self.preview = _field("The query as it goes out", rows=9)
        self.preview.setReadOnly(True)
        self._problems = QVBoxLayout()
        self._keep = QPushButton(say("places", "keep-query"))
        self._lay_out()
        # Where the book offers no detail to choose from, what the findings mean is asked instead.
        self._ask("detail" if options else "meaning")
        self.options.setPlainText("\n".join(options))
        for field in (self.question, self.options):
            field.textChanged.connect(self._show)
            field.installEventFilter(self)
        for box, _ in self._cited:
            box.toggled.connect(lambda _: self._show())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self._answer)
        for number, name in enumerate(words()["questions"], start=1):
            QShortcut(QKeySequence(f"Alt+{number}"), self).activated.connect(
                lambda name=name: self._ask(name)
            )
        self._show()
        self.question.setFocus()
        self.question.selectAll()

    @property
    def draft(self) -> Draft:
        """Return the query as it is written now."""
        return Draft(
            encounter_id=self._encounter_id,
            about=self._about,
            indicators=tuple(each for box, each in self._cited if box.isChecked()),
            question=self.question.toPlainText(),
            options=tuple(self.options.toPlainText().split("\n")),
        )

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        for side in (left, right):
            margins(side, 0)
        left.addWidget(label(say("places", "indicators"), role="eyebrow"))
        for at, (box, each) in enumerate(self._cited):
            quote = displayed(each.quote)
            cut = quote if len(quote) <= QUOTED else f"{quote[:QUOTED]}…"
            box.setText(f"“{cut}”".replace("&", "&&"))
            box.setToolTip(f"{each.quote}\n{each.source}")
            box.setChecked(at < CITED)
            left.addWidget(box)
        if not self._cited:
            left.addWidget(label(say("query", "no-indicator"), role="muted", wrap=True))
        left.addWidget(label(say("places", "question"), role="eyebrow"))
        left.addWidget(self.question)
        left.addWidget(label(say("places", "kinds-of-question"), role="small", wrap=True))
        left.addWidget(label(say("places", "answers"), role="eyebrow"))
        left.addWidget(self.options, 1)
        left.addWidget(label(say("places", "always", other=OTHER, unable=UNABLE), role="small"))
        right.addWidget(label(say("places", "goes-out"), role="eyebrow"))
        right.addWidget(self.preview, 1)
        right.addLayout(self._problems)
        halves = QHBoxLayout()
        margins(halves, 0, spacing=2.5)
        halves.addLayout(left, 1)
        halves.addLayout(right, 1)
        self.column.addLayout(halves, 1)
        foot = QHBoxLayout()
        margins(foot, 0)
        foot.addWidget(label(say("places", "keys-query"), role="small"), 1)
        copy = QPushButton("Copy")
        copy.setAutoDefault(False)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(compose(self.draft)))
        leave = QPushButton("Cancel")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        self._keep.setProperty("kind", "primary")
        self._keep.setAutoDefault(False)
        self._keep.clicked.connect(self._answer)
        for button in (copy, leave, self._keep):
            foot.addWidget(button)
        self.column.addLayout(foot)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Tab leave the fields, which would take it for themselves."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            back = event.key() == Qt.Key.Key_Backtab
            if back or event.key() == Qt.Key.Key_Tab:
                self.focusNextPrevChild(not back)
                return True
        return super().eventFilter(watched, event)

    def _ask(self, name: str) -> None:
        self.question.setPlainText(say("questions", name, about=self._about or "this condition"))
        self.question.setFocus()

    def _show(self) -> None:
        draft = self.draft
        self.preview.setPlainText(displayed(compose(draft)))
        while self._problems.count():
            item = self._problems.takeAt(0)
            line = item.widget() if item is not None else None
            if line is not None:
                line.hide()
                line.deleteLater()
        told = problems(draft)
        for sentence in told or (say("places", "query-neutral"),):
            self._problems.addWidget(_remark(sentence, "bad" if told else "good", self._theme))
        self._keep.setEnabled(not told)

    def _answer(self) -> None:
        draft = self.draft
        if not problems(draft):
            self.written.emit(draft, compose(draft))
            self.accept()


def _remark(sentence: str, tone: str, theme: Theme) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    margins(row, 0)
    row.addWidget(tone_picture(tone, theme.palette), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(sentence, wrap=True), 1)
    return line


def _field(name: str, *, rows: int) -> TypedText:
    made = TypedText()
    made.setObjectName("field")
    made.setAccessibleName(name)
    made.setMinimumHeight(rows * 2 * GRID + 3 * GRID)
    made.setTabChangesFocus(True)
    return made
