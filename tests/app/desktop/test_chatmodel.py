"""The page of the chat model: saved beside other settings, tried without holding up the window."""

import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app import settings
from app.desktop.widgets.chatdialog import ChatDialog
from app.desktop.window import MainWindow
from tests.fault_server import FaultServer, serving


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as running:
        yield running


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow) -> ChatDialog:
    window.made["chat-model"].trigger()
    qtbot.waitUntil(lambda: window.findChild(ChatDialog) is not None)
    found = window.findChild(ChatDialog)
    assert found is not None
    return found


def fill(dialog: ChatDialog, server: FaultServer) -> None:
    dialog.mode.setCurrentIndex(dialog.mode.findData("on"))
    dialog.lines["chat_url"].setText(server.url)
    dialog.lines["chat_model"].setText("small")


def save(qtbot: QtBot, dialog: ChatDialog, told: str) -> None:
    dialog.keep.click()
    qtbot.waitUntil(lambda: told in dialog.told.toPlainText())


def file() -> Path:
    return settings.load().file


def test_it_is_off_and_says_what_masking_misses(dialog: ChatDialog) -> None:
    assert dialog.mode.currentData() == "off"
    words = " ".join(each.text() for each in dialog.findChildren(QLabel))
    assert "no de-identification" in words
    assert "name 70%" in words
    assert "none may be asked" in words


def test_what_is_saved_is_read_again_and_all_else_stays(
    qtbot: QtBot, dialog: ChatDialog, server: FaultServer
) -> None:
    file().parent.mkdir(parents=True, exist_ok=True)
    file().write_text('scope = "documented"\nchat_flight = 8\nchat_model = "old"\n')
    fill(dialog, server)
    save(qtbot, dialog, "Saved.")
    assert tomllib.loads(file().read_text()) == {
        "chat": "on",
        "chat_url": server.url,
        "chat_model": "small",
        "chat_form": "json_schema",
        "chat_seconds": 30,
        "scope": "documented",
        "chat_flight": 8,
    }
    loaded = settings.load()
    assert (loaded.chat.servers[0].model, loaded.chat.flight) == ("small", 8)
    assert file().stat().st_mode & 0o077 == 0


def test_a_value_that_cannot_be_used_is_named_and_nothing_is_written(
    qtbot: QtBot, dialog: ChatDialog, server: FaultServer
) -> None:
    fill(dialog, server)
    dialog.lines["chat_seconds"].setText("soon")
    save(qtbot, dialog, "chat_seconds is not a number")
    dialog.lines["chat_seconds"].setText("30")
    dialog.lines["chat_url"].setText("http://me:secret@127.0.0.1/v1")
    save(qtbot, dialog, "no plain URL")
    assert not file().exists()
    assert "secret" not in dialog.told.toPlainText()


def test_a_dry_run_shows_what_was_found_and_sent(
    qtbot: QtBot, dialog: ChatDialog, server: FaultServer
) -> None:
    dialog.test.click()
    qtbot.waitUntil(lambda: "No chat model is named" in dialog.told.toPlainText())
    fill(dialog, server)
    save(qtbot, dialog, "Saved.")
    dialog.test.click()
    qtbot.waitUntil(lambda: "Sent for the example" in dialog.told.toPlainText(), timeout=60_000)
    shown = dialog.told.toPlainText()
    assert "json_schema: ok" in shown
    assert "An invented visit." in shown
    assert dialog.test.isEnabled()


def test_the_window_goes_on_while_servers_keep_silent(
    qtbot: QtBot, window: MainWindow, dialog: ChatDialog, server: FaultServer
) -> None:
    fill(dialog, server)
    save(qtbot, dialog, "Saved.")
    server.hold = threading.Event()
    dialog.test.click()
    qtbot.waitUntil(lambda: len(server.seen) == 1, timeout=60_000)
    beats: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(1))
    timer.start(0)
    qtbot.waitUntil(lambda: len(beats) > 100)  # the loop turns with a call on its way
    before = window._session.case
    assert before is not None
    window._session.step(1)
    qtbot.waitUntil(lambda: window._session.case is not before)  # and so does the store's lane
    timer.stop()
    dialog.reject()
    server.hold.set()
    server.hold = None
    for thread in threading.enumerate():
        if thread.name == "chartproof-chat-check":
            thread.join(60)
            assert not thread.is_alive()
