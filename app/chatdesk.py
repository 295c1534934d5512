"""The chat model as the window's settings page sees it: what is set, what to try, what to save.

Without Qt. `values`, `save` and `opened` are called on the store's thread; what `opened` returns
may be tried on any other.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app import UsageError, chatting
from app.chatsettings import HOW, ChatGiven, ChatSettings, chat_settings
from audit import Store
from audit.head import write_private
from pipeline.chat.controlled import ControlledChat
from resources import read_json

FIELDS = ("chat", "chat_url", "chat_model", "chat_second", "chat_form", "chat_seconds")
"""The keys the page shows; others stay as the file has them."""

_LINE = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")
_NUMBERS = frozenset({"chat_seconds"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDesk:
    """What the page works on: the store, the settings file, and how settings are read anew."""

    store: Store
    file: Path
    site: Path
    load: Callable[[], ChatSettings]

    def values(self) -> Mapping[str, str]:
        """Return what is set now, by key, empty where nothing is."""
        now = self.load()
        first = now.servers[0] if now.servers else None
        second = now.second
        return {
            "chat": now.mode.value,
            "chat_url": "" if first is None else first.url,
            "chat_model": "" if first is None else first.model,
            "chat_second": "" if second is None else f"{second.url} {second.model}",
            "chat_form": now.form.value,
            "chat_seconds": f"{now.seconds:g}",
        }

    def masking(self) -> Mapping[str, Any]:
        """Return what masking finds of each class in the invented notes."""
        measured: Mapping[str, Any] = read_json("rules/masking_recall.json")["classes"]
        return measured

    def allowed(self) -> tuple[str, ...]:
        """Return a line for each server off this machine that may be asked, with its last day."""
        found = self.store.chat.permits().values()
        return tuple(f"{each.endpoint} until {each.expires}" for each in found)

    def save(self, values: Mapping[str, str]) -> None:
        """Write these keys into the settings file, and leave all others as they are.

        Raises:
            UsageError: a value cannot be used; nothing is written.
            ChatError: an address is none.
        """
        given = {key: value.strip() for key, value in values.items() if value.strip()}
        try:
            chat_settings(ChatGiven.model_validate(given))
        except ValidationError as error:
            key = str(error.errors(include_input=False)[0]["loc"][0])
            raise UsageError(f"{key} is not {HOW[key]}; correct it.") from None
        try:
            before = self.file.read_text(encoding="utf-8") if self.file.exists() else ""
            write_private(self.file, _written(before, given).encode())
        except OSError as error:
            raise UsageError(f"{self.file} cannot be written ({error.strerror}).") from None

    def opened(self) -> ControlledChat:
        """Return the chat model as it is set now, to be tried on the invented example."""
        return chatting.direct(self.store, self.load(), site=self.site)


def _written(before: str, given: Mapping[str, str]) -> str:
    """Return a settings file with the page's keys as given; they stand first, before any table."""
    kept = []
    for line in before.splitlines():
        named = _LINE.match(line)
        if named is None or named[1] not in FIELDS:
            kept.append(line)
    lines = [
        f"{key} = {given[key]}" if key in _NUMBERS else f"{key} = {_quoted(given[key])}"
        for key in FIELDS
        if key in given
    ]
    text = "\n".join([*lines, *kept]).strip() + "\n"
    tomllib.loads(text)
    return text


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
