"""Progress bars on standard error; silent where that is no terminal."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

T = TypeVar("T")


class Bars:
    """One bar for each long step of a command; a context manager."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[told]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._loading: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def load(self, label: str, done: int, total: int) -> None:
        """Show a step of loading by name; it vanishes when done."""
        task = self._loading.get(label)
        if task is None:
            task = self._loading[label] = self._progress.add_task(label, told="")
        self._progress.update(task, completed=done, total=total, visible=done < total)

    def counter(self, label: str, total: int) -> Callable[[], None]:
        """Add a bar and return the function that moves it on by one."""
        task = self._progress.add_task(label, total=total, told="")
        return lambda: self._progress.advance(task)

    def steps(self) -> Callable[[str, int], None]:
        """Return the function that moves a step's bar on by one, adding it where it is new."""
        bars: dict[str, Callable[[], None]] = {}

        def advance(label: str, total: int) -> None:
            if label not in bars:
                bars[label] = self.counter(label, total)
            bars[label]()

        return advance

    def live(self, label: str) -> Callable[[int, str], None]:
        """Add a bar whose total may grow; each call moves it on by one and says how it goes."""
        task = self._progress.add_task(label, total=None, told="")

        def advance(total: int, told: str) -> None:
            self._progress.update(task, advance=1, total=total, told=told)

        return advance

    def each(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        """Pass items on and count them on a bar."""
        advance = self.counter(label, total)
        for item in items:
            yield item
            advance()
