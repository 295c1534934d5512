"""Whether a window can be opened at all, asked before Qt is: Qt ends the process where it cannot.

Nothing here imports PySide6, so the command line can ask it and still start fast.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Mapping

WINDOWLESS = frozenset({"offscreen", "minimal", "vnc"})
"""Qt platforms that need no display."""

ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""Libraries PySide6 loads and does not carry, with the Debian and Ubuntu packages that do."""

FOR_X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Libraries Qt's X11 platform loads besides."""

_ELSE = "Code notes without a window: chartproof code PATH…"


class NoDisplayError(Exception):
    """There is no screen to open a window on; the text says what to do instead."""


def loads(library: str) -> bool:
    """Return whether the system has a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def display_problem(
    environ: Mapping[str, str] | None = None, *, has: Callable[[str], bool] = loads
) -> str | None:
    """Return the sentence that says why no window can be opened here, or None where one can.

    `has` says whether a shared library is there. Systems other than Linux always have a screen.
    """
    env = os.environ if environ is None else environ
    if not sys.platform.startswith("linux"):
        return None
    platform = env.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform in WINDOWLESS:
        return _missing(ALWAYS, has)
    if env.get("WAYLAND_DISPLAY") and platform != "xcb":
        return _missing(ALWAYS, has)
    display = env.get("DISPLAY", "")
    if not display:
        return f"There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). {_ELSE}"
    problem = _missing(ALWAYS | FOR_X11, has)
    if problem is None and not _server_answers(display):
        problem = f"The display {display} does not answer. {_ELSE}"
    return problem


def display_available() -> bool:
    """Return whether a window can be opened here."""
    return display_problem() is None


def require_display() -> None:
    """Raise `NoDisplayError` with a sentence to act on where no window can be opened."""
    problem = display_problem()
    if problem is not None:
        raise NoDisplayError(problem)


def _missing(libraries: Mapping[str, str], has: Callable[[str], bool]) -> str | None:
    packages = [package for library, package in libraries.items() if not has(library)]
    if not packages:
        return None
    return (
        "The window needs system libraries that are missing. Install them with "
        f"'sudo apt-get install {' '.join(packages)}' and start again. {_ELSE}"
    )


def _server_answers(display: str) -> bool:
    """Open and close a connection to an X server."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    xcb.xcb_connection_has_error.argtypes = (ctypes.c_void_p,)
    xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(display.encode(), None)
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)
