"""The page of the chat model: whether and where it is asked, what would be sent, what was found."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from app.chatcheck import Checked
from app.chatsettings import Mode
from app.desktop.widgets.dialogs import Panel
from app.desktop.widgets.parts import label, margins
from app.desktop.widgets.texts import TypedText
from app.wording import say
from pipeline.chat.controlled import Form


class ChatDialog(Panel):
    """`wanted` gives the values to be saved, `tried` asks for a dry run on the saved ones."""

    wanted = Signal(object)
    tried = Signal()

    def __init__(
        self,
        parent: QWidget,
        *,
        values: Mapping[str, str],
        masking: Mapping[str, Any],
        allowed: Sequence[str],
    ) -> None:
        super().__init__(parent, title=say("chatpage", "title"), width=84)
        self.column.addWidget(label(say("chatpage", "about"), role="muted", wrap=True))
        form = QFormLayout()
        margins(form, 0)
        self.column.addLayout(form)
        self.mode = _choice([mode.value for mode in Mode], values["chat"])
        self.form = _choice([form.value for form in Form], values["chat_form"])
        self.lines: dict[str, QLineEdit] = {}
        form.addRow(say("chatpage", "chat"), self.mode)
        for key in ("chat_url", "chat_model", "chat_second", "chat_seconds"):
            field = QLineEdit(values[key])
            field.setAccessibleName(say("chatpage", key))
            self.lines[key] = field
            form.addRow(say("chatpage", key), field)
        form.addRow(say("chatpage", "chat_form"), self.form)
        self.mode.setAccessibleName(say("chatpage", "chat"))
        self.form.setAccessibleName(say("chatpage", "chat_form"))
        self.lines["chat_url"].setPlaceholderText("http://127.0.0.1:8080/v1")
        told = "; ".join(allowed) if allowed else say("chatpage", "none-allowed")
        self.column.addWidget(
            label(say("chatpage", "allowed", value=told), role="small", wrap=True)
        )
        recall = ", ".join(f"{name} {each['recall']:.0%}" for name, each in masking.items())
        self.column.addWidget(
            label(say("chatpage", "masking", value=recall), role="small", wrap=True)
        )
        self.told = TypedText()  # plain text: words of a model are never read as markup
        self.told.setReadOnly(True)
        self.told.setAccessibleName(say("chatpage", "found"))
        self.told.setPlaceholderText(say("chatpage", "untried"))
        self.column.addWidget(self.told, 1)
        self.column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        margins(foot, 0)
        self.test = QPushButton(say("chatpage", "try"))
        self.test.setAutoDefault(False)
        self.test.clicked.connect(self._try)
        leave = QPushButton("Close")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        self.keep = QPushButton(say("chatpage", "save"))
        self.keep.setProperty("kind", "primary")
        self.keep.clicked.connect(lambda: self.wanted.emit(self.values()))
        foot.addWidget(self.test)
        foot.addStretch(1)
        foot.addWidget(leave)
        foot.addWidget(self.keep)
        return foot

    def values(self) -> Mapping[str, str]:
        """Return what stands in the fields, by key."""
        return {
            "chat": str(self.mode.currentData()),
            "chat_form": str(self.form.currentData()),
            **{key: field.text() for key, field in self.lines.items()},
        }

    def _try(self) -> None:
        self.test.setEnabled(False)
        self.told.setPlainText(say("chatpage", "trying"))
        self.tried.emit()

    def say(self, sentence: str) -> None:
        """Show a sentence where results stand, and let the person try again."""
        self.told.setPlainText(sentence)
        self.test.setEnabled(True)

    def show_found(self, found: Sequence[Checked], sent: Sequence[tuple[str, str]]) -> None:
        """Show what a dry run found of each server, and what was sent for it."""
        lines = []
        for each in found:
            lines += [f"{each.endpoint.model} at {each.endpoint.origin}", f"  {each.sentence}"]
            for tried in (*each.forms, *each.lengths):
                name = f"{tried.name} words" if tried.name.isdigit() else tried.name
                tokens = "" if tried.tokens_in is None else f", {tried.tokens_in:,} tokens read"
                lines.append(f"  {name}: {tried.kind}, {tried.milliseconds:,} ms{tokens}")
        lines += ["", say("chatpage", "sent")]
        lines += [f"[{role}] {words}" for role, words in sent]
        self.say("\n".join(lines))


def _choice(options: Sequence[str], chosen: str) -> QComboBox:
    box = QComboBox()
    for option in options:
        box.addItem(say("chatpage", f"is-{option}"), option)
    box.setCurrentIndex(options.index(chosen))
    return box
