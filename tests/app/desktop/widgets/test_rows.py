import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from app.desktop.models.rows import RowsModel
from app.desktop.theme import Theme
from app.desktop.widgets.rows import Look, RowDelegate, RowList, wrapped


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> RowList:
    view = RowList("Rows")
    qtbot.addWidget(view)
    model: RowsModel[Look] = RowsModel(
        key=lambda look: look.title, text=lambda look: look.title, parent=view
    )
    model.set_rows(
        (
            Look(title="short"),
            Look(title="one line", detail="word " * 40),
            Look(title="three lines", detail="word " * 40, lines=3, icon="info", meta="9 / 9"),
        )
    )
    view.setModel(model)
    view.setItemDelegate(RowDelegate(lambda look: look, theme, view))
    view.resize(260, 400)
    view.show()
    return view


@pytest.mark.usefixtures("qapp")
@given(text=st.text(st.sampled_from("ab 😀\n\u202eש"), max_size=80), most=st.integers(1, 4))
def test_lines_are_the_words_and_no_more_of_them_than_asked(text: str, most: int) -> None:
    whole = wrapped(text, QFont(), 90, 10_000)
    assert "".join("".join(whole).split()) == "".join(text.split())
    cut = wrapped(text, QFont(), 90, most)
    assert len(cut) <= most
    assert cut[: most - 1] == whole[: most - 1]
    assert cut == whole or cut[-1].endswith("…")


def heights(view: RowList) -> list[int]:
    model = view.model()
    return [view.visualRect(model.index(at, 0)).height() for at in range(model.rowCount())]


def test_a_row_is_as_high_as_its_lines(view: RowList, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: heights(view)[0] > 0)
    short, one, three = heights(view)
    assert short < one < three


def test_heights_follow_the_width(view: RowList, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: heights(view)[0] > 0)
    narrow = heights(view)[2]
    view.resize(2400, 400)
    qtbot.waitUntil(lambda: heights(view)[2] < narrow)


def test_rows_never_scroll_sideways(view: RowList, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: heights(view)[0] > 0)
    assert not view.horizontalScrollBar().isVisible()
    assert not view.grab().isNull()
