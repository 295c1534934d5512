"""What a person is told: errors of the surroundings as a notice, bugs of ours as a report.

A notice is one sentence in a bar above the work, with what to do. A bug is a dialog with a report
to copy. The report names types, files, lines and versions; it never holds the text of an
exception, since that can carry words of a note.
"""

import platform
import sys
import traceback
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PySide6.QtCore import qVersion

from app.faults import is_ours
from app.wording import say
from audit import StoreBusyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One sentence for the bar above the work; `tone` is info, warn or bad.

    `action` is the id of the action that is the next step, if there is one, and `label` its words.
    """

    text: str
    tone: str = "info"
    action: str = ""
    label: str = ""


def notice_of(error: BaseException) -> Notice | None:
    """Return the notice for an error that is not a bug of ours, None for one that is."""
    if isinstance(error, StoreBusyError):
        return Notice(
            text=str(error), tone="bad", action="refresh", label=say("places", "try-again")
        )
    if is_ours(error) and str(error):
        return Notice(text=str(error), tone="bad")
    if isinstance(error, OSError) and error.strerror:
        return Notice(text=f"The system refused: {error.strerror}.", tone="bad")
    return None


def report(error: BaseException) -> str:
    """Return what we need to find a bug: types, places and versions, no text of any note."""
    lines = [f"Chartproof {_version()} · Python {platform.python_version()} · Qt {qVersion()}"]
    lines.append(f"{platform.system()} {platform.release()} {platform.machine()}")
    cause: BaseException | None = error
    while cause is not None:
        lines += ["", type(cause).__qualname__]
        lines += [
            f"  {_place(frame.filename)}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines)


def _version() -> str:
    try:
        return version("chartproof")
    except PackageNotFoundError:
        return "from a working tree"


def _place(filename: str) -> str:
    """Return a path below the root it was imported from, so that no home folder is named."""
    path = Path(filename)
    for root in sorted(map(Path, filter(None, sys.path)), key=lambda root: -len(str(root))):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name
