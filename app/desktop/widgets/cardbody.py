"""All of a card, for the code the cursor is on: words, rules, choices, confidence, buttons."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.desktop.actions import shown_key
from app.desktop.icons import icon
from app.desktop.models.cards import CardRow, Group
from app.desktop.theme import GRID, Theme
from app.desktop.widgets.cardparts import ConfidenceBar, OptionRow, QuoteBlock
from app.desktop.widgets.parts import chip, label, margins, picture, tone_picture
from app.desktop.widgets.slip import STATUS, chips_of
from app.wording import say
from pipeline.model import Route

QUOTES = 3
"""Quotes on the current card; E still walks through all of them."""

LONGEST = 150
"""Characters of one note of the book on a card."""

INSTRUCTIONS = 2
"""Notes of the book on the current card; its tool tip and the tabular page have the rest."""


class CardBody(QWidget):
    """The contents of a card; what is clicked is told, and decided elsewhere."""

    quote_clicked = Signal(int)
    option_clicked = Signal(int)
    asked = Signal(str)

    def __init__(self, row: CardRow, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self._theme = theme
        column = QVBoxLayout(self)
        margins(column, 1.5, 1.25, 1.5, 1.25, spacing=0.75)
        column.addLayout(self._headline())
        self._chips(column)
        if self.row.note:
            column.addWidget(label(self.row.note, role="small", wrap=True))
        self._quotes(column)
        self._remarks(column)
        self._instructions(column)
        self._options(column)
        if self.row.path:
            column.addWidget(_marked("search", " › ".join(self.row.path), self._theme))
        for comment in self.row.comments:
            column.addWidget(_marked("comment", comment, self._theme))
        if self.row.confidence is not None and self.row.group is not Group.EXCLUDED:
            column.addLayout(self._confidence(self.row.confidence))
            for line in filter(None, (" · ".join(self.row.parts), self.row.moved)):
                column.addWidget(label(line, role="small", wrap=True))
        column.addLayout(self._buttons())

    def _headline(self) -> QHBoxLayout:
        palette, row = self._theme.palette, self.row
        line = QHBoxLayout()
        line.setSpacing(GRID)
        if row.place:
            place = label(str(row.place), role="small")
            place.setContentsMargins(0, 3, 0, 0)
            line.addWidget(place, 0, Qt.AlignmentFlag.AlignTop)
        code = label(row.code, role="code")
        line.addWidget(code, 0, Qt.AlignmentFlag.AlignTop)
        title = label(row.title or say("places", "no-title"), wrap=True)
        title.setContentsMargins(0, 2, 0, 0)
        if row.group is Group.EXCLUDED:
            title.setProperty("role", "muted")
        line.addWidget(title, 1, Qt.AlignmentFlag.AlignTop)
        if row.badge is not None:
            badge = chip(row.badge.text)
            badge.setObjectName("hcc")
            badge.setToolTip(row.badge.label)
            badge.setAccessibleName(row.badge.label)
            line.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        if row.status in STATUS:
            name, tone = STATUS[row.status]
            line.addWidget(
                picture(name, getattr(palette, tone), says=say("statuses", row.status)),
                0,
                Qt.AlignmentFlag.AlignTop,
            )
        source = "person" if row.by_person else "program"
        line.addWidget(
            picture(source, palette.muted, says=say("origins", source)),
            0,
            Qt.AlignmentFlag.AlignTop,
        )
        return line

    def _chips(self, column: QVBoxLayout) -> None:
        """Add what is said or asked of the code: first, present on admission, assertion."""
        shown = []
        for words, tone, tip in chips_of(self.row):
            shown.append(chip(words, tone=tone))
            shown[-1].setToolTip(tip)
        if shown:
            line = QHBoxLayout()
            line.setSpacing(GRID // 2)
            for each in shown:
                line.addWidget(each)
            line.addStretch(1)
            column.addLayout(line)

    def _quotes(self, column: QVBoxLayout) -> None:
        row = self.row
        for number, quote in enumerate(row.quotes[:QUOTES]):
            block = QuoteBlock(quote, self._theme.palette)
            block.pressed.connect(lambda number=number: self.quote_clicked.emit(number))
            column.addWidget(block)
        more = len(row.quotes) - QUOTES
        if more > 0:
            column.addWidget(label(f"+ {more} more in the notes", role="small"))

    def _remarks(self, column: QVBoxLayout) -> None:
        for remark in self.row.remarks:
            line = QHBoxLayout()
            line.setSpacing(GRID // 2 + 2)
            sign = tone_picture(remark.tone, self._theme.palette)
            line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
            words = label(remark.text, wrap=True)
            words.setToolTip(remark.source)
            line.addWidget(words, 1)
            column.addLayout(line)

    def _instructions(self, column: QVBoxLayout) -> None:
        shown = self.row.instructions if self.row.place else ()
        for remark in shown[:INSTRUCTIONS]:
            words = remark.text if len(remark.text) <= LONGEST else f"{remark.text[:LONGEST]}…"
            line = _marked("book", words, self._theme)
            line.setToolTip(f"{remark.text} ({remark.source})")
            column.addWidget(line)
        if len(shown) > INSTRUCTIONS:
            more = label(f"+ {len(shown) - INSTRUCTIONS} more notes of the book", role="small")
            more.setToolTip("\n\n".join(each.text for each in shown[INSTRUCTIONS:]))
            column.addWidget(more)

    def _options(self, column: QVBoxLayout) -> None:
        if not self.row.options or self.row.group is Group.EXCLUDED:
            return
        kind = None
        for option in self.row.options:
            if option.kind != kind:
                kind = option.kind
                title = say("option_kinds", kind or "alternative")
                column.addWidget(label(title, role="eyebrow"))
            button = OptionRow(option)
            button.pressed.connect(lambda number=option.number: self.option_clicked.emit(number))
            column.addWidget(button)

    def _confidence(self, value: float) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(GRID)
        middle = Qt.AlignmentFlag.AlignVCenter
        line.addWidget(label(say("places", "confidence"), role="small"), 0, middle)
        line.addStretch(1)
        if self.row.open and self.row.route is Route.AUTO:
            line.addWidget(chip(say("routes", "auto"), tone="good"), 0, middle)
        line.addWidget(ConfidenceBar(value, self._theme.palette), 0, middle)
        line.addWidget(label(f"{value:.2f}", role="small"), 0, middle)
        return line

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(GRID)
        for action, text, name in _offers(self.row):
            button = QPushButton(text)
            primary = name in {"check", "plus"}
            button.setProperty("kind", "primary" if primary else "plain")
            palette = self._theme.palette
            button.setIcon(icon(name, palette.on_accent if primary else palette.muted))
            button.setToolTip(f"{text} ({shown_key(action)})")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, action=action: self.asked.emit(action))
            line.addWidget(button)
        line.addStretch(1)
        return line


def _marked(name: str, words: str, theme: Theme) -> QWidget:
    """Return small words after an icon."""
    line = QWidget()
    row = QHBoxLayout(line)
    margins(row, 0, spacing=0.75)
    sign = picture(name, theme.palette.muted, size=14, says=name)
    row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(words, role="small", wrap=True), 1)
    return line


def _offers(row: CardRow) -> tuple[tuple[str, str, str], ...]:
    """Return the buttons of a card: the action's id, its words, its icon."""
    accept, reject = ("accept", "Accept", "check"), ("reject", "Reject", "cross")
    replace = ("replace", "Replace", "replace")
    if not row.billable and row.status in {"excluded", "open"}:
        below = ("accept", "Choose a code below", "plus")
        return (below,) if row.status == "excluded" else (below, reject)
    if row.status == "excluded":
        return (("accept", "Add this code", "plus"),)
    if row.status == "rejected":
        return (accept,)
    if row.status in {"accepted", "added"}:
        return (reject, replace)
    return (accept, reject, replace) if row.status == "open" else ()
