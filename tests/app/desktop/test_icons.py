from importlib.resources import files

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.desktop.icons import icon, pixmap

NAMES = sorted(
    entry.name.removesuffix(".svg") for entry in files("resources").joinpath("ui/icons").iterdir()
)


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_paints_something_in_the_colour_asked_for(
    qapp: QApplication, name: str
) -> None:
    image = pixmap(name, "#ff0000", 16, 2.0).toImage()
    assert image.width() == 32
    inked = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 200
    ]
    assert inked
    assert all(colour.red() > 240 and colour.blue() < 15 for colour in inked)
    assert QColor("#ff0000") in inked


def test_an_icon_is_sharp_on_a_dense_screen(qapp: QApplication) -> None:
    assert max(size.width() for size in icon("check", "#000000").availableSizes()) >= 48
