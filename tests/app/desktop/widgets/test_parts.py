from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.theme import LIGHT, Theme
from app.desktop.widgets.parts import TONES, flat_button, label, margins, tone_picture


def test_a_label_never_reads_its_text_as_markup(qtbot: QtBot) -> None:
    made = label("<b>HTN</b> & <script>")
    qtbot.addWidget(made)
    assert made.textFormat() is Qt.TextFormat.PlainText


def test_every_tone_has_its_own_picture(qtbot: QtBot) -> None:
    assert len({name for name, _ in TONES.values()}) == len(TONES)
    for tone in TONES:
        made = tone_picture(tone, LIGHT)
        qtbot.addWidget(made)
        assert made.accessibleName() == tone
        assert not made.pixmap().isNull()


def test_a_button_without_words_has_a_name(qtbot: QtBot, theme: Theme) -> None:
    made = flat_button("cross", theme, "Close find")
    qtbot.addWidget(made)
    before = made.icon().cacheKey()
    theme.toggle()
    assert made.icon().cacheKey() != before
    assert made.accessibleName() == "Close find"


def test_distances_are_steps_of_the_grid(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    layout = QVBoxLayout(widget)
    margins(layout, 1, 2, 3, 4, spacing=0.5)
    got = layout.contentsMargins()
    assert (got.left(), got.top(), got.right(), got.bottom()) == (8, 16, 24, 32)
    assert layout.spacing() == 4
