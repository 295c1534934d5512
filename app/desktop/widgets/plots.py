"""Charts painted with pyqtgraph, the only module that knows it.

Colours come from the palette; series differ by pattern as well, and values stand beside the bars,
so that nothing is told by colour alone. Charts are not moved or zoomed: they are read.
"""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.dashboard import Chart
from app.desktop.sizes import points
from app.desktop.theme import Palette, ui_font

PATTERNS = (
    Qt.BrushStyle.SolidPattern,
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.Dense4Pattern,
    Qt.BrushStyle.CrossPattern,
    Qt.BrushStyle.HorPattern,
)
SMALL = 8.0
"""Points of the words in a chart."""

_STEPS = tuple(n * 10**power for power in range(8) for n in (1, 2, 5))

_BARS = frozenset({"stacked", "beside"})

TICKS = 8
"""Words along an axis at most."""


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """One chart; `show_chart` paints it in the colours of a palette."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setMenuEnabled(enableMenu=False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(220, 140))

    def sizeHint(self) -> QSize:
        """Return a size that leaves room for the other charts."""
        return QSize(320, 220)

    def show_chart(self, chart: Chart, palette: Palette) -> None:
        """Paint a chart anew."""
        self.clear()
        if self.getPlotItem().legend is not None:
            self.getPlotItem().legend.scene().removeItem(self.getPlotItem().legend)
            self.getPlotItem().legend = None
        self.setBackground(palette.raised)
        self.setAccessibleName(chart.spoken())
        self._axes(chart, palette)
        if chart.empty:
            return
        paint = {"shares": self._shares, "reliability": self._points}.get(chart.kind, self._bars)
        paint(chart, palette)

    def picture(self, palette: Palette, *, ratio: float = 2.0) -> QImage:
        """Return the chart as a picture, `ratio` pixels to each of the screen's."""
        image = QImage(self.size() * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor(palette.raised))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.render(painter, QRectF(0, 0, self.width(), self.height()))
        painter.end()
        return image

    def _axes(self, chart: Chart, palette: Palette) -> None:
        item = self.getPlotItem()
        font = QFont(ui_font())
        font.setPointSizeF(points(SMALL))
        across = chart.kind == "shares"
        named, counted = ("left", "bottom") if across else ("bottom", "left")
        for side in (named, counted):
            axis = item.getAxis(side)
            axis.setPen(pg.mkPen(palette.line_strong))
            axis.setTextPen(pg.mkPen(palette.muted))
            axis.setStyle(tickFont=font, tickLength=-4)
        shares = [[(tenths / 10, f"{tenths}0%" if tenths else "0") for tenths in range(0, 11, 2)]]
        item.getAxis(counted).setTicks(None if chart.kind in _BARS else shares)
        if chart.kind == "reliability":
            item.getAxis(named).setTicks(shares)
        else:
            item.getAxis(named).setTicks([_ticks(chart.entries)])
        item.setLabel(counted, chart.unit, color=palette.muted)
        if chart.kind != "shares":
            item.setLabel(named, chart.axis, color=palette.muted)
        item.showGrid(x=across, y=not across, alpha=0.12)
        size = max(1, len(chart.entries))
        if chart.kind in _BARS:
            item.setXRange(-0.6, size - 0.4, padding=0)
            top = _top(chart)
            # Whole cases: no ticks between them; and room above for the legend.
            step = next(n for n in _STEPS if n >= top / 6)
            item.getAxis(counted).setTickSpacing(levels=[(step, 0)])
            item.setYRange(0, top * (1.35 if len(chart.series) > 1 else 1.08), padding=0)
        elif chart.kind == "shares":
            item.setXRange(0, 1.5, padding=0)
            item.setYRange(-0.6, size - 0.4, padding=0)
            item.invertY(b=True)
        else:
            item.setXRange(0, 1.05, padding=0)
            item.setYRange(0, 1.05, padding=0)

    def _bars(self, chart: Chart, palette: Palette) -> None:
        places = np.arange(len(chart.entries), dtype=float)
        below = np.zeros(len(chart.entries))
        beside = chart.kind == "beside"
        width = 0.7 / len(chart.series) if beside else 0.7
        inks = (palette.accent, palette.good, palette.warn, palette.bad, palette.muted)
        legend = self.addLegend(
            offset=(-8, 2),
            colCount=len(chart.series),
            labelTextColor=palette.muted,
            labelTextSize="8pt",
        )
        legend.setVisible(len(chart.series) > 1)
        for at, series in enumerate(chart.series):
            heights = np.array(_filled(series.values))
            ink = QColor(inks[at % len(inks)])
            brush = QBrush(ink, PATTERNS[at % len(PATTERNS)])
            there = heights > 0
            bars = pg.BarGraphItem(
                x=places[there] + (at - (len(chart.series) - 1) / 2) * width * beside,
                y0=below[there],
                height=heights[there],
                width=width,
                brush=brush,
                pen=pg.mkPen(ink),
            )
            self.addItem(bars)
            legend.addItem(_Swatch(brush, ink), series.name)
            below = below if beside else below + heights

    def _shares(self, chart: Chart, palette: Palette) -> None:
        (series,) = chart.series
        places = np.arange(len(chart.entries))
        shares = np.array(_filled(series.values))
        ink = QColor(palette.accent)
        ground = QColor(ink)
        ground.setAlphaF(0.35)
        self.addItem(
            pg.BarGraphItem(x0=np.zeros(len(places)), y=places, height=0.62, width=shares,
                            brush=ground, pen=pg.mkPen(ink))
        )  # fmt: skip
        self._whiskers(
            shares, places, np.array(series.low), np.array(series.high), palette, up=False
        )
        for at, size in enumerate(chart.sizes):
            self._word(f"{shares[at]:.0%} of {size:,}", series.high[at] + 0.02, at, palette)

    def _points(self, chart: Chart, palette: Palette) -> None:
        (series,) = chart.series
        means, shares = np.array(chart.positions), np.array(_filled(series.values))
        dashed = pg.mkPen(palette.muted, style=Qt.PenStyle.DashLine)
        self.plot([0, 1], [0, 1], pen=dashed)
        self._whiskers(means, shares, np.array(series.low), np.array(series.high), palette, up=True)
        sizes = [7 + 9 * (size / max(chart.sizes)) ** 0.5 for size in chart.sizes]
        self.plot(
            means,
            shares,
            pen=pg.mkPen(palette.accent, width=1.5),
            symbol="o",
            symbolSize=sizes,
            symbolBrush=palette.accent,
            symbolPen=palette.surface,
        )

    def _whiskers(
        self, x: np.ndarray, y: np.ndarray, low: np.ndarray, high: np.ndarray, palette: Palette,
        *, up: bool,
    ) -> None:  # fmt: skip
        middle = y if up else x
        ends = (
            {"top": high - middle, "bottom": middle - low}
            if up
            else {"right": high - middle, "left": middle - low}
        )
        self.addItem(pg.ErrorBarItem(x=x, y=y, beam=0.0, pen=pg.mkPen(palette.text), **ends))

    def _word(self, text: str, x: float, y: float, palette: Palette) -> None:
        word = pg.TextItem(text, color=palette.muted, anchor=(0, 0.5))
        font = QFont(ui_font())
        font.setPointSizeF(points(SMALL))
        word.setFont(font)
        word.setPos(x, y)
        self.addItem(word)


