"""Questions to the store about who is at the window, in their turn on its lane."""

from collections.abc import Callable

from app.desktop.tasks import Tasks
from app.seat import Seat
from app.workspace import Workspace


class SeatLane:
    """Asks the seat of a workspace; each answer goes to `then` on the GUI thread."""

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

    def ask(
        self,
        work: Callable[[Seat], object],
        then: Callable[..., None],
        *,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Do something at the seat; nothing before a store is open."""
        workspace = self._workspace()
        if workspace is not None:
            self._tasks.on_lane(
                lambda: work(workspace.seat), then=then, failed=failed or self._failed
            )
