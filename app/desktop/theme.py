"""Colours and measures of the window, light and dark, and the one style sheet made from them.

A palette is a value. Everything painted takes its colours from one, so that a switch of theme is
one call of `apply`, and a test can measure every pair of text and ground it puts on the screen
(`TEXT_PAIRS`, WCAG 2.2 success criterion 1.4.3: 4.5 to 1). Measures sit on a grid of 8 px, with
4 px as its half step; sizes of type are in points, so they follow the density of the screen.
"""

from dataclasses import asdict, dataclass
from importlib.resources import files
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app.desktop import sizes
from app.desktop.sizes import points, scaled

GRID = 8
"""One step of the spacing grid, in device-independent pixels."""

UI_FAMILIES = ("Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Cantarell")
READING_FAMILIES = (*UI_FAMILIES, "Noto Sans", "DejaVu Sans")
MONO_FAMILIES = ("Cascadia Mono", "SF Mono", "JetBrains Mono", "Noto Sans Mono", "DejaVu Sans Mono")
UI_POINTS = 9.75
READING_POINTS = 11.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Every colour of the window by what it is for, as `#rrggbb`."""

    name: str
    window: str
    surface: str
    raised: str
    sunken: str
    line: str
    line_strong: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    on_accent_soft: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    support: str
    support_line: str
    against: str
    against_line: str
    current: str
    current_line: str
    find: str
    bidi: str


LIGHT = Palette(
    name="light",
    window="#f3f4f6",
    surface="#ffffff",
    raised="#ffffff",
    sunken="#f7f8fa",
    line="#e1e4e9",
    line_strong="#c3c9d2",
    text="#1a212b",
    muted="#566070",
    accent="#1f5cb8",
    accent_hover="#194c99",
    on_accent="#ffffff",
    accent_soft="#e6eefa",
    on_accent_soft="#174a96",
    good="#176b3f",
    good_soft="#e2f4e9",
    warn="#84540a",
    warn_soft="#fdf1d8",
    bad="#ab2a22",
    bad_soft="#fce8e6",
    support="#dcf1e3",
    support_line="#1c7a48",
    against="#fbe3df",
    against_line="#b43a2c",
    current="#ffe69a",
    current_line="#8a5b00",
    find="#d5e4fb",
    bidi="#e9d8fb",
)

DARK = Palette(
    name="dark",
    window="#12161c",
    surface="#191f27",
    raised="#1f2630",
    sunken="#151a21",
    line="#2b333f",
    line_strong="#455063",
    text="#e4e9f0",
    muted="#9ba7b7",
    accent="#7db0ff",
    accent_hover="#a3c8ff",
    on_accent="#0b1526",
    accent_soft="#20324d",
    on_accent_soft="#b5d2ff",
    good="#76d29b",
    good_soft="#183425",
    warn="#f0c069",
    warn_soft="#382c12",
    bad="#ff9b92",
    bad_soft="#411f1d",
    support="#1d3c2b",
    support_line="#6fcf97",
    against="#47231f",
    against_line="#f59a8e",
    current="#5c4a10",
    current_line="#ffd663",
    find="#27426b",
    bidi="#43305c",
)

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((ink, ground) for ink in ("text", "muted") for ground in ("window", "surface", "sunken")),
    ("text", "raised"),
    ("muted", "raised"),
    *(("text", ground) for ground in ("support", "against", "current", "find", "bidi")),
    *(("text", ground) for ground in ("accent_soft", "good_soft", "warn_soft", "bad_soft")),
    ("muted", "accent_soft"),
    ("accent", "surface"),
    ("accent", "sunken"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_accent_soft", "accent_soft"),
    *((ink, f"{ink}_soft") for ink in ("good", "warn", "bad")),
    *((ink, ground) for ink in ("good", "warn", "bad") for ground in ("surface", "sunken")),
)
"""Every pair of ink and ground the style sheet and the painters put together for words."""

MARK_PAIRS: tuple[tuple[str, str], ...] = (
    ("support_line", "support"),
    ("against_line", "against"),
    ("current_line", "current"),
    ("accent", "window"),
    ("accent", "raised"),
)
"""Marks that carry meaning without being words: at least 3 to 1 (criterion 1.4.11)."""


def contrast(ink: str, ground: str) -> float:
    """Return the contrast ratio of two `#rrggbb` colours, from 1 to 21 (WCAG 2.2)."""
    first, second = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def system_palette(app: QApplication) -> Palette:
    """Return the palette that follows the system's colour scheme, light where it names none."""
    dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def _first_installed(families: tuple[str, ...]) -> str | None:
    installed = set(QFontDatabase.families())
    return next((family for family in families if family in installed), None)


