"""The window's icons: line drawings of our own, tinted with the palette, sharp at any density."""

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

RATIOS = (1.0, 2.0, 3.0)
"""Device pixel ratios an icon is drawn at; Qt scales between them."""


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return files("resources").joinpath(f"ui/icons/{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, colour: str, size: int = 16, ratio: float = 2.0) -> QPixmap:
    """Return the drawing `name` in `colour` (`#rrggbb`), `size` device-independent pixels wide."""
    key = f"chartproof {name} {colour} {size} {ratio}"
    known = QPixmap()
    if QPixmapCache.find(key, known):
        return known
    drawing = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    image = QPixmap(round(size * ratio), round(size * ratio))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing.render(painter, QRectF(0, 0, image.width(), image.height()))
    painter.end()
    image.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, image)
    return image


def icon(name: str, colour: str, size: int = 16) -> QIcon:
    """Return the drawing `name` as an icon with a picture for each usual density."""
    made = QIcon()
    for ratio in RATIOS:
        made.addPixmap(pixmap(name, colour, size, ratio))
    return made
