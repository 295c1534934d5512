"""The encoder's questions, answered beside the store's lane so that neither waits for the other."""

from collections.abc import Callable
from typing import Any, Protocol

from app.workspace import Workspace
from taxonomy import CodePage, Hit, IndexLine

HITS = 40
"""Codes shown for one search."""


class Ask(Protocol):
    """Asks the workspace beside the lane and hands the answer to `then` on the GUI thread."""

    def __call__(self, work: Callable[[Workspace], Any], then: Callable[[Any], None]) -> None:
        """Ask."""


class Books:
    """Finds codes and opens pages; each answer goes to `then` on the GUI thread."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def find_codes(self, text: str, then: Callable[[tuple[Hit, ...]], None]) -> None:
        """Find codes."""
        self._ask(lambda workspace: workspace.encoder().search(text, limit=HITS), then)

    def code_page(self, code: str, then: Callable[[CodePage], None]) -> None:
        """Open the page of a code."""
        self._ask(lambda workspace: workspace.encoder().page(code), then)

    def index_line(self, kind: str, number: int, then: Callable[[IndexLine], None]) -> None:
        """Open a line of an index."""
        self._ask(lambda workspace: workspace.encoder().line(kind, number), then)
