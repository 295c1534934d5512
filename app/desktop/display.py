"""Whether a window can be opened at all, asked before Qt is: Qt ends the process where it cannot.

Nothing here imports PySide6, so the command line can ask it and still start fast.
"""

import ctypes
import ctypes.util
import os
import sys
from collections.abc import Mapping

WINDOWLESS = frozenset({"offscreen", "minimal", "vnc"})
"""Qt platforms that need no display."""

_ELSE = "Code notes without a window: chartproof code PATH…"


class NoDisplayError(Exception):
    """There is no screen to open a window on; the text says what to do instead."""


def display_problem(environ: Mapping[str, str] | None = None) -> str | None:
    """Return the sentence that says why no window can be opened here, or None where one can."""
    env = os.environ if environ is None else environ
    platform = env.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform in WINDOWLESS or not sys.platform.startswith("linux"):
        return None
    if env.get("WAYLAND_DISPLAY") and platform != "xcb":
        return None
    display = env.get("DISPLAY", "")
    if not display:
        return f"There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). {_ELSE}"
    if ctypes.util.find_library("xcb-cursor") is None:
        return (
            "The window needs a system library that is missing. Install it with "
            f"'sudo apt-get install libxcb-cursor0' and start again. {_ELSE}"
        )
    if not _server_answers(display):
        return f"The display {display} does not answer. {_ELSE}"
    return None


def display_available() -> bool:
    """Return whether a window can be opened here."""
    return display_problem() is None


def require_display() -> None:
    """Raise `NoDisplayError` with a sentence to act on where no window can be opened."""
    problem = display_problem()
    if problem is not None:
        raise NoDisplayError(problem)


def _server_answers(display: str) -> bool:
    """Open and close a connection to an X server; True where the library to ask is missing."""
    name = ctypes.util.find_library("xcb")
    if name is None:
        return True
    xcb = ctypes.CDLL(name)
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    xcb.xcb_connection_has_error.argtypes = (ctypes.c_void_p,)
    xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(display.encode(), None)
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)
