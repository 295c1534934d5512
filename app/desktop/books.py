"""The encoder's questions, answered beside the store's lane so that neither waits for the other."""

from collections.abc import Callable

from app.desktop.tasks import Tasks
from app.workspace import Workspace
from taxonomy import CodePage, Hit, IndexLine

HITS = 40
"""Codes shown for one search."""


class Books:
    """Finds codes and opens pages; each answer goes to `then` on the GUI thread."""

    def __init__(
        self,
        workspace: Callable[[], Workspace | None],
        *,
        tasks: Tasks,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._workspace = workspace
        self._tasks = tasks
        self._failed = failed

    def find_codes(self, text: str, then: Callable[[tuple[Hit, ...]], None]) -> None:
        """Find codes."""
        self._ask(lambda workspace: workspace.encoder().search(text, limit=HITS), then)

    def code_page(self, code: str, then: Callable[[CodePage], None]) -> None:
        """Open the page of a code."""
        self._ask(lambda workspace: workspace.encoder().page(code), then)

    def index_line(self, kind: str, number: int, then: Callable[[IndexLine], None]) -> None:
        """Open a line of an index."""
        self._ask(lambda workspace: workspace.encoder().line(kind, number), then)

    def _ask(self, work: Callable[[Workspace], object], then: Callable[..., None]) -> None:
        workspace = self._workspace()
        if workspace is not None:
            self._tasks.beside(lambda: work(workspace), then=then, failed=self._failed)
