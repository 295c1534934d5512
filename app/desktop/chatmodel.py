"""The page of the chat model in the window: settings on the store's lane, the dry run beside it.

A server may take its whole deadline, many times over. So a dry run has a thread of its own, which
neither the window nor the store waits for; one that outlives its dialog tells nobody.
"""

import threading
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from app import chatcheck
from app.desktop.asking import Asking
from app.desktop.notices import Notice
from app.desktop.session import Session
from app.desktop.widgets.chatdialog import ChatDialog
from app.faults import sentence
from app.wording import say
from app.workspace import Workspace
from pipeline.chat.controlled import ControlledChat


class ChatPage(Asking):
    """Shows what is set, saves what is changed, and tries the servers."""

    _tried = Signal(object, object)

    def __init__(
        self, window: QWidget, *, session: Session, over: Callable[[QDialog], None]
    ) -> None:
        super().__init__(window, session=session, over=over)
        self._dialog: ChatDialog | None = None
        self._tried.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def ask(self) -> None:
        """Open the page."""

        def read(workspace: Workspace) -> tuple[object, ...] | None:
            desk = workspace.chat
            return None if desk is None else (desk.values(), desk.masking(), desk.allowed())

        self._session.ask(read, self._open)

    def _open(self, known: tuple[object, ...] | None) -> None:
        if known is None:
            self.noticed.emit(Notice(text=say("chatpage", "no-desk")))
            return
        values, masking, allowed = known
        dialog = ChatDialog(self._window, values=values, masking=masking, allowed=allowed)  # type: ignore[arg-type]
        dialog.wanted.connect(self._save)
        dialog.tried.connect(self._try)
        dialog.finished.connect(self._forget)
        self._dialog = dialog
        self._over(dialog)

    def _forget(self) -> None:
        self._dialog = None

    def _tell(self, told: str) -> None:
        if self._dialog is not None:
            self._dialog.say(told)

    def _save(self, values: dict[str, str]) -> None:
        def save(workspace: Workspace) -> str:
            assert workspace.chat is not None
            try:
                workspace.chat.save(values)
            except Exception as error:  # noqa: BLE001 - a wrong value is told beside the fields
                return sentence(error)
            return say("chatpage", "saved")

        self._session.ask(save, self._tell)

    def _try(self) -> None:
        def opened(workspace: Workspace) -> ControlledChat | str:
            assert workspace.chat is not None
            try:
                return workspace.chat.opened()
            except Exception as error:  # noqa: BLE001 - what is not set yet is told beside the fields
                return sentence(error)

        self._session.ask(opened, self._begin)

    def _begin(self, chat: ControlledChat | str) -> None:
        if isinstance(chat, str):
            self._tell(chat)
            return
        dialog = self._dialog

        def run() -> None:
            try:
                outcome: object = (chatcheck.check(chat), chatcheck.preview(chat))
            except Exception as error:  # noqa: BLE001 - handed on to the page
                outcome = sentence(error)
            self._tried.emit(dialog, outcome)

        threading.Thread(target=run, name="chartproof-chat-check", daemon=True).start()

    def _show(self, dialog: object, outcome: object) -> None:
        if self._dialog is None or dialog is not self._dialog:
            return  # its page was closed meanwhile
        if isinstance(outcome, tuple):
            self._dialog.show_found(*outcome)
        else:
            self._tell(str(outcome))
