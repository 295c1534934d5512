import pytest
from pytestqt.qtbot import QtBot

from app.desktop.notices import Notice
from app.desktop.theme import Theme
from app.desktop.widgets.notices import EmptyPage, NoticeBar


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> NoticeBar:
    bar = NoticeBar(theme)
    qtbot.addWidget(bar)
    return bar


def test_a_warning_stays_when_a_remark_comes(bar: NoticeBar) -> None:
    bar.show_notice(Notice(text="The key lies in a file.", tone="warn"))
    bar.show_notice(Notice(text="End of the worklist."))
    assert bar.words.text() == "The key lies in a file."
    bar.show_notice(Notice(text="The disk is full.", tone="bad"))
    assert bar.words.text() == "The disk is full."


def test_a_remark_leaves_by_itself_and_a_warning_does_not(bar: NoticeBar, qtbot: QtBot) -> None:
    bar._leave.setInterval(1)
    bar.show_notice(Notice(text="End of the worklist."))
    qtbot.waitUntil(lambda: not bar.isVisible())
    bar.show_notice(Notice(text="x", tone="warn"))
    assert not bar._leave.isActive()


@pytest.mark.parametrize("kind", ["loading", "none", "failed", "unopened"])
def test_every_page_has_its_words(theme: Theme, qtbot: QtBot, kind: str) -> None:
    page = EmptyPage(theme)
    qtbot.addWidget(page)
    page.say(kind)
    for text in (page._title.text(), page._words.text()):
        assert text
        assert kind not in text
    page.say(kind, detail="scan.txt is empty.")
    assert page._words.text() == "scan.txt is empty."
