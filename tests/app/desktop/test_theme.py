import re
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files
from string import Template

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from app.desktop import sizes
from app.desktop.theme import (
    DARK,
    LIGHT,
    MARK_PAIRS,
    TEXT_PAIRS,
    Palette,
    Theme,
    contrast,
    reading_font,
    style_sheet,
)

BOTH = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)


def colour(palette: Palette, name: str) -> str:
    return str(asdict(palette)[name])


@BOTH
@pytest.mark.parametrize("pair", TEXT_PAIRS, ids="-on-".join)
def test_words_can_be_read_on_every_ground(palette: Palette, pair: tuple[str, str]) -> None:
    ink, ground = pair
    assert contrast(colour(palette, ink), colour(palette, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("pair", MARK_PAIRS, ids="-on-".join)
def test_marks_can_be_told_from_their_ground(palette: Palette, pair: tuple[str, str]) -> None:
    ink, ground = pair
    assert contrast(colour(palette, ink), colour(palette, ground)) >= 3


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


def test_every_token_of_the_style_sheet_is_a_colour_of_the_palette(qapp: QApplication) -> None:
    source = files("resources").joinpath("ui/style.qss").read_text(encoding="utf-8")
    names = set(Template(source).get_identifiers())
    assert names <= {*asdict(LIGHT), "mono"}
    assert "${" not in style_sheet(DARK)
    assert "#" + "ffffff" not in source, "colours belong into the palette"


def test_qt_understands_the_style_sheet(theme: Theme, qapp: QApplication) -> None:
    """An error in it is a warning of Qt, and fails this test."""
    label = QLabel("x")
    label.setProperty("role", "title")
    label.ensurePolished()
    assert label.font().pointSizeF() == pytest.approx(13)


def test_a_chosen_theme_stays_when_it_is_toggled_twice(theme: Theme) -> None:
    seen: list[str] = []
    theme.changed.connect(lambda: seen.append(theme.palette.name))
    theme.toggle()
    theme.toggle()
    theme.choose("light")
    assert seen == ["dark", "light"]


@pytest.mark.usefixtures("qapp")
def test_the_reading_font_grows_and_never_gets_too_small() -> None:
    assert reading_font(2).pointSizeF() > reading_font(0).pointSizeF()
    assert reading_font(-40).pointSizeF() >= 7


@pytest.fixture
def usual_size() -> Iterator[None]:
    yield
    sizes.choose(1.0)


def test_all_type_grows_by_steps_and_comes_back(
    usual_size: None, qapp: QApplication, theme: Theme
) -> None:
    """Every size of the style sheet and of the painters by the same share."""
    before, note, told = qapp.font().pointSizeF(), reading_font().pointSizeF(), []
    theme.changed.connect(lambda: told.append(sizes.scale()))
    sheet = style_sheet(LIGHT)
    for _ in range(20):
        theme.zoom(1)
    largest = sizes.STEPS[-1]
    assert told[-1] == sizes.scale() == largest
    assert qapp.font().pointSizeF() == pytest.approx(before * largest)
    assert reading_font().pointSizeF() == pytest.approx(note * largest)
    found = [float(x) for x in re.findall(r"font-size: ([\d.]+)pt", style_sheet(LIGHT))]
    usual = [float(x) for x in re.findall(r"font-size: ([\d.]+)pt", sheet)]
    assert found == pytest.approx([x * largest for x in usual], abs=0.01)
    theme.zoom(0)
    assert (style_sheet(LIGHT), qapp.font().pointSizeF()) == (sheet, before)
    for _ in range(20):
        theme.zoom(-1)
    assert sizes.scale() == sizes.STEPS[0]


@pytest.mark.parametrize(("kept", "found"), [(1.3, 1.25), (99.0, 1.6), (0.0, 0.9)])
def test_a_size_that_is_none_of_the_steps_is_the_nearest(
    usual_size: None, kept: float, found: float
) -> None:
    sizes.choose(kept)
    assert sizes.scale() == found
