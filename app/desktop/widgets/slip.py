"""A card in passing: what is needed to go by, painted in one piece instead of put together.

Sixty cards of labels take a fifth of a second to lay out; sixty slips take a few milliseconds. A
slip is made for one row and one width, says how high it is, and paints itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication

from app.desktop.icons import pixmap
from app.desktop.models.cards import CardRow, Group
from app.desktop.offsets import displayed
from app.desktop.sizes import points
from app.desktop.theme import GRID, Palette
from app.desktop.widgets.parts import TONES
from app.desktop.widgets.rows import wrapped
from app.wording import say
from pipeline.model import Route

SIDE = GRID + GRID // 2
SMALL, CODE, CHIP = 8.5, 11.0, 8.25
"""Sizes of type in points, as in the style sheet."""

STATUS = {
    "accepted": ("check", "good"),
    "added": ("plus", "good"),
    "rejected": ("cross", "bad"),
    "replaced": ("replace", "bad"),
    "excluded": ("against", "muted"),
}
"""Icon and colour of what has been decided; a card that is open has none."""

_TITLE_LINES, _REMARK_LINES = 3, 3
_LOUD = frozenset({"bad", "warn", "query"})
_ICON = 2 * GRID


def chips_of(row: CardRow) -> tuple[tuple[str, str, str], ...]:
    """Return words, tone and tool tip of what is said or asked of a code."""
    found = []
    if row.first:
        kind = "principal" if row.poa_asked else "first"
        words = say("places", f"{kind}-{row.first}")
        found.append((words, "info" if row.first == "chosen" else "", ""))
    if row.poa_asked:
        name = "missing" if row.poa is None else row.poa or "exempt"
        words = say("poa_short", name)
        asked = f"{words} {say('places', 'proposed')}" if row.poa_proposed else words
        found.append((asked, "warn" if row.poa is None else "", say("poa_long", name)))
    if row.assertion is not None and row.place:
        found.append((f"You: {say('assertions', str(row.assertion))}", "", ""))
    return tuple(found)


@dataclass(slots=True)
class Slip:
    """The picture of a card that the cursor is not on. `texts` are its words, in reading order."""

    row: CardRow
    palette: Palette
    width: int
    height: int = 0
    texts: list[str] = field(default_factory=list)
    _steps: list[Callable[[QPainter], None]] = field(default_factory=list)

    @classmethod
    def of(cls, row: CardRow, palette: Palette, width: int) -> "Slip":
        """Lay a card out in a width of device-independent pixels."""
        slip = cls(row, palette, width)
        slip._lay_out()
        return slip

    def paint(self, painter: QPainter) -> None:
        """Paint the slip from the painter's origin on."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for step in self._steps:
            step(painter)

    def _lay_out(self) -> None:
        row, palette = self.row, self.palette
        excluded = row.group is Group.EXCLUDED
        gap = 2 if excluded else 6
        y = 7 if excluded else 10
        y = self._headline(y)
        chips = chips_of(row)
        if chips:
            y = self._chips(chips, y + gap)
        if row.note:
            y = self._words(row.note, y + gap, font=_font(SMALL), ink=palette.muted, most=2)
        if row.quotes and not excluded:
            y = self._quote(y + gap)
        for remark in row.remarks:
            if remark.tone in _LOUD:
                y = self._remark(remark.text, remark.tone, y + gap)
        for comment in row.comments:
            y = self._remark(comment, "comment", y + gap, small=True)
        if row.confidence is not None and not excluded:
            y = self._confidence(row.confidence, y + gap)
        self.height = y + (7 if excluded else 10)

    def _headline(self, y: int) -> int:
        row, palette = self.row, self.palette
        bold, plain, small = _font(CODE, bold=True), _font(), _font(SMALL)
        x = SIDE
        line = QFontMetrics(bold).height()
        if row.place:
            self._put(str(row.place), x, y + 2, small, palette.muted, line)
            x += QFontMetrics(small).horizontalAdvance(str(row.place)) + GRID
        self._put(row.code, x, y, bold, palette.text, line)
        x += QFontMetrics(bold).horizontalAdvance(row.code) + GRID
        right = self.width - SIDE - _ICON
        source = "person" if row.by_person else "program"
        self._icon(source, palette.muted, right, y)
        if row.status in STATUS:
            name, tone = STATUS[row.status]
            right -= _ICON + GRID
            self._icon(name, str(getattr(palette, tone)), right, y)
        if row.badge is not None:
            wide = self._pill(row.badge.text, "", right, y, leftwards=True)
            right -= wide + GRID
        ink = palette.muted if row.group is Group.EXCLUDED else palette.text
        title = row.title or say("places", "no-title")
        low = self._words(
            title, y + 2, font=plain, ink=ink, most=_TITLE_LINES, x=x, room=right - x - GRID
        )
        return max(low, y + line)

    def _chips(self, chips: tuple[tuple[str, str, str], ...], y: int) -> int:
        x = SIDE
        for words, tone, _ in chips:
            x += self._pill(words, tone, x, y) + GRID // 2
        return y + QFontMetrics(_font(CHIP, bold=True)).height() + 4

    def _quote(self, y: int) -> int:
        palette, quote = self.palette, self.row.quotes[0]
        colour = palette.support_line
        if quote.against or quote.by_person:
            colour = palette.against_line if quote.against else palette.accent
        low = self._words(
            quote.text, y, font=_font(bold=True), ink=palette.text, most=1, x=SIDE + 11
        )
        bar = QRectF(SIDE, y, 3, low - y)
        self._steps.append(lambda painter: painter.fillRect(bar, QColor(colour)))
        return low

    def _remark(self, words: str, tone: str, y: int, *, small: bool = False) -> int:
        name, colour = TONES.get(tone, TONES["info"])
        self._icon(name, str(getattr(self.palette, colour)), SIDE, y, size=14)
        font = _font(SMALL) if small else _font()
        ink = self.palette.muted if small else self.palette.text
        return self._words(words, y, font=font, ink=ink, most=_REMARK_LINES, x=SIDE + 20)

    def _confidence(self, value: float, y: int) -> int:
        palette, small = self.palette, _font(SMALL)
        metrics = QFontMetrics(small)
        line = metrics.height()
        number = f"{value:.2f}"
        x = self.width - SIDE - metrics.horizontalAdvance(number)
        self._put(number, x, y, small, palette.muted, line)
        bar = QRectF(x - GRID - 6 * GRID, y + line / 2 - 2, 6 * GRID, 4)
        self._steps.append(lambda painter: _bar(painter, bar, value, palette))
        x = int(bar.left()) - GRID
        if self.row.open and self.row.route is Route.AUTO:
            x -= self._pill(say("routes", "auto"), "good", x, y - 1, leftwards=True) + GRID
        quotes = self.row.quotes
        place = quotes[0].place if quotes else say("places", "confidence")
        cut = metrics.elidedText(displayed(place), Qt.TextElideMode.ElideRight, x - SIDE)
        self._put(cut, SIDE, y, small, palette.muted, line)
        return y + line

    def _words(
        self,
        words: str,
        y: int,
        *,
        font: QFont,
        ink: str,
        most: int,
        x: int = SIDE,
        room: int | None = None,
    ) -> int:
        """Put words in at most so many lines; return where the next thing may stand."""
        metrics = QFontMetrics(font)
        wide = self.width - SIDE - x if room is None else room
        shown = displayed(words)
        if metrics.horizontalAdvance(shown) <= wide and "\n" not in shown:
            lines: tuple[str, ...] = (words,)
        else:
            lines = wrapped(words, font, wide, most)
        for at, line in enumerate(lines):
            top = y + at * metrics.lineSpacing()
            self._put(displayed(line), x, top, font, ink, metrics.height())
        self.texts.append(words)
        for _ in lines:
            self.texts.pop(-2)  # each line was put down as well; the words stand for them
        return y + (len(lines) - 1) * metrics.lineSpacing() + metrics.height()

    def _put(self, words: str, x: int, y: int, font: QFont, ink: str, line: int) -> None:
        base = y + (line - QFontMetrics(font).height()) // 2 + QFontMetrics(font).ascent()
        place = QPointF(x, base)

        def step(painter: QPainter) -> None:
            painter.setFont(font)
            painter.setPen(QColor(ink))
            painter.drawText(place, words)

        self._steps.append(step)
        self.texts.append(words)

    def _icon(self, name: str, colour: str, x: int, y: int, *, size: int = _ICON) -> None:
        self._steps.append(
            lambda painter: painter.drawPixmap(QPointF(x, y + 1), pixmap(name, colour, size))
        )

    def _pill(self, words: str, tone: str, x: int, y: int, *, leftwards: bool = False) -> int:
        """Put a small rounded label; `leftwards` ends it before `x`. Return its width."""
        palette, font = self.palette, _font(CHIP, bold=True)
        metrics = QFontMetrics(font)
        wide = metrics.horizontalAdvance(words) + 2 * GRID
        at = x - wide - GRID // 2 if leftwards else x
        ground, ink = {
            "good": (palette.good_soft, palette.good),
            "warn": (palette.warn_soft, palette.warn),
            "bad": (palette.bad_soft, palette.bad),
            "info": (palette.accent_soft, palette.on_accent_soft),
        }.get(tone, (palette.sunken, palette.muted))
        box = QRectF(at + 0.5, y + 0.5, wide, metrics.height() + 3)

        def step(painter: QPainter) -> None:
            painter.setPen(QColor(ground if tone else palette.line))
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            painter.setFont(font)
            painter.setPen(QColor(ink))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)

        self._steps.append(step)
        self.texts.append(words)
        return wide


def _bar(painter: QPainter, box: QRectF, value: float, palette: Palette) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.line))
    painter.drawRoundedRect(box, 2, 2)
    full = QRectF(box)
    full.setWidth(box.width() * min(1.0, max(0.0, value)))
    painter.setBrush(QColor(palette.muted))
    painter.drawRoundedRect(full, 2, 2)


def _font(usual: float | None = None, *, bold: bool = False) -> QFont:
    made = QFont(QApplication.font())
    if usual is not None:
        made.setPointSizeF(points(usual))
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made
