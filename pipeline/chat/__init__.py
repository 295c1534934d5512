"""The seam for a chat model: a closed question over retrieved candidates, and silence by default.

A model chooses among titles or none of them, and quotes the words that decide. It never names a
code, and what it says is checked by the stage that asked. `SilentChat` answers nothing, so the
program works the same without any model; models that answer come with a later version.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What is asked: which of the titles do these words of this sentence mean?"""

    sentence: str
    mention: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply:
    """The index of the chosen title, None for none of them, and the words quoted for it."""

    choice: int | None
    quote: str


class ChatModel(Protocol):
    """Anything that may be asked; `name` stands in provenance and verdicts."""

    @property
    def name(self) -> str:
        """Return the name under which answers are recorded."""
        ...

    def choose(self, request: ChatRequest) -> ChatReply | None:
        """Return the answer, or None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class SilentChat:
    """Answers nothing; the rules' verdicts stand."""

    name: str = "silent"

    def choose(self, request: ChatRequest) -> ChatReply | None:  # noqa: ARG002 - it does not read what it does not answer
        """Return None."""
        return None