def ui_font() -> QFont:
    """Return the font of the window's own words; the system's where none of ours is there."""
    family = _first_installed(UI_FAMILIES)
    font = (
        QFont(family) if family else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    )
    font.setPointSizeF(points(UI_POINTS))
    return font


def reading_font(zoom: int = 0) -> QFont:
    """Return the font of the notes; `zoom` adds points."""
    font = QFont(_first_installed(READING_FAMILIES) or ui_font().family())
    font.setPointSizeF(points(max(7.0, READING_POINTS + zoom)))
    return font


def style_sheet(palette: Palette) -> str:
    """Return the style sheet of the whole window in the colours of `palette`."""
    source = files("resources").joinpath("ui/style.qss").read_text(encoding="utf-8")
    mono = _first_installed(MONO_FAMILIES) or "monospace"
    return scaled(Template(source).substitute(asdict(palette), mono=mono))


def apply(app: QApplication, palette: Palette) -> None:
    """Put `palette` on the application: base colours for the style, then the style sheet."""
    roles = QPalette.ColorRole
    colours = QPalette()
    for role, colour in (
        (roles.Window, palette.window),
        (roles.WindowText, palette.text),
        (roles.Base, palette.surface),
        (roles.AlternateBase, palette.sunken),
        (roles.Text, palette.text),
        (roles.PlaceholderText, palette.muted),
        (roles.Button, palette.raised),
        (roles.ButtonText, palette.text),
        (roles.ToolTipBase, palette.raised),
        (roles.ToolTipText, palette.text),
        (roles.Highlight, palette.accent),
        (roles.HighlightedText, palette.on_accent),
        (roles.Link, palette.accent),
        (roles.Mid, palette.line),
        (roles.Dark, palette.line_strong),
    ):
        colours.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, role, QColor(palette.muted))
    app.setPalette(colours)
    # The style outlines a check box in a shade of the window, which is lost on a dark one.
    boxes = QPalette(colours)
    boxes.setColor(roles.Window, QColor(palette.muted))
    app.setPalette(boxes, "QCheckBox")  # type: ignore[arg-type]  # stub
    app.setFont(ui_font())
    app.setStyleSheet(style_sheet(palette))


class Theme(QObject):
    """The palette in use: the system's until a person chooses, then theirs."""

    changed = Signal()

    def __init__(self, app: QApplication, *, choice: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self.choice = choice
        self.palette = self._chosen()
        app.styleHints().colorSchemeChanged.connect(self._follow)
        apply(app, self.palette)

    def choose(self, choice: str) -> None:
        """Take `light`, `dark` or `system` and repaint the window."""
        self.choice = choice
        self._follow()

    def toggle(self) -> None:
        """Change from light to dark or back, and stay there."""
        self.choose("light" if self.palette.name == "dark" else "dark")

    def zoom(self, by: int) -> None:
        """Make all type larger (`1`) or smaller (`-1`), or with 0 as usual, and repaint."""
        sizes.step(by)
        apply(self._app, self.palette)
        self.changed.emit()

    def _chosen(self) -> Palette:
        return {"light": LIGHT, "dark": DARK}.get(self.choice) or system_palette(self._app)

    def _follow(self) -> None:
        palette = self._chosen()
        if palette is not self.palette:
            self.palette = palette
            apply(self._app, palette)
            self.changed.emit()