class _Swatch(pg.ItemSample):  # type: ignore[misc]
    """A small field of a series' pattern for the legend."""

    def __init__(self, brush: QBrush, ink: QColor) -> None:
        super().__init__(pg.PlotDataItem())
        self._brush, self._ink = brush, ink

    def paint(self, painter: QPainter, *_: object) -> None:
        """Paint the pattern."""
        painter.setPen(pg.mkPen(self._ink))
        painter.setBrush(self._brush)
        painter.drawRect(QRectF(2, 4, 16, 11))


def _ticks(entries: tuple[str, ...]) -> list[tuple[float, str]]:
    """Return at most `TICKS` words along an axis, the last among them; days without their year."""
    step = max(1, -(-len(entries) // TICKS))
    return [
        (float(at), entry[5:] if len(entry) == len("2026-11-26") and entry[4] == "-" else entry)
        for at, entry in enumerate(entries)
        if (len(entries) - 1 - at) % step == 0 or len(entries) <= 12  # noqa: PLR2004
    ]


def _top(chart: Chart) -> float:
    """Return the height of the highest bar, at least 1."""
    columns = list(zip(*(_filled(series.values) for series in chart.series), strict=True))
    together = sum if chart.kind == "stacked" else max
    heights: list[float] = [together(column) for column in columns]
    return max([1.0, *heights])


def _filled(values: tuple[float | None, ...]) -> list[float]:
    return [value or 0.0 for value in values]
