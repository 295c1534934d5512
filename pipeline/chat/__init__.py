"""The seam for a chat model, and silence by default.

A model may read, quote and judge. It chooses among titles or none of them, copies words out of the
note, or says whether a description holds; it never names a code, and what it says is checked by the
stage that asked. Nothing is believed, sent or used that the journal does not have first.

Public: `ChatModel` with its `about(encounter, provenance)`, which gives a `Talk`; `Question` and
`Answer`; `SilentChat`, which answers nothing, so that the program works the same without any model.
`pipeline.chat.controlled` asks a server; only `client` and `transport` load the openai package.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.chat.model import Answer, Question, Task
from pipeline.model import Encounter, Provenance

__all__ = ["SILENT", "Answer", "ChatModel", "Question", "SilentChat", "Talk", "Task"]


class Talk(Protocol):
    """What the stages ask about one encounter."""

    @property
    def outcomes(self) -> Mapping[str, int]:
        """Return how many questions ended how: `ok`, or the id of a fault."""
        ...

    def asks(self, task: Task) -> bool:
        """Tell whether there is a model for a task at all."""
        ...

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """Return the answer to each question, in order; never raises for what a model does."""
        ...


class ChatModel(Protocol):
    """Anything that may be asked; `name` and `sources` stand in the provenance."""

    @property
    def name(self) -> str:
        """Return the name under which answers are recorded."""
        ...

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Return what decides its answers besides the model: prompts, by name and digest."""
        ...

    def about(self, encounter: Encounter, provenance: Provenance) -> Talk:
        """Return what the stages ask about one encounter."""
        ...


@dataclass(frozen=True, slots=True)
class _Silence:
    """Answers nothing and is not asked."""

    outcomes: Mapping[str, int] = field(default_factory=dict)

    def asks(self, task: Task) -> bool:  # noqa: ARG002 - it is silent on every task
        """Return False."""
        return False

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """Return a fault for each."""
        return tuple(Answer(fault="silent") for _ in questions)


SILENT = _Silence()


@dataclass(frozen=True, slots=True)
class SilentChat:
    """Answers nothing; the rules' verdicts stand."""

    name: str = "silent"
    sources: tuple[tuple[str, str], ...] = ()

    def about(self, encounter: Encounter, provenance: Provenance) -> Talk:  # noqa: ARG002 - silence is the same of everyone
        """Return silence."""
        return SILENT
